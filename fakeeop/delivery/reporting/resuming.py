"""After a start: what is still to be told of messages that an earlier run took, for slow destinations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from fakeeop.decision.directory import Directory
from fakeeop.delivery.disposition import dispose
from fakeeop.delivery.reporting.reporter import DELAY_NOTICE, End, action_of
from fakeeop.journal.memory import Journal, Kept, MessageRecord
from fakeeop.message.dsn.rules import Action, wanted

__all__ = ["Rest", "rest_of"]


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
