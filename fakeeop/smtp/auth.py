"""AUTH (RFC 4954): the exchange, its place in a session, and which lines hold a secret.

An exchange is sans-io: what the client said in; prompts, credentials or ProtocolViolation out.

The mechanisms of the submission endpoint (wire §1.6): ``LOGIN`` (two base64 answers), ``XOAUTH2`` (one), each with or
without an initial response (RFC 4954 section 4). Whether the credentials are good is somebody else's question.

>>> begin(b"LOGIN cHJpbnRlckBjb250b3NvLmNvbQ==").answer(b"c2VjcmV0")
Credentials(mechanism='LOGIN', user='printer@contoso.com')
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Protocol

from attrs import field, frozen

from fakeeop.errors import ProtocolViolation
from fakeeop.smtp.replies.rows import fixed
from fakeeop.smtp.transaction import MASK, Transcript

__all__ = [
    "LONGEST_LINE",
    "MECHANISMS",
    "AuthExchange",
    "Authenticator",
    "Credentials",
    "SessionAuth",
    "begin",
    "is_about_auth",
    "unconfidential",
    "without_secret",
]

MECHANISMS = ("LOGIN", "XOAUTH2")  # in the order of the EHLO line
LONGEST_LINE = 12_288  # octets of one line, CRLF included (RFC 4954 section 4)
_CANCEL = b"*"
_PARAMETER = re.compile(rb"(?i)(?<![ \t])[ \t]+AUTH=[^ \t]+")
_MEANT = re.compile(rb"(?is)(?P<verb>[^a-z]{0,8}auth)(?P<gap>[^a-z0-9+/=]?)(?P<rest>.*)\Z")
_MECHANISMS = frozenset(
    b"CRAM-MD5 DIGEST-MD5 EXTERNAL GSSAPI LOGIN NTLM OAUTHBEARER PLAIN SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2".split()
)
_COMMAND = re.compile(rb"(?im)^(auth[ \t]+[^\s]+[ \t]+)[^\r\n]+")


@frozen
class Credentials:
    """Who says to be who, and the proof: a password (``LOGIN``) or an access token (``XOAUTH2``), never shown."""

    mechanism: str
    user: str
    secret: str = field(repr=False)


class AuthExchange:
    """An AUTH command that waits for the client. ``prompt`` is the row (``replies_submission``) that asks for more."""

    __slots__ = ("_mechanism", "_user", "prompt")

    def __init__(self, mechanism: str) -> None:
        self._mechanism = mechanism
        self._user: str | None = None
        self.prompt = "auth-username" if mechanism == "LOGIN" else "auth-continue"

    def answer(self, line: bytes) -> AuthExchange | Credentials:
        """One line of the client, without its line end; self again if more is needed.

        Violations: ``auth-cancelled`` (``*``), ``auth-base64``, ``auth-too-long``, ``xoauth2-invalid``.
        """
        if line == _CANCEL:
            raise ProtocolViolation("auth-cancelled")
        if len(line) + 2 > LONGEST_LINE:
            raise ProtocolViolation("auth-too-long", f"{len(line)} octets")
        return self._take(_decoded(line))

    def _take(self, said: str) -> AuthExchange | Credentials:
        if self._mechanism == "XOAUTH2":
            return _bearer(said)
        if self._user is None:
            self._user = said
            self.prompt = "auth-password"
            return self
        return Credentials("LOGIN", self._user, said)


def begin(argument: bytes) -> AuthExchange | Credentials:
    """The argument of AUTH: a mechanism, perhaps an initial response (``=`` is an empty one).

    Violations: ``no-authentication`` for a mechanism that is not offered, ``invalid-arguments``, and those of
    ``AuthExchange.answer``.
    """
    words = argument.split()
    if not 1 <= len(words) <= 2:
        raise ProtocolViolation("invalid-arguments", "AUTH takes a mechanism and perhaps an initial response")
    mechanism = words[0].decode("latin-1").upper()
    if mechanism not in MECHANISMS:
        raise ProtocolViolation("no-authentication", mechanism)
    exchange = AuthExchange(mechanism)
    if len(words) == 1:
        return exchange
    return exchange.answer(b"" if words[1] == b"=" else words[1])


def _decoded(line: bytes) -> str:
    """Text that is not UTF-8 keeps its octets as ``\\xNN``: no account has such a name or password."""
    try:
        octets = base64.b64decode(line, validate=True)
    except binascii.Error as why:
        raise ProtocolViolation("auth-base64", str(why)) from why
    return octets.decode("utf-8", "backslashreplace")


def _bearer(said: str) -> Credentials:
    """``user=…^Aauth=Bearer …^A^A``, ``^A`` being the octet 1."""
    fields, end, rest = said.partition("\1\1")
    given = dict(part.partition("=")[::2] for part in fields.split("\1"))
    scheme, _, token = given.get("auth", "").partition(" ")
    user = given.get("user", "")
    if not end or rest or not user or scheme.lower() != "bearer" or not token.strip():
        raise ProtocolViolation("xoauth2-invalid")
    return Credentials("XOAUTH2", user, token.strip())


def unconfidential(said: bytes) -> bytes:
    """Commands without the initial response of AUTH."""
    return _COMMAND.sub(rb"\1" + MASK, said)


def is_about_auth(line: bytes) -> bool:
    """Whether a line is meant as an AUTH command, however it is spelt: after it secrets can follow, whatever we say."""
    return _MEANT.match(line) is not None


def without_secret(line: bytes) -> bytes:
    """Such a line as it may be shown: the mechanism stays, and nothing behind it."""
    match = _MEANT.match(line)
    if match is None or not match["rest"].strip():
        return line
    words = match["rest"].split()
    known = words[0].upper() in _MECHANISMS
    if len(words) == 1 and known:
        return line
    mechanism = words[0] + b" " if known and match["gap"].isspace() else b""
    return match["verb"] + b" " + mechanism + MASK


class Authenticator(Protocol):
    """Who is asked about AUTH at the submission endpoint."""

    def authenticate(self, credentials: Credentials) -> bytes | None:
        """May they sign in? A refusal, whole and rendered; one of 421 closes the connection."""


class SessionAuth:
    """The AUTH of one session (RFC 4954). ``waiting``: the next line is an answer, not a command."""

    __slots__ = ("_authenticator", "_exchange", "_transcript", "authenticated")

    def __init__(self, authenticator: Authenticator, transcript: Transcript) -> None:
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
