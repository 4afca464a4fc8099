"""Delivery status notifications (RFC 3464) in the form that Exchange Online gives them (facts wire §5, sample 10).

The order of the header fields, the nesting of the parts, and the missing blank behind ``dns;``, ``rfc822;`` and
``smtp;`` are the service's. No real report of success or delay is known: these have the shape of the others
(assumption). The words for people are ours (``fakeeop.message.dsn.text``).
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from quopri import encodestring

from attrs import frozen

from fakeeop.message.dsn.rules import Action
from fakeeop.message.dsn.text import Told, html, text
from fakeeop.message.fields import Head
from fakeeop.message.headers import fields, header_end
from fakeeop.message.numbers import mixed
from fakeeop.message.passage import header_date, header_moment
from fakeeop.message.received import trail

__all__ = ["DsnReport", "Failure", "hop_rows", "plain_subject", "rendered"]

_SYSTEM = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"  # the local part towards mailboxes (wire §5)
_TITLES = {
    Action.FAILED: "Undeliverable: ",
    Action.DELAYED: "Delayed: ",  # assumption, as are the next two (wire §5, uncertain)
    Action.DELIVERED: "Delivered: ",
    Action.RELAYED: "Relayed: ",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_SUBJECT = 255  # characters; as Exchange keeps of any subject (assumption)
_MOST = 60


@frozen
class Failure:
    """One recipient of a report. ``reply`` is the Diagnostic-Code, a whole reply; ``remote_mta`` who gave it.

    ``original`` is ``type;address`` as decoded from ORCPT. ``key`` is the row of the reply table, for the advice.
    """

    address: str
    status: str
    reply: str | None = None
    original: str | None = None
    remote_mta: str | None = None
    key: str | None = None


@frozen
class DsnReport:
    """All that one report tells. ``content`` is the message, or at least its header; ``whole``: return all of it.

    ``domain`` is the default accepted domain of the tenant that reports, ``box`` the server that writes it;
    ``to_mailbox``: the sender is a mailbox of that tenant. ``seed`` makes the ids. ``retry_until``: of delays.
    """

    action: Action
    sender: str
    recipients: tuple[Failure, ...]
    content: bytes
    whole: bool
    domain: str
    to_mailbox: bool
    box: str
    made: datetime
    arrived: datetime
    seed: int
    helo: str | None = None
    envelope_id: str | None = None
    retry_until: datetime | None = None

    @property
    def international(self) -> bool:
        """True if an address is not ASCII, which takes the types of RFC 6533."""
        told = (self.sender, *(each.address for each in self.recipients), *(r.original or "" for r in self.recipients))
        return not all(each.isascii() for each in told)


def rendered(report: DsnReport) -> bytes:
    """The whole report, lines ended by CRLF."""
    outer, inner = _guid(report.seed, 1), _guid(report.seed, 2)
    told = _told(report)
    status_type, message_type, header_type = (
        ("message/global-delivery-status", "message/global", "message/global-headers")
        if report.international
        else ("message/delivery-status", "message/rfc822", "text/rfc822-headers")
    )
    end = header_end(report.content)
    returned = report.content if report.whole else report.content[:end]
    parts = [
        _head(report, outer),
        b"\r\n",
        _part(outer, f'multipart/alternative; differences=Content-Type;\r\n\tboundary="{inner}"', b""),
        _part(inner, _TEXT.format("plain"), _quoted(text(told))),
        _part(inner, _TEXT.format("html"), _quoted(html(told))),
        f"--{inner}--\r\n\r\n".encode(),
        _part(outer, status_type, _status(report).encode()),
        _part(
            outer,
            message_type if report.whole else header_type,
            returned if returned[-1:] == b"\n" else returned + b"\r\n",
        ),
        f"--{outer}--\r\n".encode(),
    ]
    return b"".join(parts)


_TEXT = 'text/{}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable'


def _part(boundary: str, content_type: str, body: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body + (b"\r\n" if body else b"")


def _quoted(words: str) -> bytes:
    return encodestring(words.encode()).replace(b"\n", b"\r\n")


def _guid(seed: int, number: int) -> str:
    high, low = mixed(seed ^ number << 40), mixed(mixed(seed) ^ number)
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _head(report: DsnReport, boundary: str) -> bytes:
    original = dict((name.lower(), value) for name, value in reversed(fields(report.content)))
    sender = (
        f"Microsoft Outlook\r\n\t<{_SYSTEM}@{report.domain}>" if report.to_mailbox else f"<postmaster@{report.domain}>"
    )
    lines = [
        "MIME-Version: 1.0",
        f"From: {sender}",
        f"To: <{report.sender}>",
        f"Date: {header_date(report.made)}",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{boundary}"',
        *(["X-MS-Exchange-Message-Is-Ndr:"] if report.action is Action.FAILED else []),
        "Content-Language: en-US",
        f"Message-ID: <{_guid(report.seed, 3)}@{report.box}>",
        *_thread(original),
        f"Subject: {_encoded(_TITLES[report.action] + plain_subject(original.get('subject', '')))}",
        "Auto-Submitted: auto-replied",
        f"X-OriginatorOrg: {report.domain}",
        f"X-MS-Exchange-CrossTenant-OriginalArrivalTime: {header_moment(report.made)}",
        "X-MS-Exchange-CrossTenant-FromEntityHeader: Hosted",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _thread(original: dict[str, str]) -> list[str]:
    """What ties the report to the message, where that has it (wire §5)."""
    lines = []
    name = _line(original.get("message-id", ""))
    if name:
        chain = f"{_line(original.get('references', ''))} {name}".split()
        lines += [f"In-Reply-To: {name}", "References: " + "\r\n ".join(chain)]
    for field in ("Thread-Topic", "Thread-Index"):
        value = _line(original.get(field.lower(), ""))
        if value:
            lines.append(f"{field}: {_encoded(value)}")
    return lines


def _status(report: DsnReport) -> str:
    lines = [f"Reporting-MTA: dns;{report.box}"]
    if report.envelope_id is not None:
        lines.insert(0, f"Original-Envelope-Id: {_line(report.envelope_id)}")
    if report.helo:
        lines.append(f"Received-From-MTA: dns;{_line(report.helo)}")
    lines.append(f"Arrival-Date: {header_date(report.arrived)}")
    for each in report.recipients:
        kind = "rfc822" if each.address.isascii() else "utf-8"
        lines.append("")
        if each.original is not None:
            lines.append(f"Original-Recipient: {_line(each.original)}")
        lines += [
            f"Final-Recipient: {kind};{_line(each.address)}",
            f"Action: {report.action.value}",
            f"Status: {each.status}",
        ]
        if each.reply is not None:
            lines.append(f"Diagnostic-Code: smtp;{_line(each.reply)}")
        if each.remote_mta is not None:
            lines.append(f"Remote-MTA: dns;{_line(each.remote_mta)}")
        if report.retry_until is not None:
            lines.append(f"Will-Retry-Until: {header_date(report.retry_until)}")
        if report.to_mailbox:
            lines.append(f"X-Display-Name: {_line(each.address)}")
    return "\r\n".join(lines) + "\r\n"


def _told(report: DsnReport) -> Told:
    content = report.content[: header_end(report.content)].decode("utf-8", "replace").replace("\r\n", "\n")
    found = {name.lower(): value for name, value in reversed(fields(report.content))}
    return Told(
        report.action,
        tuple((each.address, each.status, each.reply, each.remote_mta, each.key) for each in report.recipients),
        report.sender,
        plain_subject(found.get("subject", "")),
        report.arrived,
        report.box,
        report.retry_until,
        content,
        hop_rows(report.content),
    )


def plain_subject(value: str) -> str:
    """A subject as people read it: encoded words decoded (RFC 2047), on one line, not too long."""
    from email.errors import HeaderParseError  # noqa: PLC0415  start-up time: few messages are reported
    from email.header import decode_header  # noqa: PLC0415  as above

    try:
        pieces = [
            piece.decode(charset or "latin-1", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(value)
        ]
    except (HeaderParseError, LookupError, ValueError):  # broken base64, a charset that nobody knows
        pieces = [value]
    return _line("".join(pieces) or value)[:_LONGEST_SUBJECT]


def _line(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()


def _encoded(value: str) -> str:
    """ASCII as it is; else encoded words of at most 75 octets (RFC 2047 section 2)."""
    value = _line(value)
    if value.isascii():
        return value
    pieces, piece = [], ""
    for character in value:
        if len((piece + character).encode()) > 45:
            pieces.append(piece)
            piece = ""
        piece += character
    words = [f"=?utf-8?B?{b64encode(each.encode()).decode()}?=" for each in (*pieces, piece)]
    return "\r\n ".join(words)


def hop_rows(content: bytes) -> tuple[tuple[str, ...], ...]:
    """One row a hop, the oldest first; ``*`` where the time that it took is not known, as for the first."""
    rows = []
    before: datetime | None = None
    for number, hop in enumerate(trail(Head.of(content))[:_MOST], 1):
        moment = _moment(hop.date)
        took = f"{int((moment - before).total_seconds())} sec" if moment and before else "*"
        time = f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
        rows.append((str(number), time, _name(hop.sender), _name(hop.by), hop.protocol.partition(" (")[0][:255], took))
        before = moment or before
    return tuple(rows)


def _moment(date: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  start-up time: few messages are reported

    try:
        found = parsedate_to_datetime(date)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the library says of other texts
        return None


def _name(words: str) -> str:
    return words.partition(" ")[0][:255]
