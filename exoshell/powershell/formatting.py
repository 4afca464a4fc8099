"""How objects look on the screen: lists, tables, which of them when nobody asks, and in which order they are shown.

Laid out as PowerShell 7 does (assumption where the two differ): a blank line before and after a table or list, columns
as wide as their content, what does not fit cut with ``…``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from attrs import define, field

from exoshell.powershell import properties
from exoshell.powershell.commands import Streams
from exoshell.powershell.conversions import text_of, written_text
from exoshell.powershell.formats import Column, cell, formed
from exoshell.powershell.moments import format_date
from exoshell.powershell.values import HashTable, PsObject

__all__ = [
    "Display",
    "DisplayStreams",
    "Formatted",
    "TableLayout",
    "columns_of",
    "kind_of",
    "list_lines",
    "shown_lines",
    "table_lines",
    "table_of",
    "unrolled",
]

_WIDEST: Final = 10_000  # columns of a screen


@define
class TableLayout:
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
        return [formed(column, value) for column in self.columns]

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
    table = TableLayout(columns, width, wrap, auto_size, header)
    return [*table.lines([table.cells(each) for each in objects]), ""]


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


def table_of(value: Any, width: int) -> TableLayout | None:
    """The table that objects like this one are shown in when nobody asks; None if they are shown otherwise."""
    if not isinstance(value, PsObject) or isinstance(value, Formatted) or not value.properties:
        return None
    names = value.view.columns or properties.names(value)
    if not value.view.columns and (value.view.as_list or len(names) > _TABLE_MAX):
        return None
    return TableLayout(columns_of(names), width)


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


@define
class Display:
    """``write`` prints a line, ``width`` is that of the screen. Rows wait until something else is to be shown, so that
    columns are as wide as their content; what they say is fixed when they come.
    """

    write: Callable[[str], Any]
    width: Callable[[], int]
    _kind: Any = None
    _table: TableLayout | None = None
    _waiting: list[list[str]] = field(factory=list)
    _in_list: bool = False

    def emit(self, values: Iterable[Any]) -> None:
        """Show them, in time."""
        for each in unrolled(values):
            kind = kind_of(each)
            if kind != self._kind:
                self.end()
                self._kind = kind
                self._table = table_of(each, self.width())
            if self._table is not None:
                self._waiting.append(self._table.cells(each))
                continue
            of_type = isinstance(kind, tuple)  # the first of them decided for a list
            lines = list_lines([each], None, self.width()) if of_type else shown_lines([each], self.width())
            # One blank line between the blocks of a list.
            self._print(lines[1:] if self._in_list and lines[:1] == [""] else lines)
            self._in_list = lines[-1:] == [""] and kind not in ("formatted", "text")

    def flush(self) -> None:
        """Show the rows that wait; those that follow stand under the same header."""
        if self._table is not None and self._waiting:
            self._print(self._table.lines(self._waiting))
            self._waiting = []

    def end(self) -> None:
        """Nothing follows that would belong to what was shown."""
        self.flush()
        if self._table is not None and self._table.begun:
            self._print([""])
        self._kind, self._table, self._in_list = None, None, False

    def _print(self, lines: Iterable[str]) -> None:
        for each in lines:
            self.write(each)


@define
class DisplayStreams:
    """``Streams`` that show what waits on the display before they say anything."""

    streams: Streams
    display: Display

    def warning(self, text: str) -> None:
        """Behind the rows that wait."""
        self.display.flush()
        self.streams.warning(text)

    def verbose(self, text: str) -> None:
        """As above."""
        self.display.flush()
        self.streams.verbose(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        """As above."""
        self.display.flush()
        self.streams.host(text, newline=newline)

    def error(self, error: Exception) -> None:
        """As above."""
        self.display.flush()
        self.streams.error(error)

    def confirm(self, question: str, what: str) -> bool:
        """As above."""
        self.display.flush()
        return self.streams.confirm(question, what)
