"""AUTH as a sans-io exchange: what the client said in, prompts, credentials or ProtocolViolation out.

The mechanisms of the submission endpoint (wire §1.6): ``LOGIN`` (two base64 answers), ``XOAUTH2`` (one), each with or
without an initial response (RFC 4954 section 4). Whether the credentials are good is somebody else's question.

>>> begin(b"LOGIN cHJpbnRlckBjb250b3NvLmNvbQ==").answer(b"c2VjcmV0")
Credentials(mechanism='LOGIN', user='printer@contoso.com')
"""

from __future__ import annotations

import base64
import binascii

from attrs import field, frozen

from fakeeop.errors import ProtocolViolation

__all__ = ["LONGEST_LINE", "MECHANISMS", "AuthExchange", "Credentials", "begin"]

MECHANISMS = ("LOGIN", "XOAUTH2")  # in the order of the EHLO line
LONGEST_LINE = 12_288  # octets of one line, CRLF included (RFC 4954 section 4)
_CANCEL = b"*"


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
    """Text that is no UTF-8 keeps its octets as ``\\xNN``: such a name or password is nobody's."""
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
