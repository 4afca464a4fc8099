"""``fakeeop explain … --apply N``: write a fix into the tenant file, after showing what it changes."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.config.editor.fixes import file_changes
from fakeeop.config.editor.tenant_file import TenantFile, edited
from fakeeop.config.loader import load_forest
from fakeeop.config.marked import read_text
from fakeeop.model import Forest
from fakeeop.why.facts import ExpectedReply
from fakeeop.why.repair.render import change_text, settings_of
from fakeeop.why.repair.values import Fix, RelayChange, touched
from fakeeop.why.settings import PROGRAMS

__all__ = ["apply_fix"]

_Judge = Callable[[Forest], tuple[ExpectedReply, ...]]


def apply_fix(path: str, number: int, before: Sequence[ExpectedReply], again: _Judge, *, yes: bool) -> int:
    """Write fix ``number`` of the first refused recipient; 0 if everything is accepted then, else 1.

    Changes to the relay are printed, not made.
    """
    fix = _chosen(number, before)
    forest = load_forest(Path(path))
    for tenant in touched(fix.changes):
        if not _write(path, forest, tenant, fix, yes=yes):
            print("nothing was written")
            return exits.NO
    todo = [change for change in fix.changes if isinstance(change, RelayChange)]
    for change in todo:
        print(f"on the relay: {change_text(change)}")
        for server, text in settings_of(change).items():
            print(f"  {PROGRAMS[server]}: {text}")
    if touched(fix.changes):
        for answer in again(load_forest(Path(path))):
            whom = "the message" if answer.recipient is None else f"<{answer.recipient}>"
            print(f"judged again: {whom}: {answer.reply}")
            if not answer.verdict.accepted:
                return exits.NO
    return exits.NO if todo else exits.FINE


def _chosen(number: int, answers: Sequence[ExpectedReply]) -> Fix:
    refused = next((each for each in answers if not each.verdict.accepted and each.trace is not None), None)
    fixes = refused.trace.fixes if refused is not None and refused.trace is not None else ()
    if not fixes:
        raise exits.UsageError("--apply: there is no fix to apply")
    if not 1 <= number <= len(fixes):
        raise exits.UsageError(f"--apply: there are fixes 1 to {len(fixes)}")
    return fixes[number - 1]


def _write(path: str, forest: Forest, tenant: str, fix: Fix, *, yes: bool) -> bool:
    changes = file_changes(forest, tenant, fix.changes)
    old = read_text(Path(path).read_bytes(), path)
    new = edited(old, path, tenant, changes)
    style = Style(sys.stdout)
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), path, f"{path} (changed)", lineterm=""):
        added, removed = line.startswith("+"), line.startswith("-")
        print(style.green(line) if added else style.red(line) if removed else line)
    for text in fix.opens:
        print(f"opens: {text}")
    if not yes:
        if not sys.stdin.isatty():
            raise exits.UsageError("--apply asks before it writes: give --yes")
        if input(f"write this to {path}? [y/N] ").strip().casefold() not in {"y", "yes"}:
            return False
    TenantFile(path, tenant).change(*changes)
    return True
