"""What an emulator remembers, as values with attributes: messages, sessions, judged recipients, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email import message_from_bytes
from email import policy as email_policy
from email.message import EmailMessage
from typing import Any

from attrs import evolve, field, frozen

from fakeeop.journal.memory import MessageRecord, SessionRecord
from fakeeop.journal.trees import Delivery, message_tree, session_tree
from fakeeop.testing.delivered import DeliveredCopy, delivered_copies

__all__ = [
    "JudgedRecipient",
    "Message",
    "Refusal",
    "Session",
    "TlsLayer",
    "has_code",
    "message_of",
    "session_of",
    "since",
]

Tree = dict[str, Any]


@frozen
class Message:
    """One copy of an accepted message; recipients inside and outside a tenant get a copy each.

    ``scope`` is ``internal`` or ``external``; ``directionality`` is ``Originating`` or ``Incoming``; ``mail_from`` is
    ``<>`` for the null reverse-path. ``session`` is the id of its session, ``raw`` the content as it came, ``tree`` all
    that the journal says of it, ``delivered`` what each recipient gets.
    """

    id: str
    session: str
    mail_from: str
    rcpt_to: tuple[str, ...]
    scope: str
    directionality: str | None
    tenant: str | None
    connector: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: str = field(repr=False)
    raw: bytes = field(repr=False)
    size: int
    received: datetime
    helo: str | None
    peer: str
    reply: str
    tree: Tree = field(repr=False, eq=False)
    delivered: tuple[DeliveredCopy, ...] = field(default=(), repr=False, eq=False)

    def header(self, name: str) -> str | None:
        """The first header field of this name (any case), as it came; None if there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def subject(self) -> str | None:
        """The Subject, decoded."""
        found = self.email["subject"]
        return None if found is None else str(found)

    @property
    def email(self) -> EmailMessage:
        """The content, read by the standard library."""
        return message_from_bytes(self.raw, policy=email_policy.default)

    def __str__(self) -> str:
        tied = f"{self.tenant or 'no tenant'} / {self.connector or 'no connector'} ({self.directionality})"
        return f"{self.mail_from} -> {', '.join(self.rcpt_to)}, {self.scope}, {tied}, {self.size} octets"


@frozen
class TlsLayer:
    """TLS of a session as the server saw it. ``certificate`` is the client's: names, subject, chain, problems…"""

    version: str
    cipher: str
    server_name: str | None
    certificate: Tree | None

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The names of the client certificate; empty without one."""
        return tuple(self.certificate["names"]) if self.certificate else ()


@frozen
class JudgedRecipient:
    """One RCPT. ``verdict`` is why, ``by`` what tied it to its tenant, ``nearest`` the connectors that came close."""

    mail_from: str
    rcpt_to: str
    reply: str
    verdict: str
    tenant: str | None
    connector: str | None
    by: str | None
    directionality: str | None
    nearest: tuple[Tree, ...] = ()

    @property
    def accepted(self) -> bool:
        """True for a reply of 250."""
        return self.reply.startswith("2")


@frozen
class Refusal:
    """A reply of 4xx or 5xx. ``stage`` is ``rcpt``, ``mail``, ``message``…; empty where only the transcript has it."""

    reply: str
    stage: str = ""
    mail_from: str | None = None
    recipient: str | None = None
    verdict: str | None = None

    @property
    def code(self) -> int:
        """The three digits."""
        return int(self.reply[:3])

    @property
    def temporary(self) -> bool:
        """True for 4xx: try again."""
        return self.reply.startswith("4")

    def __str__(self) -> str:
        who = f" {self.recipient}" if self.recipient else ""
        return f"{self.stage or 'reply'}{who}: {self.reply}"


@frozen
class Session:
    """One connection. ``peer`` is the public address it counts as coming from, ``socket_peer`` the one it had.

    ``ended`` and ``closed_by`` are None while it is open. ``transcript`` has a line for each line on the wire: ``C: ``,
    ``S: `` or ``* `` in front.
    """

    id: str
    listener: str
    peer: str
    socket_peer: str
    started: datetime
    ended: datetime | None
    closed_by: str | None
    helo: str | None
    esmtp: bool
    tls: TlsLayer | None
    tls_failure: str | None
    authenticated: str | None
    notes: tuple[str, ...]
    recipients: tuple[JudgedRecipient, ...]
    refusals: tuple[Refusal, ...]
    transcript: tuple[str, ...] = field(repr=False)
    tree: Tree = field(repr=False, eq=False)

    def __str__(self) -> str:
        via = "" if self.socket_peer in ("", self.peer) else f" ({self.socket_peer})"
        end = f"closed by {self.closed_by}" if self.ended else "still open"
        return f"session {self.id} from {self.peer}{via}, HELO {self.helo or '-'}, {_tls_words(self)}, {end}"


def _tls_words(session: Session) -> str:
    if session.tls is None:
        return f"TLS failed: {session.tls_failure}" if session.tls_failure else "no TLS"
    names = ", ".join(session.tls.certificate_names)
    return f"{session.tls.version} with {f'the certificate of {names}' if names else 'no client certificate'}"


def message_of(record: MessageRecord, deliveries: Sequence[Delivery] = ()) -> Message:
    """A record of the journal, read."""
    tree = message_tree(record, deliveries=deliveries)
    return Message(
        id=tree["id"],
        session=tree["session"],
        mail_from=tree["mail-from"],
        rcpt_to=tuple(tree["rcpt-to"]),
        scope=tree["recipient-scope"],
        directionality=tree["directionality"],
        tenant=tree["tenant"],
        connector=tree["connector"],
        headers=tuple((name, value) for name, value in tree["headers"]),
        body=tree["body"],
        raw=record.whole(),
        size=tree["size"],
        received=record.received,
        helo=tree["helo"],
        peer=tree["peer"],
        reply=tree["reply"],
        tree=tree,
        delivered=delivered_copies(deliveries),
    )


def session_of(record: SessionRecord) -> Session:
    """A record of the journal, read as it is now."""
    tree = session_tree(record)
    recipients = tuple(map(_judged, tree["recipients"]))
    return Session(
        id=tree["id"],
        listener=tree["listener"],
        peer=tree["peer"],
        socket_peer=tree["socket-peer"],
        started=record.started,
        ended=record.ended,
        closed_by=tree["closed-by"],
        helo=tree["helo"],
        esmtp=tree["esmtp"],
        tls=_tls(tree["tls"]),
        tls_failure=tree["tls-failure"],
        authenticated=tree["authenticated"],
        notes=tuple(tree["notes"]),
        recipients=recipients,
        refusals=tuple(_refusals(tree, recipients)),
        transcript=tuple(tree["transcript"]),
        tree=tree,
    )


def since(session: Session, lines: int) -> Session | None:
    """The session without the first ``lines`` of its transcript; None if nothing but its end was said since."""
    if lines == 0:
        return session
    later = session.transcript[lines:]
    if not any(line.startswith("C: ") and line[3:].strip().upper() != "QUIT" for line in later):
        return None
    tree = {**session.tree, "transcript": list(later)}
    return evolve(session, transcript=later, refusals=tuple(_refusals(tree, session.recipients)), tree=tree)


def _tls(tree: Tree | None) -> TlsLayer | None:
    if tree is None:
        return None
    return TlsLayer(tree["version"], tree["cipher"], tree["server-name"], tree["peer-certificate"])


def _judged(tree: Tree) -> JudgedRecipient:
    to = tree["attributed-to"] if isinstance(tree["attributed-to"], dict) else {}
    return JudgedRecipient(
        tree["mail-from"],
        tree["rcpt-to"],
        tree["reply"],
        tree["verdict"],
        to.get("tenant"),
        to.get("connector"),
        to.get("by"),
        to.get("direction"),
        tuple(tree["nearest"]),
    )


def _refusals(tree: Tree, recipients: tuple[JudgedRecipient, ...]) -> Iterator[Refusal]:
    """Those that the judge and the session noted, then what else was said (a fault, a limit, a syntax error)."""
    told: list[str] = []
    for each in recipients:
        if not each.accepted:
            told.append(each.reply)
            yield Refusal(each.reply, "rcpt", each.mail_from, each.rcpt_to, each.verdict)
    for noted in tree["refusals"]:
        told.append(noted["reply"])
        yield Refusal(noted["reply"], noted["stage"], verdict=noted["verdict"])
    for reply in _said(tree["transcript"]):
        if reply[:1] in ("4", "5"):
            if reply in told:
                told.remove(reply)
            else:
                yield Refusal(reply)


def _said(transcript: list[str]) -> Iterator[str]:
    """The server's replies of a transcript, whole."""
    lines: list[str] = []
    for line in transcript:
        if line.startswith("S: "):
            lines.append(line[3:])
            if not re.match(r"\d{3}-", line[3:]):
                yield "\n".join(lines)
                lines = []


def has_code(reply: str, code: str) -> bool:
    """True if the reply has this code, status or text, as words: ``5.7.64`` is not in ``5.7.640``.

    What begins with a digit is looked for in front only: the moment and the ids at the end of a reply hold any number.

    >>> has_code("550 5.7.64 TenantAttribution; Relay Access Denied", "550 5.7.64")
    True
    """
    if code[:1].isdigit():
        return re.match(rf"(?:\d{{3}}[ -])?{re.escape(code)}(?!\d|\.\d)", reply) is not None
    return code in reply
