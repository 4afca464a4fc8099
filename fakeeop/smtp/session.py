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

from fakeeop.errors import ProtocolViolation, SessionMisuse
from fakeeop.model import TlsFacts
from fakeeop.smtp.dialogue import ANSWER, AUTH, GREETING, READY, RULES, XCLIENT, Dialogue
from fakeeop.smtp.framing import DotReader
from fakeeop.smtp.greetings import printable
from fakeeop.smtp.state import State
from fakeeop.smtp.strays import CLIENT_HELLO, TLS_NOTE, stray
from fakeeop.smtp.transaction import CLIENT, NOTE, SERVER

__all__ = ["SmtpSession"]

_STAGES = {b"MAIL": "mail", b"RCPT": "rcpt", b"AUTH": "auth"}


class SmtpSession(Dialogue):
    """One connection. ``wants_tls`` and ``closed`` are the wishes to look at after each call of ``receive``."""

    __slots__ = ()

    @property
    def state(self) -> State:
        """Where the session is in ``TABLE``."""
        if self.closed:
            return State.CLOSED
        if isinstance(self._reader, DotReader):
            return State.DATA
        return next(state for state, rules in RULES.items() if rules is self._rules)

    # ---- what the adapter calls

    def greeting(self) -> bytes:
        """The banner (wire §1.2), noted."""
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
                    if self.effect is not None:
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
        self._reset(GREETING)
        self.policy.secured(facts)
        self.transcript.note(NOTE, f"TLS established {facts.version} {facts.cipher}")

    def end(self, key: str, **values: object) -> bytes:
        """Say a last reply, such as ``timeout`` or ``service-unavailable``, and close."""
        self.closed = True
        reply = self._reply(key, **values)
        self.transcript.note(SERVER, reply)
        return reply

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
        if self._skipping or len(rest) > self.settings.line:
            self._skipping = True
        else:
            self._held = rest

    def _astray(self, said: bytes, note: str) -> bytes:
        """Somebody who speaks no SMTP: the reply to any unknown verb (wire §2.4), and no more (assumption)."""
        self.closed = True
        self.oddity = note
        self.transcript.note(NOTE, note)
        return self._reply("unrecognized", verb=printable(said.partition(b" ")[0][:32]))

    def _line(self, line: bytes) -> bytes:
        if self._skipping or len(line) >= self.settings.line:
            self._skipping = False
            if self._rules is AUTH:
                self._rules = READY
            return self._violation("line-too-long" if self.auth is None else self.auth.overlong(line))
        if line.endswith(b"\r"):
            line = line[:-1]
        verb, _, argument = line.partition(b" ")
        entry = self._rules.get(verb)
        if entry is None:
            entry = XCLIENT if self.xclient and verb.upper() == b"XCLIENT" else self._rules.get(verb.upper())
            if self._rules is AUTH:  # an answer, not a command
                verb, argument, entry = b"AUTH", line, ANSWER
            if entry is None:
                note = stray(line)
                return (
                    self._violation("unrecognized", verb=printable(verb)) if note is None else self._astray(line, note)
                )
        handler, refusal = entry
        try:
            if handler is None:
                return self._violation(refusal)
            if self.guard is not None:
                return self.guard.command(self, verb.upper(), handler, argument)
            return handler(self, argument)
        except ProtocolViolation as fault:
            reply = self._violation(fault.reply_key)
            stage = _STAGES.get(verb.upper())
            if stage is not None:
                self.policy.refused(stage, reply)
            return reply
