"""Tables on the screen: columns as wide as their content, what does not fit cut with ``…``."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from attrs import define, field

from exoshell.powershell.cells import Column, formed

__all__ = ["Table", "table_lines"]

_WIDEST: Final = 10_000  # columns of a screen


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
    table = Table(columns, width, wrap, auto_size, header)
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
