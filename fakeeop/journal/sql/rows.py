"""Records → rows of ``fakeeop.journal.sql.schema``, in the order of its columns; and records again.

Who writes a row puts ``seq`` and ``upto`` into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakeeop.decision.directory import Directory
from fakeeop.journal.records import MessageRecord, SessionRecord
from fakeeop.journal.reports import Reported, ReportRecord
from fakeeop.journal.sql.facts import (
    PROTOCOL,
    Fact,
    envelope_fact,
    envelope_of,
    micros,
    moment,
    pack,
    peer_fact,
    peer_of,
    recipient_fact,
    recipient_of,
    tls_fact,
    tls_of,
    unpack,
)
from fakeeop.journal.sql.judged import Digest, Judged, JudgementFacts
from fakeeop.model.ports import Content
from fakeeop.smtp.auth import unconfidential
from fakeeop.smtp.transaction import CLIENT, Transcript

__all__ = [
    "FAULTY",
    "JUDGED",
    "REFUSED",
    "Rows",
    "message_of",
    "report_of",
    "session_of",
    "session_of_message",
]

FAULTY, REFUSED, JUDGED = 1, 2, 4
_HEADS = 4_096  # sessions of which something is kept
Row = list[Any]


class Rows:
    """Makes the rows of one front end. ``digest`` names the forest of a directory, None: that in force."""

    def __init__(self, front: str, digest: Digest) -> None:
        self._front = front
        self._digest = digest
        self._judged = JudgementFacts(digest)
        self._heads: dict[str, tuple[Any, ...]] = {}

    def session(self, record: SessionRecord, at: int) -> Row:
        """A session that has ended."""
        known = self._heads.pop(record.id, None)
        peer = known[4][1] if known is not None and known[1] is record.peer else peer_fact(record.peer)
        judged = record.judgements
        narrators, judgements = self._judged.judgements(judged) if judged else ((), ())
        marks = FAULTY if record.faults else 0
        if judged:
            marks |= JUDGED
            for each in judged:
                if not each.verdict.reason.accepted:
                    marks |= REFUSED
                    break
        facts = (
            record.listener,
            peer,
            micros(record.started),
            micros(record.ended),
            record.closed_by,
            record.helo,
            record.esmtp,
            None if record.tls is None else tls_fact(record.tls),
            record.tls_failure,
            record.authenticated,
            record.faults,
            record.notes,
            tuple(record.refusals),
            record.messages,
            narrators,
            judgements,
        )
        helo = record.helo
        if helo is not None and not helo.isalnum():
            helo = _column(helo)
        return [
            *(0, at, self._front, record.id, peer[0], helo, marks, pack(facts, PROTOCOL)),
            _transcript(record.transcript),
        ]

    def message(self, record: MessageRecord, at: int, large: str | None) -> Row:
        """One copy; ``large`` names the chunks that its content lies in."""
        verdict = self._judged.verdict(record.verdict)
        session, envelope, recipients = record.session, record.envelope, record.recipients
        ip, peer, head = self._head(record, session)
        facts = (
            record.reply,
            micros(record.received),
            record.scope,
            tuple(map(recipient_fact, recipients)),
            envelope_fact(envelope, recipients),
            verdict,
            record.lone_dots,
            peer,
            record.helo,
            self._digest(record.directory),
            head,
        )
        content, path = record.content, envelope.reverse_path
        sender = f"{path.local}@{path.domain}" if path.domain else path.local or "<>"
        return [
            0,
            at,
            self._front,
            record.id,
            session.id,
            ip,
            _column(sender),
            _column(verdict[1]),
            _column(verdict[2]),
            len(content),
            0,
            large,
            pack(facts, PROTOCOL),
            content if isinstance(content, bytes) else None,
        ]

    def _head(self, record: MessageRecord, session: SessionRecord) -> tuple[str, Fact, Fact]:
        """The address, the peer and the state of the session; the same for all messages of most sessions."""
        known = self._heads.get(session.id)
        if (
            known is not None
            and known[0] is record.peer
            and known[1] is session.peer
            and known[2] is session.tls
            and known[3] == (session.helo, session.authenticated)
        ):
            made: tuple[str, Fact, Fact] = known[4]
            return made
        peer = peer_fact(record.peer)
        whose = peer if session.peer is record.peer else peer_fact(session.peer)
        head = (
            *(session.listener, whose, micros(session.started), session.helo, session.esmtp, tls_fact(session.tls)),
            session.authenticated,
        )
        if len(self._heads) >= _HEADS:
            self._heads.clear()
        found = _column(peer[0]) or "", peer, head
        self._heads[session.id] = record.peer, session.peer, session.tls, (session.helo, session.authenticated), found
        return found

    def report(self, record: ReportRecord, at: int) -> Row:
        """A delivery report, as it is now."""
        recipients = tuple(
            (each.final_recipient, each.status, each.diagnostic_code, each.original_recipient, each.remote_mta)
            for each in record.recipients
        )
        facts = (
            *(micros(record.made), record.action, record.rcpt_to, recipients, record.content, record.message),
            *(record.session, record.envid, record.outcome, record.detail),
        )
        return [0, at, self._front, record.id, pack(facts, PROTOCOL)]


def _column(text: str | None) -> str | None:
    """What a database can hold as text: it is for looking things up only, the blob has the truth."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _transcript(transcript: Transcript) -> bytes:
    """Kept without secrets, which the journal in memory hides when somebody reads."""
    flat = transcript.flat
    packed = pack(flat, PROTOCOL)
    if b"auth" in packed.lower():
        said = [
            unconfidential(what) if kind == CLIENT and isinstance(what, bytes) else what
            for kind, what in zip(flat[::2], flat[1::2], strict=False)
        ]
        packed = pack(tuple(each for pair in zip(flat[::2], said, strict=False) for each in pair), PROTOCOL)
    return packed


class _StoredTranscript(Transcript):
    """A transcript that is read when somebody looks."""

    __slots__ = ("_load",)

    def __init__(self, load: Callable[[], bytes]) -> None:
        super().__init__()
        self._load = load

    @property
    def flat(self) -> tuple[Any, ...]:
        """As it was."""
        found: tuple[Any, ...] = unpack(self._load())
        return found


def session_of(name: str, facts: bytes, transcript: Callable[[], bytes], judged: Judged) -> SessionRecord:
    """A session again."""
    listener, peer, started, ended, closed_by, *rest = unpack(facts)
    record = SessionRecord(name, listener, peer_of(peer), _sure(started), _StoredTranscript(transcript))
    record.ended = moment(ended)
    record.closed_by = closed_by
    record.helo, record.esmtp, tls, record.tls_failure, record.authenticated, record.faults, *rest = rest
    record.tls = tls_of(tls)
    record.notes, refusals, record.messages, narrators, judgements = rest
    record.refusals = list(refusals)
    record.judgements = judged.judgements(narrators, judgements)
    return record


def session_of_message(name: str, head: Fact) -> SessionRecord:
    """What a message knows of its session."""
    listener, peer, started, helo, esmtp, tls, authenticated = head
    record = SessionRecord(name, listener, peer_of(peer), _sure(started), Transcript())
    record.helo, record.esmtp, record.authenticated = helo, esmtp, authenticated
    record.tls = tls_of(tls)
    return record


class _StoredMessage(MessageRecord):
    """A message whose content is read when somebody looks."""

    __slots__ = ("_load",)

    def __init__(self, load: Callable[[], Content], *rest: Any) -> None:
        self._load = load
        message_id, session, envelope, scope, recipients, verdict, received, reply = rest
        super().__init__(message_id, session, envelope, scope, recipients, verdict, b"", received, reply)

    @property
    def content(self) -> Content:
        """As it came."""
        return self._load()

    @content.setter
    def content(self, _content: Content) -> None:
        """It is in the store."""


def message_of(
    name: str,
    session: str,
    facts: bytes,
    load: Callable[[], Content],
    judged: Judged,
    directory: Callable[[str], Directory | None],
) -> MessageRecord:
    """A copy again."""
    reply, received, scope, recipients, envelope, verdict, lone_dots, peer, helo, digest, head = unpack(facts)
    to = list(map(recipient_of, recipients))
    whose = session_of_message(session, head)
    said = envelope_of(envelope, to)
    ours = judged.verdict(verdict, digest)
    record = _StoredMessage(load, name, whose, said, scope, to, ours, _sure(received), reply)
    record.lone_dots = lone_dots
    record.peer = peer_of(peer)
    record.helo = helo
    record.directory = directory(digest) if digest else None
    return record


def report_of(name: str, facts: bytes) -> ReportRecord:
    """A report again."""
    made, action, rcpt_to, recipients, content, message, session, envid, outcome, detail = unpack(facts)
    return ReportRecord(
        name,
        _sure(made),
        action,
        rcpt_to,
        tuple(Reported(*each) for each in recipients),
        content,
        message=message,
        session=session,
        envid=envid,
        outcome=outcome,
        detail=detail,
    )


def _sure(count: int) -> Any:
    return moment(count)
