"""XCLIENT: a trusted client says whom it speaks for (Postfix XCLIENT_README). A lab feature: the service has none.

The command is one line of attributes, values in xtext (RFC 3461 section 4)::

    XCLIENT NAME=relay.contoso.com ADDR=203.0.113.25 PROTO=ESMTP HELO=relay
    XCLIENT ADDR=IPV6:2001:db8::25 NAME=[UNAVAILABLE]

Announced to, and taken from, trusted clients only; to all others the verb is unknown. It may come anywhere outside a
transaction. The answer is the banner again, and the client says hello anew; what was negotiated by STARTTLS stays, and
so do attributes that a later XCLIENT does not name. An address that is [UNAVAILABLE] leaves the connection's own
(assumption: judging needs one).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fakeeop.errors import ProtocolViolation
from fakeeop.model import PeerFacts
from fakeeop.model.addresses import IpAddress, canonical_domain, parse_ip

__all__ = ["ATTRIBUTES", "XclientCommand", "announce_xclient", "parse_xclient", "speaking_for"]

ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "DESTADDR", "DESTPORT")
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")  # does not exist; could not be found out just now
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+\Z")
_HEX = re.compile(r"\+([0-9A-F]{2})")
_SPACES = re.compile(r"[ \t]+")
_HELO = re.compile(r"[!-~]{1,255}\Z")


class XclientCommand(NamedTuple):
    """What an XCLIENT said; None for what it did not say.

    ``unknown`` names the attributes that were given as [UNAVAILABLE] or [TEMPUNAVAIL]; they are None too.
    """

    address: IpAddress | None = None
    port: int | None = None
    name: str | None = None
    helo: str | None = None
    protocol: str | None = None
    destination: IpAddress | None = None
    destination_port: int | None = None
    unknown: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """For transcripts: ``ADDR=203.0.113.25 NAME=relay.contoso.com``."""
        values = (self.name, self.address, self.port, self.protocol, self.helo, self.destination, self.destination_port)
        said = [f"{key}={value}" for key, value in zip(ATTRIBUTES, values, strict=True) if value is not None]
        return " ".join([*said, *(f"{key}=unknown" for key in ATTRIBUTES if key in self.unknown)])


def announce_xclient(reply: bytes) -> bytes:
    """The reply to EHLO with one more line at its end."""
    start = reply.rfind(b"\n", 0, -2) + 1
    last = reply[start:]
    return b"%b%b-%b%b XCLIENT %b\r\n" % (reply[:start], last[:3], last[4:], last[:3], " ".join(ATTRIBUTES).encode())


def speaking_for(peer: PeerFacts, command: XclientCommand) -> PeerFacts:
    """The client that ``command`` names; what it does not name stays as it is."""
    return PeerFacts(
        peer.ip if command.address is None else command.address,
        peer.port if command.port is None else command.port,
        peer.socket_ip,
        None if "NAME" in command.unknown else command.name or peer.name,
    )


def parse_xclient(argument: bytes) -> XclientCommand:
    """The attributes behind the verb. Violation: ``invalid-arguments``."""
    words = [word for word in _SPACES.split(argument.decode("latin-1")) if word]
    if not words:
        raise ProtocolViolation("invalid-arguments", "XCLIENT needs an attribute")
    given: dict[str, str] = {}
    unknown: set[str] = set()
    for word in words:
        name, equals, value = word.partition("=")
        key = name.upper()
        if key not in ATTRIBUTES or not equals or key in given or key in unknown:
            raise ProtocolViolation("invalid-arguments", word)
        if value.upper() in _UNKNOWN:
            unknown.add(key)
        else:
            given[key] = _decoded(value)
    return XclientCommand(
        _address(given.get("ADDR")),
        _port(given.get("PORT")),
        _name(given.get("NAME")),
        _helo(given.get("HELO")),
        _protocol(given.get("PROTO")),
        _address(given.get("DESTADDR")),
        _port(given.get("DESTPORT")),
        frozenset(unknown),
    )


def _decoded(value: str) -> str:
    if not _XTEXT.match(value):
        raise ProtocolViolation("invalid-arguments", f"{value!r} is not xtext (RFC 3461 section 4)")
    return _HEX.sub(lambda found: chr(int(found[1], 16)), value)


def _address(value: str | None) -> IpAddress | None:
    """An IPv4 address, or an IPv6 one behind ``IPV6:``."""
    if value is None:
        return None
    six = value[:5].upper() == "IPV6:"
    try:
        address = parse_ip(value[5:] if six else value)
    except ValueError as why:
        raise ProtocolViolation("invalid-arguments", str(why)) from why
    if "%" in value or (not six and ":" in value):
        raise ProtocolViolation("invalid-arguments", f"{value}: an IPv6 address is written IPV6:address")
    return address


def _port(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= 65_535):
        raise ProtocolViolation("invalid-arguments", f"{value} is not a port")
    return int(value)


def _name(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return canonical_domain(value)
    except ValueError as why:
        raise ProtocolViolation("invalid-arguments", str(why)) from why


def _helo(value: str | None) -> str | None:
    if value is not None and not _HELO.match(value):
        raise ProtocolViolation("invalid-arguments", "HELO")
    return value


def _protocol(value: str | None) -> str | None:
    if value is not None and value.upper() not in ("SMTP", "ESMTP"):
        raise ProtocolViolation("invalid-arguments", f"PROTO={value}")
    return None if value is None else value.upper()
