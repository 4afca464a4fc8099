"""The guard of one session: limits, hidden extensions and faults, in the way of its commands.

It speaks first: a fault fires before a limit is looked at, a limit before anybody judges the recipient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fakeeop.decision.verdict import AttributedBy, Verdict
from fakeeop.errors import ProtocolViolation
from fakeeop.guard.faults.engine import Event, Fired
from fakeeop.guard.faults.magic import magic_fault
from fakeeop.guard.faults.replies import fault_reply
from fakeeop.guard.limits.engine import RecipientCheck, region_refusal, unauthenticated_ipv6
from fakeeop.guard.protection import Protection
from fakeeop.journal.memory import SessionRecord
from fakeeop.message.headers import head_of, header_end
from fakeeop.model import Envelope, PeerFacts, Tenant
from fakeeop.model.addresses import IpAddress, Mailbox
from fakeeop.model.fault import HANDSHAKE_ACTIONS, Fault
from fakeeop.model.ports import Content
from fakeeop.smtp.extensions import refuse_hidden, without
from fakeeop.smtp.grammar import parse_mail, parse_rcpt
from fakeeop.smtp.policy import Effect
from fakeeop.smtp.replies.rows import row_named
from fakeeop.smtp.session import SmtpSession
from fakeeop.smtp.transaction import Transaction

__all__ = ["GuardedPolicy", "SessionGuard"]


_STAGES = {b"EHLO": "ehlo", b"HELO": "ehlo", b"STARTTLS": "starttls", b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}
_INSTEAD = ("drop", "reset", "stall")
_CONNECTORS = (AttributedBy.CERTIFICATE, AttributedBy.IP_ADDRESS)
_Handler = Callable[[SmtpSession, bytes], bytes]


class GuardedPolicy(Protocol):
    """What the guard needs to know of the connection (``fakeeop.front.mx.MxPolicy``)."""

    @property
    def peer(self) -> PeerFacts:
        """Whom it speaks for."""

    @property
    def record(self) -> SessionRecord:
        """What the journal keeps of it."""

    def verdict(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...]) -> Verdict:
        """What the judge would say."""

    def message(self, envelope: Envelope, content: Content, started: float) -> bytes:
        """Take the message in."""


class SessionGuard:
    """``Interceptor`` of one session. ``hidden`` are extensions, ``region`` is that of the listener."""

    __slots__ = (
        *("_by_connector", "_chunk", "_counts", "_magic", "_protection", "_refusing", "_regions", "_policy"),
        *("_active", "_counted", "hidden", "region"),
    )

    def __init__(
        self,
        protection: Protection,
        policy: GuardedPolicy,
        hidden: frozenset[str] = frozenset(),
        region: str | None = None,
    ) -> None:
        self.hidden = hidden
        self.region = region
        self._active = bool(hidden or region)
        self._counted: IpAddress | None = None
        self._protection = protection
        self._policy = policy
        self._refusing = False  # the banner was a refusal: nothing but QUIT is of use (RFC 5321 section 3.1)
        self._chunk: Fired | None = None
        self._begin()

    def _begin(self) -> None:
        """A new transaction."""
        self._by_connector = False
        self._counts: dict[int, int] = {}
        self._regions: tuple[str | None, ...] = ()
        self._magic: Fault | None = None

    # ---- Interceptor

    @property
    def active(self) -> bool:
        """True from when there is something to limit, to hide or to go wrong."""
        if not self._active:
            self._active = self._protection.active
        return self._active

    def greeting(self, session: SmtpSession) -> bytes:
        """The banner, or what stands in its place; what is to be waited for or done is left as an effect."""
        protection = self._protection
        if protection.limits.limits.connections_per_address:
            self._counted = self._policy.peer.ip
            key = protection.limits.connected(self._counted)
            if key is not None:
                session.closed = True
                reply = self._refused(session, "connect", key)
                session.said(reply)
                return reply
        first = self._fire(session, "connect")
        if first is not None:
            self._note(session, first)
        if first is not None and first.fault.do in _INSTEAD:
            session.effect = Effect(delay=first.fault.delay, then=first.fault.do)
            return b""
        second = self._fire(session, "banner")
        reply = b"" if second is None else self._apply(session, second, session.banner)
        if second is None:
            reply = session.banner()
        effect = session.effect
        if first is not None and first.fault.delay:
            effect = effect or Effect(reply)
            session.effect = effect = Effect(
                effect.reply, first.fault.delay + effect.delay, effect.drip, effect.linger, effect.then
            )
            reply = b""
        self._refusing = (reply or (effect.reply if effect else b""))[:1] in (b"4", b"5")
        if reply:
            session.said(reply)
        return reply

    def ended(self) -> None:
        """The connection is gone."""
        if self._counted is not None:
            self._protection.limits.left(self._counted)

    def handshake(self, session: SmtpSession) -> Effect | None:
        """How the TLS handshake is to go wrong."""
        fired = self._fire(session, "handshake")
        if fired is None:
            return None
        self._note(session, fired)
        fault = fired.fault
        if fault.do in HANDSHAKE_ACTIONS:
            return Effect(delay=fault.delay, tls=fault.do)
        return Effect(delay=fault.delay, then=fault.do)

    def command(self, session: SmtpSession, verb: bytes, handler: _Handler, argument: bytes) -> bytes:
        """A command that its state allows."""
        if self._refusing and verb != b"QUIT":
            raise ProtocolViolation("bad-sequence", "the banner was a refusal")
        stage = _STAGES.get(verb)
        if stage is None and verb == b"BDAT":
            if "CHUNKING" in self.hidden:
                return session.violation("unrecognized", verb="BDAT")
            stage = "" if session.chunking or session.transaction is None else "data"
        if not stage:
            return handler(session, argument)
        if self.hidden:
            self._refuse_hidden(verb, argument)
        if stage == "mail":
            self._begin()
        fired = self._at_command(session, stage, argument)
        if fired is not None:
            return self._fired_at(session, verb, fired, handler, argument)
        if stage == "rcpt":
            return self._recipient(session, handler, argument)
        reply = handler(session, argument)
        return without(reply, self.hidden) if self.hidden and verb == b"EHLO" else reply

    def chunk(self, session: SmtpSession) -> bytes:
        """The end of a chunk that was dropped for a fault."""
        fired, self._chunk = self._chunk, None
        return b"" if fired is None else self._apply(session, fired, lambda: b"")

    def content(self, session: SmtpSession, transaction: Transaction, content: Content) -> bytes:
        """A whole message: a fault at its end, a limit of a recipient's tenant, or the policy's word."""

        def work() -> bytes:
            key = self._message_limit(transaction, content)
            if key is not None:
                return self._refused(session, "message", key)
            return self._policy.message(transaction.envelope(), content, transaction.started)

        fired = self._of_magic("end-of-data") or self._fire(session, "end-of-data")
        reply = work() if fired is None else self._apply(session, fired, work)
        effect = session.effect
        if (reply or (effect.reply if effect else b"")).startswith(b"250"):
            after = self._fire(session, "after-250")
            if after is not None:
                self._note(session, after)
                fault, effect = after.fault, effect or Effect(reply)
                session.effect = Effect(
                    effect.reply, effect.delay, effect.drip, fault.delay, fault.do, until=effect.until
                )
                return b""
        return reply

    # ---- faults

    def _at_command(self, session: SmtpSession, stage: str, argument: bytes) -> Fired | None:
        """The fault that fires at a command; what cannot be parsed meets the session's own refusal instead."""
        faults, sender, recipient = self._protection.faults, None, None
        if faults is None and not self._protection.magic:
            return None
        try:
            if stage == "mail":
                sender = parse_mail(argument).reverse_path
            elif stage == "rcpt" and session.transaction is not None:
                recipient = parse_rcpt(argument, session.transaction.command.smtputf8).mailbox
        except ProtocolViolation:
            return None
        if recipient is not None and self._protection.magic:
            asked = magic_fault(recipient.local)
            if asked is not None and asked.at == "rcpt":
                return Fired(asked, 1)
            self._magic = asked or self._magic
        return self._fire(session, stage, sender, recipient)

    def _of_magic(self, stage: str) -> Fired | None:
        asked = self._magic
        return Fired(asked, 1) if asked is not None and asked.at == stage else None

    def _fire(
        self, session: SmtpSession, stage: str, sender: Mailbox | None = None, recipient: Mailbox | None = None
    ) -> Fired | None:
        engine = self._protection.faults
        if engine is None or stage not in engine.stages:
            return None
        transaction = session.transaction
        if sender is None and transaction is not None:
            sender = transaction.command.reverse_path
        recipients = () if transaction is None or stage == "mail" else transaction.earlier
        if recipient is not None:
            recipients = (recipient,)
        tenants = [self._protection.tenant_of(each.domain) for each in recipients]
        event = Event(
            stage,
            self._policy.peer.ip,
            self._policy.record.id,
            "" if sender is None else str(sender),
            tuple(map(str, recipients)),
            tuple(each.name for each in tenants if each is not None),
            session.tls,
            self._protection.clock.monotonic(),
        )
        return engine.fire(event)

    def _fired_at(self, session: SmtpSession, verb: bytes, fired: Fired, handler: _Handler, argument: bytes) -> bytes:
        """A command at which a fault fires."""
        fault = fired.fault
        if fault.hide:
            self.hidden |= frozenset(fault.hide)

        def work() -> bytes:
            if verb == b"RCPT":
                return self._recipient(session, handler, argument)
            reply = handler(session, argument)
            return without(reply, self.hidden) if self.hidden and verb == b"EHLO" else reply

        if verb == b"BDAT" and (fault.reply or fault.row):
            self._chunk = fired
            return session.drop_chunk(argument)
        return self._apply(session, fired, work, self._recipient_of(argument) if verb == b"RCPT" else "")

    def _apply(self, session: SmtpSession, fired: Fired, work: Callable[[], bytes], recipient: str = "") -> bytes:
        """Note the fault and do what it says; the reply to write now, or nothing and ``session.effect``."""
        fault, then = fired.fault, fired.fault.do
        until = None
        self._note(session, fired)
        if fault.reply or fault.row:
            reply = self._reply(session, fault, recipient)
            stage = "message" if fault.at == "end-of-data" else fault.at
            if not reply.startswith((b"2", b"3")):
                self._policy.record.refusals.append((stage, reply, "fault"))
            if reply.startswith(b"421"):
                then = then or "close"
        elif then in _INSTEAD:
            reply = b""
        else:
            reply = work()
            waiting = session.effect  # for a message to be kept
            if waiting is not None:
                reply, until = waiting.reply, waiting.until
            if then == "lose-reply":
                reply, then = b"", "drop"
        if fault.delay or fault.drip or then or until is not None:
            session.effect = Effect(reply, fault.delay, fault.drip, then=then, until=until)
            return b""
        return reply

    def _note(self, session: SmtpSession, fired: Fired) -> None:
        label = fired.fault.label
        self._policy.record.faults += ((fired.fault.at, label, fired.count),)
        session.note(f"fault: {label} (match {fired.count})")

    def _reply(self, session: SmtpSession, fault: Fault, recipient: str) -> bytes:
        transaction = session.transaction
        sender = "" if transaction is None else str(transaction.command.reverse_path)
        ip = str(self._policy.peer.ip)
        values = {
            "ip": ip,
            "recipient": recipient,
            "sender": sender,
            "domain": recipient.rpartition("@")[2],
            "sender_domain": sender.rpartition("@")[2].upper(),
            "host": session.settings.hosts.backend,
        }
        text, suffixes = fault_reply(fault, values)
        return text + session.suffix.blocks(suffixes) + b"\r\n"

    @staticmethod
    def _recipient_of(argument: bytes) -> str:
        return argument.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")

    # ---- limits

    def _refuse_hidden(self, verb: bytes, argument: bytes) -> None:
        """Raise ProtocolViolation for what belongs to a hidden extension."""
        if verb == b"STARTTLS" and "STARTTLS" in self.hidden:
            raise ProtocolViolation("not-implemented")
        if verb in (b"MAIL", b"RCPT"):
            refuse_hidden(argument, self.hidden)

    def _recipient(self, session: SmtpSession, handler: _Handler, argument: bytes) -> bytes:
        transaction = session.transaction
        if transaction is None or not (self._protection.at_recipients or self.region):
            return handler(session, argument)
        try:
            mailbox = parse_rcpt(argument, transaction.command.smtputf8).mailbox
        except ProtocolViolation:
            return handler(session, argument)
        tenant = self._protection.tenant_of(mailbox.domain)
        key = self._recipient_limit(transaction, mailbox, tenant)
        if key is not None:
            return self._refused(session, "rcpt", key, mailbox.domain)
        reply = handler(session, argument)
        if reply.startswith(b"250") and tenant is not None:
            self._counts[id(tenant)] = self._counts.get(id(tenant), 0) + 1
            self._regions += (tenant.region,)
        return reply

    def _recipient_limit(self, transaction: Transaction, mailbox: Mailbox, tenant: Tenant | None) -> str | None:
        protection, ip = self._protection, self._policy.peer.ip
        verdict = self._policy.verdict(transaction.command.reverse_path, mailbox, transaction.earlier)
        if verdict.attribution.by is AttributedBy.AUTHENTICATION:  # reputation, IPv6 and regions are matters of the MX
            self._by_connector = True
            return None
        self._by_connector = verdict.attribution.connector is not None and verdict.attribution.by in _CONNECTORS
        asked = RecipientCheck(
            ip,
            protection.limits_of(tenant),
            self._by_connector,
            protection.reverse_name(ip) if ip.version == 6 else None,
            self._counts.get(id(tenant), 0) if tenant is not None else 0,
        )
        key = protection.limits.recipient(asked, protection.clock.monotonic())
        return key or region_refusal(self.region, self._regions, None if tenant is None else tenant.region)

    def _message_limit(self, transaction: Transaction, content: Content) -> str | None:
        if not self._protection.at_recipients:
            return None
        ip = self._policy.peer.ip
        for domain in {each.domain for each in transaction.earlier}:
            limits = self._protection.limits_of(self._protection.tenant_of(domain))
            if limits.message_size and len(content) > limits.message_size:
                return "too-large"
            if not self._by_connector and unauthenticated_ipv6(ip, limits, signed=_signed(content)):
                return "ipv6-not-authenticated"
        return None

    def _refused(self, session: SmtpSession, stage: str, key: str, domain: str = "") -> bytes:
        row = row_named(key, self._protection.behaviour)
        reply = session.reply(row.key, ip=self._policy.peer.ip, domain=domain)
        self._policy.record.refusals.append((stage, reply, key))
        return reply


def _signed(content: Content) -> bool:
    """True if the message has a DKIM-Signature field; nobody verifies it."""
    head = head_of(content)
    header = head[: header_end(head)].lower()
    return header.startswith(b"dkim-signature:") or b"\ndkim-signature:" in header
