"""Where sessions and messages are, by id. SQLite has no index of ids: it would cost each message one page more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, func, select

__all__ = ["Places"]

_STRIDE = 10_000  # rows read at once
_GONE = 10_000  # rows that were forgotten by the database, and may stay here


class Places:
    """Id → ``seq`` of one table, kept in memory from the first question on; each question reads what is new.

    ``read`` runs a statement and returns its rows. Any thread may ask.
    """

    def __init__(self, table: Table, read: Callable[[Any], list[Any]]) -> None:
        self._columns = table.c
        self._read = read
        self._known: dict[str, int] = {}
        self._last = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many ids are in memory."""
        return len(self._known)

    def find(self, names: list[str]) -> dict[str, int]:
        """Of those ids that are there, the latest row each."""
        with self._lock:
            self._catch_up()
            first = self._first()
            if first is None:
                return {}
            found = {name: self._known.get(name, 0) for name in names}
            return {name: seq for name, seq in found.items() if seq >= first}

    def _first(self) -> int | None:
        """Rows go at this end only, so what is behind it is there."""
        first: int | None = self._read(select(func.min(self._columns.seq)))[0][0]
        if first is None:
            self._known = {}
        elif len(self._known) > self._last - first + 1 + _GONE:
            self._known = {name: seq for name, seq in self._known.items() if seq >= first}
        return first

    def _catch_up(self) -> None:
        seq, name = self._columns.seq, self._columns.id
        while True:
            rows = self._read(select(seq, name).where(seq > self._last).order_by(seq).limit(_STRIDE))
            self._known.update((row[1], row[0]) for row in rows)
            if rows:
                self._last = rows[-1][0]
            if len(rows) < _STRIDE:
                return
