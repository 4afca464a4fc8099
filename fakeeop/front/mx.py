"""The policy of one session at the MX: asks the decision core, keeps the journal, takes the messages in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Reason, Stage, Verdict
from fakeeop.delivery.reporting.reporter import SHORTEST_LOOP
from fakeeop.front.shared import FrontEnd, VerdictCache
from fakeeop.guard.session import SessionGuard
from fakeeop.journal.memory import Judgement, MessageRecord, SessionRecord
from fakeeop.message.headers import FIELD, from_domains, message_id, overlong_from
from fakeeop.model import Envelope, PeerFacts, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import Content
from fakeeop.server.listener import Arrival
from fakeeop.smtp.auth import Authenticator
from fakeeop.smtp.policy import SessionSettings
from fakeeop.smtp.replies.rows import fixed, queued, queued_figures, render, row_for, without_sizes
from fakeeop.smtp.session import SmtpSession
from fakeeop.smtp.xclient import XclientCommand, speaking_for
from fakeeop.why.narrate import HeaderFromNarrator

__all__ = ["MxPolicy"]

_INTERNAL, _EXTERNAL = "internal", "external"  # scopes of copies: recipients of either kind travel apart
_AT_THE_END = Stage.DATA
_RELAY = (Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36)
_RCPT_OK = fixed("rcpt")


class MxPolicy:
    """One connection: ``Policy`` of its session, and ``SessionOwner`` to the server.

    It makes the session. ``authenticator`` is asked about AUTH; the MX has none.
    """

    __slots__ = (
        "_cache",
        "_directory",
        "_front",
        "_ip",
        "_peer",
        "_record",
        "_tls",
        "_transaction",
        "_verdicts",
        "session",
    )

    def __init__(
        self,
        front: FrontEnd,
        settings: SessionSettings,
        arrival: Arrival,
        *,
        authenticator: Authenticator | None = None,
    ) -> None:
        clock = front.clock
        session_id = front.ids.session_id()
        self._front = front
        self._peer = arrival.peer
        self._ip = arrival.ip
        self._tls: TlsFacts | None = None
        self._directory: Directory | None = None
        self._cache: VerdictCache | None = None
        self._transaction = 0
        self._verdicts: list[tuple[Recipient, Verdict]] = []
        self.session = session = SmtpSession(
            settings,
            self,
            arrival.ip,
            session_id,
            clock,
            guard=SessionGuard(front.protection, self, settings.hidden, settings.region),
            authenticator=authenticator,
            xclient=arrival.xclient,
        )
        self._record = SessionRecord(session_id, arrival.listener, arrival.peer, clock.now(), session.transcript)
        front.journal.session_started(self._record)
        if arrival.proxied:
            session.note(arrival.proxied)

    @property
    def peer(self) -> PeerFacts:
        """Whom the client is taken to be."""
        return self._peer

    @property
    def record(self) -> SessionRecord:
        """What the journal keeps of it."""
        return self._record

    def verdict(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...]) -> Verdict:
        """What the judge would say of a recipient; nothing is noted."""
        return self._current().verdict(reverse_path, recipient, earlier)

    # ---- SessionOwner

    def tls_failed(self, why: str) -> None:
        """The handshake did not work out."""
        self._record.tls_failure = why
        self.session.note(f"TLS failed: {why}")

    def turned_away(self, why: str) -> None:
        """The connection gets no session: it is closed without a word."""
        self._record.notes += (why,)
        self.session.note(why)

    def ended(self, closed_by: str) -> None:
        """The connection is gone."""
        if self.session.oddity:
            self._record.notes += (self.session.oddity,)
        self.session.ended()
        del self.session  # it refers to us as its policy: no cycle is left for the garbage collector
        self._front.journal.session_ended(self._record, self._front.clock.now(), closed_by)

    # ---- Policy

    def hello(self, name: str, esmtp: bool) -> None:
        """EHLO or HELO was accepted."""
        self._record.helo = name
        self._record.esmtp = esmtp

    def secured(self, facts: TlsFacts) -> None:
        """Under TLS from now on: the connection is judged anew."""
        self._record.tls = facts
        self._tls = facts
        self._cache = None

    def speaks_for(self, command: XclientCommand) -> None:
        """XCLIENT: judged from now on as the client that was named."""
        self._peer = speaking_for(self._peer, command)
        self._ip = str(self._peer.ip)
        self._cache = None
        record = self._record
        record.peer = self._peer
        record.helo = command.helo
        record.esmtp = command.protocol == "ESMTP"
        self.session.note(f"speaks for {command}")

    def mail(self, reverse_path: Mailbox) -> bytes | None:  # noqa: ARG002  a policy is told it; nothing is refused here
        """A new transaction, judged by the forest as it is now."""
        self._transaction += 1
        self._verdicts = []
        directory = self._front.directory
        if self._cache is None or self._directory is not directory:
            self._directory = directory
            self._cache = self._front.verdicts(self._peer, self._ip, self._tls)
        return None

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        """One RCPT. A refusal that belongs to the end of data lets it pass here."""
        cache = self._current()
        verdict = cache.verdict(reverse_path, recipient.mailbox, earlier)
        refusal = None
        if not verdict.reason.accepted and verdict.stage is not _AT_THE_END:
            refusal = self._refusal(verdict, recipient.mailbox)
        else:
            self._verdicts.append((recipient, verdict))
        judgement = Judgement(
            self._transaction,
            reverse_path,
            recipient.mailbox,
            earlier,
            verdict,
            refusal or _RCPT_OK,
            cache.narrator,
        )
        self._front.journal.recipient(self._record, judgement)
        return refusal

    def message(self, envelope: Envelope, content: Content, started: float) -> bytes:
        """Take the message in, or refuse it whole: one reply speaks for all recipients (RFC 5321 section 4.2.5)."""
        verdict = None
        for _, one in self._verdicts:
            if not one.reason.accepted:
                verdict = self._by_header_from(one, content)
                break
        if verdict is None and self._front.forest.behaviour.partner_sender_scope == "p2":
            recipients = tuple(recipient.mailbox for recipient in envelope.recipients)
            verdict = self._current().judge.judge_message(envelope.reverse_path, recipients, self._domains(content))
        if verdict is not None:
            reply = self._refusal(verdict)
            self._record.refusals.append(("message", reply, verdict.reason.value))
            return reply
        return self._take(envelope, content, started)

    def refused(self, stage: str, reply: bytes) -> None:
        """The session itself refused: bad syntax, or too large."""
        self._record.refusals.append((stage, reply, None))

    # ---- inside

    def _current(self) -> VerdictCache:
        if self._cache is None:
            self._cache = self._front.verdicts(self._peer, self._ip, self._tls)
        return self._cache

    def _domains(self, content: Content) -> tuple[str, ...]:
        self._note_overlong(content)
        return from_domains(content)

    def _note_overlong(self, content: Content) -> None:
        """Of a longer From field only the beginning counts; the message keeps every octet."""
        octets = overlong_from(content)
        if octets:
            note = f"From field of {octets} octets: the first {FIELD} were read for the judgement"
            self._record.notes += (note,)
            self.session.note(note)

    def _refusal(self, verdict: Verdict, recipient: Mailbox | None = None) -> bytes:
        row = row_for(verdict.reason, self._front.forest.behaviour)
        return render(row, self.session.suffix.blocks(row.suffix), recipient=recipient or "")

    def _by_header_from(self, refused: Verdict, content: Content) -> Verdict | None:
        """The header From may make up for MAIL FROM, as it did until November 2023; what is refused all the same."""
        if refused.reason not in _RELAY or self._front.forest.behaviour.header_from_relay == "off":
            return refused
        cache, domains = self._current(), self._domains(content)
        for number, (recipient, verdict) in enumerate(self._verdicts):
            if verdict.reason not in _RELAY:
                continue
            found = cache.judge.judge_header_from(recipient.mailbox, domains)
            if found is None:
                return verdict
            self._verdicts[number] = (recipient, found)
            for judgement in self._record.judgements:
                if judgement.transaction == self._transaction and judgement.recipient == recipient.mailbox:
                    judgement.verdict = found
                    judgement.judge = HeaderFromNarrator(cache.narrator, domains, found)
        return next((verdict for _, verdict in self._verdicts if not verdict.reason.accepted), None)

    def _take(self, envelope: Envelope, content: Content, started: float) -> bytes:
        front = self._front
        host = front.hosts.mailbox
        internal_id = front.ids.internal_id()
        seconds, rate = queued_figures(len(content), front.clock.monotonic() - started)
        reply = queued(
            message_id(content) or f"<{host.partition('.')[0]}{internal_id:016X}@{host}>",
            internal_id,
            host,
            len(content),
            seconds,
            rate,
        )
        if front.forest.behaviour.queued_text != "sized":
            reply = without_sizes(reply)
        now = front.clock.now()
        directory = self._directory or front.directory
        watched = front.reporter.watchful or len(content) >= SHORTEST_LOOP
        told: tuple[MessageRecord, ...] = ()
        for number, (scope, recipients, verdict) in enumerate(_copies(self._verdicts)):
            copy_id = internal_id if number == 0 else front.ids.internal_id()
            record = MessageRecord(
                str(copy_id), self._record, envelope, scope, recipients, verdict, content, now, reply
            )
            record.lone_dots = self.session.lone_dots
            record.directory = directory
            front.journal.message(record)
            if watched or recipients[0].dsn.notify is not None or len(recipients) > 1:
                told += (record,)
        if front.journal.durable:
            return self._when_kept(reply, told)
        for record in told:
            front.reporter.look(record)
        return reply

    def _when_kept(self, reply: bytes, told: tuple[MessageRecord, ...]) -> bytes:
        """Nothing is said before the copies are where they survive: a 250 takes responsibility (RFC 5321 §4.2.5)."""
        pending = self._front.journal.pending()
        pending.reply = reply
        pending.refuse = self._not_kept
        pending.kept = partial(_each, self._front.reporter.look, told) if told else None
        self.session.effect = pending
        return b""

    def _not_kept(self, key: str) -> bytes:
        session = getattr(self, "session", None)
        if session is None:  # gone meanwhile: nobody waits for a reply
            return b""
        reply: bytes = session.reply(key)
        self._record.refusals.append(("message", reply, key))
        return reply


def _each(look: Callable[[MessageRecord], None], records: tuple[MessageRecord, ...]) -> None:
    for record in records:
        look(record)


def _copies(accepted: list[tuple[Recipient, Verdict]]) -> list[tuple[str, list[Recipient], Verdict]]:
    """One copy for each scope; recipients of two tenants or connectors are never in one copy (assumption)."""
    if len(accepted) == 1:
        recipient, verdict = accepted[0]
        return [(_INTERNAL if verdict.recipient_is_internal else _EXTERNAL, [recipient], verdict)]
    copies: dict[tuple[bool, int, int, object], tuple[str, list[Recipient], Verdict]] = {}
    for recipient, verdict in accepted:
        to = verdict.attribution
        key = (verdict.recipient_is_internal, id(to.tenant), id(to.connector), to.direction)
        scope = _INTERNAL if verdict.recipient_is_internal else _EXTERNAL
        copies.setdefault(key, (scope, [], verdict))[1].append(recipient)
    return list(copies.values())
