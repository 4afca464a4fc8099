"""Message trace as Get-MessageTraceV2 and Get-MessageTraceDetailV2 shape it (facts connectors §1.8), from the journal.

One row per recipient of an accepted message. Who was refused at RCPT has none, in no tenant. The names of the columns
are Exchange's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from attrs import evolve, field, frozen

from fakeeop.delivery.copies import identity_of
from fakeeop.delivery.trace_query import MOST, Query
from fakeeop.journal.memory import MessageRecord
from fakeeop.journal.trees import Delivery
from fakeeop.message.headers import fields, message_id
from fakeeop.message.passage import made_message_id
from fakeeop.message.received import Trail

__all__ = ["TraceRow", "details", "events_of", "is_of", "next_of", "page_of", "rows_of", "traced", "trees_of"]

_HOST: Final = re.compile(rb"Hostname=([^\]]+)\]")


@frozen
class TraceRow:
    """One recipient of one message. ``delivery`` says where it ended; ``tenant`` is the organization that sees it.

    ``incoming``: mail that another tenant of the forest sent, as the recipient's tenant sees it. ``now``: what slow
    destinations have not yet answered by then is pending; None: all is told as it ends.
    """

    record: MessageRecord = field(repr=False)
    delivery: Delivery = field(repr=False)
    tenant: str
    incoming: bool = False
    now: datetime | None = None

    @property
    def pending(self) -> bool:
        """True while a slow destination has not answered, and the service has not given up."""
        return bool(self.delivery.delay) and self.now is not None and self.now < self.delivery.moment

    @property
    def status(self) -> str:
        """``Delivered``, ``Failed`` or ``Pending``: all but what waits for a slow destination ends at once."""
        if self.pending:
            return "Pending"
        return "Failed" if self.delivery.where == "failed" else "Delivered"

    @property
    def trace_id(self) -> str:
        """The Network-Message-Id, which all rows of a message share."""
        return identity_of(self.record).network_message_id

    @property
    def message_id(self) -> str:
        """The client's Message-ID, else the one that the service made, as its 250 has it (wire §2.2)."""
        return message_id(self.record.content) or made_message_id(self.record.reply)

    @property
    def from_ip(self) -> str:
        """The public address of the client; for ``incoming`` that of the service's own outbound host."""
        hop = self.arrival
        return hop.address if hop is not None else str(self.record.peer.ip)

    @property
    def arrival(self) -> Trail | None:
        """For ``incoming`` the hop at which the recipient's tenant took it."""
        if not self.incoming:
            return None
        return next((each for each in reversed(self.delivery.hops) if ".mail.protection.outlook.com" in each.by), None)

    def tree(self) -> dict[str, Any]:
        """The columns in their order, without those of the query."""
        record = self.record
        mail_from = str(record.envelope.reverse_path)
        return {
            "Organization": self.tenant,
            "Received": _moment(record.received),
            "SenderAddress": "" if mail_from == "<>" else mail_from,
            "RecipientAddress": str(self.delivery.recipient),
            "Subject": _subject(record),
            "Status": self.status,
            "ToIP": None,  # blank for what stays inside (facts §1.8); the lab has no address of outside servers
            "FromIP": self.from_ip,
            "Size": len(record.content),
            "MessageId": self.message_id,
            "MessageTraceId": self.trace_id,
        }


def trees_of(page: Sequence[TraceRow], span: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    """The columns of a page: of each row, then those of the query, ``span``, and the place in the page from 0."""
    start, end = map(_moment, span)
    return [{**row.tree(), "StartDate": start, "EndDate": end, "Index": index} for index, row in enumerate(page)]


def next_of(further: TraceRow | None, start: datetime) -> dict[str, str] | None:
    """The parameters that the next page begins with; None if there is none. To the microsecond: none is lost.

    ``start`` is that of the span: without it the next page would go further back.
    """
    if further is None:
        return None
    first, last = (each.isoformat().replace("+00:00", "Z") for each in (start, further.record.received))
    return {"StartDate": first, "EndDate": last, "StartingRecipientAddress": str(further.delivery.recipient)}


def rows_of(records: Iterable[MessageRecord], deliveries: Any, now: datetime | None = None) -> list[TraceRow]:
    """Every row; ``deliveries`` gives those of a record. The tenant is the one that the message is attributed to.

    What it sent to a mailbox of another tenant has a row there too, since that one took it; what that one refused has
    none there (C180).
    """
    found = []
    for record in records:
        tenant = record.verdict.attribution.tenant
        for each in deliveries(record):
            found.append(TraceRow(record, each, tenant.name if tenant is not None else "", now=now))
            if _crosses(found[-1]):
                found.append(TraceRow(record, each, each.tenant.name, incoming=True, now=now))
    return found


def traced(records: Iterable[MessageRecord], deliveries: Any, now: datetime) -> list[dict[str, Any]]:
    """What Get-MessageTraceV2 shows without dates, newest first, each row with its ``Events``."""
    query = Query(result_size=MOST)
    page, _ = page_of(rows_of(records, deliveries, now), query, now)
    trees = trees_of(page, query.span(now))
    return [{**tree, "Events": events_of(row)} for row, tree in zip(page, trees, strict=True)]


def _crosses(row: TraceRow) -> bool:
    """True if it went from one tenant of the forest to a mailbox of another."""
    sender, recipient = row.record.verdict.attribution.tenant, row.delivery.tenant
    return row.delivery.where == "mailbox" and None not in (sender, recipient) and sender is not recipient


def page_of(rows: Sequence[TraceRow], query: Query, now: datetime) -> tuple[list[TraceRow], TraceRow | None]:
    """Those that fit: newest first, then by recipient; and the first that had no room. Raises QueryError.

    A page does not end between rows that StartingRecipientAddress cannot tell apart (one recipient at one moment, as of
    two tenants), so that the next one begins with another: it can be a little longer than ``result_size``.
    """
    start, end = query.span(now)
    rows = [each if each.now is not None else evolve(each, now=now) for each in rows]
    fitting = [each for each in rows if start <= each.record.received <= end and _fits(each, query)]
    fitting.sort(key=lambda each: str(each.delivery.recipient).lower())
    fitting.sort(key=lambda each: each.record.received, reverse=True)
    after = query.starting_recipient_address.lower()
    if after and query.end_date is not None:  # goes on where a page ended: EndDate and the recipient of the next row
        moment = query.end_date
        fitting = [
            each for each in fitting if each.record.received < moment or str(each.delivery.recipient).lower() >= after
        ]
    size = query.result_size
    while 0 < size < len(fitting) and _place(fitting[size]) == _place(fitting[size - 1]):
        size += 1
    return fitting[:size], fitting[size] if len(fitting) > size else None


def _place(row: TraceRow) -> tuple[datetime, str]:
    return row.record.received, str(row.delivery.recipient).lower()


def is_of(record: MessageRecord, trace_id: str) -> bool:
    """True if a message has this MessageTraceId."""
    return identity_of(record).network_message_id.lower() == trace_id.lower()


def details(rows: Iterable[TraceRow], trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:
    """The events of one recipient of one message, in order of time; none if there is no such row.

    Without ``organization`` those of the tenant that the message is attributed to.
    """
    for row in rows:
        if str(row.delivery.recipient).lower() != recipient.lower() or not _of(organization, row.tenant):
            continue
        if is_of(row.record, trace_id):
            return events_of(row)
    return []


def events_of(row: TraceRow) -> list[dict[str, Any]]:
    """The events of one row, in order of time."""
    ids = {"MessageTraceId": row.trace_id, "RecipientAddress": str(row.delivery.recipient)}
    return [{**ids, **event} for event in _events(row)]


def _events(row: TraceRow) -> list[dict[str, Any]]:
    """The texts of Receive and Deliver were seen (facts §1.8), those of Defer, Send and Fail are ours (assumption)."""
    record, delivery = row.record, row.delivery
    connector = None if row.incoming else record.verdict.attribution.connector
    data = f"S:FromIP={row.from_ip};"
    if connector is not None:
        data = f"S:InboundConnectorData=Name={connector.name};ConnectorType={connector.connector_type.value};{data}"
    found = [_event(record.received, "Receive", _received(row), data)]
    if delivery.delay:
        first = delivery.moment - timedelta(seconds=delivery.delay)
        found.append(_event(first, "Defer", "The destination did not answer; the service tries again.", ""))
    if row.pending:
        return found
    if delivery.where == "failed":
        found.append(_event(delivery.moment, "Fail", f"The message could not be delivered: {delivery.status}.", ""))
    elif delivery.where == "mailbox" and (row.incoming or not _crosses(row)):
        found.append(_event(delivery.moment, "Deliver", "The message was successfully delivered.", ""))
    else:
        outside = "the organization's own servers" if delivery.where == "on-premises" else "the internet"
        found.append(_event(delivery.moment, "Send", f"The message was sent to {outside}.", ""))
    return found


def _received(row: TraceRow) -> str:
    if row.arrival is not None:
        return f"Message received by: {row.arrival.by.partition(' ')[0]}"
    record = row.record
    tls = record.session.tls
    if tls is None:
        host = _HOST.search(record.reply)
        return f"Message received by: {host[1].decode('ascii', 'replace') if host else record.session.listener}"
    cipher = re.search(r"AES_?(\d+)|CHACHA20", tls.cipher)
    suite = cipher[0].replace("_", "") if cipher else tls.cipher
    return f"Message received via {tls.version.replace('v', '')} with {suite}"


def _event(moment: datetime, event: str, detail: str, data: str) -> dict[str, Any]:
    """``Data`` is XML, ``<root><MEP …/></root>``, as the service has it."""
    inner = f'<MEP Name="CustomData" Blob="{_attribute(data)}"/>' if data else ""
    return {"Date": _moment(moment), "Event": event, "Action": "", "Detail": detail, "Data": f"<root>{inner}</root>"}


def _attribute(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;")


def _fits(row: TraceRow, query: Query) -> bool:
    record = row.record
    sender, recipient = str(record.envelope.reverse_path), str(row.delivery.recipient)
    return (
        _of(query.organization, row.tenant)
        and _any_address(query.sender_address, sender)
        and _any_address(query.recipient_address, recipient)
        and (not query.status or row.status.lower() in (each.lower() for each in query.status))
        and (not query.from_ip or row.from_ip == query.from_ip)
        and not query.to_ip
        and (not query.message_id or row.message_id.strip("<>") == query.message_id.strip("<>"))
        and (not query.message_trace_id or is_of(record, query.message_trace_id))
        and (not query.subject or _subject_fits(_subject(record), query))
    )


def _of(organization: str, tenant: str) -> bool:
    return not organization or not tenant or organization.casefold() == tenant.casefold()


def _any_address(wanted: Sequence[str], address: str) -> bool:
    """``*@contoso.com`` fits every address of the domain."""
    if not wanted:
        return True
    address = address.lower()
    return any(
        address.endswith(each[1:].lower()) if each.startswith("*@") else address == each.lower() for each in wanted
    )


def _subject_fits(subject: str, query: Query) -> bool:
    subject, wanted = subject.lower(), query.subject.lower()
    kind = query.subject_filter_type.lower()
    if kind == "startswith":
        return subject.startswith(wanted)
    return subject.endswith(wanted) if kind == "endswith" else wanted in subject


def _subject(record: MessageRecord) -> str:
    from email.errors import HeaderParseError  # noqa: PLC0415  start-up time
    from email.header import decode_header, make_header  # noqa: PLC0415  as above

    value = next((value for name, value in fields(record.content) if name.lower() == "subject"), "")
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):  # no such charset, broken base64: as it came
        return value


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
