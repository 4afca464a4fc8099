"""The list of cmdlets in docs/exchange-cmdlets.md, made from the commands themselves.

Run ``python -m exoshell.cmdlets.reference docs/exchange-cmdlets.md`` after a change; a test compares.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from exoshell.cmdlets import register
from exoshell.powershell.commands import Command, Param, Registry

__all__ = ["main", "page"]

_BLOCK = re.compile(r"(<!-- made: cmdlets -->\n).*?(<!-- end -->)", re.DOTALL)
_KINDS = {
    "string": "text",
    "bool": "`$true`, `$false`",
    "switch": "switch",
    "multivalued": "list, or `@{Add=…; Remove=…}`",
    "strings": "texts",
    "int": "number",
    "datetime": "date",
    "object": "anything",
}


class _Nothing:
    """Stands for the tenant: nobody asks it here."""

    organization = ""
    place = ""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def page(old: str) -> str:
    """The page with its list made anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_list()}{found[2]}", old)


def _list() -> str:
    registry = Registry()
    nothing: Any = _Nothing()
    register(registry, nothing)
    lines: list[str] = []
    for family, commands in groupby(
        sorted(registry, key=lambda each: (each.family, each.name)), lambda each: each.family
    ):
        lines += [f"### {family[:1].upper()}{family[1:]}", ""]
        for command in commands:
            lines += [*_command(command), ""]
    return "\n".join(lines)


def _command(command: Command) -> list[str]:
    about = command.about + (" **Lab:** not as in the service." if command.lab else "")
    lines = [f"#### {command.name}", "", about]
    if command.supports_what_if:
        lines.append("Takes `-WhatIf` and `-Confirm`.")
    if command.parameters:
        lines += ["", "| parameter | takes | what |", "| --- | --- | --- |"]
        lines += [_row(each) for each in command.parameters]
    if command.examples:
        lines += ["", "```powershell", *command.examples, "```"]
    return lines


def _row(parameter: Param) -> str:
    takes = ", ".join(f"`{value}`" for value in parameter.values) or _KINDS.get(parameter.kind, parameter.kind)
    marks = [
        "required" if parameter.mandatory else "",
        f"position {parameter.position + 1}" if parameter.position is not None else "",
        "from the pipeline" if parameter.from_pipeline else "",
    ]
    said = "; ".join(filter(None, marks))
    name = " ".join(f"`-{each}`" for each in (parameter.name, *parameter.aliases))
    about = " ".join(filter(None, (parameter.about.replace("|", "\\|"), f"({said})" if said else "")))
    return f"| {name} | {takes} | {about} |"


def main(arguments: list[str]) -> int:
    """Write the page; with ``--check`` write nothing, and return 1 if it is out of date."""
    path = Path(next(each for each in arguments if each != "--check"))
    old = path.read_text("utf-8")
    new = page(old)
    if "--check" not in arguments:
        path.write_text(new, "utf-8")
        return 0
    return 0 if old == new else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
