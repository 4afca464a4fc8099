"""The delivery reports (DSNs) that an emulator made, as the journal keeps and tells them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from attrs import frozen

from fakeeop.message.headers import fields, header_end

__all__ = ["ReportRecord", "Reported", "Reports", "report_tree", "told_by"]


@frozen
class Reported:
    """One recipient of a report, in the words of RFC 3464; ``original_recipient`` is ``type;address`` as given."""

    final_recipient: str
    status: str
    diagnostic_code: str | None = None  # without the type: a whole reply
    original_recipient: str | None = None
    remote_mta: str | None = None


class ReportRecord:
    """One report. ``outcome`` says where it went, and may change while it is on its way; ``detail`` says more.

    ``outcome``: ``recorded`` (here only), ``mailbox`` (the sender's, in the forest), ``returning``, ``returned`` or
    ``not-returned`` (to the relay; ``detail`` has its last reply or what went wrong).
    """

    __slots__ = (
        *("action", "content", "detail", "envid", "id", "made", "message", "outcome", "rcpt_to", "recipients"),
        "session",
    )

    def __init__(
        self,
        report_id: str,
        made: datetime,
        action: str,
        rcpt_to: str,
        recipients: tuple[Reported, ...],
        content: bytes,
        *,
        message: str = "",
        session: str = "",
        envid: str | None = None,
        outcome: str = "recorded",
        detail: str = "",
    ) -> None:
        self.id = report_id
        self.made = made
        self.action = action  # of RFC 3464 section 2.3.3
        self.rcpt_to = rcpt_to  # the reverse-path of the message
        self.recipients = recipients  # at least one
        self.content = content
        self.message = message  # the id of the copy that it is about
        self.session = session
        self.envid = envid
        self.outcome = outcome
        self.detail = detail


class Reports:
    """The reports that are remembered: at most ``entries`` and ``octets`` of content, the oldest go first."""

    __slots__ = ("_records", "made", "octets")

    def __init__(self) -> None:
        self.octets = 0
        self.made = 0  # since the start
        self._records: deque[ReportRecord] = deque()

    def add(self, record: ReportRecord, entries: int, octets: int) -> None:
        """One more; the last one stays, however large."""
        self.made += 1
        self._records.append(record)
        self.octets += len(record.content)
        while len(self._records) > 1 and (len(self._records) > entries or self.octets > octets):
            self.octets -= len(self._records.popleft().content)

    def records(self) -> list[ReportRecord]:
        """All, oldest first; from any thread."""
        while True:
            try:
                return list(self._records)
            except RuntimeError:  # it grew meanwhile
                continue

    def clear(self) -> None:
        """Forget them; those that are made meanwhile stay."""
        for record in self.records():
            self._records.remove(record)
            self.octets -= len(record.content)


def told_by(records: Iterable[ReportRecord]) -> set[tuple[str, str, str, str]]:
    """What was told of whom: message, session (ids of messages may repeat), action, recipient."""
    return {
        (each.message, each.session, each.action, recipient.final_recipient)
        for each in records
        for recipient in each.recipients
    }


def report_tree(record: ReportRecord, *, content: bool = True) -> dict[str, Any]:
    """One report as a JSON-ready tree; what is said of a recipient stands at the top for the first one."""
    first = record.recipients[0]
    raw = record.content
    tree = {
        "id": record.id,
        "kind": "dsn",
        "action": record.action,
        **_recipient_tree(first),
        "envid": record.envid,
        "recipients": [_recipient_tree(each) for each in record.recipients],
        "mail-from": "<>",
        "rcpt-to": [record.rcpt_to],
        "session": record.session,
        "message": record.message,
        "made": record.made.isoformat().replace("+00:00", "Z"),
        "outcome": record.outcome,
        "detail": record.detail,
        "size": len(raw),
        "headers": [list(pair) for pair in fields(raw)],
    }
    if content:
        tree["body"] = raw[header_end(raw) :].decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\n")
        tree["raw"] = raw.decode("latin-1")
    return tree


def _recipient_tree(reported: Reported) -> dict[str, Any]:
    return {
        "final-recipient": reported.final_recipient,
        "original-recipient": reported.original_recipient,
        "status": reported.status,
        "diagnostic-code": reported.diagnostic_code,
        "remote-mta": reported.remote_mta,
    }
