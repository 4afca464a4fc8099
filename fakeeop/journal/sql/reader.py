"""Reads the journal: from any thread, while somebody writes, in pages. SQL by SQLAlchemy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fakeeop.decision.directory import Directory
from fakeeop.errors import FakeEopError, StoreError
from fakeeop.journal.records import MessageRecord, SessionRecord
from fakeeop.journal.reports import ReportRecord
from fakeeop.journal.sql import schema
from fakeeop.journal.sql.database import Database, explained
from fakeeop.journal.sql.judged import Judged
from fakeeop.journal.sql.rows import FAULTY, message_of, report_of, session_of
from fakeeop.journal.sql.writer import PART
from fakeeop.journal.sql.writing import KEEP, Totals, Transactions
from fakeeop.model import Forest
from fakeeop.model.ports import Content

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select, Table
    from sqlalchemy.sql.elements import KeyedColumnElement

__all__ = ["Places", "Reader"]

_STRIDE = 200  # rows read at once
ReadForest = Callable[[Any], Forest]


class Reader:
    """``read_forest`` makes tenants of what a tenant file holds; it may raise FakeEopError. All else: StoreError."""

    def __init__(self, database: Database, read_forest: ReadForest) -> None:
        self._database = database
        self._read_forest = read_forest
        self._transactions = Transactions(database, KEEP)
        self._directories: dict[str, Directory | None] = {}
        self._judged = Judged(self.directory)
        self._places = {"session": Places(schema.sessions, self._all), "message": Places(schema.messages, self._all)}
        self._last = threading.local()  # the content that this thread read last

    # ---- pages

    def sessions(self, after: int = 0, **columns: str | None) -> Iterator[tuple[int, SessionRecord]]:
        """Each with its ``seq``, oldest first."""
        for row in self._rows(_session(), schema.sessions.c.seq, after, _fitting(schema.sessions.c, columns)):
            yield row[0], self._session(row)

    def messages(self, after: int = 0, **columns: str | None) -> Iterator[tuple[int, MessageRecord]]:
        """Each with its ``seq``, oldest first."""
        for row in self._rows(_message(), schema.messages.c.seq, after, _fitting(schema.messages.c, columns)):
            yield row[0], self.record(row)

    def reports(self) -> Iterator[ReportRecord]:
        """Oldest first."""
        columns = schema.reports.c
        for row in self._rows((columns.seq, columns.id, columns.facts), columns.seq, 0, None):
            yield report_of(row[1], row[2])

    def sessions_newest_first(self, *, faulty: bool) -> Iterator[SessionRecord]:
        """The last one first."""
        only = schema.sessions.c.marks.op("&")(FAULTY) != 0 if faulty else None
        before = None
        while True:
            found: Select[Any] = schema.select(*_session()).order_by(schema.sessions.c.seq.desc()).limit(_STRIDE)
            if only is not None:
                found = found.where(only)
            if before is not None:
                found = found.where(schema.sessions.c.seq < before)
            rows = self._all(found)
            yield from map(self._session, rows)
            if len(rows) < _STRIDE:
                return
            before = rows[-1][0]

    # ---- one

    def session(self, name: str) -> SessionRecord | None:
        """The latest of this id; where only its messages are there, what these know of it."""
        seq = self.place("session", name)
        for row in self._all(schema.select(*_session()).where(schema.sessions.c.seq == seq)) if seq is not None else ():
            return self._session(row)
        found: Select[Any] = schema.select(*_message()).where(schema.messages.c.session == name)
        for row in self._all(found.order_by(schema.messages.c.seq.desc()).limit(1)):
            record = self.record(row).session
            record.notes = ("its end is not in the journal: the front end ended first, or goes on",)
            return record
        return None

    def message(self, name: str) -> MessageRecord | None:
        """The latest of this id."""
        seq = self.place("message", name)
        if seq is None:
            return None
        found = schema.select(*_message()).where(schema.messages.c.seq == seq)
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
        columns = (schema.sessions if kind == "session" else schema.messages).c
        found = schema.select(columns.id, schema.func.max(columns.seq)).where(columns.id.in_(names))
        return {row[0]: row[1] for row in self._all(found.group_by(columns.id))}

    def _read_directory(self, digest: str) -> Directory | None:
        for row in self._all(schema.select(schema.forests.c.tree).where(schema.forests.c.digest == digest)):
            try:
                return Directory(self._read_forest(json.loads(row[0])))
            except FakeEopError:  # of a version whose tenant files were others: names are all there is then
                return None
        return None

    def _session(self, row: Any) -> SessionRecord:
        def transcript() -> bytes:
            found = self._all(schema.select(schema.sessions.c.transcript).where(schema.sessions.c.seq == row[0]))
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
        found = self._all(schema.select(schema.messages.c.content).where(schema.messages.c.seq == seq))
        if not found:
            raise StoreError(f"{self._database}: message {name} is forgotten by now")
        content = bytes(found[0][0])
        self._last.content = seq, content
        return content

    def chunk(self, large: str, part: int) -> bytes:
        """A part of a large content."""
        found = self._all(
            schema.select(schema.chunks.c.octets).where(
                schema.and_(schema.chunks.c.large == large, schema.chunks.c.part == part)
            )
        )
        if not found:
            raise StoreError(f"{self._database}: a large message is forgotten by now")
        return bytes(found[0][0])

    def _rows(self, columns: tuple[Any, ...], seq: KeyedColumnElement[Any], after: int, fitting: Any) -> Iterator[Any]:
        while True:
            found: Select[Any] = schema.select(*columns).where(seq > after).order_by(seq).limit(_STRIDE)
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


def _message() -> tuple[Any, ...]:
    """The columns that ``Reader.record`` takes."""
    columns = schema.messages.c
    return (columns.seq, columns.id, columns.session, columns.size, columns.large, columns.facts)


def _session() -> tuple[Any, ...]:
    columns = schema.sessions.c
    return (columns.seq, columns.id, columns.facts)


def _fitting(columns: Any, wanted: dict[str, str | None]) -> ColumnElement[bool] | None:
    """What SQL can tell of a filter: ASCII text in any case (no other text is compared by SQL)."""
    tests = [
        columns[name] == value if name in ("session", "peer") else schema.func.lower(columns[name]) == value.lower()
        for name, value in wanted.items()
        if value is not None and value.isascii() and "\0" not in value
    ]
    return schema.and_(*tests) if tests else None


_IDS_AT_ONCE = 10_000  # rows
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
        first: int | None = self._read(schema.select(schema.func.min(self._columns.seq)))[0][0]
        if first is None:
            self._known = {}
        elif len(self._known) > self._last - first + 1 + _GONE:
            self._known = {name: seq for name, seq in self._known.items() if seq >= first}
        return first

    def _catch_up(self) -> None:
        seq, name = self._columns.seq, self._columns.id
        while True:
            rows = self._read(schema.select(seq, name).where(seq > self._last).order_by(seq).limit(_IDS_AT_ONCE))
            self._known.update((row[1], row[0]) for row in rows)
            if rows:
                self._last = rows[-1][0]
            if len(rows) < _IDS_AT_ONCE:
                return
