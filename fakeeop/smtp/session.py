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

import re
from collections.abc import Callable, Mapping

from fakeeop.errors import ProtocolViolation, SessionMisuse
from fakeeop.model import BodyType, TlsFacts
from fakeeop.model.ports import Clock, Content
from fakeeop.smtp.auth import Authenticator, SessionAuth, is_about_auth, without_secret
from fakeeop.smtp.framing import TOO_LARGE, ChunkReader, ContentBuffer, DotReader
from fakeeop.smtp.grammar import parse_bdat, parse_hello, parse_mail, parse_rcpt
from fakeeop.smtp.lineends import has_bare_line_feed
from fakeeop.smtp.names import ReplySuffix, banner_stem, ehlo_reply, helo_reply, printable
from fakeeop.smtp.policy import Effect, Interceptor, Policy, SessionSettings, Waiting
from fakeeop.smtp.replies.rows import ROW, fixed, render
from fakeeop.smtp.state import EVENTS, TABLE, State
from fakeeop.smtp.transaction import CLIENT, CONTENT, NOTE, SERVER, Transaction, Transcript
from fakeeop.smtp.xclient import announce_xclient, parse_xclient

__all__ = ["CLIENT_HELLO", "TLS_NOTE", "SmtpSession", "stray"]

_Handler = Callable[["SmtpSession", bytes], bytes]
_Entry = tuple[_Handler | None, str]  # or the key of the reply that refuses the verb
_Rules = dict[bytes, _Entry]
_STAGES = {b"MAIL": "mail", b"RCPT": "rcpt", b"AUTH": "auth"}
_INTERCEPTED = "(the guard's)"  # in place of a reply key
_MAIL_OK, _RCPT_OK, _DATA_OK = fixed("mail"), fixed("rcpt"), fixed("data")
_BINARY = BodyType.BINARY

CLIENT_HELLO = b"\x16\x03"  # a handshake record (RFC 8446 section 5.1)
TLS_NOTE = "TLS ClientHello on a STARTTLS port: the client uses implicit TLS; set it to STARTTLS"
_HTTP = re.compile(rb"(?:[A-Z]+ \S+ HTTP/\d|PRI \* HTTP/2)")


def stray(line: bytes) -> str | None:
    """Who calls here by mistake, as a line that is not a command shows it, in words for people; None if nobody."""
    if line.startswith(CLIENT_HELLO):
        return TLS_NOTE
    if _HTTP.match(line):
        return "HTTP on an SMTP port: a browser or a web client called"
    return None


class SmtpSession:
    """One connection. ``wants_tls`` and ``closed`` are the wishes to look at after each call of ``receive``.

    ``settings`` say what it announces and enforces. ``guard`` stands in the way of commands, ``authenticator`` is asked
    about AUTH (the MX has none), ``xclient`` trusts the client to say whom it speaks for. Handlers of verbs return the
    reply.
    """

    __slots__ = (
        *("auth", "closed", "effect", "esmtp", "guard", "helo", "lone_dots", "oddity", "policy", "settings", "suffix"),
        *("tls", "transcript", "wants_tls", "xclient"),
        *("_clock", "_errors", "_held", "_ip", "_longest", "_reader", "_rules", "_skipping", "_transaction", "_wary"),
    )

    def __init__(
        self,
        settings: SessionSettings,
        policy: Policy,
        ip: str,
        session_id: str,
        clock: Clock,
        *,
        guard: Interceptor | None = None,
        authenticator: Authenticator | None = None,
        xclient: bool = False,
    ) -> None:
        self.settings = settings
        self.suffix = ReplySuffix(settings.hosts, clock.now, session_id)
        self.policy = policy
        self.guard = guard
        self.xclient = xclient
        self.transcript = Transcript()
        self.auth = None if authenticator is None else SessionAuth(authenticator, self.transcript)
        self.helo: str | None = None
        self.esmtp = False
        self.tls = False
        self.wants_tls = False
        self.closed = False
        self.lone_dots: tuple[int, ...] = ()  # of the content that has just come (``DotReader``)
        self.oddity: str | None = None  # who called here by mistake (``stray``)
        self.effect: Effect | Waiting | None = None  # left by the guard: no more is done before the adapter has done it
        self._clock = clock
        self._ip = ip
        self._held = b""
        self._skipping = False
        self._wary = False  # AUTH was said: what is not a command may be a secret
        self._errors = settings.errors
        self._longest = max(settings.line, settings.auth_line)
        self._rules = _GREETING
        self._reader: DotReader | ChunkReader | None = None
        self._transaction: Transaction | None = None

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
        """The banner (wire §1.2), or what the guard puts in its place; noted."""
        guard = self.guard
        if guard is not None and guard.active:
            return guard.greeting(self)
        reply = self.banner()
        self.transcript.note(SERVER, reply)
        return reply

    def receive(self, data: bytes) -> bytes:
        """Take octets of the peer; returns what to write, perhaps nothing. Octets after the end are ignored."""
        if self.closed or self.wants_tls or self.effect is not None:
            if self.effect is not None:
                self._held += data
            return b""
        if self._held:
            data = self._held + data
            self._held = b""
            return self._receive(data, 0)
        reader = self._reader  # two short ways, for a client that waits for its replies: one line, or content
        if reader is None:
            if data.find(b"\n") != len(data) - 1:
                return self._receive(data, 0)
            reply = self._line(data[:-1])
            self.transcript.exchange(data, reply)
            return reply
        position = reader.feed(data, 0)
        if position < len(data):
            return self._receive(data, position)
        if not reader.complete:
            return b""
        reply = self._content_ended()
        self.transcript.note(SERVER, reply)
        return reply

    def _receive(self, data: bytes, position: int) -> bytes:
        """The long way: any number of lines and contents, whole or not, from ``position`` on."""
        out: list[bytes] = []
        mark, end = position, len(data)
        while position < end:
            reader = self._reader
            if reader is not None:
                if not reader.complete:
                    if mark < position:
                        self.transcript.note(CLIENT, data[mark:position])
                    position = mark = reader.feed(data, position)
                if reader.complete:
                    out.append(self._content_ended())
                    if self.closed or self.effect is not None:
                        break
                continue
            line_end = data.find(b"\n", position)
            if line_end < 0:
                if data.startswith(CLIENT_HELLO, position) and self.helo is None:
                    out.append(self._astray(data[position:], TLS_NOTE))
                    position = end
                else:
                    self._hold(data[position:])
                break
            line, position = data[position:line_end], line_end + 1
            out.append(self._line(line))
            if self.closed or self.wants_tls or self.effect is not None:
                break
        if self.effect is not None:
            self._held = data[position:]
        reply = b"".join(out)
        if mark < position:
            self.transcript.exchange(data[mark:position], reply)
        elif reply:
            self.transcript.note(SERVER, reply)
        return reply

    def tls_established(self, facts: TlsFacts) -> None:
        """The handshake is done: all that was said before is forgotten (RFC 3207 section 4.2)."""
        if not self.wants_tls:
            raise SessionMisuse("TLS was not asked for")
        self.wants_tls = False
        self.tls = True
        self.helo = None
        self._held = b""
        self._reset(_GREETING)
        self.policy.secured(facts)
        self.transcript.note(NOTE, f"TLS established {facts.version} {facts.cipher}")

    def end(self, key: str, **values: object) -> bytes:
        """Say a last reply, such as ``timeout`` or ``service-unavailable``, and close."""
        self.closed = True
        reply = self.reply(key, **values)
        self.transcript.note(SERVER, reply)
        return reply

    def handshake_effect(self) -> Effect | None:
        """How the TLS handshake that STARTTLS asked for is to go wrong; None: not at all."""
        guard = self.guard
        return guard.handshake(self) if guard is not None and guard.active else None

    def ended(self) -> None:
        """The connection is gone: nothing of half a message is kept."""
        if self.guard is not None:
            self.guard.ended()
        self._reset(_GREETING)

    def resume(self) -> bytes:
        """The adapter has done what ``effect`` says: go on with what was read and left; returns what to write."""
        self.effect = None
        rest, self._held = self._held, b""
        return b"" if not rest or self._over() else self._receive(rest, 0)

    def said(self, reply: bytes) -> None:
        """The adapter wrote a reply that an effect held back."""
        self.transcript.note(SERVER, reply)

    def note(self, text: str) -> None:
        """Put a remark of the adapter into the transcript."""
        self.transcript.note(NOTE, text)

    # ---- lines

    def _over(self) -> bool:
        return self.closed or self.wants_tls or self.effect is not None

    def _hold(self, rest: bytes) -> None:
        """Keep an unfinished line; one that is too long already is dropped up to its end."""
        if self._skipping or len(rest) > self._longest:
            self._skipping = True
            self._wary = self._wary or is_about_auth(rest)
        else:
            self._held = rest

    def _too_long(self, line: bytes) -> bool:
        """Lines of AUTH may be longer than others (RFC 4954 section 4)."""
        of_auth = self._rules is _AUTH or line[:5].upper() == b"AUTH "
        return not of_auth or len(line) >= self._longest

    def _astray(self, said: bytes, note: str) -> bytes:
        """Somebody who speaks no SMTP: the reply to any unknown verb (wire §2.4), and no more (assumption)."""
        self.closed = True
        self.oddity = note
        self.transcript.note(NOTE, note)
        return self.reply("unrecognized", verb=printable(said.partition(b" ")[0][:32]))

    def _line(self, line: bytes) -> bytes:
        if self._skipping or (len(line) >= self.settings.line and self._too_long(line)):
            self._skipping = False
            if self._rules is _AUTH:
                self._rules = _READY
            if self._wary or is_about_auth(line):
                self._wary = True
                self.transcript.hide(line.removesuffix(b"\r"))
            return self.violation("line-too-long" if self.auth is None else self.auth.overlong(line))
        if line.endswith(b"\r"):
            line = line[:-1]
        verb, _, argument = line.partition(b" ")
        entry = self._rules.get(verb)
        if entry is None:
            entry = _XCLIENT if self.xclient and verb.upper() == b"XCLIENT" else self._rules.get(verb.upper())
            if self._rules is _AUTH:  # an answer, not a command
                verb, argument, entry = b"AUTH", line, _ANSWER
                self._wary = True
            elif entry is None or is_about_auth(line):
                self._hide(line, verb)
            if entry is None:
                note = stray(line)
                return (
                    self.violation("unrecognized", verb=printable(verb)) if note is None else self._astray(line, note)
                )
        elif verb == b"AUTH":
            self._hide(line, verb)
        if self._wary and verb.upper() != b"AUTH":
            self._wary = False
        handler, refusal = entry
        try:
            if handler is None:
                return self.violation(refusal)
            guard = self.guard
            if guard is not None and guard.active:
                return guard.command(self, verb.upper(), handler, argument)
            return handler(self, argument)
        except ProtocolViolation as fault:
            reply = self.violation(fault.reply_key)
            stage = _STAGES.get(verb.upper())
            if stage is not None:
                self.policy.refused(stage, reply)
            return reply

    def _hide(self, line: bytes, verb: bytes) -> None:
        """AUTH, or what follows one that was refused: it may be a secret until the next command that is known."""
        if is_about_auth(line):
            self._wary = True
            shown = without_secret(line)
            if shown != line:
                self.transcript.hide(line, shown, printable(verb).encode())
        elif self._wary:
            self.transcript.hide(line, echo=printable(verb).encode())

    # ---- what the guard uses

    def banner(self) -> bytes:
        """The banner (wire §1.2)."""
        session = f" [{self.suffix.session_id}]" if self.settings.banner_session_id else ""
        second = self.suffix.wall_clock().replace(microsecond=0)
        return banner_stem(self.settings.hosts.banner_name, second) + f"{session}\r\n".encode()

    @property
    def transaction(self) -> Transaction | None:
        """What MAIL and RCPT have said so far."""
        return self._transaction

    @property
    def chunking(self) -> bool:
        """True between the first BDAT of a transaction and its last."""
        return self._rules is _BDAT

    def drop_chunk(self, argument: bytes) -> bytes:
        """Take the octets of a BDAT off the stream; its reply is then the guard's."""
        return self._refuse_chunk(argument, _INTERCEPTED)

    def violation(self, key: str, **values: object) -> bytes:
        """A reply to a fault of the peer, which counts; the last words if it was one too many."""
        self._errors -= 1
        if self._errors <= 0:
            self.closed = True
            return self.reply("too-many-errors")
        return self.reply(key, **values)

    def reply(self, key: str, **values: object) -> bytes:
        """A row of the reply table with this session's suffix."""
        row = ROW[key]
        return render(row, self.suffix.blocks(row.suffix), **values)

    def _reset(self, rules: _Rules) -> None:
        """End the transaction, if there is one, and go to the state that ``rules`` are of."""
        self._rules = rules
        self._reader = None
        self._transaction = None

    # ---- verbs

    def _ehlo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=True)
        offers_tls = self.settings.starttls and not self.tls
        reply = ehlo_reply(self.settings.hosts.banner_name, self._ip, self.settings.size, offers_tls)
        if self.auth is not None:
            reply = self.auth.announce(reply, tls=self.tls)
        return announce_xclient(reply) if self.xclient else reply

    def _helo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=False)
        return helo_reply(self.settings.hosts.banner_name, self._ip)

    def _hello(self, argument: bytes, esmtp: bool) -> None:
        self.helo = parse_hello(argument)
        self.esmtp = esmtp
        self.policy.hello(self.helo, esmtp)
        self._reset(_READY)

    def _xclient(self, argument: bytes) -> bytes:
        """As if another client had just connected; TLS stays. ``fakeeop.smtp.xclient`` says more."""
        if self._transaction is not None:
            raise ProtocolViolation("bad-sequence", "XCLIENT in a transaction")
        command = parse_xclient(argument)
        if command.address is not None:
            self._ip = str(command.address)
        self.helo = None
        self._reset(_GREETING)
        self.policy.speaks_for(command)
        return self.banner()

    def _starttls(self, argument: bytes) -> bytes:
        if argument.strip():
            raise ProtocolViolation("invalid-arguments", "STARTTLS takes none (RFC 3207 section 4)")
        if self.tls:
            raise ProtocolViolation("tls-twice")
        if not self.settings.starttls:
            raise ProtocolViolation("not-implemented")
        self.wants_tls = True
        return fixed("starttls")

    def _auth(self, said: bytes) -> bytes:
        """AUTH, and each answer within it."""
        self._rules = _READY
        if self.auth is None:
            raise ProtocolViolation("no-authentication")
        reply = self.auth.take(said, tls=self.tls)
        if self.auth.waiting:
            self._rules = _AUTH
        self.closed = reply.startswith(b"421")
        return reply

    def _mail(self, argument: bytes) -> bytes:
        if self.auth is not None:
            argument = self.auth.without_parameter(argument)
        try:
            command = parse_mail(argument)
        except ProtocolViolation as fault:
            if fault.reply_key == "invalid-sender":
                raise ProtocolViolation(self.settings.invalid_sender, fault.detail) from fault
            raise
        if command.size is not None and command.size > self.settings.size:
            reply = self.reply("too-large")
            self.policy.refused("mail", reply)
            return reply
        refusal = self.policy.mail(command.reverse_path)
        if refusal is not None:
            return refusal
        self._transaction = Transaction(command)
        self._rules = _MAIL
        return _MAIL_OK

    def _rcpt(self, argument: bytes) -> bytes:
        transaction = self._transaction or self._current()
        command = transaction.command
        recipient = parse_rcpt(argument, command.smtputf8)
        if len(transaction.recipients) >= self.settings.recipients:
            reply = self.reply("too-many-recipients")
            self.policy.refused("rcpt", reply)
            return reply
        refusal = self.policy.recipient(command.reverse_path, recipient, transaction.earlier)
        if refusal is not None:
            return refusal
        transaction.add(recipient)
        self._rules = _RCPT
        return _RCPT_OK

    def _data(self, argument: bytes) -> bytes:
        transaction = self._transaction or self._current()
        if argument.strip():
            raise ProtocolViolation("invalid-arguments", "DATA takes none")
        if transaction.command.body is _BINARY:
            raise ProtocolViolation("bad-sequence", "BINARYMIME needs BDAT (RFC 3030 section 3)")
        transaction.started = self._clock.monotonic()
        self._reader = DotReader(self.settings)
        return _DATA_OK

    def _bdat(self, argument: bytes) -> bytes:
        transaction = self._current()
        octets, last = parse_bdat(argument)
        buffer = transaction.chunks
        if buffer is None:
            transaction.started = self._clock.monotonic()
            transaction.chunks = buffer = ContentBuffer(self.settings, [])
        if buffer.octets + octets > self.settings.size:
            buffer.refuse(TOO_LARGE)
        return self._chunk(ChunkReader(octets, last=last, into=buffer))

    def _refuse_chunk(self, argument: bytes, refusal: str) -> bytes:
        """A chunk that may not come now: its octets are taken off the stream all the same."""
        octets, last = parse_bdat(argument)
        return self._chunk(ChunkReader(octets, last=last, into=None, refusal=refusal))

    def _chunk(self, reader: ChunkReader) -> bytes:
        self._reader = reader
        return self._content_ended() if reader.complete else b""

    def _rset(self, _argument: bytes) -> bytes:
        self._reset(_GREETING if self.helo is None else _READY)
        return fixed("reset")

    def _quit(self, _argument: bytes) -> bytes:
        self.closed = True
        return fixed("bye")

    # ---- content

    def _content_ended(self) -> bytes:
        reader = self._reader
        self._reader = None
        if isinstance(reader, DotReader):
            self.transcript.note(CONTENT, reader.octets)
            self.lone_dots = reader.lone_dots
            content = reader.content()
            if content is not None and not self.settings.bare_line_feeds:
                return self._inspect(content, reader)
            return self._deliver(content, reader)
        if reader is None:
            raise SessionMisuse("no content is being read")
        if reader.octets:
            self.transcript.note(CONTENT, reader.octets)
        if reader.refusal is not None:
            if reader.refusal == _INTERCEPTED and self.guard is not None:
                return self.guard.chunk(self)
            return self.violation(reader.refusal)
        self.lone_dots = ()
        buffer = self._current().chunks
        if buffer is None:
            raise SessionMisuse("a chunk without a transaction")
        if reader.last or buffer.refusal is not None:
            return self._deliver(buffer.content(), buffer)
        self._rules = _BDAT
        return self.reply("chunk", octets=reader.octets)

    def _inspect(self, content: Content, reader: DotReader) -> bytes:
        """Refuse content with a bare line feed: a knob says so."""
        pieces = (content,) if isinstance(content, bytes) else content.pieces()
        if not self.lone_dots and not has_bare_line_feed(pieces):
            return self._deliver(content, reader)
        reply = self.reply("bare-line-feed")
        self.policy.refused("message", reply)
        self._reset(_READY)
        return reply

    def _deliver(self, content: Content | None, source: DotReader | ContentBuffer) -> bytes:
        """Hand the message over; None is a content that ``source`` refused. The transaction is over either way."""
        if content is None:
            reply = self.reply(source.refusal or TOO_LARGE)
            self.policy.refused("message", reply)
        else:
            transaction = self._transaction or self._current()
            guard = self.guard
            if guard is not None and guard.active:
                reply = guard.content(self, transaction, content)
            else:
                reply = self.policy.message(transaction.envelope(), content, transaction.started)
        self._reset(_READY)
        return reply

    def _current(self) -> Transaction:
        if self._transaction is None:
            raise SessionMisuse("no transaction: the table let a command through that needs one")
        return self._transaction


def _constant(key: str) -> _Handler:
    """A handler that gives one reply whatever is said."""
    reply = fixed(key)
    return lambda _session, _argument: reply


def _entry(verb: str, listed: State | str) -> _Entry:
    if isinstance(listed, State):
        return _HANDLERS[verb], ""
    if verb == "BDAT":  # its octets must be taken off the stream even then
        return (lambda session, argument: session._refuse_chunk(argument, listed)), listed
    return None, listed


_HANDLERS: Mapping[str, _Handler] = {
    "EHLO": SmtpSession._ehlo,
    "HELO": SmtpSession._helo,
    "STARTTLS": SmtpSession._starttls,
    "AUTH": SmtpSession._auth,
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
_RULES: Mapping[State, _Rules] = {  # ``TABLE`` with verbs as octets and handlers in place: one look-up a command
    state: {verb.encode(): _entry(verb, listed) for verb, listed in row.items() if verb not in EVENTS}
    for state, row in TABLE.items()
}
_XCLIENT: _Entry = (SmtpSession._xclient, "")
_ANSWER: _Entry = (SmtpSession._auth, "")
_GREETING, _READY, _MAIL, _RCPT, _BDAT, _AUTH = (
    _RULES[state] for state in (State.GREETING, State.READY, State.MAIL, State.RCPT, State.BDAT, State.AUTH)
)  # an Enum member costs a Python call to look up, several times a message
