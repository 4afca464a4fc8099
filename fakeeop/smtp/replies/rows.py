"""Every reply of the MX and of the submission endpoint: the row type, rendering, the way from a verdict to its row.

The rows themselves stand in ``fakeeop.smtp.replies.table``; ``fakeeop.smtp.replies.every`` adds the replies
that are known and are never ours.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fakeeop.smtp.replies.table import TABLE, Row

if TYPE_CHECKING:
    from fakeeop.decision.verdict import Reason
    from fakeeop.model import Behaviour

__all__ = [
    "CONFIDENCE",
    "KINDS",
    "ROW",
    "ROWS",
    "VARIANTS",
    "ReplyRow",
    "fixed",
    "queued",
    "queued_figures",
    "reason_of",
    "render",
    "reply_rows",
    "row_for",
    "row_named",
    "without_sizes",
]

CONFIDENCE = {
    "O": "observed in a transcript or log of the real service",
    "D": "documented by Microsoft",
    "X": "a fact of Exchange Server, assumed to hold here",
    "2": "second-hand: nobody shows the real wire",
    "I": "inferred from observed data",
    "assumption": "our choice, no source",
}


KINDS = {
    "both": "the MX and the submission endpoint give it",
    "mx": "the MX gives it",
    "submission": "the submission endpoint gives it",
    "report": "only in delivery reports: the mail was let in",
    "outbound": "only what Exchange Online, or a server that sends, says of another server",
    "consumer": "only the consumer service (outlook.com) gives it",
    "server": "only Exchange Server gives it",
}


class ReplyRow(NamedTuple):
    """One reply. ``text`` has ``{placeholders}``; a newline in it makes a multi-line reply (RFC 5321 section 4.2.1).

    The fields are the columns of ``fakeeop.smtp.replies.table``, which says what they hold.
    """

    key: str
    kind: str
    by: str
    code: int
    status: str
    text: str
    stages: tuple[str, ...]
    suffix: int
    confidence: str
    trigger: str
    source: str

    @property
    def line(self) -> str:
        """The reply as people write it: ``550 5.7.64 TenantAttribution; Relay Access Denied``."""
        status = f"{self.status} " if self.status else ""
        return f"{self.code} {status}{self.text}"


def reply_rows(rows: tuple[Row, ...]) -> tuple[ReplyRow, ...]:
    """Rows as written → as used."""
    return tuple(
        ReplyRow(key, kind, by, code, status, text, tuple(stages.split()), suffix, confidence, trigger, source)
        for key, kind, by, code, status, stages, suffix, confidence, text, trigger, source in rows
    )


ROWS: tuple[ReplyRow, ...] = reply_rows(TABLE)
ROW: dict[str, ReplyRow] = {row.key: row for row in ROWS}


def render(row: ReplyRow, suffix: bytes = b"", **values: object) -> bytes:
    """The octets of a reply, CRLF included. ``suffix`` (with its leading blank) goes behind the last line.

    No row of several lines has a status.
    """
    text = row.text.format(**values) if values else row.text
    if "\n" not in text:
        status = f"{row.status} " if row.status else ""
        return f"{row.code} {status}{text}".encode("utf-8", "replace") + suffix + b"\r\n"
    lines = [line.encode("utf-8", "replace") for line in text.split("\n")]
    more = [b"%d-%b\r\n" % (row.code, line) for line in lines[:-1]]
    return b"".join(more) + b"%d %b%b\r\n" % (row.code, lines[-1], suffix)


@lru_cache(maxsize=256)
def fixed(key: str) -> bytes:
    """The octets of a row that has neither placeholders nor suffix, rendered once."""
    return render(ROW[key])


_QUEUED = re.sub(r"\{\w+\}", "%s", ROW["queued"].line) + "\r\n"


def queued(message_id: str, internal_id: int, host: str, octets: int, seconds: str, rate: str) -> bytes:
    """The row ``queued``, rendered quicker: every message ends with it."""
    return (_QUEUED % (message_id, internal_id, host, octets, seconds, rate)).encode("utf-8", "replace")


def queued_figures(octets: int, seconds: float) -> tuple[str, str]:
    """Its seconds and KB/sec: seconds cut to ms, the rate from the uncut value (wire §2.2).

    Under a millisecond counts as one: the service never prints 0.000 (assumption).
    """
    if seconds <= 0.001:  # as nearly always
        return "0.001", f"{octets / 1024 / 0.001:.3f}"
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return f"{whole}.{thousandths:03d}", f"{octets / 1024 / seconds:.3f}"


_SIZES = re.compile(rb"\] \d+ bytes in [\d.]+, [\d.]+ KB/sec ")


def without_sizes(reply: bytes) -> bytes:
    """A reply of the row ``queued`` in the words of ``queued-2014``."""
    return _SIZES.sub(b"] ", reply)


VARIANTS: dict[str, tuple[str, dict[str, str]]] = {
    "tls-required": (
        "require_tls_reply",
        {value: f"tls-required-{value}" for value in ("451-5.7.3", "530-5.7.0", "550-5.7.51")},
    ),
    "no-mail-subscription": ("attr5_code", {"451": "no-mail-subscription", "550": "no-mail-subscription-550"}),
    "relay-access-denied-attr36": (
        "attr36_wording",
        {"link": "relay-access-denied-attr36", "notice": "relay-access-denied-attr36-notice"},
    ),
    "partner-restriction": (
        "partner_restriction_text",
        {"full": "partner-restriction", "rejecting": "partner-restriction-rejecting"},
    ),
    "recipient-unknown": (
        "recipient_unknown_text",
        {"2025": "recipient-unknown", "2020": "recipient-unknown-2020", "2012": "recipient-unknown-2012"},
    ),
    "address-banned": (
        "block_list_ending",
        {"present": "address-banned", "2019": "address-banned-2019", "2014": "address-banned-2019"},
    ),
    "address-listed": (
        "block_list_ending",
        {"present": "address-listed", "2019": "address-listed-2019", "2014": "address-listed-2014"},
    ),
    "queued": ("queued_text", {"sized": "queued", "2014": "queued-2014"}),
    "invalid-sender": ("invalid_sender_code", {"501": "invalid-sender-501", "550": "invalid-sender-550"}),
    "client-not-authenticated": (
        "not_authenticated_text",
        {"present": "client-not-authenticated", "2020": "client-not-authenticated-2020"},
    ),
}
"""Replies of which a knob chooses the row: name → attribute of ``Behaviour``, its value → key."""

_VARIANT_OF = {key: name for name, (_, keys) in VARIANTS.items() for key in keys.values()}


def row_named(key: str, behaviour: Behaviour) -> ReplyRow:
    """The row of a reply: the one that a knob chooses, or that of the key itself."""
    variant = VARIANTS.get(key)
    return ROW[key] if variant is None else ROW[variant[1][getattr(behaviour, variant[0])]]


def row_for(reason: Reason, behaviour: Behaviour) -> ReplyRow:
    """The row of a refusal. Its key is ``reason.value``, or what a knob chooses for that."""
    return row_named(reason.value, behaviour)


def reason_of(row: ReplyRow) -> str:
    """The ``Reason`` value that a row of refusal stands for, whatever the knobs say."""
    return _VARIANT_OF.get(row.key, row.key)
