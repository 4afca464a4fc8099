"""Delivery reports as tests read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen

from fakeeop.journal.reports import ReportRecord, report_tree

__all__ = ["DeliveryReport", "ReportedRecipient", "report_of"]


@frozen
class ReportedRecipient:
    """One recipient of a report (RFC 3464). ``reply`` is the Diagnostic-Code without its type."""

    address: str
    status: str
    reply: str | None = None
    original_recipient: str | None = None
    remote_mta: str | None = None


@frozen(eq=False)
class DeliveryReport:
    """One report. ``action`` is ``failed``, ``delayed``, ``delivered`` or ``relayed``; ``to`` is the sender told.

    ``outcome`` and ``detail`` say where it went (docs/notifications.md). ``tree`` is all of it, as HTTP and scenarios
    have it.
    """

    id: str
    action: str
    to: str
    recipients: tuple[ReportedRecipient, ...]
    envelope_id: str | None
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    made: datetime
    outcome: str
    detail: str
    session: str
    message: str
    tree: dict[str, Any]

    def header(self, name: str) -> str | None:
        """The first field of this name, case ignored; None if there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def subject(self) -> str | None:
        """Its Subject."""
        return self.header("Subject")


def report_of(record: ReportRecord) -> DeliveryReport:
    """A record of the journal, read."""
    tree = report_tree(record)
    return DeliveryReport(
        record.id,
        record.action,
        record.rcpt_to,
        tuple(
            ReportedRecipient(
                each.final_recipient, each.status, each.diagnostic_code, each.original_recipient, each.remote_mta
            )
            for each in record.recipients
        ),
        record.envid,
        tuple((name, value) for name, value in tree["headers"]),
        record.content,
        record.made,
        record.outcome,
        record.detail,
        record.session,
        record.message,
        tree,
    )
