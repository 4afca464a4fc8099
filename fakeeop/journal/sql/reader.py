"""Reads the journal: from any thread, while somebody writes, in pages. SQL by SQLAlchemy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select
from sqlalchemy.sql.elements import KeyedColumnElement

from fakeeop.decision.directory import Directory
from fakeeop.errors import FakeEopError, StoreError
from fakeeop.journal.records import MessageRecord, SessionRecord
from fakeeop.journal.reports import ReportRecord
from fakeeop.journal.sql.database import Database, explained
from fakeeop.journal.sql.index import Places
from fakeeop.journal.sql.judged import Judged
from fakeeop.journal.sql.rows import FAULTY, message_of, report_of, session_of
from fakeeop.journal.sql.schema import chunks, forests, messages, reports, sessions
from fakeeop.journal.sql.writer import PART
from fakeeop.journal.sql.writing import KEEP, Totals, Transactions
from fakeeop.model import Forest
from fakeeop.model.ports import Content

__all__ = ["Reader"]

_STRIDE = 200  # rows read at once
_MESSAGE = (*(messages.c.seq, messages.c.id, messages.c.session, messages.c.size, messages.c.large, messages.c.facts),)
_SESSION = (sessions.c.seq, sessions.c.id, sessions.c.facts)
ReadForest = Callable[[Any], Forest]


class Reader:
    """``read_forest`` makes tenants of what a tenant file holds; it may raise FakeEopError. All else: StoreError."""

    def __init__(self, database: Database, read_forest: ReadForest) -> None:
        self._database = database
        self._read_forest = read_forest
        self._transactions = Transactions(database, KEEP)
        self._directories: dict[str, Directory | None] = {}
        self._judged = Judged(self.directory)
        self._places = {"session": Places(sessions, self._all), "message": Places(messages, self._all)}
        self._last = threading.local()  # the content that this thread read last

    # ---- pages

    def sessions(self, after: int = 0, **columns: str | None) -> Iterator[tuple[int, SessionRecord]]:
        """Each with its ``seq``, oldest first."""
        for row in self._rows(_SESSION, sessions.c.seq, after, _fitting(sessions.c, columns)):
            yield row[0], self._session(row)

    def messages(self, after: int = 0, **columns: str | None) -> Iterator[tuple[int, MessageRecord]]:
        """Each with its ``seq``, oldest first."""
        for row in self._rows(_MESSAGE, messages.c.seq, after, _fitting(messages.c, columns)):
            yield row[0], self.record(row)

    def reports(self) -> Iterator[ReportRecord]:
        """Oldest first."""
        for row in self._rows((reports.c.seq, reports.c.id, reports.c.facts), reports.c.seq, 0, None):
            yield report_of(row[1], row[2])

    def sessions_newest_first(self, *, faulty: bool) -> Iterator[SessionRecord]:
        """The last one first."""
        only = sessions.c.marks.op("&")(FAULTY) != 0 if faulty else None
        before = None
        while True:
            found: Select[Any] = select(*_SESSION).order_by(sessions.c.seq.desc()).limit(_STRIDE)
            if only is not None:
                found = found.where(only)
            if before is not None:
                found = found.where(sessions.c.seq < before)
            rows = self._all(found)
            yield from map(self._session, rows)
            if len(rows) < _STRIDE:
                return
            before = rows[-1][0]

    # ---- one

    def session(self, name: str) -> SessionRecord | None:
        """The latest of this id; where only its messages are there, what these know of it."""
        seq = self.place("session", name)
        for row in self._all(select(*_SESSION).where(sessions.c.seq == seq)) if seq is not None else ():
            return self._session(row)
        found: Select[Any] = select(*_MESSAGE).where(messages.c.session == name)
        for row in self._all(found.order_by(messages.c.seq.desc()).limit(1)):
            record = self.record(row).session
            record.notes = ("its end is not in the journal: the front end ended first, or goes on",)
            return record
        return None

    def message(self, name: str) -> MessageRecord | None:
        """The latest of this id."""
        seq = self.place("message", name)
        if seq is None:
            return None
        found = select(*_MESSAGE).where(messages.c.seq == seq)
        return next(map(self.record, self._all(found)), None)

    def place(self, kind: str, name: str) -> int | None:
        """The ``seq`` of the latest session or message of this id."""
        return self._find(kind, [name]).get(name)

    def present(self, names: list[str]) -> set[str]:
        """Which of these sessions are there."""
        return set(self._find("session", names)) if names else set()

    def totals(self) -> Totals:
        """How much there is."""
        with self._connected() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # noqa: S101  it is open
            return self._transactions.totals(raw.cursor())

    def directory(self, digest: str) -> Directory | None:
        """The tenants of that time; None if they were not kept, or cannot be read by now."""
        if digest not in self._directories:
            self._directories[digest] = self._read_directory(digest)
        return self._directories[digest]

    # ---- inside

    def _find(self, kind: str, names: list[str]) -> dict[str, int]:
        """Id → ``seq`` of those that are there."""
        if self._database.is_sqlite:
            return self._places[kind].find(names)
        columns = (sessions if kind == "session" else messages).c
        found = select(columns.id, func.max(columns.seq)).where(columns.id.in_(names)).group_by(columns.id)
        return {row[0]: row[1] for row in self._all(found)}

    def _read_directory(self, digest: str) -> Directory | None:
        for row in self._all(select(forests.c.tree).where(forests.c.digest == digest)):
            try:
                return Directory(self._read_forest(json.loads(row[0])))
            except FakeEopError:  # of a version whose tenant files were others: names are all there is then
                return None
        return None

    def _session(self, row: Any) -> SessionRecord:
        def transcript() -> bytes:
            found = self._all(select(sessions.c.transcript).where(sessions.c.seq == row[0]))
            if not found:
                raise StoreError(f"{self._database}: session {row[1]} is forgotten by now")
            return bytes(found[0][0])

        return session_of(row[1], row[2], transcript, self._judged)

    def record(self, row: Any) -> MessageRecord:
        """A message from ``seq``, ``id``, ``session``, ``size``, ``large``, ``facts``."""
        seq, name, session, size, large, facts = row
        return message_of(
            name, session, facts, lambda: self._content(seq, name, size, large), self._judged, self.directory
        )

    def _content(self, seq: int, name: str, size: int, large: str | None) -> Content:
        if large is not None:
            return _StoredChunks(self, large, size)
        known = getattr(self._last, "content", None)
        if known is not None and known[0] == seq:
            content: bytes = known[1]
            return content
        found = self._all(select(messages.c.content).where(messages.c.seq == seq))
        if not found:
            raise StoreError(f"{self._database}: message {name} is forgotten by now")
        content = bytes(found[0][0])
        self._last.content = seq, content
        return content

    def chunk(self, large: str, part: int) -> bytes:
        """A part of a large content."""
        found = self._all(select(chunks.c.octets).where(and_(chunks.c.large == large, chunks.c.part == part)))
        if not found:
            raise StoreError(f"{self._database}: a large message is forgotten by now")
        return bytes(found[0][0])

    def _rows(self, columns: tuple[Any, ...], seq: KeyedColumnElement[Any], after: int, fitting: Any) -> Iterator[Any]:
        while True:
            found: Select[Any] = select(*columns).where(seq > after).order_by(seq).limit(_STRIDE)
            if fitting is not None:
                found = found.where(fitting)
            rows = self._all(found)
            yield from rows
            if len(rows) < _STRIDE:
                return
            after = rows[-1][0]

    def _all(self, what: Any) -> list[Any]:
        with self._connected() as connection:
            return list(connection.execute(what).all())

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with explained(self._database.place, "cannot be read"), self._database.engine.connect() as connection:
            yield connection


class _StoredChunks:
    """``StoredContent`` of a large message."""

    def __init__(self, reader: Reader, name: str, octets: int) -> None:
        self._reader = reader
        self._name = name
        self._octets = octets

    def __len__(self) -> int:
        return self._octets

    def read(self, start: int, octets: int) -> bytes:
        """``octets`` from ``start`` on."""
        found = []
        end = min(start + octets, self._octets)
        while start < end:
            part, offset = divmod(start, PART)
            piece = self._reader.chunk(self._name, part)[offset : offset + end - start]
            found.append(piece)
            start += len(piece)
        return b"".join(found)

    def pieces(self) -> Iterator[bytes]:
        """The whole, piece by piece."""
        for part in range(-(-self._octets // PART)):
            yield self._reader.chunk(self._name, part)


def _fitting(columns: Any, wanted: dict[str, str | None]) -> ColumnElement[bool] | None:
    """What SQL can tell of a filter: ASCII text in any case (no other text is compared by SQL)."""
    tests = [
        columns[name] == value if name in ("session", "peer") else func.lower(columns[name]) == value.lower()
        for name, value in wanted.items()
        if value is not None and value.isascii() and "\0" not in value
    ]
    return and_(*tests) if tests else None
