"""What the journal holds: sessions, judged recipients, copies of messages; as plain as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fakeeop.decision.verdict import Verdict
from fakeeop.model import Envelope, PeerFacts, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import Content
from fakeeop.smtp.transaction import Transcript
from fakeeop.why.trace import Trace

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory

__all__ = ["Judgement", "MessageRecord", "Meter", "Narrator", "Pending", "SessionRecord", "last_refused"]


class Narrator(Protocol):
    """Who can tell again why a recipient was judged as it was: ``ConnectionJudge``, ``SignedIn``."""

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """Everything that was looked at."""


class Judgement:
    """One recipient judged: enough to tell again why."""

    __slots__ = ("earlier", "judge", "recipient", "reply", "reverse_path", "transaction", "verdict")

    def __init__(
        self,
        transaction: int,
        reverse_path: Mailbox,
        recipient: Mailbox,
        earlier: tuple[Mailbox, ...],
        verdict: Verdict,
        reply: bytes,
        judge: Narrator,
    ) -> None:
        self.transaction = transaction
        self.reverse_path = reverse_path
        self.recipient = recipient
        self.earlier = earlier
        self.verdict = verdict
        self.reply = reply
        self.judge = judge

    def trace(self) -> Trace:
        """Everything that was looked at; made now."""
        return self.judge.explain(self.reverse_path, self.recipient, self.earlier)


class SessionRecord:
    """One connection. The loop writes; readers take copies of the lists."""

    __slots__ = (
        *("closed_by", "ended", "esmtp", "helo", "id", "judgements", "listener", "messages", "peer", "refusals"),
        *("authenticated", "faults", "notes", "started", "tls", "tls_failure", "transcript"),
    )

    def __init__(
        self, session_id: str, listener: str, peer: PeerFacts, started: datetime, transcript: Transcript
    ) -> None:
        self.id = session_id
        self.listener = listener
        self.peer = peer
        self.started = started
        self.ended: datetime | None = None
        self.closed_by: str | None = None
        self.helo: str | None = None
        self.esmtp = False
        self.tls: TlsFacts | None = None
        self.tls_failure: str | None = None
        self.authenticated: str | None = None  # the mailbox that signed in, submission endpoint only
        self.faults: tuple[tuple[str, str, int], ...] = ()  # made on purpose: stage, label, match
        self.notes: tuple[str, ...] = ()  # what else went wrong, for the log
        self.judgements: list[Judgement] = []
        self.refusals: list[tuple[str, bytes, str | None]] = []  # stage, reply, verdict
        self.messages = 0
        self.transcript = transcript


class MessageRecord:
    """One copy of one accepted message, for the recipients of one scope."""

    __slots__ = (
        *("content", "directory", "envelope", "helo", "id", "lone_dots", "peer", "received", "recipients", "reply"),
        *("scope", "session", "verdict"),
    )

    def __init__(
        self,
        message_id: str,
        session: SessionRecord,
        envelope: Envelope,
        scope: str,
        recipients: list[Recipient],
        verdict: Verdict,
        content: Content,
        received: datetime,
        reply: bytes,
    ) -> None:
        self.id = message_id
        self.directory: Directory | None = None  # of the forest at acceptance; what becomes of the copy follows from it
        self.lone_dots: tuple[int, ...] = ()  # where a lone dot with a bare line end was unstuffed
        self.session = session
        self.peer = session.peer  # XCLIENT may change that of the session
        self.helo = session.helo  # as may another EHLO
        self.envelope = envelope
        self.scope = scope
        self.recipients = recipients
        self.verdict = verdict
        self.content = content
        self.received = received
        self.reply = reply

    def whole(self) -> bytes:
        """The content, read from the spool if it is there. Raises StoreError."""
        return self.content if isinstance(self.content, bytes) else b"".join(self.content.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The content piece by piece, which spares the memory where it is large. Raises StoreError."""
        return iter((self.content,)) if isinstance(self.content, bytes) else self.content.pieces()


class Meter(Protocol):
    """Counts what the journal may forget later. Called in the loop's thread, for everything: be quick."""

    def recipient(self, judgement: Judgement) -> None:
        """A recipient was judged."""

    def message(self, record: MessageRecord) -> None:
        """A copy was accepted."""

    def session(self, record: SessionRecord) -> None:
        """A session ended."""


class Pending:
    """Copies of one message that a journal has been given and not kept yet: the reply to its end waits for them.

    It has the shape of an ``Effect`` that waits for itself (``fakeeop.smtp.policy``). ``refuse`` makes another reply,
    from the key of its row, if they cannot be kept; ``kept`` is called when they are.
    """

    __slots__ = ("_say", "_told", "kept", "records", "refuse", "reply")

    delay = drip = linger = 0.0
    then = tls = ""

    def __init__(self) -> None:
        self.records: list[MessageRecord] = []
        self.reply = b""
        self.refuse: Callable[[str], bytes] | None = None
        self.kept: Callable[[], None] | None = None
        self._say: Callable[[bytes | None], None] | None = None
        self._told: tuple[bytes | None] | None = None

    @property
    def until(self) -> Pending:
        """Itself."""
        return self

    def when(self, say: Callable[[bytes | None], None]) -> None:
        """Call ``say`` in the loop's thread when it is known: None if they are kept, else the reply that says no."""
        self._say = say
        if self._told is not None:
            say(self._told[0])

    def settled(self, refusal: str | None) -> None:
        """It is known. ``refusal`` is the key of a reply, None if they are kept."""
        refuse, kept, say = self.refuse, self.kept, self._say
        self.refuse = self.kept = self._say = None  # they refer to us: no cycle is left for the garbage collector
        reply = None
        if refusal is not None:
            reply = b"" if refuse is None else refuse(refusal)
        elif kept is not None:
            kept()
        if say is not None:
            say(reply)
        else:
            self._told = (reply,)


def last_refused(judgements: list[Judgement]) -> Judgement:
    """The last one that was refused, or the last of all."""
    return next((one for one in reversed(judgements) if not one.verdict.accepted), judgements[-1])
