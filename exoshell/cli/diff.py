"""``fakeeop diff``: two tenants, connector by connector."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from exoshell.twin.comparing import Difference, compare, load_side
from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.config.secrets import masked

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Compares two tenants, connector by connector: the lab's with the real one, or yesterday's with today's. Order in lists,
case of names, guids and dates do not count. Exit code 1: they differ."""
EXAMPLES = """\
  fakeeop diff tenant.yaml exchange-tenant.json         the lab and the real tenant's export
  fakeeop diff old.yaml new.yaml --json                 for programs
  fakeeop diff tenant.yaml http://127.0.0.1:8025        a file and what a server has now (FAKEEOP_TOKEN: its token)
"""
_UNSAFE: Final = str.maketrans({chr(code): "?" for code in (*range(32), *range(127, 160))})


def add_arguments(parser: ArgumentParser) -> None:
    """Two tenants."""
    what = "tenant file, export (file or folder), or URL of an admin API"
    parser.add_argument("left", metavar="A", help=what)
    parser.add_argument("right", metavar="B", help="likewise")
    parser.add_argument("--organization", metavar="NAME", help="the tenant, where there are several")
    parser.add_argument("--right-organization", metavar="NAME", help="that of B, if it is called otherwise there")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """1 if they differ. Raises FakeEopError."""
    left = load_side(args.left, args.organization)
    right = load_side(args.right, args.right_organization or args.organization)
    for problem in (*left.problems, *right.problems):
        print(Style(sys.stderr).red(str(problem)), file=sys.stderr)
    found = compare(left, right)
    if args.json:
        trees = [
            {"kind": each.kind, "name": each.name}
            | ({"only": each.only} if each.only else _values(each))
            for each in found
        ]  # fmt: skip
        print(json.dumps({"left": left.place, "right": right.place, "differences": trees}, indent=2, default=str))
    elif found:
        print("\n".join(_lines(found, left.place, right.place, Style(sys.stdout))))
    else:
        print(f"no difference between {left.place} and {right.place}")
    return exits.NO if found else exits.FINE


def _values(each: Difference) -> dict[str, Any]:
    return {"property": each.property, "left": _shown(each, each.left), "right": _shown(each, each.right)}


def _lines(found: Sequence[Difference], left: str, right: str, style: Style) -> Iterator[str]:
    yield style.red(f"- {left}")
    yield style.green(f"+ {right}")
    for (kind, name), group in groupby(found, key=lambda each: (each.kind, each.name)):
        label = f"{kind} {name}".rstrip().translate(_UNSAFE)
        for index, each in enumerate(group):
            if each.only:
                mark, paint = ("-", style.red) if each.only == "left" else ("+", style.green)
                yield paint(f"{mark} {label}")
                continue
            if index == 0:
                yield style.bold(f"  {label}")
            yield f"      {each.property}:"
            for gone in _entries(each, each.left, each.right):
                yield style.red(f"    -   {gone}")
            for come in _entries(each, each.right, each.left):
                yield style.green(f"    +   {come}")


def _entries(each: Difference, value: Any, other: Any) -> list[str]:
    """Of a list only what the other side lacks."""
    if isinstance(value, list) and isinstance(other, list):
        known = {str(entry).casefold() for entry in other}
        return [_text(each, entry) for entry in value if str(entry).casefold() not in known]
    return [] if value in (None, "", []) else [_text(each, value)]


def _text(each: Difference, value: Any) -> str:
    shown = _shown(each, value)
    return (shown if isinstance(shown, str) else json.dumps(shown, default=str)).translate(_UNSAFE)


def _shown(each: Difference, value: Any) -> Any:
    return masked({each.property: value})[each.property]
