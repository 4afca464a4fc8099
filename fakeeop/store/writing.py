"""What one transaction of the journal does: rows in, oldest rows out, counters. Plain DBAPI: it is on the hot path."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from time import time_ns
from typing import Any, NamedTuple

from attrs import frozen

from fakeeop.store.database import Database

__all__ = ["KEEP", "Keep", "Totals", "Transactions"]

_COLUMNS = {
    "messages": "at, front, id, session, peer, sender, tenant, connector, size, large, facts, content",
    "sessions": "at, front, id, peer, helo, marks, facts, transcript",
    "reports": "at, front, id, facts",
    "chunks": "large, part, octets",
    "forests": "digest, tree",
}
_BATCH = 500  # rows deleted in one transaction
_DAY = 86_400_000_000  # microseconds


@frozen
class Keep:
    """How much is remembered: copies, octets of their contents, days (0: no limit). Sessions and reports: as copies."""

    messages: int = 100_000
    octets: int = 1 << 30
    days: float = 0.0


KEEP = Keep()


class Totals(NamedTuple):
    """The counters of the whole journal, all front ends together."""

    messages_received: int = 0
    sessions_ended: int = 0
    reports_made: int = 0
    messages_held: int = 0
    octets_held: int = 0
    sessions_held: int = 0
    reports_held: int = 0


_COUNTERS = ", ".join(Totals._fields)


class Transactions:
    """On one connection; every method but ``totals`` belongs into a transaction that somebody else begins and ends."""

    def __init__(self, database: Database, keep: Keep) -> None:
        self._keep = keep
        mark = database.mark
        self._mark = mark
        self._insert = {}
        for table, columns in _COLUMNS.items():
            marks = ", ".join(mark for _ in columns.split(","))
            self._insert[table] = f"INSERT INTO fakeeop_{table} ({columns}) VALUES ({marks})"  # noqa: S608  constants
        self._insert["forests"] += " ON CONFLICT DO NOTHING"
        added = ", ".join(f"{name}={name}+{mark}" for name in Totals._fields)
        self._count = f"UPDATE fakeeop_journal SET {added}"  # noqa: S608  constants
        self._totals = f"SELECT {_COUNTERS} FROM fakeeop_journal"  # noqa: S608  constants

    def insert(self, cursor: Any, table: str, rows: list[Any]) -> None:
        """Rows of one table."""
        if len(rows) == 1:
            cursor.execute(self._insert[table], rows[0])
        elif rows:
            cursor.executemany(self._insert[table], rows)

    def update_report(self, cursor: Any, row: Any) -> None:
        """Another outcome of a report that is there already."""
        mark = self._mark
        cursor.execute(f"UPDATE fakeeop_reports SET facts={mark} WHERE id={mark}", (row[3], row[2]))  # noqa: S608  no text

    def totals(self, cursor: Any) -> Totals:
        """The counters as they are."""
        cursor.execute(self._totals)
        return Totals(*cursor.fetchone())

    def settle(self, cursor: Any, messages: list[Any], sessions: int, reports: int) -> Totals:
        """Count what came, and forget the oldest that are too many; the counters afterwards."""
        octets = sum(row[8] for row in messages)
        came = len(messages)
        cursor.execute(self._count, (came, sessions, reports, came, octets, sessions, reports))
        totals = self.totals(cursor)
        keep = self._keep
        if totals.messages_held > keep.messages or totals.octets_held > keep.octets:
            totals = self._drop_messages(cursor, totals)
        if totals.sessions_held > keep.messages:
            totals = self._drop(cursor, "sessions", totals)
        if totals.reports_held > keep.messages:
            totals = self._drop(cursor, "reports", totals)
        return totals

    def forget_aged(self, cursor: Any) -> bool:
        """Forget a batch of what is too old; True if there may be more."""
        if not self._keep.days:
            return False
        oldest = time_ns() // 1000 - int(self._keep.days * _DAY)
        more = False
        for table in ("messages", "sessions", "reports"):
            columns = "seq, size, large, at" if table == "messages" else "seq, 0, NULL, at"
            cursor.execute(f"SELECT {columns} FROM fakeeop_{table} ORDER BY seq LIMIT {_BATCH}")  # noqa: S608  constants
            rows = list(takewhile(lambda row: row[3] < oldest, cursor.fetchall()))
            self._delete(cursor, table, rows)
            more = more or len(rows) == _BATCH
        return more

    def clear(self, cursor: Any) -> Totals:
        """Forget all; counters of what ever came stay."""
        for table in ("messages", "sessions", "reports", "chunks"):
            cursor.execute(f"DELETE FROM fakeeop_{table}")  # noqa: S608  constants
        cursor.execute("UPDATE fakeeop_journal SET messages_held=0, octets_held=0, sessions_held=0, reports_held=0")
        return self.totals(cursor)

    def drop_chunks(self, cursor: Any, names: Iterable[str]) -> None:
        """The chunks of contents that no message has."""
        for name in names:
            cursor.execute(f"DELETE FROM fakeeop_chunks WHERE large={self._mark}", (name,))  # noqa: S608  no text

    # ---- inside

    def _drop_messages(self, cursor: Any, totals: Totals) -> Totals:
        """A batch of the oldest: what is too much, and one per cent more, so that it need not be done each time."""
        keep = self._keep
        slack = min(_BATCH // 2, keep.messages // 100)
        cursor.execute(f"SELECT seq, size, large FROM fakeeop_messages ORDER BY seq LIMIT {_BATCH}")  # noqa: S608
        held, octets = totals.messages_held, totals.octets_held
        rows = []
        for row in cursor.fetchall():
            if held <= max(0, keep.messages - slack) and octets <= keep.octets:
                break
            rows.append(row)
            held -= 1
            octets -= row[1]
        self._delete(cursor, "messages", rows)
        return totals._replace(messages_held=held, octets_held=octets)

    def _drop(self, cursor: Any, table: str, totals: Totals) -> Totals:
        field = f"{table}_held"
        held = getattr(totals, field)
        surplus = min(_BATCH, held - self._keep.messages + min(_BATCH // 2, self._keep.messages // 100))
        cursor.execute(f"SELECT seq, 0, NULL FROM fakeeop_{table} ORDER BY seq LIMIT {surplus}")  # noqa: S608  constants
        rows = cursor.fetchall()
        self._delete(cursor, table, rows)
        return totals._replace(**{field: held - len(rows)})

    def _delete(self, cursor: Any, table: str, rows: list[Any]) -> None:
        """The oldest rows of a table, which are ``(seq, octets, large)`` in order."""
        if not rows:
            return
        cursor.execute(f"DELETE FROM fakeeop_{table} WHERE seq <= {self._mark}", (rows[-1][0],))  # noqa: S608  constants
        if table == "messages":
            octets = sum(row[1] for row in rows)
            self._lower(cursor, "octets_held", octets)
            for name in {row[2] for row in rows if row[2] is not None}:
                cursor.execute(f"SELECT 1 FROM fakeeop_messages WHERE large={self._mark} LIMIT 1", (name,))  # noqa: S608
                if cursor.fetchone() is None:
                    self.drop_chunks(cursor, (name,))
        self._lower(cursor, f"{table}_held", len(rows))

    def _lower(self, cursor: Any, counter: str, by: int) -> None:
        cursor.execute(f"UPDATE fakeeop_journal SET {counter}={counter}-{self._mark}", (by,))  # noqa: S608  constants
