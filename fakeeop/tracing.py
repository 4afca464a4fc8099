"""Message trace as Get-MessageTraceV2 and Get-MessageTraceDetailV2 shape it (facts connectors §1.8), from the journal.

One row per recipient of an accepted message. Who was refused at RCPT has none, in no tenant. The names of the columns
are Exchange's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

from attrs import field, frozen

from fakeeop.delivering import identity_of
from fakeeop.errors import FakeEopError
from fakeeop.journal import MessageRecord
from fakeeop.journal_trees import Delivery
from fakeeop.message.headers import fields, message_id

__all__ = ["STATUSES", "SUBJECT_FILTERS", "Query", "QueryError", "Row", "details", "next_of", "page_of", "rows_of"]

STATUSES: Final = ("Delivered", "Expanded", "Failed", "FilteredAsSpam", "GettingStatus", "Pending", "Quarantined")
SUBJECT_FILTERS: Final = ("Contains", "EndsWith", "StartsWith")
MOST: Final = 5000  # rows of a page
LONGEST: Final = timedelta(days=10)  # of one query
OLDEST: Final = timedelta(days=90)
USUAL: Final = timedelta(hours=48)  # back, where no date is given


class QueryError(FakeEopError):
    """A query that the cmdlet refuses; ``parameter`` is the one to change."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(f"-{parameter}: {message}")


@frozen
class Query:
    """The parameters, in the words of Exchange; moments are aware. Empty: anything.

    ``organization`` is the tenant whose administrator asks; what belongs to no tenant fits every one.
    """

    sender_address: tuple[str, ...] = ()
    recipient_address: tuple[str, ...] = ()
    start_date: datetime | None = None
    end_date: datetime | None = None
    status: tuple[str, ...] = ()
    message_id: str = ""
    message_trace_id: str = ""
    from_ip: str = ""
    to_ip: str = ""
    subject: str = ""
    subject_filter_type: str = "Contains"
    result_size: int = 1000
    starting_recipient_address: str = ""
    organization: str = ""

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From and to. Raises QueryError where the service refuses the span (facts §1.8 Window)."""
        end = self.end_date or now
        start = self.start_date or end - USUAL
        if start > end:
            raise QueryError("StartDate", "is after EndDate")
        if end - start > LONGEST:
            raise QueryError("StartDate", "a query spans at most 10 days")
        if start < now - OLDEST:
            raise QueryError("StartDate", "goes back more than 90 days")
        if not 1 <= self.result_size <= MOST:
            raise QueryError("ResultSize", f"is from 1 to {MOST}, not {self.result_size}")
        for each in self.status:
            if each.lower() not in (status.lower() for status in STATUSES):
                raise QueryError("Status", f"{each} is none of {', '.join(STATUSES)}")
        if self.subject_filter_type.lower() not in (each.lower() for each in SUBJECT_FILTERS):
            raise QueryError("SubjectFilterType", f"is one of {', '.join(SUBJECT_FILTERS)}")
        return start, end


@frozen
class Row:
    """One recipient of one message. ``delivery`` says where it ended; ``tenant`` is the organization that sees it."""

    record: MessageRecord = field(repr=False)
    delivery: Delivery = field(repr=False)
    tenant: str

    @property
    def status(self) -> str:
        """``Delivered`` or ``Failed``: an emulator is done with a message when it is asked."""
        return "Failed" if self.delivery.where == "failed" else "Delivered"

    def tree(self) -> dict[str, Any]:
        """The columns in their order."""
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
            "FromIP": str(record.peer.ip),
            "Size": len(record.content),
            "MessageId": message_id(record.content) or "",
            "MessageTraceId": identity_of(record).network_message_id,
        }


def next_of(further: Row | None, start: datetime) -> dict[str, str] | None:
    """The parameters that the next page begins with; None if there is none. To the microsecond: none is lost.

    ``start`` is that of the span: without it the next page would go further back.
    """
    if further is None:
        return None
    first, last = (each.isoformat().replace("+00:00", "Z") for each in (start, further.record.received))
    return {"StartDate": first, "EndDate": last, "StartingRecipientAddress": str(further.delivery.recipient)}


def rows_of(records: Iterable[MessageRecord], deliveries: Any) -> list[Row]:
    """Every row; ``deliveries`` gives those of a record. The tenant is the one that the message is attributed to."""
    found = []
    for record in records:
        tenant = record.verdict.attribution.tenant
        for each in deliveries(record):
            found.append(Row(record, each, tenant.name if tenant is not None else ""))
    return found


def page_of(rows: Sequence[Row], query: Query, now: datetime) -> tuple[list[Row], Row | None]:
    """Those that fit: newest first, then by recipient; and the first that had no room. Raises QueryError."""
    start, end = query.span(now)
    fitting = [each for each in rows if start <= each.record.received <= end and _fits(each, query)]
    fitting.sort(key=lambda each: str(each.delivery.recipient).lower())
    fitting.sort(key=lambda each: each.record.received, reverse=True)
    after = query.starting_recipient_address.lower()
    if after and query.end_date is not None:  # goes on where a page ended: EndDate and the recipient of the next row
        moment = query.end_date
        fitting = [
            each for each in fitting if each.record.received < moment or str(each.delivery.recipient).lower() >= after
        ]
    page = fitting[: query.result_size]
    return page, fitting[len(page)] if len(fitting) > len(page) else None


def details(rows: Sequence[Row], trace_id: str, recipient: str) -> list[dict[str, Any]]:
    """The events of one recipient of one message, in order of time; none if there is no such row."""
    for row in rows:
        record = row.record
        if identity_of(record).network_message_id.lower() != trace_id.lower():
            continue
        if str(row.delivery.recipient).lower() == recipient.lower():
            return [{"MessageTraceId": trace_id, "RecipientAddress": recipient, **event} for event in _events(row)]
    return []


def _events(row: Row) -> list[dict[str, Any]]:
    """The texts of Receive and Deliver were seen (facts §1.8), those of Send and Fail are ours (assumption)."""
    record, delivery = row.record, row.delivery
    connector = record.verdict.attribution.connector
    data = f"S:FromIP={record.peer.ip};"
    if connector is not None:
        data = f"S:InboundConnectorData=Name={connector.name};ConnectorType={connector.connector_type.value};{data}"
    found = [_event(record.received, "Receive", _received(record), data)]
    if delivery.where == "failed":
        found.append(_event(delivery.moment, "Fail", f"The message could not be delivered: {delivery.status}.", ""))
    elif delivery.where == "mailbox":
        found.append(_event(delivery.moment, "Deliver", "The message was successfully delivered.", ""))
    else:
        outside = "the internet" if delivery.where == "internet" else "the organization's own servers"
        found.append(_event(delivery.moment, "Send", f"The message was sent to {outside}.", ""))
    return found


def _received(record: MessageRecord) -> str:
    tls = record.session.tls
    if tls is None:
        return f"Message received by: {record.session.listener}"
    cipher = re.search(r"AES_?(\d+)|CHACHA20", tls.cipher)
    suite = cipher[0].replace("_", "") if cipher else tls.cipher
    return f"Message received via {tls.version.replace('v', '')} with {suite}"


def _event(moment: datetime, event: str, detail: str, data: str) -> dict[str, Any]:
    """``Data`` is XML, ``<root><MEP …/></root>``, as the service has it."""
    inner = f'<MEP Name="CustomData" Blob="{escape(data, {chr(34): "&quot;"})}"/>' if data else ""
    return {"Date": _moment(moment), "Event": event, "Action": "", "Detail": detail, "Data": f"<root>{inner}</root>"}


def _fits(row: Row, query: Query) -> bool:
    record = row.record
    sender, recipient = str(record.envelope.reverse_path), str(row.delivery.recipient)
    return (
        _of(query.organization, row.tenant)
        and _any_address(query.sender_address, sender)
        and _any_address(query.recipient_address, recipient)
        and (not query.status or row.status.lower() in (each.lower() for each in query.status))
        and (not query.from_ip or str(record.peer.ip) == query.from_ip)
        and not query.to_ip
        and (not query.message_id or (message_id(record.content) or "").strip("<>") == query.message_id.strip("<>"))
        and (
            not query.message_trace_id
            or identity_of(record).network_message_id.lower() == query.message_trace_id.lower()
        )
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
