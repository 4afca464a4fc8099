"""The thread that writes: it takes everything that waits, makes one transaction of it, and then says so.

While a commit is on its way to the disk, more messages come in; they are the next group. So the busier the server, the
fewer commits a message costs, and no message waits for more than two.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from time import monotonic, time_ns
from typing import Any
from uuid import uuid4

from attrs import define, field

from fakeeop.journal_records import Pending
from fakeeop.ports import StoredContent
from fakeeop.store.database import Database, is_full
from fakeeop.store.group import Group
from fakeeop.store.rows import Rows
from fakeeop.store.writing import KINDS, Ends, Keep, Totals, Transactions

__all__ = ["PART", "Writer", "chunk_name"]

PART = 262_144  # octets of one chunk of a large content
_STEP = 16  # chunks of one transaction, so that small messages need not wait long
_LATER = 10_000  # sessions and reports that wait for better times
_HOURLY = 60.0  # seconds between two looks for what is too old
_DAY = 86_400_000_000_000  # nanoseconds
FULL, TROUBLE = "insufficient-storage", "temporary-server-error"


@define(eq=False)
class _Call:
    """Something to be done between two groups; ``done`` is set afterwards."""

    work: Callable[[Any], None] | None  # None: end
    done: threading.Event = field(factory=threading.Event)
    error: Exception | None = None


@define(eq=False)
class _Large:
    """A content on its way into chunks, and those who wait for it."""

    name: str
    pending: Pending
    group: Group
    pieces: Iterator[bytes]
    part: int = 0


class Writer:
    """Writes groups. ``trouble`` hears in a line what went wrong; ``forests`` gives what is to be kept of them."""

    def __init__(
        self, database: Database, keep: Keep, rows: Rows, forests: Callable[[], dict[str, str]], trouble: Any
    ) -> None:
        self._database = database
        self._rows = rows
        self._forests = forests
        self._trouble = trouble
        self._queue: SimpleQueue[Group | _Call] = SimpleQueue()
        self._transactions = Transactions(database, keep)
        self._connection: Any = None
        self._large: deque[_Large] = deque()
        self._names: dict[int, str] = {}  # chunks that are there, by pending
        self._kept: set[str] = set()  # digests of forests that the database has
        self._aged = 0.0
        self._stamp = 0
        self._ends: dict[str, Ends] = {}
        self._committing = False
        self._later = Group()  # sessions and reports that could not be written: with the next group
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def put(self, group: Group) -> None:
        """Write it with the next transaction."""
        self._queue.put(group)
        if self._thread is None:
            self._start()

    def call(self, work: Callable[[Any], None] | None, timeout: float = 120.0) -> None:
        """Have ``work`` done with a cursor, in a transaction behind everything that waits. Raises what it raises."""
        call = _Call(work)
        self._queue.put(call)
        if self._thread is None:
            self._start()
        if not call.done.wait(timeout):
            raise TimeoutError(f"{self._database}: the journal's writer does not answer")
        if call.error is not None:
            raise call.error

    def clear(self) -> tuple[Totals, int]:
        """Forget all that was written before; the counters then, and their stamp."""
        found: list[Totals] = []

        def clear(cursor: Any) -> None:
            found.append(self._transactions.clear(cursor))
            self._ends = {}

        self.call(clear)
        return found[0], self._stamp

    def close(self) -> None:
        """Write what waits, then end."""
        if self._thread is not None:
            self.call(None)
            self._thread.join()
            self._thread = None

    # ---- in the thread

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fakeeop-journal", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group, calls = self._next()
            if group is not None:
                self._write(group)
            if self._large:
                self._store_some(self._large[0])
            for call in calls:
                while call.work is None and self._large:
                    self._store_some(self._large[0])
                self._do(call)
                if call.work is None:
                    return

    def _next(self) -> tuple[Group | None, list[_Call]]:
        """Everything that waits."""
        group: Group | None = None
        calls: list[_Call] = []
        try:
            item = self._queue.get_nowait() if self._large else self._queue.get(timeout=_HOURLY)
            while True:
                if isinstance(item, _Call):
                    calls.append(item)
                    break
                if group is None:
                    group = item
                else:
                    group.take(item)
                item = self._queue.get_nowait()
        except Empty:
            pass
        if monotonic() - self._aged > _HOURLY and not calls:
            self._forget_aged()
        return group, calls

    def _do(self, call: _Call) -> None:
        try:
            if call.work is not None:
                with_cursor = self._cursor()
                self._database.begin(with_cursor)
                call.work(with_cursor)
                with_cursor.execute("COMMIT")
                self._stamp += 1
        except Exception as why:
            self._give_up()
            call.error = why
        if call.work is None:
            self._disconnect()
        call.done.set()

    def _write(self, group: Group) -> None:
        """One transaction; where one thing spoils it, each thing has its own."""
        for pending in list(group.pendings):
            content = pending.records[0].content
            if not isinstance(content, bytes) and id(pending) not in self._names:
                group.pendings.remove(pending)
                self._large.append(_Large(chunk_name(time_ns()), pending, Group(tell=group.tell), _parts(content)))
        if group.empty:
            return
        later, self._later = self._later, Group()
        group.take(later)
        why = self._try(group)
        if why is not None and self._connection is None and not self._committing:
            why = self._try(group)  # the connection was lost, perhaps long ago: a new one may do
        if why is not None:
            alone = len(group.pendings) + len(group.sessions) + len(group.reports) == 1
            if alone or is_full(why) or self._connection is None:
                self._failed(group, why)
            else:
                for single in group.singles():
                    self._write(single)
            return
        for pending in group.pendings:
            self._names.pop(id(pending), None)
        self._tell(group)

    def _try(self, group: Group) -> Exception | None:
        """Commit it; what went wrong, if anything. Without a connection afterwards it was lost."""
        self._committing = False
        try:
            self._commit(group)
        except Exception as why:
            self._give_up()
            return why
        return None

    def _commit(self, group: Group) -> None:
        at = time_ns() // 1000
        make, transactions = self._rows, self._transactions
        names = self._names
        messages = [
            make.message(record, at, names.get(id(pending)) if names else None)
            for pending in group.pendings
            for record in pending.records
        ]
        sessions = [make.session(record, at) for record in group.sessions]
        cursor = self._cursor()
        new = {digest: tree for digest, tree in self._forests().items() if digest not in self._kept}
        alone = None
        if messages and self._ends and not (new or sessions or group.reports):
            alone = transactions.append_alone(cursor, messages)
        if alone is not None:
            self._ends["messages"] = alone
        else:
            self._append(cursor, new, messages, sessions, [make.report(each, at) for each in group.reports])
        self._stamp = group.stamp = self._stamp + 1
        group.totals = Totals(**self._ends)
        self._kept.update(new)

    def _append(self, cursor: Any, forests: dict[str, str], *appended: list[Any]) -> None:
        """One transaction; ``appended`` are the rows of ``KINDS``."""
        transactions = self._transactions
        self._database.begin(cursor)
        if not self._ends:
            self._ends = transactions.totals(cursor)._asdict()
        transactions.insert(cursor, "forests", list(forests.items()))
        for kind, rows in zip(KINDS, appended, strict=True):
            if rows:
                self._ends[kind] = transactions.append(cursor, kind, rows)
        self._committing = True  # if the connection is lost now, it may have been done: not a second time
        cursor.execute("COMMIT")

    def _failed(self, group: Group, why: Exception) -> None:
        """Nothing of it is kept, and who waits is told."""
        group.refusal = FULL if is_full(why) else TROUBLE
        first = str(why).strip().partition("\n")[0] or repr(why)
        copies, sessions = sum(len(each.records) for each in group.pendings), len(group.sessions)
        what = f"{copies} messages refused, {sessions} sessions not in it"
        self._trouble(f"{self._database}: the journal could not be written ({what}): {first}")
        later = self._later
        if (is_full(why) or self._connection is None) and len(later.sessions) + len(later.reports) < _LATER:
            later.take(Group(sessions=group.sessions, reports=group.reports, tell=group.tell))
            group.sessions, group.reports = [], []
        names = [self._names.pop(id(each)) for each in group.pendings if id(each) in self._names]
        if names:
            self._forget_chunks(names)
        self._tell(group)

    def _tell(self, group: Group) -> None:
        if group.tell is not None:
            group.tell(group)

    # ---- large contents

    def _store_some(self, large: _Large) -> None:
        """A few chunks of one content; after the last one its message is written like any other."""
        rows = []
        try:
            for octets in large.pieces:
                rows.append((large.name, large.part, octets))
                large.part += 1
                if len(rows) == _STEP:
                    break
            if rows:
                cursor = self._cursor()
                self._database.begin(cursor)
                self._transactions.insert(cursor, "chunks", rows)
                cursor.execute("COMMIT")
        except Exception as why:
            self._give_up()
            self._large.popleft()
            self._names[id(large.pending)] = large.name
            large.group.pendings.append(large.pending)
            self._failed(large.group, why)
            return
        if len(rows) < _STEP:
            self._large.popleft()
            self._names[id(large.pending)] = large.name
            large.group.pendings.append(large.pending)
            self._write(large.group)

    def _forget_chunks(self, names: list[str]) -> None:
        try:
            cursor = self._cursor()
            self._database.begin(cursor)
            self._transactions.drop_chunks(cursor, names)
            cursor.execute("COMMIT")
        except Exception as why:
            self._give_up()
            self._trouble(f"{self._database}: what is left of a message that was refused stays: {why}")

    def _forget_aged(self) -> None:
        first = self._aged == 0.0
        self._aged = monotonic()
        try:
            cursor = self._cursor()
            self._database.begin(cursor)
            if first:
                self._transactions.drop_orphans(cursor, chunk_name(time_ns() - _DAY))
            more = self._transactions.forget_aged(cursor)
            cursor.execute("COMMIT")
        except Exception as why:
            self._give_up()
            self._trouble(f"{self._database}: what is too old could not be forgotten: {why}")
        else:
            if more:
                self._aged = 0.0

    # ---- the connection

    def _cursor(self) -> Any:
        if self._connection is None:
            self._connection = self._database.connect()
        return self._connection.cursor()

    def _give_up(self) -> None:
        """End the transaction that failed; begin with a new connection if even that does not work."""
        self._ends = {}
        self._transactions.reset()
        try:
            if self._connection is not None:
                self._connection.rollback()
        except Exception:  # the connection is lost: that is why it failed
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except Exception as why:
            self._trouble(f"{self._database}: the connection could not be closed: {why}")


def chunk_name(moment: int) -> str:
    """Of a content that begins now (nanoseconds); later ones sort behind it. Older than a day, nobody writes it."""
    return f"{moment:016x}-{uuid4().hex}"


def _parts(content: StoredContent) -> Iterator[bytes]:
    for start in range(0, len(content), PART):
        yield content.read(start, PART)
