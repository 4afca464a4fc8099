"""What PowerShell's Out-Default does: objects are shown as they come, rows of one kind under one header, and in order
with everything else that a script says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import define, field

from exoshell.powershell.formatting import kind_of, list_lines, shown_lines, table_of, unrolled
from exoshell.powershell.host import Streams
from exoshell.powershell.tables import Table

__all__ = ["Display", "InOrder"]


@define
class Display:
    """``write`` prints a line, ``width`` is that of the screen. Rows wait until something else is to be shown, so that
    columns are as wide as their content; what they say is fixed when they come.
    """

    write: Callable[[str], Any]
    width: Callable[[], int]
    _kind: Any = None
    _table: Table | None = None
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
class InOrder:
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
