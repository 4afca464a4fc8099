"""Delivery reports of one emulator: who is to be told what of an accepted message, when, and where the report goes.

The rules are those of ``fakeeop.delivery.disposition`` and ``fakeeop.message.dsn.rules``. A message that nobody is to
hear of costs one look at a flag, in a forest without directories and without ``Internet``; else one look into a set for
each recipient.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fakeeop.delivery.disposition import EXPIRY, Disposition, Where, dispose
from fakeeop.delivery.reporting.describing import describe
from fakeeop.errors import StoreError
from fakeeop.journal.reports import Reported, ReportRecord
from fakeeop.message.dsn.report import rendered
from fakeeop.message.dsn.rules import Action, wanted
from fakeeop.message.headers import HEAD
from fakeeop.message.received import LOOPS, looping
from fakeeop.model import Recipient
from fakeeop.model.addresses import Mailbox
from fakeeop.server.report_return import ReportReturn
from fakeeop.server.timers import Timers

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory
    from fakeeop.journal.memory import Journal, Kept, MessageRecord
    from fakeeop.message.dsn.report import DsnReport
    from fakeeop.model.ports import Clock, Content, IdSource
    from fakeeop.server.report_return import Returned
    from fakeeop.server.timers import Timer

__all__ = ["DELAY_NOTICE", "EXPIRY", "SHORTEST_LOOP", "End", "Reporter", "action_of"]

DELAY_NOTICE = 4 * 3_600.0  # seconds until the sender hears of a delay (assumption: as Exchange Server)
_QUIET, _WAITING = 4_096, 10_000
SHORTEST_LOOP = 1_500  # octets; the header of a message that goes in circles has more


class End(NamedTuple):
    """One recipient of one copy, and what happened to it."""

    recipient: Recipient
    found: Disposition


class Reporter:
    """Makes the reports. All is called in the loop's thread."""

    def __init__(self, journal: Journal, clock: Clock, ids: IdSource) -> None:
        self.watchful = False  # can a recipient fail or wait? If not, only NOTIFY makes a report
        self.returned: Callable[[MessageRecord], bytes] | None = None  # the header that comes back; None: as it came
        self._back: ReportReturn | None = None
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._timers: Timers | None = None
        self._waiting: set[Timer] = set()
        self._made = 0

    def renew(self, directory: Directory, box: str) -> None:
        """Another forest; ``box`` is the server that reports. What waits already is reported under the old one."""
        forest = directory.forest
        self._directory = directory
        self._box = box
        self._quiet: set[Mailbox] = set()
        self.watchful = bool(forest.internet) or any(tenant.recipients is not None for tenant in forest.tenants)

    def give_back(self, relay: tuple[str, int] | None) -> None:
        """The relay, host and port, that gets the reports from now on; None: they are recorded only."""
        if relay is None:
            self._back = None
            return
        self._back = ReportReturn(*relay)

    @property
    def returning(self) -> int:
        """How many reports are on their way back to the relay."""
        return 0 if self._back is None else self._back.waiting

    def look(self, record: MessageRecord) -> None:
        """A copy was accepted: report what is known of its recipients, and wait for the rest."""
        quiet, loop = self._quiet, _loops(record.content)
        for recipient in record.recipients:
            if recipient.dsn.notify is not None or recipient.mailbox not in quiet or loop:
                break
        else:
            return
        if record.envelope.reverse_path.is_null:
            return
        attribution = record.verdict.attribution
        told: dict[Action, list[End]] = {}
        later: dict[float, list[End]] = {}
        for recipient in record.recipients:
            if recipient.dsn.notify is None and recipient.mailbox in quiet and not loop:
                continue
            found = dispose(self._directory, attribution, recipient.mailbox, loop=loop)
            if found.delay:
                later.setdefault(found.delay, []).append(End(recipient, found))
                continue
            if not found.failed and len(quiet) < _QUIET:
                quiet.add(recipient.mailbox)
            _sort(told, record, End(recipient, found))
        for action, ends in told.items():
            self._report(record, action, ends)
        for delay, ends in later.items():
            self._wait(record, delay, ends)

    async def resume(self) -> None:
        """After a start: wait again for what earlier runs waited for. What fell due meanwhile is reported now.

        What the journal has a report of is not reported again. Raises StoreError.
        """
        if not self._journal.durable:
            return
        found, made = await asyncio.to_thread(rest_of, self._journal, self._directory)
        self._made = max(self._made, made)  # what tells two reports of one message apart
        now = self._clock.now()
        for rest in found:
            call = partial(self._resumed, rest.record, rest.action, rest.ends)
            seconds = (rest.due - now).total_seconds()
            if seconds > 0:
                self._later(rest.record, seconds, call)
            else:
                call()
        if len(self._waiting) >= _WAITING:
            self._trouble(f"more than {_WAITING} messages wait for slow destinations; the others are not watched")

    def forget(self) -> None:
        """Messages that wait for slow destinations are not reported any more. May be called from any thread."""
        for timer in tuple(self._waiting):
            timer.cancel()
        self._waiting.clear()

    async def close(self) -> None:
        """Nobody waits any more."""
        self.forget()
        timers, self._timers = self._timers, None
        if timers is not None:
            timers.close()
        if self._back is not None:
            await self._back.close()

    # ---- slow destinations

    def _wait(self, record: MessageRecord, delay: float, ends: list[End]) -> None:
        if delay >= DELAY_NOTICE:
            self._later(record, DELAY_NOTICE, partial(self._notice, record, ends))
        self._later(record, delay, partial(self._ended, record, ends))

    def _later(self, record: MessageRecord, seconds: float, call: partial[None]) -> None:
        if len(self._waiting) >= _WAITING:
            record.session.notes += (f"{_WAITING} messages wait for slow destinations; this one is not watched",)
            return
        if self._timers is None:
            self._timers = Timers(asyncio.get_running_loop(), self._clock)

        def ring() -> None:
            self._waiting.discard(timer)
            call()

        timer = self._timers.later(seconds, ring)
        self._waiting.add(timer)

    def _notice(self, record: MessageRecord, ends: list[End]) -> None:
        self._tell_if_wanted(record, Action.DELAYED, ends)

    def _ended(self, record: MessageRecord, ends: list[End]) -> None:
        told: dict[Action, list[End]] = {}
        for end in ends:
            _sort(told, record, end)
        for action, found in told.items():
            self._report(record, action, found)

    def _resumed(self, record: MessageRecord, action: Action, ends: list[End]) -> None:
        """A report of a message that an earlier run took. If it cannot be read, the next start tries again."""
        try:
            if not _loops(record.content):  # it was reported when it came
                self._report(record, action, ends)
        except StoreError as why:
            self._trouble(f"message {record.id} could not be reported: {why}")

    def _trouble(self, line: str) -> None:
        if self._journal.on_trouble is not None:
            self._journal.on_trouble(line)

    def _tell_if_wanted(self, record: MessageRecord, action: Action, ends: list[End]) -> None:
        sender = record.envelope.reverse_path
        ends = [end for end in ends if wanted(action, sender, end.recipient)]
        if ends:
            self._report(record, action, ends)

    # ---- one report

    def _report(self, record: MessageRecord, action: Action, ends: list[End]) -> None:
        self._made += 1
        directory = record.directory or self._directory  # the tenants that attribution speaks of
        own = dispose(directory, record.verdict.attribution, record.envelope.reverse_path)
        report = describe(
            record,
            action,
            [(end.recipient, end.found) for end in ends],
            directory.behaviour,
            self._box,
            self._clock.now(),
            own.where is Where.MAILBOX and own.tenant is record.verdict.attribution.tenant,
            self._made,
            self.returned(record) if self.returned is not None and record.directory is not None else None,
        )
        self._post(record, report, own)

    def _post(self, record: MessageRecord, report: DsnReport, own: Disposition) -> None:
        made = ReportRecord(
            str(self._ids.internal_id()),
            report.made,
            report.action.value,
            report.sender,
            tuple(
                Reported(each.address, each.status, each.reply, each.original, each.remote_mta)
                for each in report.recipients
            ),
            rendered(report),
            message=record.id,
            session=record.session.id,
            envid=report.envelope_id,
        )
        if self._back is not None:
            self._back.give(report.sender, made.content, partial(self._returned, made))
            return
        made.outcome, made.detail = _where_to(own)
        self._journal.report(made)

    def _returned(self, made: ReportRecord, how: Returned) -> None:
        made.outcome = "returned" if how.taken else "not-returned"
        made.detail = how.detail
        self._journal.report(made)


def _loops(content: Content) -> bool:
    """``looping``, asked only where there are enough fields for it."""
    if len(content) < SHORTEST_LOOP:
        return False
    if isinstance(content, bytes) and content.count(b"eceived:", 0, HEAD) <= LOOPS:
        return False
    return looping(content)


def action_of(found: Disposition) -> Action | None:
    """What is told of such an end; None: who takes it over, tells."""
    if found.failed:
        return Action.FAILED
    if found.where is Where.MAILBOX:
        return Action.DELIVERED
    return None if found.delivery_reports else Action.RELAYED


def _sort(told: dict[Action, list[End]], record: MessageRecord, end: End) -> None:
    """Under the action that the sender wants to hear of, if any."""
    action = action_of(end.found)
    if action is not None and wanted(action, record.envelope.reverse_path, end.recipient):
        told.setdefault(action, []).append(end)


def _where_to(own: Disposition) -> tuple[str, str]:
    """Outcome and detail of a report that is not given back to the relay."""
    if own.where is Where.MAILBOX:
        return "mailbox", ""
    if own.failed:
        return "recorded", "the sender's address does not exist"
    return "recorded", "the sender is on the internet or on premises: nothing is sent there"


# ---- after a start: what is still to be told of messages that an earlier run took, for slow destinations


class Rest(NamedTuple):
    """One report that has not been made."""

    due: datetime
    record: MessageRecord
    action: Action
    ends: list[End]


def rest_of(journal: Journal, directory: Directory) -> tuple[list[Rest], int]:
    """Those reports, what is due first in front; and how many were made before. Reads the journal: in any thread.

    ``directory`` is that in force, for messages whose own is not known.
    """
    kept = journal.kept(directory.forest)
    found = [rest for record in kept.messages for rest in _of(record, record.directory or directory, kept)]
    return sorted(found, key=lambda rest: rest.due), kept.made


def _of(record: MessageRecord, directory: Directory, kept: Kept) -> Iterator[Rest]:
    sender = record.envelope.reverse_path
    groups: dict[tuple[float, float, Action], list[End]] = {}  # who shares a report, as in Reporter.look
    for recipient in record.recipients:
        found = dispose(directory, record.verdict.attribution, recipient.mailbox)
        if not found.delay:
            continue
        steps = [(DELAY_NOTICE, Action.DELAYED)] if found.delay >= DELAY_NOTICE else []
        last = action_of(found)
        for seconds, action in [*steps, (found.delay, last)] if last is not None else steps:
            key = record.id, record.session.id, action.value, str(recipient.mailbox)
            if wanted(action, sender, recipient) and key not in kept.told:
                groups.setdefault((found.delay, seconds, action), []).append(End(recipient, found))
    for (_, seconds, action), ends in groups.items():
        due = record.received + timedelta(seconds=seconds)
        if kept.since is None or due >= kept.since:
            yield Rest(due, record, action, ends)
