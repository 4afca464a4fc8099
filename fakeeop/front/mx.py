"""The policy of one session: asks the decision core, keeps the journal, takes the messages in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from fakeeop.decision.directory import Directory
from fakeeop.decision.eras import dated_forest
from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import Reason, Stage, Verdict
from fakeeop.delivery.reporting.reporter import SHORTEST_LOOP, Reporter
from fakeeop.guard.protection import Protection
from fakeeop.journal.memory import Journal, Judgement, MessageRecord, SessionRecord
from fakeeop.message.headers import from_domains, message_id
from fakeeop.model import Behaviour, Envelope, Forest, PeerFacts, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.limits import Limits
from fakeeop.model.ports import Clock, Content, IdSource, OpenSpool
from fakeeop.smtp.names import Face, Signature, dated_face
from fakeeop.smtp.policy import Settings
from fakeeop.smtp.replies.rows import fixed, queued, queued_figures, render, row_for, without_sizes
from fakeeop.smtp.session import SmtpSession
from fakeeop.why.narrate import ConnectionNarrator, HeaderFromNarrator

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from fakeeop.smtp.xclient import XclientCommand

__all__ = ["Service", "SessionJudge", "dated", "settings_of"]

_JUDGES_KEPT, _VERDICTS_KEPT = 4_096, 1_024
_INTERNAL, _EXTERNAL = "internal", "external"  # scopes of copies: recipients of either kind travel apart
_NO_LIMIT = 1 << 62
_AT_THE_END = Stage.DATA
_RELAY = (Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36)
_RCPT_OK = fixed("rcpt")


@define
class Service:
    """What all sessions of one emulator share."""

    forest: Forest
    journal: Journal
    clock: Clock
    ids: IdSource
    face: Face
    spool: OpenSpool | None = None
    directory: Directory = field(init=False)
    protection: Protection = field(init=False)
    reporter: Reporter = field(init=False)
    _judges: dict[str, Bench] = field(init=False, factory=dict)
    _settings: dict[bool, Settings] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.protection = Protection(self.clock)
        self.reporter = Reporter(self.journal, self.clock, self.ids)
        self.replace_forest(self.forest)

    def replace_forest(self, forest: Forest) -> None:
        """Serve another forest from the next transaction on."""
        directory = Directory(forest)
        self.forest = forest
        self.directory = directory
        self._judges = {}
        behaviour = forest.behaviour
        self.face = dated_face(self.face, behaviour.box_names, behaviour.suffix_form)
        self.protection.renew(forest, directory)
        self.reporter.renew(directory, self.face.mailbox)
        limits = self.protection.limits.limits
        self._settings = {starttls: settings_of(forest.behaviour, limits, starttls) for starttls in (True, False)}
        if self.spool is not None:
            self._settings = {key: evolve(each, spool=self.spool) for key, each in self._settings.items()}

    def settings(self, starttls: bool) -> Settings:
        """What a new session announces."""
        return self._settings[starttls]

    def bench(self, peer: PeerFacts, ip: str, tls: TlsFacts | None) -> Bench:
        """Who judges a connection; in clear text it is known by its address alone, and kept."""
        if tls is not None:
            return Bench(self.directory.connection(peer, tls))
        bench = self._judges.get(ip)
        if bench is None:
            bench = Bench(self.directory.connection(peer, None))
            if len(self._judges) < _JUDGES_KEPT:
                self._judges[ip] = bench
        return bench


def dated(forest: Forest, as_of: date | str | None) -> Forest:
    """The forest in the service of a day, if there is one. Raises ValueError for a text that is no date."""
    if as_of is None:
        return forest
    return dated_forest(forest, as_of)


class Bench:
    """A judge, and what it said of one recipient alone: relays send between the same few addresses again and again."""

    __slots__ = ("_said", "judge", "narrator")

    def __init__(self, judge: ConnectionJudge) -> None:
        self.judge = judge
        self.narrator = ConnectionNarrator(judge)
        self._said: dict[tuple[Mailbox, Mailbox], Verdict] = {}

    def verdict(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...]) -> Verdict:
        """``judge_recipient``, once for each pair of addresses as long as no recipient came before."""
        if earlier:
            return self.judge.judge_recipient(reverse_path, recipient, earlier)
        verdict = self._said.get((reverse_path, recipient))
        if verdict is None:
            verdict = self.judge.judge_recipient(reverse_path, recipient)
            if len(self._said) < _VERDICTS_KEPT:
                self._said[reverse_path, recipient] = verdict
        return verdict


def settings_of(behaviour: Behaviour, limits: Limits, starttls: bool) -> Settings:
    """What a session announces and puts up with, under complete limits."""
    return Settings(
        size=limits.message_size or _NO_LIMIT,
        line=limits.line_length or _NO_LIMIT,
        errors=limits.errors_per_session or _NO_LIMIT,
        recipients=limits.recipients_per_message or _NO_LIMIT,
        starttls=starttls,
        banner_session_id=behaviour.banner_session_id == "on",
        invalid_sender=f"invalid-sender-{behaviour.invalid_sender_code}",
        bare_line_feeds=behaviour.bare_line_feeds == "accept",
    )


class SessionJudge:
    """One connection: ``Policy`` of its session and ``Visit`` of the server."""

    __slots__ = (
        "_bench",
        "_directory",
        "_ip",
        "_peer",
        "_record",
        "_service",
        "_tls",
        "_transaction",
        "_verdicts",
        "session",
    )

    def __init__(self, service: Service, peer: PeerFacts, ip: str, listener: str, starttls: bool) -> None:
        clock = service.clock
        session_id = service.ids.session_id()
        self._service = service
        self._peer = peer
        self._ip = ip
        self._tls: TlsFacts | None = None
        self._directory: Directory | None = None
        self._bench: Bench | None = None
        self._transaction = 0
        self._verdicts: list[tuple[Recipient, Verdict]] = []
        signature = Signature(service.face, clock.now, session_id)
        self.session = SmtpSession(service.settings(starttls), signature, self, ip, clock.monotonic)
        self._record = SessionRecord(session_id, listener, peer, clock.now(), self.session.transcript)
        service.journal.session_started(self._record)

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

    # ---- Visit

    def tls_failed(self, why: str) -> None:
        """The handshake did not work out."""
        self._record.tls_failure = why
        self.session.note(f"TLS failed: {why}")

    def turned_away(self, why: str) -> None:
        """No session came of the connection: it is closed without a word."""
        self._record.notes += (why,)
        self.session.note(why)

    def ended(self, closed_by: str) -> None:
        """The connection is gone."""
        if self.session.guard is not None:
            self.session.guard.ended()
        if self.session.oddity:
            self._record.notes += (self.session.oddity,)
        self.session.abandon()
        del self.session  # it refers to us as its policy: no cycle is left for the garbage collector
        self._service.journal.session_ended(self._record, self._service.clock.now(), closed_by)

    # ---- Policy

    def hello(self, name: str, esmtp: bool) -> None:
        """EHLO or HELO was accepted."""
        self._record.helo = name
        self._record.esmtp = esmtp

    def secured(self, facts: TlsFacts) -> None:
        """Under TLS from now on: the connection is judged anew."""
        self._record.tls = facts
        self._tls = facts
        self._bench = None

    def speaks_for(self, command: XclientCommand) -> None:
        """XCLIENT: judged from now on as the client that was named."""
        from fakeeop.smtp.xclient import speaking_for  # noqa: PLC0415  few need it: start-up time

        self._peer = speaking_for(self._peer, command)
        self._ip = str(self._peer.ip)
        self._bench = None
        record = self._record
        record.peer = self._peer
        record.helo = command.helo
        record.esmtp = command.protocol == "ESMTP"
        self.session.note(f"speaks for {command}")

    def mail(self, reverse_path: Mailbox) -> bytes | None:  # noqa: ARG002  a policy is told it; nothing is refused here
        """A new transaction, judged by the forest as it is now."""
        self._transaction += 1
        self._verdicts = []
        directory = self._service.directory
        if self._bench is None or self._directory is not directory:
            self._directory = directory
            self._bench = self._service.bench(self._peer, self._ip, self._tls)
        return None

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        """One RCPT. A refusal that belongs to the end of data lets it pass here."""
        bench = self._current()
        verdict = bench.verdict(reverse_path, recipient.mailbox, earlier)
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
            bench.narrator,
        )
        self._service.journal.recipient(self._record, judgement)
        return refusal

    def message(self, envelope: Envelope, content: Content, started: float) -> bytes:
        """Take the message in, or refuse it whole: one reply speaks for all recipients (RFC 5321 section 4.2.5)."""
        verdict = None
        for _, one in self._verdicts:
            if not one.reason.accepted:
                verdict = self._by_header_from(one, content)
                break
        if verdict is None and self._service.forest.behaviour.partner_sender_scope == "p2":
            recipients = tuple(recipient.mailbox for recipient in envelope.recipients)
            verdict = self._current().judge.judge_message(envelope.reverse_path, recipients, from_domains(content))
        if verdict is not None:
            reply = self._refusal(verdict)
            self._record.refusals.append(("message", reply, verdict.reason.value))
            return reply
        return self._take(envelope, content, started)

    def refused(self, stage: str, reply: bytes) -> None:
        """The session itself refused: bad syntax, or too large."""
        self._record.refusals.append((stage, reply, None))

    # ---- inside

    def _current(self) -> Bench:
        if self._bench is None:
            self._bench = self._service.bench(self._peer, self._ip, self._tls)
        return self._bench

    def _refusal(self, verdict: Verdict, recipient: Mailbox | None = None) -> bytes:
        row = row_for(verdict.reason, self._service.forest.behaviour)
        return render(row, self.session.signature.suffix(row.suffix), recipient=recipient or "")

    def _by_header_from(self, refused: Verdict, content: Content) -> Verdict | None:
        """The header From may make up for MAIL FROM, as it did until November 2023; what is refused all the same."""
        if refused.reason not in _RELAY or self._service.forest.behaviour.header_from_relay == "off":
            return refused
        bench, domains = self._current(), from_domains(content)
        for number, (recipient, verdict) in enumerate(self._verdicts):
            if verdict.reason not in _RELAY:
                continue
            found = bench.judge.judge_header_from(recipient.mailbox, domains)
            if found is None:
                return verdict
            self._verdicts[number] = (recipient, found)
            for judgement in self._record.judgements:
                if judgement.transaction == self._transaction and judgement.recipient == recipient.mailbox:
                    judgement.verdict = found
                    judgement.judge = HeaderFromNarrator(bench.narrator, domains, found)
        return next((verdict for _, verdict in self._verdicts if not verdict.reason.accepted), None)

    def _take(self, envelope: Envelope, content: Content, started: float) -> bytes:
        service = self._service
        host = service.face.mailbox
        internal_id = service.ids.internal_id()
        seconds, rate = queued_figures(len(content), service.clock.monotonic() - started)
        reply = queued(
            message_id(content) or f"<{host.partition('.')[0]}{internal_id:016X}@{host}>",
            internal_id,
            host,
            len(content),
            seconds,
            rate,
        )
        if service.forest.behaviour.queued_text != "sized":
            reply = without_sizes(reply)
        now = service.clock.now()
        directory = self._directory or service.directory
        watched = service.reporter.watchful or len(content) >= SHORTEST_LOOP
        told: tuple[MessageRecord, ...] = ()
        for number, (scope, recipients, verdict) in enumerate(_copies(self._verdicts)):
            copy_id = internal_id if number == 0 else service.ids.internal_id()
            record = MessageRecord(
                str(copy_id), self._record, envelope, scope, recipients, verdict, content, now, reply
            )
            record.lone_dots = self.session.lone_dots
            record.directory = directory
            service.journal.message(record)
            if watched or recipients[0].dsn.notify is not None or len(recipients) > 1:
                told += (record,)
        if service.journal.durable:
            return self._when_kept(reply, told)
        for record in told:
            service.reporter.look(record)
        return reply

    def _when_kept(self, reply: bytes, told: tuple[MessageRecord, ...]) -> bytes:
        """Nothing is said before the copies are where they survive: a 250 takes responsibility (RFC 5321 §4.2.5)."""
        pending = self._service.journal.pending()
        pending.reply = reply
        pending.refuse = self._not_kept
        pending.kept = partial(_each, self._service.reporter.look, told) if told else None
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
