"""How objects look on the screen: lists, tables, and which of them when nobody asks.

Laid out as PowerShell 7 does (assumption where the two differ): a blank line before and after a table or list, columns
as wide as their content, what does not fit cut with ``…``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from exoshell.powershell import properties
from exoshell.powershell.cells import Column, cell, formed
from exoshell.powershell.conversions import text_of, written_text
from exoshell.powershell.formatting_dates import format_date
from exoshell.powershell.tables import Table, table_lines
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["Formatted", "columns_of", "kind_of", "list_lines", "shown_lines", "table_of", "unrolled"]

_TABLE_MAX: Final = 4  # an object of more properties is shown as a list
_SIMPLE: Final = (str, bool, int, float, datetime)


class Formatted(PsObject):
    """What Format-Table and Format-List give: lines that are printed as they are."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__(type_name="Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData")
        self.lines = list(lines)


def columns_of(names: Iterable[str]) -> list[Column]:
    """Plain columns of these properties."""
    return [Column(name, lambda each, name=name: properties.get(each, name)) for name in names]  # type: ignore[misc]  # the default binds


def list_lines(objects: Sequence[Any], columns: Sequence[Column] | None, width: int) -> list[str]:
    """``Name : value``, one block for each object."""
    lines = [""]
    for each in objects:
        if isinstance(each, _SIMPLE) and columns is None:
            lines.append(cell(each))
            continue
        pairs = _pairs(each, columns)
        longest = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            lines += _wrapped(f"{name:<{longest}} : ", value, width)
        lines.append("")
    return lines


def _pairs(value: Any, columns: Sequence[Column] | None) -> list[tuple[str, str]]:
    if columns is not None:
        return [(each.name, formed(each, value)) for each in columns]
    if isinstance(value, HashTable):
        return [pair for key, each in value.items() for pair in (("Name", text_of(key)), ("Value", cell(each)))]
    return [(name, cell(properties.get(value, name))) for name in properties.names(value)]


def _wrapped(head: str, value: str, width: int) -> list[str]:
    room = max(width - len(head), 10)
    pieces = [line[at : at + room] for line in value.splitlines() or [""] for at in range(0, max(len(line), 1), room)]
    return [head + pieces[0], *(" " * len(head) + each for each in pieces[1:])]


def table_of(value: Any, width: int) -> Table | None:
    """The table that objects like this one are shown in when nobody asks; None if they are shown otherwise."""
    if not isinstance(value, PsObject) or isinstance(value, Formatted) or not value.properties:
        return None
    names = value.view.columns or properties.names(value)
    if not value.view.columns and (value.view.as_list or len(names) > _TABLE_MAX):
        return None
    return Table(columns_of(names), width)


def shown_lines(values: Iterable[Any], width: int) -> list[str]:
    """What Out-Default prints: runs of objects of one kind together, each in its own view."""
    lines: list[str] = []
    for kind, run in groupby(unrolled(values), key=kind_of):
        lines += _shown_run(kind, list(run), width)
    return lines


def unrolled(values: Iterable[Any]) -> Iterable[Any]:
    """Lists in lists one by one, without what is nothing."""
    for each in values:
        if isinstance(each, list):
            yield from unrolled(each)
        elif isinstance(each, bytes):
            yield from each
        elif each is not None:
            yield each


def kind_of(value: Any) -> Any:
    """What is shown together has the same."""
    if isinstance(value, Formatted):
        return "formatted"
    if isinstance(value, PsObject):
        if not value.properties:
            return "text"
        return value.type_name, value.view  # the columns are those of the first, as in PowerShell
    return {HashTable: "table", datetime: "date", timedelta: "span"}.get(type(value), "text")


def _shown_run(kind: Any, run: list[Any], width: int) -> list[str]:
    if kind == "formatted":
        return [line for each in run for line in each.lines]
    if kind == "text":
        return [line for each in run for line in (written_text(each).splitlines() or [""])]
    if kind == "date":
        return [line for each in run for line in ("", format_date(each, "F"), "")]
    if kind == "span":
        return list_lines(run, None, width)
    if kind == "table":
        rows = [PsObject(HashTable({"Name": key, "Value": each})) for table in run for key, each in table.items()]
        columns = [Column("Name", lambda each: properties.get(each, "Name"), 30),
                   Column("Value", lambda each: cell(properties.get(each, "Value")))]  # fmt: skip
        return table_lines(rows, columns, width) if rows else []
    table = table_of(run[0], width)
    if table is None:
        return list_lines(run, None, width)
    return [*table.lines([table.cells(each) for each in run]), ""]
