"""The SMTP session as a sans-io core: octets in, octets and wishes out (RFC 5321, 2920, 3030, 3207).

The adapter's part is small::

    transport.write(session.greeting())
    for data in ...:
        transport.write(session.receive(data))
        if session.wants_tls: ...hand-shake, then session.tls_established(facts)
        if session.closed: ...close

``fakeeop.smtp.state`` has the theory of operation. Whether mail is welcome is asked of a ``Policy``; the session knows
nothing of tenants. One call of ``receive`` makes one pass over its octets and one string to write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from fakeeop.addresses import Mailbox
from fakeeop.errors import ProtocolViolation, SessionMisuse
from fakeeop.model import BodyType, Envelope, Recipient, TlsFacts
from fakeeop.smtp.framing import ChunkReader, DotReader
from fakeeop.smtp.grammar import MailCommand, parse_bdat, parse_hello, parse_mail, parse_rcpt
from fakeeop.smtp.names import Signature, banner_date
from fakeeop.smtp.replies import ROW, fixed, render
from fakeeop.smtp.state import EVENTS, TABLE, State

__all__ = ["CLIENT", "CONTENT", "NOTE", "SERVER", "Policy", "Settings", "SmtpSession", "Transcript"]

CLIENT, SERVER, CONTENT, NOTE = range(4)
Transcript = list[tuple[int, bytes | int | str]]
TRANSCRIPT_LIMIT = 262_144  # octets of commands and replies kept of one session


@frozen
class Settings:
    """What one listener announces and puts up with. ``size`` is in octets (wire §1.4), the rest is our choice.

    ``line`` is RFC 5321's 512 octets and what the extensions announced add to it, rounded up.
    """

    size: int = 157_286_400
    line: int = 2_048
    errors: int = 20
    recipients: int = 1_000
    starttls: bool = True
    banner_session_id: bool = True
    invalid_sender: str = "invalid-sender-501"


class Policy(Protocol):
    """The judge of one session. A reply it returns is a refusal, whole and rendered; None is consent."""

    def hello(self, name: str, esmtp: bool) -> None:
        """EHLO or HELO was accepted."""

    def secured(self, facts: TlsFacts) -> None:
        """The session is under TLS now; what was said before is void."""

    def mail(self, reverse_path: Mailbox) -> bytes | None:
        """A new transaction; a refusal ends it."""

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        """One RCPT; ``earlier`` are the accepted ones of this transaction."""

    def message(self, envelope: Envelope, content: bytes, started: float) -> bytes:
        """The content is here: take it and return the reply, or a refusal. ``started`` is when DATA or BDAT came."""

    def refused(self, stage: str, reply: bytes) -> None:
        """The session itself refused the content (too large)."""


_Handler = Callable[["SmtpSession", bytes], bytes]
_Entry = tuple[_Handler | None, str]


class SmtpSession:
    """One connection. ``wants_tls`` and ``closed`` are the wishes to look at after each call of ``receive``."""

    __slots__ = (
        *("clock", "closed", "esmtp", "helo", "policy", "settings", "signature", "tls", "transcript", "wants_tls"),
        *("_body", "_chunks", "_chunked", "_command", "_earlier", "_errors", "_held", "_hello_ip", "_reader"),
        *("_recipients", "_room", "_rules", "_skipping", "_started"),
    )

    def __init__(
        self, settings: Settings, signature: Signature, policy: Policy, ip: str, clock: Callable[[], float]
    ) -> None:
        self.settings = settings
        self.signature = signature
        self.policy = policy
        self.clock = clock
        self.helo: str | None = None
        self.esmtp = False
        self.tls = False
        self.wants_tls = False
        self.closed = False
        self.transcript: Transcript = []
        self._room = TRANSCRIPT_LIMIT
        self._hello_ip = ip
        self._held = b""
        self._skipping = False
        self._errors = settings.errors
        self._rules = _RULES[State.GREETING]
        self._reader: DotReader | ChunkReader | None = None
        self._command: MailCommand | None = None
        self._recipients: list[Recipient] = []
        self._earlier: tuple[Mailbox, ...] = ()
        self._chunks: list[bytes] = []
        self._chunked = 0
        self._started = 0.0

    @property
    def state(self) -> State:
        """Where the session is in ``TABLE``."""
        if self.closed:
            return State.CLOSED
        if isinstance(self._reader, DotReader):
            return State.DATA
        return next(state for state, rules in _RULES.items() if rules is self._rules)

    # ---- what the adapter calls

    def greeting(self) -> bytes:
        """The banner (wire §1.2)."""
        session = f" [{self.signature.session_id}]" if self.settings.banner_session_id else ""
        date = banner_date(self.signature.wall_clock())
        reply = render(ROW["banner"], box=self.signature.face.banner_name, date=date, session=session)
        self._note(SERVER, reply)
        return reply

    def receive(self, data: bytes) -> bytes:
        """Take octets of the peer; returns what to write, perhaps nothing. Octets after the end are ignored."""
        if self.closed or self.wants_tls:
            return b""
        out: list[bytes] = []
        if self._held:
            data = self._held + data
            self._held = b""
        position, end, mark = 0, len(data), 0
        while position < end:
            if self._reader is not None:
                if mark < position:
                    self._note(CLIENT, data[mark:position])
                position = mark = self._reader.feed(data, position)
                if self._reader.complete:
                    out.append(self._content_ended())
                continue
            line_end = data.find(b"\n", position)
            if line_end < 0:
                self._hold(data[position:])
                break
            line, position = data[position:line_end], line_end + 1
            out.append(self._line(line))
            if self.closed or self.wants_tls:
                break
        if mark < position:
            self._note(CLIENT, data[mark:position])
        reply = b"".join(out)
        if reply:
            self._note(SERVER, reply)
        return reply

    def tls_established(self, facts: TlsFacts) -> None:
        """The handshake is done: all that was said before is forgotten (RFC 3207 section 4.2)."""
        if not self.wants_tls:
            raise SessionMisuse("TLS was not asked for")
        self.wants_tls = False
        self.tls = True
        self.helo = None
        self._held = b""
        self._reset(State.GREETING)
        self.policy.secured(facts)
        self._note(NOTE, f"TLS established {facts.version} {facts.cipher}")

    def end(self, key: str) -> bytes:
        """Say a last reply, ``timeout`` or ``service-unavailable``, and close."""
        self.closed = True
        reply = self._reply(key)
        self._note(SERVER, reply)
        return reply

    def note(self, text: str) -> None:
        """Put a remark of the adapter into the transcript."""
        self._note(NOTE, text)

    # ---- lines

    def _hold(self, rest: bytes) -> None:
        """Keep an unfinished line; one that is too long already is dropped up to its end."""
        if self._skipping or len(rest) > self.settings.line:
            self._skipping = True
        else:
            self._held = rest

    def _line(self, line: bytes) -> bytes:
        if self._skipping or len(line) >= self.settings.line:
            self._skipping = False
            return self._violation("line-too-long")
        if line.endswith(b"\r"):
            line = line[:-1]
        verb, _, argument = line.partition(b" ")
        entry = self._rules.get(verb) or self._rules.get(verb.upper())
        if entry is None:
            return self._violation("unrecognized", verb=_printable(verb))
        handler, refusal = entry
        try:
            if handler is None:
                return self._violation(refusal)
            return handler(self, argument)
        except ProtocolViolation as fault:
            return self._violation(fault.reply_key)

    def _violation(self, key: str, **values: object) -> bytes:
        self._errors -= 1
        if self._errors <= 0:
            self.closed = True
            return self._reply("too-many-errors")
        return self._reply(key, **values)

    def _reply(self, key: str, **values: object) -> bytes:
        row = ROW[key]
        return render(row, self.signature.suffix(row.suffix), **values)

    def _reset(self, state: State) -> None:
        """End the transaction, if there is one, and go to ``state``."""
        self._rules = _RULES[state]
        self._reader = None
        if self._command is not None:
            self._command = None
            self._recipients = []
            self._earlier = ()
            self._chunks = []
            self._chunked = 0

    def _note(self, kind: int, what: bytes | int | str) -> None:
        room = self._room
        if room > 0:
            self.transcript.append((kind, what))
            self._room = room - (16 if isinstance(what, int) else len(what))
            if self._room <= 0:
                self.transcript.append((NOTE, "the transcript is cut here"))

    # ---- verbs

    def _ehlo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=True)
        offers_tls = self.settings.starttls and not self.tls
        box = self.signature.face.banner_name
        return _ehlo_reply(box, self._hello_ip, self.settings.size, offers_tls)

    def _helo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=False)
        return render(ROW["helo"], box=self.signature.face.banner_name, ip=self._hello_ip)

    def _hello(self, argument: bytes, esmtp: bool) -> None:
        self.helo = parse_hello(argument)
        self.esmtp = esmtp
        self.policy.hello(self.helo, esmtp)
        self._reset(State.READY)

    def _starttls(self, argument: bytes) -> bytes:
        if argument.strip():
            raise ProtocolViolation("invalid-arguments", "STARTTLS takes none (RFC 3207 section 4)")
        if self.tls:
            raise ProtocolViolation("tls-twice")
        if not self.settings.starttls:
            raise ProtocolViolation("not-implemented")
        self.wants_tls = True
        return fixed("starttls")

    def _mail(self, argument: bytes) -> bytes:
        try:
            command = parse_mail(argument)
        except ProtocolViolation as fault:
            if fault.reply_key == "invalid-sender":
                return self._violation(self.settings.invalid_sender)
            raise
        if command.size is not None and command.size > self.settings.size:
            reply = self._reply("too-large")
            self.policy.refused("mail", reply)
            return reply
        refusal = self.policy.mail(command.reverse_path)
        if refusal is not None:
            return refusal
        self._command = command
        self._rules = _RULES[State.MAIL]
        return fixed("mail")

    def _rcpt(self, argument: bytes) -> bytes:
        command = self._command
        if command is None:
            raise SessionMisuse("RCPT outside a transaction")
        recipient = parse_rcpt(argument, command.smtputf8)
        if len(self._recipients) >= self.settings.recipients:
            return self._reply("too-many-recipients")
        refusal = self.policy.recipient(command.reverse_path, recipient, self._earlier)
        if refusal is not None:
            return refusal
        self._recipients.append(recipient)
        self._earlier = (*self._earlier, recipient.mailbox)
        self._rules = _RULES[State.RCPT]
        return fixed("rcpt")

    def _data(self, argument: bytes) -> bytes:
        if argument.strip():
            raise ProtocolViolation("invalid-arguments", "DATA takes none")
        if self._command is None or self._command.body is BodyType.BINARY:
            raise ProtocolViolation("bad-sequence", "BINARYMIME needs BDAT (RFC 3030 section 3)")
        self._started = self.clock()
        self._reader = DotReader(self.settings.size)
        return fixed("data")

    def _bdat(self, argument: bytes) -> bytes:
        octets, last = parse_bdat(argument)
        if not self._chunks:
            self._started = self.clock()
        self._chunked += octets
        return self._chunk(ChunkReader(octets, last=last, keep=self._chunked <= self.settings.size))

    def _refuse_chunk(self, argument: bytes, refusal: str) -> bytes:
        """A chunk that may not come now: its octets are taken off the stream all the same."""
        octets, last = parse_bdat(argument)
        return self._chunk(ChunkReader(octets, last=last, keep=False, refusal=refusal))

    def _chunk(self, reader: ChunkReader) -> bytes:
        self._reader = reader
        return self._content_ended() if reader.complete else b""

    def _rset(self, _argument: bytes) -> bytes:
        self._reset(State.GREETING if self.helo is None else State.READY)
        return fixed("reset")

    def _quit(self, _argument: bytes) -> bytes:
        self.closed = True
        return fixed("bye")

    # ---- content

    def _content_ended(self) -> bytes:
        reader = self._reader
        self._reader = None
        if isinstance(reader, DotReader):
            self._note(CONTENT, max(reader.octets, 0))
            return self._deliver(None if reader.too_large else reader.content())
        if reader is None:
            raise SessionMisuse("content outside a transaction")
        if reader.octets:
            self._note(CONTENT, reader.octets)
        if reader.refusal is not None:
            return self._violation(reader.refusal)
        if not reader.keep:
            return self._deliver(None)
        self._chunks += reader.pieces()
        if reader.last:
            return self._deliver(b"".join(self._chunks))
        self._rules = _RULES[State.BDAT]
        return self._reply("chunk", octets=reader.octets)

    def _deliver(self, content: bytes | None) -> bytes:
        """Hand the message over; None is a content that was too large. The transaction is over either way."""
        command = self._command
        if command is None:
            raise SessionMisuse("content outside a transaction")
        if content is None:
            reply = self._reply("too-large")
            self.policy.refused("message", reply)
        else:
            envelope = Envelope(
                command.reverse_path,
                tuple(self._recipients),
                command.body,
                command.size,
                command.smtputf8,
                command.ret,
                command.envid,
            )
            reply = self.policy.message(envelope, content, self._started)
        self._reset(State.READY)
        return reply


def _ehlo_reply(box: str, ip: str, size: int, offers_tls: bool) -> bytes:
    return render(ROW["ehlo"], box=box, ip=ip, size=size, starttls="STARTTLS\n" if offers_tls else "")


def _printable(verb: bytes) -> str:
    return "".join(chr(octet) if 32 <= octet < 127 else "?" for octet in verb)


def _constant(key: str) -> _Handler:
    reply = fixed(key)
    return lambda _session, _argument: reply


def _compile() -> dict[State, dict[bytes, _Entry]]:
    """``TABLE`` with verbs as octets and handlers in place, so that a command costs one look-up."""
    handlers: dict[str, _Handler] = {
        "EHLO": SmtpSession._ehlo,
        "HELO": SmtpSession._helo,
        "STARTTLS": SmtpSession._starttls,
        "MAIL": SmtpSession._mail,
        "RCPT": SmtpSession._rcpt,
        "DATA": SmtpSession._data,
        "BDAT": SmtpSession._bdat,
        "RSET": SmtpSession._rset,
        "QUIT": SmtpSession._quit,
        "NOOP": _constant("noop"),
        "VRFY": _constant("vrfy"),
        "HELP": _constant("help"),
    }
    return {
        state: {verb.encode(): _entry(verb, entry, handlers) for verb, entry in row.items() if verb not in EVENTS}
        for state, row in TABLE.items()
    }


def _entry(verb: str, entry: State | str, handlers: dict[str, _Handler]) -> _Entry:
    if isinstance(entry, State):
        return handlers[verb], ""
    if verb == "BDAT":
        return (lambda session, argument: session._refuse_chunk(argument, entry)), entry
    return None, entry


_RULES = _compile()
