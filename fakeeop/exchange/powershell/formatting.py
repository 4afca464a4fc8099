"""How objects look on the screen: lists, tables, and which of them when nobody asks.

Laid out as PowerShell 7 does (assumption where the two differ): a blank line before and after a table or list, columns
as wide as their content, what does not fit cut with ``…``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from attrs import define, field, frozen

from fakeeop.exchange.powershell import properties
from fakeeop.exchange.powershell.conversions import text_of, written_text
from fakeeop.exchange.powershell.formatting_dates import format_date
from fakeeop.exchange.powershell.values import HashTable, PsObject

__all__ = ["Column", "Formatted", "Table", "cell", "columns_of", "kind_of", "limit_enumeration", "list_lines",
           "shown_lines", "table_lines", "table_of", "unrolled"]  # fmt: skip

_LIMIT: Final = ContextVar("FormatEnumerationLimit", default=4)
_WIDEST: Final = 10_000  # columns of a screen
_TABLE_MAX: Final = 4  # an object of more properties is shown as a list
_SIMPLE: Final = (str, bool, int, float, datetime)


@frozen
class Column:
    """``read`` gives its value of an object. ``align``: left, right, center, or "" for what the values ask for."""

    name: str
    read: Callable[[Any], Any]
    width: int | None = None
    align: str = ""
    form: str = ""


class Formatted(PsObject):
    """What Format-Table and Format-List give: lines that are printed as they are."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__(type_name="Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData")
        self.lines = list(lines)


def cell(value: Any) -> str:
    """A value in a table or a list: ``{a, b}``, dates of the culture."""
    if isinstance(value, list):
        return _braces([_element(each) for each in value])
    if isinstance(value, bytes):
        return _braces([str(each) for each in value])
    if isinstance(value, HashTable):
        return _braces([f"[{text_of(key)}, {text_of(each)}]" for key, each in value.items()])
    inner = getattr(value, "inner", None)
    if isinstance(value, PsObject) and isinstance(inner, list):
        return _braces([_element(each) for each in inner])
    return _element(value)


def _element(value: Any) -> str:
    return written_text(value)


def _braces(texts: list[str]) -> str:
    limit = _LIMIT.get()
    shown = texts if limit < 0 else texts[:limit]
    return "{" + ", ".join(shown) + ("…" if len(texts) > len(shown) else "") + "}"


def limit_enumeration(number: int) -> None:
    """``$FormatEnumerationLimit``: so many elements of a list are shown, below 0 all."""
    _LIMIT.set(number)


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
        return [(each.name, _formed(each, value)) for each in columns]
    if isinstance(value, HashTable):
        return [pair for key, each in value.items() for pair in (("Name", text_of(key)), ("Value", cell(each)))]
    return [(name, cell(properties.get(value, name))) for name in properties.names(value)]


def _formed(column: Column, value: Any) -> str:
    found = column.read(value)
    return format_date(found, column.form) if column.form and isinstance(found, datetime) else cell(found)


def _wrapped(head: str, value: str, width: int) -> list[str]:
    room = max(width - len(head), 10)
    pieces = [line[at : at + room] for line in value.splitlines() or [""] for at in range(0, max(len(line), 1), room)]
    return [head + pieces[0], *(" " * len(head) + each for each in pieces[1:])]


@define
class Table:
    """Rows under one header. ``widths`` are those of the first rows, and stay; ``begun``: the header was given."""

    columns: Sequence[Column]
    width: int
    wrap: bool = False
    auto_size: bool = False
    header: bool = True
    begun: bool = False
    _widths: list[int] = field(factory=list)
    _numeric: list[bool] = field(factory=list)

    def cells(self, value: Any) -> list[str]:
        """One row, not yet laid out."""
        if not self._numeric:
            self._numeric = [_is_number(column.read(value)) for column in self.columns]
        return [_formed(column, value) for column in self.columns]

    def lines(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """A blank line, header and dashes the first time; then the rows."""
        lines = []
        if not self.begun:
            self._widths = self._measured(rows)
            lines = ["", *(self._head() if self.header else [])]
            self.begun = True
        for row in rows:
            lines += _row(list(row[: len(self._widths)]), self._widths, self._sides(), wrap=self.wrap)
        return lines

    def _sides(self) -> list[str]:
        numeric = self._numeric or [False] * len(self.columns)
        return [each.align or ("right" if right else "left") for each, right in zip(self.columns, numeric, strict=True)]

    def _measured(self, rows: Sequence[Sequence[str]]) -> list[int]:
        natural = [
            column.width or max(len(column.name), *(len(_one_line(row[at])) for row in rows), 1)
            for at, column in enumerate(self.columns)
        ]
        found = (_dropped if self.auto_size and not self.wrap else _shrunk)(natural, self.width)
        free = min(self.width, _WIDEST) - sum(found) - len(found) + 1
        if len(found) == len(natural) and self._sides()[-1:] == ["left"] and self.columns[-1].width is None:
            found[-1] += max(free, 0)  # rows that come later may be longer
        return found

    def _head(self) -> list[str]:
        names = [column.name for column in self.columns[: len(self._widths)]]
        dashes = ["-" * min(len(name), size) for name, size in zip(names, self._widths, strict=True)]
        return [
            *_row(names, self._widths, self._sides(), wrap=self.wrap),
            *_row(dashes, self._widths, self._sides()),
        ]


def table_lines(
    objects: Sequence[Any],
    columns: Sequence[Column],
    width: int,
    *,
    wrap: bool = False,
    auto_size: bool = False,
    header: bool = True,
) -> list[str]:
    """A header, dashes, one row for each object."""
    table = Table(columns, width, wrap, auto_size, header)
    return [*table.lines([table.cells(each) for each in objects]), ""]


def table_of(value: Any, width: int) -> Table | None:
    """The table that objects like this one are shown in when nobody asks; None if they are shown otherwise."""
    if not isinstance(value, PsObject) or isinstance(value, Formatted) or not value.properties:
        return None
    names = value.view.columns or properties.names(value)
    if not value.view.columns and (value.view.as_list or len(names) > _TABLE_MAX):
        return None
    return Table(columns_of(names), width)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text


def _shrunk(natural: list[int], width: int) -> list[int]:
    """The widest columns give way, until all fit (assumption: PowerShell divides the room in a way of its own)."""
    widths = list(natural)
    room = max(width - (len(widths) - 1), len(widths))
    while sum(widths) > room:
        widest = max(widths)
        if widest <= 1:
            break
        next_one = max((each for each in widths if each < widest), default=1)
        crowd = [at for at, each in enumerate(widths) if each == widest]
        too_much = sum(widths) - room
        step = min(widest - next_one, -(-too_much // len(crowd))) or 1
        for at in crowd:
            widths[at] -= step
    return widths


def _dropped(natural: list[int], width: int) -> list[int]:
    """With -AutoSize the last column that begins in the window is cut, what is right of it left out."""
    widths: list[int] = []
    used = 0
    for each in natural:
        room = width - used
        if room < 1 or (widths and room < min(each, 5)):
            break
        widths.append(min(each, room))
        used += widths[-1] + 1
    return widths


def _row(texts: list[str], widths: list[int], sides: list[str], *, wrap: bool = False) -> list[str]:
    stacks = [
        textwrap.wrap(text, size, break_long_words=True, drop_whitespace=True) or [""] if wrap else [_cut(text, size)]
        for text, size in zip(texts, widths, strict=True)
    ]
    lines = []
    for at in range(max(map(len, stacks), default=1)):
        parts = [
            _aligned(stack[at] if at < len(stack) else "", size, side)
            for stack, size, side in zip(stacks, widths, sides, strict=False)
        ]
        lines.append(" ".join(parts).rstrip())
    return lines


def _cut(text: str, size: int) -> str:
    text = _one_line(text)
    return text if len(text) <= size else f"{text[: size - 1]}…"


def _aligned(text: str, size: int, side: str) -> str:
    return {"right": text.rjust, "center": text.center}.get(side, text.ljust)(size)


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
        return value.type_name, value.view, tuple(value.properties) if value.view.columns == () else ()
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
