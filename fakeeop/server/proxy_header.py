"""The PROXY protocol, versions 1 and 2: who a connection is from, in front of everything else. Octets in, values out.

Source: The PROXY protocol, versions 1 & 2, Willy Tarreau (HAProxy's proxy-protocol.txt, 2020-03-05), section 2.
The text form is one line::

    PROXY TCP4 203.0.113.25 192.0.2.1 40000 25\\r\\n

and the binary form a block of 16 octets, the addresses, and type-length-value fields behind them.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import NamedTuple

from fakeeop.model.addresses import IpAddress, parse_ip

__all__ = ["MOST_OCTETS", "ProxyFault", "ProxyHeader", "parse_proxy_header"]

_V1_START = b"PROXY "
_V1_LONGEST = 107  # octets, with CRLF
_V2_START = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_FIXED = 16
_CRC32C = 0x03
MOST_OCTETS = _V2_FIXED + 65_535  # of the longest header there can be
_WIDTHS = {0x1: 4, 0x2: 16}  # octets of one address, by address family
_FAMILIES = {b"TCP4": 4, b"TCP6": 6}
_UNIX_OCTETS = 216


class ProxyFault(ValueError):
    """What came is not a PROXY header, or a wrong one; the text says why."""


class ProxyHeader(NamedTuple):
    """One header. ``source`` is None where the proxy does not tell: LOCAL, UNKNOWN, UNSPEC or a Unix socket.

    ``tlvs`` are the fields of version 2 as (type, value), in order; nothing here acts on them.
    """

    version: int
    source: IpAddress | None = None
    source_port: int = 0
    destination: IpAddress | None = None
    destination_port: int = 0
    tlvs: tuple[tuple[int, bytes], ...] = ()
    local: bool = False  # the proxy speaks for itself: a health check

    def __str__(self) -> str:
        if self.source is None:
            return f"PROXY v{self.version}: {'the proxy itself' if self.local else 'an unknown client'}"
        return f"PROXY v{self.version}: {self.source} port {self.source_port}"


def parse_proxy_header(data: bytes) -> tuple[ProxyHeader, int] | None:
    """The header that ``data`` starts with and its length in octets; None while it may still become one.

    Raises ProxyFault as soon as it cannot.
    """
    if data.startswith(_V2_START):
        return _version_2(data)
    if data.startswith(_V1_START):
        return _version_1(data)
    if _V2_START.startswith(data) or _V1_START.startswith(data):
        return None
    raise ProxyFault(f"this is not a PROXY header: {data[:24]!r}")


def _version_1(data: bytes) -> tuple[ProxyHeader, int] | None:
    end = data.find(b"\r\n", 0, _V1_LONGEST)
    if end < 0:
        if len(data) >= _V1_LONGEST:
            raise ProxyFault(f"a header of version 1 ends within {_V1_LONGEST} octets")
        if b"\n" in data:
            raise ProxyFault("a header of version 1 ends with CRLF")
        return None
    words = data[:end].split(b" ")
    if words[1] == b"UNKNOWN":
        return ProxyHeader(1), end + 2
    family = _FAMILIES.get(words[1])
    if family is None:
        raise ProxyFault(f"the protocol {words[1]!r} is not TCP4, TCP6 or UNKNOWN")
    if len(words) != 6:
        raise ProxyFault(f"{len(words)} words, not 6: {data[:end]!r}")
    source, destination = (_address(word, family) for word in words[2:4])
    return ProxyHeader(1, source, _port(words[4]), destination, _port(words[5])), end + 2


def _address(word: bytes, family: int) -> IpAddress:
    text = word.decode("ascii", "backslashreplace")
    try:
        address = ipaddress.ip_address(text)
    except ValueError as why:
        raise ProxyFault(f"{text!r} is not an IP address") from why
    if address.version != family or "%" in text:
        raise ProxyFault(f"{text!r} is not an IPv{family} address")
    return parse_ip(text)


def _port(word: bytes) -> int:
    if not word.isdigit() or len(word) > 5 or int(word) > 65_535 or (word[:1] == b"0" and word != b"0"):
        raise ProxyFault(f"{word!r} is not a port")
    return int(word)


def _version_2(data: bytes) -> tuple[ProxyHeader, int] | None:
    if len(data) < _V2_FIXED:
        return None
    version, command = data[12] >> 4, data[12] & 0xF
    family, transport = data[13] >> 4, data[13] & 0xF
    if version != 2:
        raise ProxyFault(f"the signature of version 2, but the version {version}")
    if command > 1:
        raise ProxyFault(f"the command {command} is neither LOCAL nor PROXY")
    if family > 3 or transport > 2:
        raise ProxyFault(f"the address family {family} with the transport {transport} is not defined")
    if command == 1 and transport == 2:
        raise ProxyFault("datagrams, on a stream")
    end = _V2_FIXED + int.from_bytes(data[14:16], "big")
    width = _WIDTHS.get(family, 0)
    used = 2 * width + 4 if width else _UNIX_OCTETS if family == 3 else 0
    if end - _V2_FIXED < used and command == 1:
        raise ProxyFault(f"{end - _V2_FIXED} octets are too few for the addresses")
    if len(data) < end:
        return None
    if command == 0:  # "the receiver must accept this connection ... and discard the protocol block"
        return ProxyHeader(2, local=True), end
    tlvs = _tlvs(data, _V2_FIXED + used, end) if family else ()
    if not width:
        return ProxyHeader(2, tlvs=tlvs), end
    block = data[_V2_FIXED : _V2_FIXED + used]
    source, destination = (ipaddress.ip_address(block[at : at + width]) for at in (0, width))
    ports = (int.from_bytes(block[at : at + 2], "big") for at in (2 * width, 2 * width + 2))
    source_port, destination_port = ports
    header = ProxyHeader(
        2, parse_ip(str(source)), source_port, parse_ip(str(destination)), destination_port, tlvs
    )  # parse_ip: IPv4-mapped becomes IPv4
    return header, end


def _tlvs(data: bytes, position: int, end: int) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    while position < end:
        value = position + 3
        after = value + int.from_bytes(data[position + 1 : position + 3], "big")
        if value > end or after > end:
            raise ProxyFault(f"the field at octet {position} is longer than the header")
        found.append((data[position], data[value:after]))
        if data[position] == _CRC32C:
            _check_sum(data, value, after, end)
        position = after
    return tuple(found)


def _check_sum(data: bytes, value: int, after: int, end: int) -> None:
    """Section 2.2.3: the sum over the whole header with the sum itself as zeros."""
    if after - value != 4:
        raise ProxyFault("the checksum has not 4 octets")
    told = int.from_bytes(data[value:after], "big")
    if told != crc32c(data[:value] + bytes(4) + data[after:end]):
        raise ProxyFault("the checksum is wrong")


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        rest = octet
        for _ in range(8):
            rest = rest >> 1 ^ (0x82F6_3B78 if rest & 1 else 0)
        table.append(rest)
    return tuple(table)


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum (RFC 4960 appendix B)."""
    table, rest = _crc_table(), 0xFFFF_FFFF
    for octet in data:
        rest = rest >> 8 ^ table[(rest ^ octet) & 0xFF]
    return rest ^ 0xFFFF_FFFF
