"""What a reply in a bounce means: its row in the reply table, else what its codes say (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re

from attrs import frozen

from fakeeop.reading.ndr.report import NdrFinding
from fakeeop.smtp.replies.every import STAGES, find_rows
from fakeeop.smtp.replies.rows import CONFIDENCE, ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE

__all__ = ["Meaning", "meaning"]

_BLOCK = re.compile(r"\[(\S{1,255}\.outlook\.com)(?: (\d{4}-\d\d-\d\dT[\d:.]{8,15}Z) ([0-9A-F]{16}))?\]", re.I)
_OURS = (".outlook.com", ".office365.com", ".mx.microsoft", ".exchangelabs.com")
_SUBJECTS = {  # RFC 3463 section 3: class and subject.detail without the first digit
    "1.1": "the server does not know the mailbox",
    "1.2": "the domain of the address does not exist, or has no mail server",
    "1.3": "the address is not written as an address is",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "the message is too large for the mailbox",
    "3.4": "the message is too large for the server",
    "4.1": "the server does not answer",
    "4.2": "the connection broke",
    "4.4": "the server does not know where to send it",
    "4.6": "the message goes round in circles",
    "4.7": "it was tried too long",
    "7.1": "the sender is not allowed to send there",
}
_DETAILS = (
    (
        re.compile(r"TLS is required, but was not offered|does not support STARTTLS", re.I),
        "the server offered no STARTTLS",
        "something between may take STARTTLS away (a firewall that inspects SMTP), or this is not the server you mean",
    ),
    (
        re.compile(r"Cannot start TLS|TLS handshake|certificate verif", re.I),
        "the TLS handshake failed",
        "look at the TLS log of the relay: version, certificate, and what it verifies",
    ),
    (
        re.compile(r"refused", re.I),
        "nobody listens there, or a firewall says no",
        "look at the host and the port that the relay connects to",
    ),
    (
        re.compile(r"timed? ?out|No route|unreachable", re.I),
        "no answer came",
        "many networks block port 25 outwards: ask the provider, or use port 587 with a mailbox that signs in",
    ),
    (
        re.compile(r"Host or domain name not found|not found|NXDOMAIN|Unrouteable", re.I),
        "the name of the server was not found",
        "look at the smart host (<domain>-com.mail.protection.outlook.com) and at the DNS of the relay",
    ),
    (
        re.compile(r"lost connection|closed", re.I),
        "the server, or something between, closed the connection",
        "look at what was said before: too many errors, a time-out, or a proxy in between",
    ),
)


@frozen
class Meaning:
    """Everything that can be said of one finding, None where nothing can. ``row`` is a key of the reply table."""

    said_by: str | None = None
    of_service: bool = False
    box: str | None = None
    at: str | None = None
    session: str | None = None
    stage: str | None = None
    row: str | None = None
    cause: str | None = None
    source: str | None = None
    advice: tuple[str, ...] = ()


def meaning(found: NdrFinding, reporter: str | None = None) -> Meaning:
    """What it means; the innermost reply counts, then the one that wraps it. ``reporter`` wrote the report."""
    block = next(iter(_BLOCK.findall(found.reply or "")[::-1]), None)
    host = found.said_by or (reporter if found.outer is None and block is None else None)
    of_service = block is not None or (host or "").lower().endswith(_OURS)
    box, at, session = block or (None, None, None)
    row = _row(found, of_service)
    cause, source, advice = _told(row) if row is not None else _general(found)
    stage = STAGES.get(found.stage or "", found.stage)
    if stage is None and row is not None and row.stages != ("report",):
        stage = f"{', '.join(STAGES.get(each, each) for each in row.stages)} (by the reply)"
    said_by = host or box
    if of_service:
        more = [f"box {box}"] if host and box else []
        more += [f"at {at}, session {session}"] if at else []
        said_by = f"{said_by} ({'; '.join(['Exchange Online', *more])})"
    return Meaning(
        said_by, of_service, box, at or None, session or None, stage, row.key if row else None, cause, source, advice
    )


def _row(found: NdrFinding, of_service: bool) -> ReplyRow | None:
    """The row that is most like the reply, of those with its codes.

    Of servers that are not known to be the service's, the words must be alike too, or the status one that only the
    service has.
    """
    for text in filter(None, (found.reply, found.outer)):
        said = text.lower()
        rows = find_rows(text)
        if not rows:
            continue
        best = max(rows, key=lambda row: len(_stem(row)) if _stem(row) in said else 0)
        own_status = len(best.status.rpartition(".")[2]) > 1
        if (_stem(best) and _stem(best) in said) or own_status or of_service:
            return best
    return None


def _stem(row: ReplyRow) -> str:
    """The text up to its first placeholder."""
    return row.text.partition("{")[0].strip().lower()


def _told(row: ReplyRow) -> tuple[str, str, tuple[str, ...]]:
    sure = CONFIDENCE.get(row.confidence, row.confidence)
    return row.trigger, f"{row.source} ({sure})", CODE_ADVICE.get(reason_of(row), ())


def _general(found: NdrFinding) -> tuple[str | None, str | None, tuple[str, ...]]:
    for pattern, what, fix in _DETAILS:
        if found.reply is None and found.detail and pattern.search(found.detail):
            return what, None, (fix,)
    if found.action in ("delivered", "relayed"):
        return None, None, ()
    cause = _SUBJECTS.get((found.status or "").partition(".")[2])
    source = "RFC 3463" if cause else None
    first = str(found.code or found.status or "")[:1]
    fate = {"4": "refused for now: the relay is to try again", "5": "refused for good"}.get(first)
    if cause is None and fate is not None:
        cause, source = f"{fate}; no reply that is known of Exchange Online", "RFC 5321"
    return cause, source, ()
