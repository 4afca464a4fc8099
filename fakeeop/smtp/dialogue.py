"""What each verb does: the half of a session that knows commands. ``fakeeop.smtp.session`` finds them in the octets."""

from __future__ import annotations

from collections.abc import Callable

from fakeeop.errors import ProtocolViolation, SessionMisuse
from fakeeop.model import BodyType
from fakeeop.model.ports import Content
from fakeeop.smtp.auth_door import AuthDoor
from fakeeop.smtp.framing import ChunkReader, DotReader
from fakeeop.smtp.gathering import TOO_LARGE, Gathering
from fakeeop.smtp.grammar import parse_bdat, parse_hello, parse_mail, parse_rcpt
from fakeeop.smtp.greetings import banner_stem, ehlo_reply, helo_reply
from fakeeop.smtp.guard import Effect, Guard, Waiting
from fakeeop.smtp.lineends import has_bare_line_feed
from fakeeop.smtp.names import Signature
from fakeeop.smtp.policy import Policy, Settings
from fakeeop.smtp.replies.rows import ROW, fixed, render
from fakeeop.smtp.rules import compiled, constant
from fakeeop.smtp.state import State
from fakeeop.smtp.transaction import CONTENT, Transaction, Transcript

__all__ = ["ANSWER", "AUTH", "GREETING", "READY", "RULES", "XCLIENT", "Dialogue"]

_Handler = Callable[["Dialogue", bytes], bytes]
_Entry = tuple[_Handler | None, str]
_Rules = dict[bytes, _Entry]
_BINARY = BodyType.BINARY
_GUARDED = "(the guard's)"  # in place of a reply key
_MAIL_OK, _RCPT_OK, _DATA_OK = fixed("mail"), fixed("rcpt"), fixed("data")


class Dialogue:
    """The state of one connection, and the handlers that change it. Each handler returns the reply."""

    __slots__ = (
        *("clock", "closed", "esmtp", "helo", "policy", "settings", "signature", "tls", "transcript", "wants_tls"),
        *("auth", "effect", "guard", "lone_dots", "oddity", "xclient"),
        *("_errors", "_held", "_ip", "_reader", "_rules", "_skipping", "_transaction"),
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
        self.xclient = False  # True: the client is trusted to say whom it speaks for
        self.auth: AuthDoor | None = None  # set by a submission endpoint; the MX has none
        self.guard: Guard | None = None  # set where something is limited, hidden or to go wrong
        self.lone_dots: tuple[int, ...] = ()  # of the content that has just come (``DotReader``)
        self.oddity: str | None = None  # who called here by mistake (``fakeeop.smtp.strays``)
        self.effect: Effect | Waiting | None = None  # left by the guard: no more is done before the adapter has done it
        self.transcript = Transcript()
        self._ip = ip
        self._held = b""
        self._skipping = False
        self._errors = settings.errors
        self._rules = GREETING
        self._reader: DotReader | ChunkReader | None = None
        self._transaction: Transaction | None = None

    def banner(self) -> bytes:
        """The banner (wire §1.2)."""
        signature = self.signature
        session = f" [{signature.session_id}]" if self.settings.banner_session_id else ""
        second = signature.wall_clock().replace(microsecond=0)
        return banner_stem(signature.face.banner_name, second) + f"{session}\r\n".encode()

    @property
    def transaction(self) -> Transaction | None:
        """What MAIL and RCPT have said so far."""
        return self._transaction

    @property
    def chunking(self) -> bool:
        """True between the first BDAT of a transaction and its last."""
        return self._rules is BDAT

    def reply(self, key: str, **values: object) -> bytes:
        """A row of the reply table with this session's signature."""
        return self._reply(key, **values)

    def violation(self, key: str, **values: object) -> bytes:
        """The same for a fault of the peer, which counts; the last words if it was one too many."""
        return self._violation(key, **values)

    def drop_chunk(self, argument: bytes) -> bytes:
        """Take the octets of a BDAT off the stream; its reply is then the guard's."""
        return self._refuse_chunk(argument, _GUARDED)

    def _violation(self, key: str, **values: object) -> bytes:
        self._errors -= 1
        if self._errors <= 0:
            self.closed = True
            return self._reply("too-many-errors")
        return self._reply(key, **values)

    def _reply(self, key: str, **values: object) -> bytes:
        row = ROW[key]
        return render(row, self.signature.suffix(row.suffix), **values)

    def _reset(self, rules: _Rules) -> None:
        """End the transaction, if there is one, and go to the state that ``rules`` are of."""
        self._rules = rules
        self._reader = None
        self._transaction = None

    def abandon(self) -> None:
        """The connection is gone: nothing of half a message is kept."""
        self._reset(GREETING)

    # ---- verbs

    def _ehlo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=True)
        offers_tls = self.settings.starttls and not self.tls
        box = self.signature.face.banner_name
        reply = ehlo_reply(box, self._ip, self.settings.size, offers_tls)
        if self.auth is not None:
            reply = self.auth.announce(reply, tls=self.tls)
        if self.xclient:
            from fakeeop.smtp.xclient import announce_xclient  # noqa: PLC0415  few need it: start-up time

            return announce_xclient(reply)
        return reply

    def _helo(self, argument: bytes) -> bytes:
        self._hello(argument, esmtp=False)
        return helo_reply(self.signature.face.banner_name, self._ip)

    def _hello(self, argument: bytes, esmtp: bool) -> None:
        self.helo = parse_hello(argument)
        self.esmtp = esmtp
        self.policy.hello(self.helo, esmtp)
        self._reset(READY)

    def _xclient(self, argument: bytes) -> bytes:
        """As if another client had just connected; TLS stays. ``fakeeop.smtp.xclient`` says more."""
        from fakeeop.smtp.xclient import parse_xclient  # noqa: PLC0415  few need it: start-up time

        if self._transaction is not None:
            raise ProtocolViolation("bad-sequence", "XCLIENT in a transaction")
        command = parse_xclient(argument)
        if command.address is not None:
            self._ip = str(command.address)
        self.helo = None
        self._reset(GREETING)
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
        self._rules = READY
        if self.auth is None:
            raise ProtocolViolation("no-authentication")
        reply = self.auth.take(said, tls=self.tls)
        if self.auth.waiting:
            self._rules = AUTH
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
            reply = self._reply("too-large")
            self.policy.refused("mail", reply)
            return reply
        refusal = self.policy.mail(command.reverse_path)
        if refusal is not None:
            return refusal
        self._transaction = Transaction(command)
        self._rules = MAIL
        return _MAIL_OK

    def _rcpt(self, argument: bytes) -> bytes:
        transaction = self._transaction or self._current()
        command = transaction.command
        recipient = parse_rcpt(argument, command.smtputf8)
        if len(transaction.recipients) >= self.settings.recipients:
            reply = self._reply("too-many-recipients")
            self.policy.refused("rcpt", reply)
            return reply
        refusal = self.policy.recipient(command.reverse_path, recipient, transaction.earlier)
        if refusal is not None:
            return refusal
        transaction.add(recipient)
        self._rules = RCPT
        return _RCPT_OK

    def _data(self, argument: bytes) -> bytes:
        transaction = self._transaction or self._current()
        if argument.strip():
            raise ProtocolViolation("invalid-arguments", "DATA takes none")
        if transaction.command.body is _BINARY:
            raise ProtocolViolation("bad-sequence", "BINARYMIME needs BDAT (RFC 3030 section 3)")
        transaction.started = self.clock()
        self._reader = DotReader(self.settings)
        return _DATA_OK

    def _bdat(self, argument: bytes) -> bytes:
        transaction = self._current()
        octets, last = parse_bdat(argument)
        gathering = transaction.chunks
        if gathering is None:
            transaction.started = self.clock()
            transaction.chunks = gathering = Gathering(self.settings, [])
        if gathering.octets + octets > self.settings.size:
            gathering.refuse(TOO_LARGE)
        return self._chunk(ChunkReader(octets, last=last, into=gathering))

    def _refuse_chunk(self, argument: bytes, refusal: str) -> bytes:
        """A chunk that may not come now: its octets are taken off the stream all the same."""
        octets, last = parse_bdat(argument)
        return self._chunk(ChunkReader(octets, last=last, into=None, refusal=refusal))

    def _chunk(self, reader: ChunkReader) -> bytes:
        self._reader = reader
        return self._content_ended() if reader.complete else b""

    def _rset(self, _argument: bytes) -> bytes:
        self._reset(GREETING if self.helo is None else READY)
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
            if reader.refusal == _GUARDED and self.guard is not None:
                return self.guard.chunk(self)
            return self._violation(reader.refusal)
        self.lone_dots = ()
        gathering = self._current().chunks
        if gathering is None:
            raise SessionMisuse("a chunk without a transaction")
        if reader.last or gathering.refusal is not None:
            return self._deliver(gathering.content(), gathering)
        self._rules = BDAT
        return self._reply("chunk", octets=reader.octets)

    def _inspect(self, content: Content, reader: DotReader) -> bytes:
        """Refuse content with a bare line feed: a knob says so."""
        pieces = (content,) if isinstance(content, bytes) else content.pieces()
        if not self.lone_dots and not has_bare_line_feed(pieces):
            return self._deliver(content, reader)
        reply = self._reply("bare-line-feed")
        self.policy.refused("message", reply)
        self._reset(READY)
        return reply

    def _deliver(self, content: Content | None, source: DotReader | Gathering) -> bytes:
        """Hand the message over; None is a content that ``source`` refused. The transaction is over either way."""
        if content is None:
            reply = self._reply(source.refusal or TOO_LARGE)
            self.policy.refused("message", reply)
        else:
            transaction = self._transaction or self._current()
            if self.guard is not None:
                reply = self.guard.content(self, transaction, content)
            else:
                reply = self.policy.message(transaction.envelope(), content, transaction.started)
        self._reset(READY)
        return reply

    def _current(self) -> Transaction:
        if self._transaction is None:
            raise SessionMisuse("no transaction: the table let a command through that needs one")
        return self._transaction


RULES = compiled(
    {
        "EHLO": Dialogue._ehlo,
        "HELO": Dialogue._helo,
        "STARTTLS": Dialogue._starttls,
        "AUTH": Dialogue._auth,
        "MAIL": Dialogue._mail,
        "RCPT": Dialogue._rcpt,
        "DATA": Dialogue._data,
        "BDAT": Dialogue._bdat,
        "RSET": Dialogue._rset,
        "QUIT": Dialogue._quit,
        "NOOP": constant("noop"),
        "VRFY": constant("vrfy"),
        "HELP": constant("help"),
    },
    Dialogue._refuse_chunk,
)
XCLIENT: _Entry = (Dialogue._xclient, "")
ANSWER: _Entry = (Dialogue._auth, "")
GREETING, READY, MAIL, RCPT, BDAT, AUTH = (
    RULES[state] for state in (State.GREETING, State.READY, State.MAIL, State.RCPT, State.BDAT, State.AUTH)
)  # an Enum member costs a Python call to look up, several times a message
