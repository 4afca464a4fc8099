"""AUTH within a session: the exchange under way, whether it succeeded, and a transcript that keeps no secret."""

from __future__ import annotations

import re

from fakeeop.errors import ProtocolViolation
from fakeeop.smtp.auth import MECHANISMS, AuthExchange, begin
from fakeeop.smtp.policy import Authenticator
from fakeeop.smtp.replies.rows import fixed
from fakeeop.smtp.transaction import CLIENT, Transcript

__all__ = ["AuthDoor", "ConfidentialTranscript", "unconfidential"]

_MASK = b"<credentials>"
_PARAMETER = re.compile(rb"(?i)[ \t]+AUTH=[^ \t]+")
_COMMAND = re.compile(rb"(?im)^(auth[ \t]+[^\s]+[ \t]+)[^\r\n]+")


def unconfidential(said: bytes) -> bytes:
    """Commands without the initial response of AUTH."""
    return _COMMAND.sub(rb"\1" + _MASK, said)


class ConfidentialTranscript(Transcript):
    """A transcript in which passwords and tokens stand as ``<credentials>``."""

    __slots__ = ("_hidden",)

    def __init__(self) -> None:
        super().__init__()
        self._hidden: list[bytes] = []

    def hide(self, line: bytes) -> None:
        """``line``, which has just come and is not noted yet, is a secret."""
        self._hidden.append(line)

    def note(self, kind: int, what: bytes | int | str) -> None:
        """As ``Transcript``, without secrets."""
        super().note(kind, self._shown(what) if kind == CLIENT and isinstance(what, bytes) else what)

    def exchange(self, said: bytes, reply: bytes) -> None:
        """As ``Transcript``, without secrets."""
        super().exchange(self._shown(said), reply)

    def _shown(self, said: bytes) -> bytes:
        hidden, self._hidden = self._hidden, []
        if hidden:
            lines = said.split(b"\n")
            for secret in hidden:  # each once, in order
                at = next((at for at, line in enumerate(lines) if line.removesuffix(b"\r") == secret), None)
                if at is not None:
                    lines[at] = lines[at].replace(secret, _MASK)
            said = b"\n".join(lines)
        return unconfidential(said)


class AuthDoor:
    """The AUTH of one session (RFC 4954). ``waiting``: the next line is an answer, not a command."""

    __slots__ = ("_authenticator", "_exchange", "_transcript", "authenticated")

    def __init__(self, authenticator: Authenticator, transcript: ConfidentialTranscript) -> None:
        self._authenticator = authenticator
        self._transcript = transcript
        self._exchange: AuthExchange | None = None
        self.authenticated = False

    @property
    def waiting(self) -> bool:
        """True while the client owes an answer."""
        return self._exchange is not None

    def take(self, said: bytes, *, tls: bool) -> bytes:
        """The argument of AUTH, or an answer; gives the reply. Raises ProtocolViolation, which ends an exchange."""
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            if not tls:
                raise ProtocolViolation("no-authentication")
            if self.authenticated:
                raise ProtocolViolation("auth-twice")
            outcome = begin(said)
        else:
            if said not in (b"", b"*"):
                self._transcript.hide(said)
            outcome = exchange.answer(said)
        if isinstance(outcome, AuthExchange):
            self._exchange = outcome
            return fixed(outcome.prompt)
        refusal = self._authenticator.authenticate(outcome)
        if refusal is not None:
            return refusal
        self.authenticated = True
        return fixed("auth-success")

    def overlong(self, line: bytes) -> str:
        """A line that is too long, perhaps only its end: it may hold a secret. The key of the reply."""
        self._transcript.hide(line.removesuffix(b"\r"))
        exchange, self._exchange = self._exchange, None
        return "line-too-long" if exchange is None else "auth-too-long"

    def without_parameter(self, argument: bytes) -> bytes:
        """The argument of MAIL without ``AUTH=``, which must be let pass and says nothing here (RFC 4954 section 5)."""
        return _PARAMETER.sub(b"", argument)

    def announce(self, reply: bytes, *, tls: bool) -> bytes:
        """The reply to EHLO with the AUTH line where STARTTLS stood, before 8BITMIME (wire §1.6)."""
        if not tls:
            return reply
        at = reply.find(b"250-8BITMIME")
        if at < 0:  # hidden: in front of the last line then
            at = reply.rfind(b"\n", 0, -2) + 1
        return b"%b250-AUTH %b\r\n%b" % (reply[:at], " ".join(MECHANISMS).encode(), reply[at:])
