"""What a reply in a bounce means: its row in the reply table, found by its words; else what can be said without one."""

from __future__ import annotations

import re

from attrs import evolve, frozen

from fakeeop.reading.ndr.report import NdrFinding
from fakeeop.reading.ndr.sign_in import GRAPH, SIGN_IN, explained
from fakeeop.smtp.replies.every import STAGES
from fakeeop.smtp.replies.matching import match_reply, said_reply
from fakeeop.smtp.replies.rows import CONFIDENCE, ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE
from fakeeop.why.code_causes import REAL_ROWS, cause_of

__all__ = ["Meaning", "meaning"]

_BLOCK = re.compile(r"\[(\S{1,255}\.outlook\.com)(?: (\d{4}-\d\d-\d\dT[\d:.]{8,15}Z) ([0-9A-F]{16}))?\]", re.I)
_OURS = (".outlook.com", ".office365.com", ".mx.microsoft", ".exchangelabs.com")
_CLASSES = {  # RFC 3463 section 3
    "1": "the address",
    "2": "the mailbox",
    "3": "the mail system",
    "4": "network or routing",
    "5": "the SMTP dialogue",
    "6": "the content",
    "7": "policy or security",
}
_TOPICS = (  # what words say, and the class of RFC 3463 that says the same
    (
        re.compile(
            r"user unknown|unknown user|no such (?:user|recipient|mailbox)|does(?: not|n't) exist|"
            r"(?:mailbox|recipient|user) (?:was )?not found|RecipNotFound",
            re.I,
        ),
        "1",
        "the server does not know the mailbox",
    ),
    (
        re.compile(r"over ?quota|mailbox (?:is )?full|inbox is out of storage|quota exceeded for", re.I),
        "2",
        "the mailbox is full",
    ),
    (re.compile(r"too many hops|hop count", re.I), "4", "the message went round in circles"),
    (
        re.compile(r"message (?:is |was )?too (?:large|big)|(?:message|maximum) size|size limit", re.I),
        "3",
        "the message is larger than the server takes",
    ),
    (
        re.compile(r"relay(?:ing)? (?:access )?(?:denied|not permitted)|unable to relay", re.I),
        "7",
        "the server does not relay for you",
    ),
    (re.compile(r"gr[ea]ylist", re.I), "7", "the server greylists: it takes the message when it is tried again later"),
    (
        re.compile(r"spam|block|blacklist|listed|polic|reputation|denied|not (?:allowed|permitted)|authenticat", re.I),
        "7",
        None,
    ),
)
_DETAILS = (
    (
        re.compile(r"TLS is required, but was not offered|does not support STARTTLS", re.I),
        "the server offered no STARTTLS",
        "something between may take STARTTLS away (a firewall that inspects SMTP), or this is not the server you mean",
    ),
    (
        re.compile(r"Cannot start TLS|TLS handshake|certificate verif|SSL_connect|untrusted issuer", re.I),
        "the TLS handshake failed",
        "look at the TLS log of the relay: version, certificate, and what it verifies",
    ),
    (
        re.compile(r"SASL authentication failed|cannot authenticate", re.I),
        "the relay could not sign in at the next server",
        "look at the lines before it for the server's own reply (535 …), and at user, password or token of the relay",
    ),
    (
        re.compile(r"connection refused|refused to connect|actively refused", re.I),
        "nothing listens there, or a firewall refuses the connection",
        "look at the host and the port that the relay connects to",
    ),
    (
        re.compile(r"lost connection|connection (?:was |is )?closed|conversation with", re.I),
        "the server, or something between, closed the connection",
        "look at what was said before: too many errors, a time-out, or a proxy in between",
    ),
    (
        re.compile(r"timed? ?out|No route|unreachable", re.I),
        "no answer came",
        "many networks block port 25 outwards: ask the provider, or use port 587 with a mailbox that signs in",
    ),
    (
        re.compile(r"Host or domain name not found|Host not found|Name service error|NXDOMAIN|Unrouteable", re.I),
        "the name of the server was not found",
        "look at the smart host (<domain>-com.mail.protection.outlook.com) and at the DNS of the relay",
    ),
)
_OWN = (
    (
        re.compile(r"relay(?:ing)? (?:access )?denied|relay not permitted", re.I),
        "it does not relay for this client",
        "let it relay for the client's address (Postfix: mynetworks; Exim: relay_from_hosts), or have the client "
        "sign in",
    ),
    (
        re.compile(r"user unknown|unknown user|not found in", re.I),
        "it takes the domain for one of its own, and does not know the recipient",
        "if the domain's mailboxes are elsewhere, take it out of the relay's local domains (Postfix: mydestination)",
    ),
    (
        re.compile(r"client host rejected|helo command rejected|sender address rejected|domain not found", re.I),
        "one of its restrictions does not let this client, its HELO name or its sender pass",
        "look at the restrictions of the relay for clients, HELO and senders",
    ),
)
_WOULD_TELL = (
    "what would tell: the message trace of the Exchange admin center, by the sender, the recipient and the time; or a "
    "search for the exact words in Microsoft's documentation"
)


@frozen
class Meaning:
    """Everything that can be said of one finding, None where nothing can. ``row`` is a key of the reply table.

    ``of_service``: it was Exchange Online that refused.
    """

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
    stage = STAGES.get(found.stage or "", found.stage)
    if found.refuser is not None:
        return evolve(_refused_elsewhere(found), stage=stage)
    block = next(iter(_BLOCK.findall(found.reply or "")[::-1]), None)
    host = found.said_by or (reporter if found.outer is None and block is None else None)
    of_service = block is not None or (host or "").lower().rstrip(".").endswith(_OURS)
    box, at, session = block or (None, None, None)
    ours = True if of_service else False if host or found.outer else None
    row = _row(found, ours)
    cause, source, advice = _told(row) if row is not None else _without_row(found, of_service=of_service)
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


def _refused_elsewhere(found: NdrFinding) -> Meaning:
    if found.refuser in (SIGN_IN, GRAPH):
        cause, source, where = explained(found)
        who = "Microsoft Graph" if found.refuser == GRAPH else "Microsoft Entra ID"
        return Meaning(said_by=who, cause=cause, source=source, advice=where)
    words = found.reply or found.detail or ""
    what, fix = next(
        ((what, fix) for pattern, what, fix in _OWN if pattern.search(words)),
        ("its words say why", "look at the restrictions of the relay itself"),
    )
    return Meaning(
        said_by=f"{found.said_by} (your own relay)" if found.said_by else "your own relay",
        cause=f"your own relay refused its client, before anything was sent on: {what}",
        source="the form of the line: a server's own log of what it refuses",
        advice=(fix,),
    )


def _row(found: NdrFinding, ours: bool | None) -> ReplyRow | None:
    """The row whose words were said; of the reply that wraps another only where it tells more, or the other nothing."""
    inner = _match(found.reply, found.status, ours)
    outer = _match(found.outer, None, None)
    return outer if inner is None or (outer is not None and "[Message=" in outer.text) else inner


def _match(text: str | None, status: str | None, ours: bool | None) -> ReplyRow | None:
    if not text:
        return None
    said = said_reply(text.partition(" -> ")[0], ours=ours)
    if said.status is None and status:
        said = evolve(said, status=status)
    return match_reply(said, REAL_ROWS, cause_of)


def _told(row: ReplyRow) -> tuple[str | None, str, tuple[str, ...]]:
    sure = CONFIDENCE.get(row.confidence, row.confidence)
    return cause_of(row), f"{row.source} ({sure})", _advice(row)


def _advice(row: ReplyRow) -> tuple[str, ...]:
    return CODE_ADVICE.get(row.key) or CODE_ADVICE.get(reason_of(row), ())


def _without_row(found: NdrFinding, *, of_service: bool) -> tuple[str | None, str | None, tuple[str, ...]]:
    if found.reply is None and found.detail:
        for pattern, what, fix in _DETAILS:
            if pattern.search(found.detail):
                return what, None, (fix,)
    if found.action in ("delivered", "relayed"):
        return None, None, ()
    code, status = found.code or None, found.status or None
    said = said_reply(found.reply or "")
    words = said.words.strip() if found.reply else (found.detail or "")
    known = _by_status(status, of_service=of_service)
    if not words and known is not None:
        return f"{cause_of(known)} (by its code alone: the words are not here)", known.source, _advice(known)
    first = str(code or status or "")[:1]
    fate = {"4": "refused for now: the relay is to try again", "5": "refused for good"}.get(first)
    if fate is None:
        return None, None, ()
    digit = status[2:3] if status else None
    topic = next((each for each in _TOPICS if each[0].search(words)), None)
    if topic is not None and topic[2] is not None and not of_service:
        return topic[2], "the words of the reply", ()
    parts = [fate]
    if digit in _CLASSES and (topic is None or topic[1] == digit):
        parts.append(f"{first}.{digit}.x is about {_CLASSES[digit]}")
    if not of_service:
        return "; ".join([*parts, "no reply that is known of Exchange Online"]), "RFC 5321, RFC 3463", ()
    parts.append("this text is not known here")
    if known is not None:
        parts.append(f"the code is also used for this: {cause_of(known)}")
    return "; ".join(parts), "RFC 5321, RFC 3463", (_WOULD_TELL,)


def _by_status(status: str | None, *, of_service: bool) -> ReplyRow | None:
    """The row that a status stands for, if it is one of the service's own and stands for one cause only."""
    rows = [row for row in REAL_ROWS if status and row.status == status]
    own = of_service or len((status or "").rpartition(".")[2]) > 1
    return rows[0] if own and len({cause_of(row) for row in rows}) == 1 else None
