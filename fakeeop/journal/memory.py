"""The memory of what happened: sessions, verdicts, messages. Written by the loop, read from any thread.

On the way in it keeps references to what exists anyway (octets, verdicts, values); text and trees are made when
somebody reads (``fakeeop.journal.trees``). It forgets the oldest when it holds more than its limits allow.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fakeeop.journal.records import Judgement, MessageRecord, Meter, Pending, SessionRecord, last_refused
from fakeeop.journal.reports import ReportRecord, Reports, report_tree
from fakeeop.journal.trees import delivery_tree, message_tree, session_tree
from fakeeop.model.ports import Content, StoredContent

if TYPE_CHECKING:
    from fakeeop.journal.trees import Delivery
    from fakeeop.model import Forest

__all__ = [
    "Holdings",
    "Journal",
    "Judgement",
    "Kept",
    "MessageRecord",
    "Meter",
    "Pending",
    "SessionRecord",
    "last_refused",
    "page_of",
]

Record = TypeVar("Record", SessionRecord, MessageRecord)


class Kept(NamedTuple):
    """What a journal keeps of earlier runs of this front end that waits for slow destinations, or may.

    ``told`` has what was told already (``told_by``), ``made`` counts all reports. What was due before ``since`` counts
    as told: the reports of that time are forgotten.
    """

    messages: Iterable[MessageRecord] = ()
    told: AbstractSet[tuple[str, str, str, str]] = frozenset()
    made: int = 0
    since: datetime | None = None


class Journal:
    """Sessions and messages, oldest first; at most ``entries`` of each, and ``octets`` of content and transcripts.

    Of what lies in a spool at most ``spooled_octets`` and ``spooled_entries`` (each an open file). The oldest message
    goes first, wherever it lies. ``on_recipient``, ``on_message``, ``on_report`` and ``on_session_end`` are called in
    the loop's thread when set; be quick there. ``on_trouble`` hears, from any thread, what could not be kept.
    ``durable``: the reply to a message has to wait for ``pending``.
    """

    durable = False

    def __init__(
        self,
        entries: int = 10_000,
        octets: int = 256 * 1024 * 1024,
        spooled_octets: int = 1024 * 1024 * 1024,
        spooled_entries: int = 256,
    ) -> None:
        self.entries = entries
        self.octets = octets
        self.spooled_octets = spooled_octets
        self.spooled_entries = spooled_entries
        self.on_recipient: Callable[[SessionRecord, Judgement], None] | None = None
        self.on_message: Callable[[MessageRecord], None] | None = None
        self.on_session_end: Callable[[SessionRecord], None] | None = None
        self.on_report: Callable[[ReportRecord], None] | None = None
        self.on_trouble: Callable[[str], None] | None = None
        self.meter: Meter | None = None
        self.deliver: Callable[[MessageRecord], Sequence[Delivery]] | None = None  # what becomes of a message
        self.sessions_started = 0
        self.sessions_ended = 0
        self.messages_received = 0  # copies
        self._sessions: deque[SessionRecord] = deque()
        self._messages: deque[MessageRecord] = deque()
        self._reports = Reports()
        self._held = Holdings()
        self._waiting = 0
        self._watchers: list[Callable[[], None]] = []
        self._changed = threading.Condition()

    # ---- written by the loop

    def session_started(self, record: SessionRecord) -> None:
        """A connection was accepted."""
        self.sessions_started += 1
        self._sessions.append(record)
        if len(self._sessions) > self.entries:
            self._forget_session()

    def session_ended(self, record: SessionRecord, moment: datetime, closed_by: str) -> None:
        """The connection is gone."""
        record.transcript.end()
        record.closed_by = closed_by
        record.ended = moment
        self.sessions_ended += 1
        if self.meter is not None:
            self.meter.session(record)
        if self.on_session_end is not None:
            self.on_session_end(record)
        self._tell()

    def recipient(self, record: SessionRecord, judgement: Judgement) -> None:
        """A recipient was judged."""
        record.judgements.append(judgement)
        if len(record.judgements) > self.entries:
            del record.judgements[: self.entries // 10]
        if self.meter is not None:
            self.meter.recipient(judgement)
        if self.on_recipient is not None:
            self.on_recipient(record, judgement)

    def message(self, record: MessageRecord) -> None:
        """A copy of a message was accepted."""
        self.messages_received += 1
        record.session.messages += 1
        messages, held = self._messages, self._held
        messages.append(record)
        held.add(record.content)
        if len(messages) > self.entries:
            held.remove(messages.popleft().content)
        while messages and (
            held.octets > self.octets or held.spooled_octets > self.spooled_octets or held.files > self.spooled_entries
        ):
            held.remove(messages.popleft().content)
        if self.meter is not None:
            self.meter.message(record)
        if self.on_message is not None:
            self.on_message(record)
        if self._waiting or self._watchers:
            self._tell()

    def pending(self) -> Pending:
        """The copies handed over since the last call, until they are kept. Only of a journal that is ``durable``."""
        raise NotImplementedError("what is in memory is kept at once")

    def serves(self, forest: Forest, tree: Any) -> None:
        """These tenants are in force from now on, read from ``tree`` if from anything."""

    def report(self, record: ReportRecord) -> None:
        """A delivery report was made, about a message that may be forgotten already."""
        self._reports.add(record, self.entries, self.octets // 4)
        if self.on_report is not None:
            self.on_report(record)
        self._tell()

    def kept(self, _forest: Forest, /) -> Kept:
        """What earlier runs left that may still be to report; the forest is that in force. From any thread."""
        return Kept()

    def _forget_session(self) -> None:
        self._sessions.popleft()

    def _tell(self) -> None:
        if self._waiting:
            with self._changed:
                self._changed.notify_all()
        if self._watchers:
            for told in tuple(self._watchers):
                told()

    # ---- read from any thread

    def session_records(self) -> list[SessionRecord]:
        """The sessions that are remembered, as they are now."""
        return _copy(self._sessions)

    def message_records(self) -> list[MessageRecord]:
        """The messages that are remembered, as they are now."""
        return _copy(self._messages)

    def sessions_newest_first(self, *, faulty: bool = False) -> Iterator[SessionRecord]:
        """The sessions, the last one first; ``faulty``: only those in which something was made to go wrong."""
        return (each for each in reversed(self.session_records()) if each.faults or not faulty)

    def session_page(
        self, fits: Callable[[SessionRecord], bool], limit: int, after: str | None, **_columns: str | None
    ) -> tuple[list[SessionRecord], str | None]:
        """As ``message_page``; columns are ``peer`` and ``helo``."""
        return page_of(self.session_records(), fits, limit, after)

    def message_page(
        self, fits: Callable[[MessageRecord], bool], limit: int, after: str | None, **_columns: str | None
    ) -> tuple[list[MessageRecord], str | None]:
        """At most ``limit`` copies that fit, and the id to go on after; None if these were the last.

        ``columns`` say again, for stores that have an index, what ``fits`` says of ``session``, ``peer``, ``sender``,
        ``tenant``, ``connector``. Raises LookupError if the one with the id ``after`` is not remembered.
        """
        return page_of(self.message_records(), fits, limit, after)

    def message_record(self, message_id: str) -> MessageRecord | None:
        """One copy by its id; the latest if ids repeat."""
        return next((each for each in reversed(self.message_records()) if each.id == message_id), None)

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions as JSON-ready trees, oldest first."""
        return [session_tree(record) for record in self.session_records()]

    def messages(self) -> list[dict[str, Any]]:
        """The copies of accepted messages as JSON-ready trees, oldest first."""
        return [message_tree(record, deliveries=self.deliveries(record)) for record in self.message_records()]

    def deliveries(self, record: MessageRecord) -> Sequence[Delivery]:
        """What happens to one copy, by recipient; empty where nobody can tell."""
        return () if self.deliver is None or record.directory is None else self.deliver(record)

    def delivered(self) -> list[dict[str, Any]]:
        """The same of all messages that are remembered, as trees that are made when somebody looks, oldest first."""
        return [
            delivery_tree(record, number, delivery)
            for record in self.message_records()
            for number, delivery in enumerate(self.deliveries(record), 1)
        ]

    def report_records(self) -> list[ReportRecord]:
        """The delivery reports that are remembered, as they are now."""
        return self._reports.records()

    def reports(self) -> list[dict[str, Any]]:
        """The delivery reports (DSNs) that were made, as JSON-ready trees, oldest first."""
        return [report_tree(record) for record in self.report_records()]

    def session(self, session_id: str) -> SessionRecord | None:
        """One session by its id; the latest if ids repeat."""
        return next((record for record in reversed(self.session_records()) if record.id == session_id), None)

    def faults_text(self, session_id: str | None = None) -> str:
        """For an explanation: what went wrong on purpose in one session, or in the last that had any; else empty."""
        faulty = self.sessions_newest_first(faulty=True)
        record = next((one for one in faulty if session_id in (None, one.id)), None)
        if record is None:
            return ""
        told = [f"  at {stage}: {label} (match {count})\n" for stage, label, count in record.faults]
        head = f"Session {record.id} met faults that were set on purpose; no rule gave their replies:\n"
        return head + "".join(told) + "\n"

    def clear(self) -> None:
        """Forget everything but the sessions that are still open; what these said so far is forgotten too."""
        for record in self.session_records():
            if record.ended is None:
                record.judgements.clear()
                record.refusals.clear()
                record.messages = 0
            else:
                self._sessions.remove(record)
        self._reports.clear()
        for message in self.message_records():
            self._messages.remove(message)
            self._held.remove(message.content)

    @property
    def remembered(self) -> int:
        """How many copies are remembered."""
        return len(self._messages)

    @property
    def ended(self) -> int:
        """How many sessions are remembered that have ended."""
        return sum(record.ended is not None for record in self.session_records())

    @property
    def changes(self) -> int:
        """Messages and ends of sessions, ever."""
        return self.messages_received + self.sessions_ended

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call ``told`` in the loop's thread after every message, report and end of a session; returns what ends that.

        For coroutines of the loop that writes; other threads use ``wait``.
        """
        self._watchers.append(told)
        return lambda: self._watchers.remove(told)

    def wait(self, until: Callable[[Journal], bool], timeout: float) -> bool:
        """Sleep until ``until(journal)`` holds, at most ``timeout`` seconds; returns whether it does.

        Looked at after every message, report and end of a session. Never call it in the loop's own thread.
        """
        deadline = monotonic() + timeout
        with self._changed:
            self._waiting += 1
            try:
                while not until(self):
                    left = deadline - monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        return until(self)
                return True
            finally:
                self._waiting -= 1

    def wait_for_sessions_to_end(self, timeout: float) -> bool:
        """Sleep until no session is open, at most ``timeout`` seconds; returns whether none is."""
        return self.wait(lambda journal: journal.sessions_ended >= journal.sessions_started, timeout)

    def wait_for_reports(self, count: int, timeout: float) -> bool:
        """Sleep until ``count`` delivery reports are remembered, at most ``timeout`` seconds; whether they are."""
        return self.wait(lambda journal: len(journal.report_records()) >= count, timeout)

    def wait_for_messages(self, count: int, timeout: float) -> bool:
        """Sleep until ``count`` copies are remembered, at most ``timeout`` seconds; returns whether they are."""
        return self.wait(lambda journal: journal.remembered >= count, timeout)


def page_of(
    records: Sequence[Record], fits: Callable[[Record], bool], limit: int, after: str | None
) -> tuple[list[Record], str | None]:
    """One page of records, and the id to ask for the next one with. Raises LookupError."""
    start = 0
    if after is not None:
        at = next((index for index in range(len(records) - 1, -1, -1) if records[index].id == after), None)
        if at is None:
            raise LookupError(after)
        start = at + 1
    page: list[Record] = []
    for index in range(start, len(records)):
        if fits(records[index]):
            if len(page) == limit:
                return page, page[-1].id
            page.append(records[index])
    return page, None


def _copy(source: deque[Any]) -> list[Any]:
    """A list of a deque that another thread may be writing to."""
    while True:
        try:
            return list(source)
        except RuntimeError:  # it grew meanwhile
            continue


class Holdings:
    """Counts contents in and out. Copies of one message share its file, which is counted once."""

    __slots__ = ("_spooled", "files", "octets", "spooled_octets")

    def __init__(self) -> None:
        self.octets = 0  # in memory; for every copy, though copies share them
        self.spooled_octets = 0
        self.files = 0  # how many contents lie in the spool
        self._spooled: dict[int, tuple[StoredContent, int]] = {}  # the content and its copies, by its id

    def add(self, content: Content) -> None:
        """One more copy."""
        if isinstance(content, bytes):
            self.octets += len(content)
            return
        _, copies = self._spooled.get(id(content), (content, 0))
        self._spooled[id(content)] = content, copies + 1
        if not copies:
            self.spooled_octets += len(content)
            self.files += 1

    def remove(self, content: Content) -> None:
        """A copy is forgotten. The file goes with the last one, and with who still reads it."""
        if isinstance(content, bytes):
            self.octets -= len(content)
            return
        _, copies = self._spooled.pop(id(content))
        if copies > 1:
            self._spooled[id(content)] = content, copies - 1
        else:
            self.spooled_octets -= len(content)
            self.files -= 1
