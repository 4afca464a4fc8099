"""Records → plain tuples → octets, and the way back to the values of the model.

The octets are a pickle of tuples, text, octets, numbers and None, which is the quickest there is for such a mixture. It
is read by a reader that knows no class at all, so nothing that somebody puts into the database can run.
"""

from __future__ import annotations

import io
import pickle
from datetime import UTC, datetime, timedelta
from operator import is_not
from typing import Any

from fakeeop.errors import StoreError
from fakeeop.model import CertificateFacts, DsnParameters, Envelope, PeerFacts, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.model.envelope import BodyType
from fakeeop.model.session import ChainProblem

__all__ = [
    "PROTOCOL",
    "envelope_fact",
    "envelope_of",
    "micros",
    "moment",
    "pack",
    "peer_fact",
    "peer_of",
    "recipient_fact",
    "recipient_of",
    "tls_fact",
    "tls_of",
    "unpack",
]

Fact = tuple[Any, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_NO_DSN = DsnParameters()
_SEVEN_BIT = BodyType.SEVEN_BIT
PROTOCOL = 4


pack = pickle.dumps  # (value, PROTOCOL): a function of our own in between would cost as much again


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a journal")


def unpack(octets: bytes) -> Any:
    """The values again. Raises StoreError for what ``pack`` did not make."""
    try:
        return _Plain(io.BytesIO(octets)).load()
    except Exception as why:
        raise StoreError(f"the journal holds something that no front end wrote: {why}") from why


def micros(when: datetime | None) -> int | None:
    """Microseconds since 1970."""
    if when is None:
        return None
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(count: int | None) -> datetime | None:
    """The other way, in UTC."""
    return None if count is None else _EPOCH + timedelta(microseconds=count)


def peer_fact(peer: PeerFacts) -> Fact:
    """A peer as plain values."""
    return str(peer.ip), peer.port, peer.socket_ip, peer.name


def peer_of(fact: Fact) -> PeerFacts:
    """The peer again."""
    return PeerFacts(parse_ip(fact[0]), *fact[1:])


def tls_fact(facts: TlsFacts | None) -> Fact | None:
    """A TLS layer as plain values."""
    if facts is None:
        return None
    shown = facts.certificate
    certificate = None
    if shown is not None:
        certificate = (
            *(shown.names, shown.subject, shown.issuer, micros(shown.not_before), micros(shown.not_after)),
            *(shown.common_name, shown.subject_alternative_names, shown.serial, shown.key, shown.extended_key_usages),
            *(shown.chain, tuple(each.value for each in shown.problems), shown.detail, shown.sha256),
        )
    return facts.version, facts.cipher, certificate, facts.server_name


def tls_of(fact: Fact | None) -> TlsFacts | None:
    """The TLS layer again."""
    if fact is None:
        return None
    version, cipher, shown, server_name = fact
    certificate = None
    if shown is not None:
        names, subject, issuer, not_before, not_after, *rest = shown
        rest[6] = tuple(map(ChainProblem, rest[6]))
        certificate = CertificateFacts(
            names, subject, issuer, _EPOCH + not_before * _MICRO, _EPOCH + not_after * _MICRO, *rest
        )
    return TlsFacts(version, cipher, certificate, server_name)


def recipient_fact(recipient: Recipient) -> Fact:
    """A recipient as plain values: short without DSN parameters."""
    mailbox, dsn = recipient.mailbox, recipient.dsn
    if dsn.notify is None and dsn.orcpt is None:
        return mailbox.local, mailbox.domain
    return mailbox.local, mailbox.domain, dsn.notify, dsn.orcpt


def recipient_of(fact: Fact) -> Recipient:
    """The recipient again."""
    local, domain, *dsn = fact
    return Recipient(Mailbox(local, domain), DsnParameters(*dsn) if dsn else _NO_DSN)


def envelope_fact(envelope: Envelope, recipients: list[Recipient]) -> Fact:
    """An envelope as plain values; its recipients are left out where they are those of the copy."""
    path, others, everyone = envelope.reverse_path, None, envelope.recipients
    if len(everyone) != len(recipients) or any(map(is_not, everyone, recipients)):
        others = tuple(map(recipient_fact, envelope.recipients))
    body = "7BIT" if envelope.body is _SEVEN_BIT else envelope.body.value
    return path.local, path.domain, body, envelope.size, envelope.smtputf8, envelope.ret, envelope.envid, others


def envelope_of(fact: Fact, recipients: list[Recipient]) -> Envelope:
    """The envelope again."""
    local, domain, body, size, smtputf8, ret, envid, others = fact
    everyone = tuple(recipients) if others is None else tuple(map(recipient_of, others))
    return Envelope(Mailbox(local, domain), everyone, BodyType(body), size, smtputf8, ret, envid)
