"""The journal that outlives its process: as ``fakeeop.journal.memory.Journal``, in a database.

Sessions that are open are in memory, and so are those that ended a moment ago; all else is read from the database.
Several front ends may share one: each reads what all wrote, and looks for what the others did every ``LOOK`` seconds
while somebody waits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from fakeeop.decision.directory import Directory
from fakeeop.journal.memory import Journal, Kept, MessageRecord, Pending, SessionRecord
from fakeeop.journal.reports import ReportRecord, told_by
from fakeeop.journal.sql.database import Database, explained
from fakeeop.journal.sql.group_commit import GroupCommit, running_loop
from fakeeop.journal.sql.places import JournalPlace
from fakeeop.journal.sql.polling import LOOK, Poller
from fakeeop.journal.sql.reader import Reader
from fakeeop.journal.sql.rows import Rows
from fakeeop.journal.sql.waiting import look_for
from fakeeop.journal.sql.writer import Writer
from fakeeop.journal.sql.writing import KEEP, Group, Keep, Totals
from fakeeop.model import Forest

__all__ = ["LOOK", "StoredJournal"]

_OPEN = 100_000  # sessions in memory


class StoredJournal(Journal):
    """Opens the database, and makes it if it is not there. Raises StoreError. ``close`` it at the end.

    ``front`` is the name of this front end. ``starts`` counts the starts of all front ends there. ``on_trouble`` hears
    in one line what could not be written. The loop that calls ``pending`` is told when the copies are kept.
    """

    durable = True

    def __init__(
        self, place: JournalPlace, front: str, read_forest: Callable[[Any], Forest], keep: Keep = KEEP
    ) -> None:
        super().__init__(entries=_OPEN)
        self._database = Database(place)
        self.starts = self._database.open()
        self._front = front
        self._read_forest = read_forest
        self._trees: dict[str, str] = {}
        self._digest = ""
        self._digests: dict[int, tuple[Forest, str]] = {}
        rows = Rows(front, self._digest_of)
        self._writer = Writer(self._database, keep, rows, lambda: self._trees, self._trouble)
        self._now = Pending()
        self._gathering = GroupCommit(self._writer, self._written, self._all_wait)
        self._totals: Totals | None = None
        self._gone: dict[str, SessionRecord] = {}  # ended, and not in the database yet
        self._lookout = Poller(lambda: bool(self._waiting or self._watchers), self._look, self._trouble)
        self._live: dict[str, SessionRecord] = {}
        self._stamp = 0
        self._waiting_here = 0  # sessions that wait for a commit

    def close(self) -> None:
        """Write what waits, and let the database go. Raises StoreError."""
        self._lookout.close()
        self._gathering.flush_from_anywhere()
        with explained(self._database.place, "cannot be closed"):
            self._writer.close()
        self._database.shut()

    # ---- written by the loop

    def serves(self, forest: Forest, tree: Any) -> None:
        """The tenants are kept once, so that traces can be told later."""
        if tree is None:
            self._digest = ""
        else:
            text = json.dumps(tree, ensure_ascii=True, default=str, sort_keys=False)
            self._digest = hashlib.sha256(text.encode()).hexdigest()[:32]
            self._trees = {**self._trees, self._digest: text}
        self._digests[id(forest)] = forest, self._digest

    def session_started(self, record: SessionRecord) -> None:
        """A connection was accepted."""
        self.sessions_started += 1
        self._live[record.id] = record

    def session_ended(self, record: SessionRecord, moment: datetime, closed_by: str) -> None:
        """It is written soon, with others."""
        self._gone[record.id] = record
        self._live.pop(record.id, None)
        super().session_ended(record, moment, closed_by)
        self._gathering.session(record)

    def message(self, record: MessageRecord) -> None:
        """One copy, to be kept together with those that come before ``pending`` is asked for."""
        if not self._now.records:
            self._gathering.message(self._now)
        record.session.messages += 1
        self._now.records.append(record)

    def pending(self) -> Pending:
        """The copies handed over since the last call."""
        pending, self._now = self._now, Pending()
        self._waiting_here += 1
        self._gathering.complete()
        return pending

    def flush(self) -> None:
        """Have what is gathered written now. In the loop's thread, if there is a loop."""
        self._gathering.flush()

    def report(self, record: ReportRecord) -> None:
        """It is written soon."""
        self._gathering.report(record)
        super().report(record)

    # ---- read from any thread

    @cached_property
    def reader(self) -> Reader:
        """Loads SQLAlchemy."""
        return Reader(self._database, self._read_forest)

    def session_records(self) -> list[SessionRecord]:
        """All of them: better ask for pages."""
        recent = self._recent()
        stored = [record for _, record in self.reader.sessions()]
        names = {record.id for record in stored}
        return stored + [record for record in recent if record.id not in names]

    def message_records(self) -> list[MessageRecord]:
        """All of them: better ask for pages."""
        return [record for _, record in self.reader.messages()]

    def report_records(self) -> list[ReportRecord]:
        """Those of this process as they are now, the others as they were written."""
        live = {record.id: record for record in super().report_records()}
        stored = [live.pop(record.id, record) for record in self.reader.reports()]
        return [*stored, *live.values()]

    def kept(self, forest: Forest, /) -> Kept:
        """As of any journal, of this front end. Raises StoreError."""
        slow = look_for(self._database, self._front, forest, self._read_forest, self._digest)
        if slow is None:
            return Kept()
        ours = super().report_records()  # perhaps not in the database yet
        since = None if slow.oldest is None else slow.oldest.made
        return Kept(map(self.reader.record, slow.rows), slow.told | told_by(ours), slow.made + len(ours), since)

    def sessions_newest_first(self, *, faulty: bool = False) -> Iterator[SessionRecord]:
        """What is in memory first."""
        seen = set()
        for record in reversed(self._recent()):
            seen.add(record.id)
            if record.faults or not faulty:
                yield record
        for record in self.reader.sessions_newest_first(faulty=faulty):
            if record.id not in seen:
                yield record

    def session_page(
        self, fits: Callable[[SessionRecord], bool], limit: int, after: str | None, **columns: str | None
    ) -> tuple[list[SessionRecord], str | None]:
        """In the order in which they ended; the open ones last."""
        page: list[SessionRecord] = []
        for record in self._sessions_behind(after, columns):
            if fits(record):
                if len(page) == limit:
                    return page, page[-1].id
                page.append(record)
        return page, None

    def _sessions_behind(self, after: str | None, columns: dict[str, str | None]) -> Iterator[SessionRecord]:
        recent = self._recent()
        names = [record.id for record in recent]
        start = self._start("session", after, set(names))
        if start is not None:
            yield from (record for _, record in self.reader.sessions(start, **columns))
        elif after is not None:
            recent = recent[names.index(after) + 1 :]
        present = self.reader.present([record.id for record in recent])
        yield from (record for record in recent if record.id not in present)

    def message_page(
        self, fits: Callable[[MessageRecord], bool], limit: int, after: str | None, **columns: str | None
    ) -> tuple[list[MessageRecord], str | None]:
        """In the order in which they were kept."""
        page: list[MessageRecord] = []
        for _, record in self.reader.messages(self._start("message", after, set()) or 0, **columns):
            if fits(record):
                if len(page) == limit:
                    return page, page[-1].id
                page.append(record)
        return page, None

    def message_record(self, message_id: str) -> MessageRecord | None:
        """One copy."""
        return self.reader.message(message_id)

    def session(self, session_id: str) -> SessionRecord | None:
        """One session."""
        live = next((record for record in reversed(self._recent()) if record.id == session_id), None)
        return live or self.reader.session(session_id)

    def clear(self) -> None:
        """Forget everything, of other front ends too, but the sessions that are open here."""
        for record in self._recent():
            if record.ended is None:
                record.judgements.clear()
                record.refusals.clear()
                record.messages = 0
        self._gathering.flush_from_anywhere()
        gone = list(self._gone.copy())
        with explained(self._database.place, "cannot be cleared"):
            self._accept(*self._writer.clear())
        self._reports.clear()
        for name in gone:
            self._gone.pop(name, None)

    @property
    def totals(self) -> Totals:
        """The counters of the whole journal."""
        if self._totals is None:
            self._totals = self.reader.totals()
        return self._totals

    @property
    def remembered(self) -> int:
        """How many copies are remembered."""
        return self.totals.messages.held

    @property
    def ended(self) -> int:
        """How many sessions are remembered that have ended."""
        return self.totals.sessions.held + len(self._gone)

    @property
    def changes(self) -> int:
        """Messages and ends of sessions, ever, of all front ends."""
        totals = self.totals
        return totals.messages.ever + totals.sessions.ever + len(self._gone)

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """As of any journal; other front ends' doings are told within ``LOOK`` seconds."""
        loop = running_loop()

        def tell() -> None:
            if loop is None or loop is running_loop():
                told()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(told)

        end = super().watch(tell)
        self._lookout.start()
        return end

    def wait(self, until: Callable[[Journal], bool], timeout: float) -> bool:
        """As of any journal; other front ends' doings are seen within ``LOOK`` seconds."""
        if until(self):
            return True
        self._lookout.start()
        return super().wait(until, timeout)

    # ---- inside

    def _all_wait(self) -> bool:
        return self._waiting_here >= len(self._live)

    def _accept(self, totals: Totals, stamp: int) -> None:
        """The newest counters count."""
        if stamp > self._stamp:
            self._totals, self._stamp = totals, stamp

    def _written(self, group: Group) -> None:
        """In the loop: a transaction was committed, or failed."""
        if group.totals is not None:
            self._accept(group.totals, group.stamp)
        for session in group.sessions:
            self._gone.pop(session.id, None)
        refusal = group.refusal
        for pending in group.pendings:
            for record in pending.records:
                if refusal is not None:
                    record.session.messages -= 1
                    continue
                self.messages_received += 1
                if self.meter is not None:
                    self.meter.message(record)
                if self.on_message is not None:
                    self.on_message(record)
            self._waiting_here -= 1
            pending.settled(refusal)
        if self._waiting or self._watchers:
            self._tell()

    def _recent(self) -> list[SessionRecord]:
        """What the database has not, or not yet: ended ones first."""
        gone = list(self._gone.copy().values())
        names = {record.id for record in gone}
        return gone + [record for record in self._live.copy().values() if record.id not in names]

    def _start(self, kind: str, after: str | None, recent: set[str]) -> int | None:
        """The ``seq`` behind which a page begins; None: among those in memory. Raises LookupError."""
        if after is None:
            return 0
        place = self.reader.place(kind, after)
        if place is not None:
            return place
        if after in recent:
            return None
        raise LookupError(after)

    def _digest_of(self, directory: Directory | None) -> str:
        if directory is None:
            return self._digest
        known = self._digests.get(id(directory.forest))
        return known[1] if known is not None else ""

    def _trouble(self, line: str) -> None:
        if self.on_trouble is not None:
            self.on_trouble(line)

    def _look(self) -> None:
        """Did another front end write?"""
        stamp = self._stamp
        found = self.reader.totals()
        if found != self._totals and stamp == self._stamp:
            self._totals = found
            self._tell()
