"""A mismatch as text: the line of the scenario, what was expected there, what was seen, who came near, what to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.model.result import Mismatch
from harness.model.scenario import ScenarioCase
from harness.scenario.roots import command_again

__all__ = ["failure_text", "mismatch_text"]

_INDENT = " " * 5


def failure_text(
    case: ScenarioCase, mismatches: Sequence[Mismatch], *, wire: str = "", relative_to: Path | None = None
) -> str:
    """Every mismatch of a case. ``wire`` is the path of the transcript; ``relative_to`` shortens the file's path."""
    return "\n".join(mismatch_text(case, mismatch, wire=wire, relative_to=relative_to) for mismatch in mismatches)


def mismatch_text(case: ScenarioCase, mismatch: Mismatch, *, wire: str = "", relative_to: Path | None = None) -> str:
    """One mismatch, without a final newline."""
    path = case.scenario.path
    if relative_to is not None and path.is_relative_to(relative_to):
        path = path.relative_to(relative_to)
    place = str(path) if mismatch.line is None else f"{path}:{mismatch.line}"
    lines = [f"{place}  {case.id}", *_excerpt(case.scenario.lines, mismatch)]
    if mismatch.detail:
        lines += [_INDENT + line for line in mismatch.detail.split("\n")]
    else:
        lines += _actuals(mismatch)
    if mismatch.nearest:
        lines.append(f"{_INDENT}nearest connector: {mismatch.nearest}")
    lines.append(
        _INDENT
        + "     ".join(([f"wire: {wire}"] if wire else []) + [f"rerun: {command_again('run', case.id, case.path)}"])
    )
    return "\n".join(lines)


def _excerpt(source: Sequence[str], mismatch: Mismatch) -> list[str]:
    note = f"expected {mismatch.note or mismatch.expected}, at {mismatch.path}"
    number = mismatch.line or 0
    if not 0 < number <= len(source):
        return [f"     | {note}", *_expected(mismatch, "")]
    text = source[number - 1].rstrip()
    margin = f"{number:>4} | "
    column = _value_column(text)
    return [margin + text, " " * (len(margin) - 2) + "| " + " " * column + note, *_expected(mismatch, text)]


def _expected(mismatch: Mismatch, excerpt: str) -> list[str]:
    """The expected value, unless the excerpt or the note already shows it (a variant's value stands elsewhere)."""
    if mismatch.detail or not mismatch.expected or mismatch.expected in excerpt or mismatch.expected in mismatch.note:
        return []
    if "{{" not in excerpt and len(mismatch.expected) > 60:
        return []
    return [f"{_INDENT}expected:         {_aligned(mismatch.expected)}"]


def _value_column(text: str) -> int:
    """Where the value of ``key: value`` begins; for an element or a bare key, where its text begins."""
    start = len(text) - len(text.lstrip(" -"))
    colon = text.find(": ", start)
    return colon + 2 if colon >= 0 and text[start : start + 1] != "{" else start


def _actuals(mismatch: Mismatch) -> list[str]:
    if mismatch.seen_by == "journal":
        return [f"{_INDENT}actual (journal): {_aligned(mismatch.actual)}"]
    lines = [f"{_INDENT}actual (client):  {_aligned(mismatch.actual)}"]
    if mismatch.actual_journal:
        lines.append(f"{_INDENT}actual (journal): {_aligned(mismatch.actual_journal)}")
    return lines


def _aligned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\n" + _INDENT + " " * 18)
