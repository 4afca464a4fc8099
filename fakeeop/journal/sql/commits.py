"""The connection that writes, and the transactions that are made on it; in the writer's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import time_ns
from typing import Any

from fakeeop.journal.sql.database import Database
from fakeeop.journal.sql.rows import Rows
from fakeeop.journal.sql.writing import KINDS, Ends, Group, Keep, Totals, Transactions

__all__ = ["Commits"]


class Commits:
    """Transactions. Where one fails, all methods raise what the driver raises; ``give_up`` then.

    ``forests`` gives what is to be kept of them; ``trouble`` hears in a line what went wrong at the end.
    """

    def __init__(
        self, database: Database, keep: Keep, rows: Rows, forests: Callable[[], dict[str, str]], trouble: Any
    ) -> None:
        self.stamp = 0  # of the last transaction
        self.ending = False  # if the connection is lost now, it may have been done: not a second time
        self.chunks: dict[int, str] = {}  # names of those that are there, by pending
        self._database = database
        self._rows = rows
        self._forests = forests
        self._trouble = trouble
        self._transactions = Transactions(database, keep)
        self._connection: Any = None
        self._kept: set[str] = set()  # digests of forests that the database has
        self._ends: dict[str, Ends] = {}

    @property
    def connected(self) -> bool:
        """Is there a connection?"""
        return self._connection is not None

    def write(self, group: Group) -> None:
        """All of it."""
        self.ending = False
        messages = self._messages(group)
        if not group.sessions and not group.reports and self._write_alone(group, messages):
            return
        at = time_ns() // 1000
        sessions = [self._rows.session(record, at) for record in group.sessions]
        reports = [self._rows.report(each, at) for each in group.reports]
        new = self._unkept()
        with self._transaction() as cursor:
            if not self._ends:
                self._ends = self._transactions.totals(cursor)._asdict()
            self._transactions.insert(cursor, "forests", list(new.items()))
            for kind, rows in zip(KINDS, (messages, sessions, reports), strict=True):
                if rows:
                    self._ends[kind] = self._transactions.append(cursor, kind, rows)
            self.ending = True
        self._kept.update(new)
        self._written(group)

    def do(self, work: Callable[[Any], None]) -> None:
        """Something of somebody else's, with a cursor."""
        with self._transaction() as cursor:
            work(cursor)
        self.stamp += 1

    def clear(self, cursor: Any) -> Totals:
        """For ``do``: forget all."""
        self._ends = {}
        return self._transactions.clear(cursor)

    def insert_chunks(self, rows: list[Any]) -> None:
        """Of a large content: name, number, octets."""
        with self._transaction() as cursor:
            self._transactions.insert(cursor, "chunks", rows)

    def drop_chunks(self, names: list[str]) -> None:
        """Those of contents that were refused."""
        with self._transaction() as cursor:
            self._transactions.drop_chunks(cursor, names)

    def forget_aged(self, orphans: str | None) -> bool:
        """A batch of what is too old; and chunks of nobody with names that sort before ``orphans``. True: more."""
        with self._transaction() as cursor:
            if orphans is not None:
                self._transactions.drop_orphans(cursor, orphans)
            return self._transactions.forget_aged(cursor)

    def give_up(self) -> None:
        """End the transaction that failed; begin with a new connection if even that does not work."""
        self._ends = {}
        self._transactions.reset()
        try:
            if self._connection is not None:
                self._connection.rollback()
        except Exception:  # the connection is lost: that is why it failed
            self.disconnect()

    def disconnect(self) -> None:
        """The next transaction makes a new connection."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except Exception as why:
            self._trouble(f"{self._database}: the connection could not be closed: {why}")

    # ---- inside

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        if self._connection is None:
            self._connection = self._database.connect()
        cursor = self._connection.cursor()
        self._database.begin(cursor)
        yield cursor
        cursor.execute("COMMIT")

    def _write_alone(self, group: Group, messages: list[Any]) -> bool:
        """In one statement, if that can be."""
        if not messages or not self._ends or self._connection is None or self._unkept():
            return False
        ends = self._transactions.append_alone(self._connection.cursor(), messages)
        if ends is None:
            return False
        self._ends["messages"] = ends
        self._written(group)
        return True

    def _written(self, group: Group) -> None:
        self.stamp = group.stamp = self.stamp + 1
        group.totals = Totals(**self._ends)

    def _messages(self, group: Group) -> list[Any]:
        at, make, names = time_ns() // 1000, self._rows.message, self.chunks
        return [
            make(record, at, names.get(id(pending)) if names else None)
            for pending in group.pendings
            for record in pending.records
        ]

    def _unkept(self) -> dict[str, str]:
        """The forests that the database has not."""
        return {digest: tree for digest, tree in self._forests().items() if digest not in self._kept}
