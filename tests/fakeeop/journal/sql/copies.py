"""Sessions and copies of messages, as a front end would hand them to a journal."""

from __future__ import annotations

from datetime import UTC, datetime

from fakeeop.decision.directory import Directory
from fakeeop.journal.records import MessageRecord, SessionRecord
from fakeeop.model import AcceptedDomain, Envelope, Forest, PeerFacts, Recipient, Tenant
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.smtp.transaction import Transcript

__all__ = ["NOON", "copy_of", "session_of"]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_PEER = PeerFacts(parse_ip("203.0.113.25"))
_DIRECTORY = Directory(Forest((Tenant("contoso", (AcceptedDomain("contoso.com"),)),)))
_SENDER, _RECIPIENT = Mailbox("a", "b.example"), Recipient(Mailbox("user", "contoso.com"))
_VERDICT = _DIRECTORY.connection(_PEER, None).judge_recipient(_SENDER, _RECIPIENT.mailbox)
_ENVELOPE = Envelope(_SENDER, (_RECIPIENT,))


def session_of(name: str) -> SessionRecord:
    """One that has just begun."""
    return SessionRecord(name, "l", _PEER, NOON, Transcript())


def copy_of(name: str, session: SessionRecord, content: bytes, reply: bytes = b"250 ok\r\n") -> MessageRecord:
    """A copy for one internal recipient."""
    return MessageRecord(name, session, _ENVELOPE, "internal", [_RECIPIENT], _VERDICT, content, NOON, reply)
