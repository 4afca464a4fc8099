"""PROXY headers, cut anywhere; aiosmtpd's own parser is the second opinion."""

from __future__ import annotations

import ipaddress

import pytest
from aiosmtpd.proxy_protocol import AF, PROTO, ProxyData, get_proxy
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.model.addresses import parse_ip
from fakeeop.server.proxy_header import ProxyFault, ProxyHeader, crc32c, parse_proxy_header

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
PORTS = st.integers(0, 65_535)
TLVS = st.lists(st.tuples(st.integers(0, 255).filter(lambda kind: kind not in (3, 0x20)), st.binary(max_size=40)))
PAIRS = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)), st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))
)
JUNK = st.tuples(st.sampled_from((b"", b"PROXY ", SIGNATURE, SIGNATURE + b"\x21")), st.binary()).map(b"".join)


def version_1(source: str, destination: str, source_port: int = 4000, destination_port: int = 25) -> bytes:
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {destination} {source_port} {destination_port}\r\n".encode()


def version_2(
    *, start: int = 0x21, family: int = 0x11, addresses: bytes = bytes(12), tlvs: bytes = b"", length: int | None = None
) -> bytes:
    block = addresses + tlvs
    return SIGNATURE + bytes([start, family]) + (len(block) if length is None else length).to_bytes(2, "big") + block


def block(source: str, destination: str, source_port: int = 4000, destination_port: int = 25) -> bytes:
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return addresses + source_port.to_bytes(2, "big") + destination_port.to_bytes(2, "big")


def tlv(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + len(value).to_bytes(2, "big") + value


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (version_1("203.0.113.25", "192.0.2.1"), "203.0.113.25"),
        (version_1("2001:db8::25", "2001:db8::1"), "2001:db8::25"),
        (version_1("::ffff:203.0.113.25", "2001:db8::1"), "203.0.113.25"),
        (version_2(addresses=block("203.0.113.25", "192.0.2.1")), "203.0.113.25"),
        (version_2(family=0x21, addresses=block("2001:db8::25", "2001:db8::1")), "2001:db8::25"),
        (version_2(family=0x21, addresses=block("::ffff:203.0.113.25", "2001:db8::1")), "203.0.113.25"),
    ],
)
def test_an_address_in_both_versions(data: bytes, source: str):
    found = parse_proxy_header(data + b"EHLO x\r\n")
    assert found is not None
    header, octets = found
    assert octets == len(data)
    assert str(header.source) == source
    assert (header.source_port, header.destination_port, header.local) == (4000, 25, False)
    assert str(header) == f"PROXY v{header.version}: {source} port 4000"


@pytest.mark.parametrize(
    ("data", "header", "text"),
    [
        (b"PROXY UNKNOWN\r\n", ProxyHeader(1), "PROXY v1: an unknown client"),
        (b"PROXY UNKNOWN ffff::1 what ever 1 2\r\n", ProxyHeader(1), "PROXY v1: an unknown client"),
        (version_2(start=0x20, family=0, addresses=b""), ProxyHeader(2, local=True), "PROXY v2: the proxy itself"),
        (version_2(start=0x20), ProxyHeader(2, local=True), "PROXY v2: the proxy itself"),
        (version_2(start=0x20, addresses=b"\xff"), ProxyHeader(2, local=True), "PROXY v2: the proxy itself"),
        (version_2(family=0, addresses=b"\xff\xff"), ProxyHeader(2), "PROXY v2: an unknown client"),
        (version_2(family=0x31, addresses=bytes(216)), ProxyHeader(2), "PROXY v2: an unknown client"),
    ],
)
def test_a_client_that_the_proxy_does_not_tell(data: bytes, header: ProxyHeader, text: str):
    assert parse_proxy_header(data + b"rest") == (header, len(data))
    assert str(header) == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"EHLO x\r\n", "this is not a PROXY header: b'EHLO x"),
        (b"PROXI", "this is not a PROXY header"),
        (b"\r\n\r\n\x01", "this is not a PROXY header"),
        (b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "the protocol b'TCP5' is not TCP4, TCP6 or UNKNOWN"),
        (b"PROXY \r\n", "the protocol b'' is not"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "5 words, not 6"),
        (b"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "7 words, not 6"),
        (b"PROXY TCP4 ::1 1.2.3.4 1 2\r\n", "'::1' is not an IPv4 address"),
        (b"PROXY TCP6 1.2.3.4 ::1 1 2\r\n", r"'1\.2\.3\.4' is not an IPv6 address"),
        (b"PROXY TCP6 fe80::1%lo ::1 1 2\r\n", "'fe80::1%lo' is not an IPv6 address"),
        (b"PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n", r"'1\.2\.3\.04' is not an IP address"),
        (b"PROXY TCP4 1.2.3.\xff 1.2.3.4 1 2\r\n", "is not an IP address"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", "b'65536' is not a port"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n", "b'02' is not a port"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", "b'-1' is not a port"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "ends with CRLF"),
        (b"PROXY UNKNOWN " + b"x" * 93, "within 107 octets"),
        (version_2(start=0x11), "the signature of version 2, but the version 1"),
        (version_2(start=0x22), "the command 2 is neither LOCAL nor PROXY"),
        (version_2(family=0x41), "the address family 4 with the transport 1 is not defined"),
        (version_2(family=0x13), "the address family 1 with the transport 3 is not defined"),
        (version_2(family=0x12), "datagrams, on a stream"),
        (version_2(addresses=bytes(11)), "11 octets are too few for the addresses"),
        (version_2(family=0x21, addresses=bytes(35)), "35 octets are too few"),
        (version_2(family=0x31, addresses=bytes(215)), "215 octets are too few"),
        (version_2(tlvs=b"\x04"), "the field at octet 28 is longer than the header"),
        (version_2(tlvs=b"\x04\x00\x05abcd"), "the field at octet 28 is longer than the header"),
        (version_2(tlvs=tlv(3, b"abc")), "the checksum has not 4 octets"),
        (version_2(tlvs=tlv(3, b"abcd")), "the checksum is wrong"),
    ],
)
def test_what_is_no_header_is_refused_with_the_reason(data: bytes, why: str):
    with pytest.raises(ProxyFault, match=why):
        parse_proxy_header(data)


def test_fields_of_version_2_and_their_checksum():
    assert crc32c(b"123456789") == 0xE306_9283
    fields = tlv(2, b"mx.contoso.com") + tlv(4, b"") + tlv(0x20, b"\x01\0\0\0\0") + tlv(3, bytes(4)) + tlv(0xEE, b"x")
    data = version_2(addresses=block("203.0.113.25", "192.0.2.1"), tlvs=fields)
    at = data.index(tlv(3, bytes(4))) + 3
    data = data[:at] + crc32c(data).to_bytes(4, "big") + data[at + 4 :]
    found = parse_proxy_header(data + b"EHLO")
    assert found is not None
    assert [kind for kind, _ in found[0].tlvs] == [2, 4, 0x20, 3, 0xEE]
    assert found[0].tlvs[0][1] == b"mx.contoso.com"
    spoiled = data[:20] + bytes([data[20] ^ 1]) + data[21:]
    with pytest.raises(ProxyFault, match="the checksum is wrong"):
        parse_proxy_header(spoiled)


def test_the_longest_headers():
    assert parse_proxy_header(b"PROXY UNKNOWN " + b"x" * 91 + b"\r\nEHLO") == (ProxyHeader(1), 107)
    data = version_2(family=0, addresses=bytes(65_535))
    assert parse_proxy_header(data[:-1]) is None
    assert parse_proxy_header(data) == (ProxyHeader(2), 65_551)


@given(PAIRS, PORTS, PORTS, TLVS, st.binary(max_size=20), st.floats(0, 1, exclude_max=True))
def test_a_beginning_of_a_header_wants_more_and_the_whole_is_read(pair, port, other_port, fields, rest, part):
    source, destination = pair
    one = version_1(str(source), str(destination), port, other_port)
    two = version_2(
        family=0x11 if source.version == 4 else 0x21,
        addresses=block(str(source), str(destination), port, other_port),
        tlvs=b"".join(tlv(*each) for each in fields),
    )
    for data in (one, two):
        assert parse_proxy_header(data[: int(part * len(data))]) is None
        found = parse_proxy_header(data + rest)
        assert found is not None
        header, octets = found
        assert octets == len(data)
        assert (header.source, header.source_port) == (parse_ip(str(source)), port)
        assert (header.destination, header.destination_port) == (parse_ip(str(destination)), other_port)
    assert header.tlvs == tuple(fields)


@given(JUNK)
def test_any_octets_give_a_header_a_wish_for_more_or_a_fault(data: bytes):
    try:
        found = parse_proxy_header(data)
    except ProxyFault:
        return
    assert found is None or 0 < found[1] <= len(data)


class Octets:
    """What aiosmtpd needs of a stream; it never waits."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read(self, n: int = -1) -> bytes:
        taken, self.data = self.data[:n], self.data[n:]
        return taken

    readexactly = read

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        line, end, self.data = self.data.partition(separator)
        return line + end


def aiosmtpd_reads(data: bytes) -> ProxyData:
    try:
        get_proxy(Octets(data)).send(None)
    except StopIteration as ended:
        result = ended.value
        assert isinstance(result, ProxyData)
        return result
    raise AssertionError("it waits")


@given(PAIRS, st.integers(1, 65_535), TLVS)
def test_aiosmtpd_reads_the_same_out_of_it(pair, port, fields):
    source, destination = map(str, pair)
    family = AF.INET if ":" not in source else AF.INET6
    for data in (
        version_1(source, destination, port),
        version_2(
            family=0x11 if family is AF.INET else 0x21,
            addresses=block(source, destination, port),
            tlvs=b"".join(tlv(*each) for each in fields),
        ),
    ):
        theirs = aiosmtpd_reads(data)
        assert theirs.error == ""
        found = parse_proxy_header(data)
        assert found is not None
        ours = found[0]
        assert (theirs.version, theirs.family, theirs.protocol) == (ours.version, family, PROTO.STREAM)
        assert parse_ip(str(theirs.src_addr)) == ours.source
        assert parse_ip(str(theirs.dst_addr)) == ours.destination
        assert (theirs.src_port, theirs.dst_port) == (ours.source_port, ours.destination_port)
