"""Octets in, octets out: what a DNS client may see."""

from __future__ import annotations

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSHeader, DNSQuestion, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.model.addresses import parse_ip
from fakeeop.model.zone import Mx, Zone, reverse_name
from fakeeop.server.dns_answers import answer

ADDRESS = parse_ip("203.0.113.25")
ZONE = Zone(
    {
        "contoso.com": {"MX": (Mx(0, "mx.contoso.com"), Mx(5, "")), "TXT": ("v=spf1 -all", "x" * 300, "ü", "")},
        "mx.contoso.com": {"A": (ADDRESS,), "AAAA": (parse_ip("2001:db8::25"),)},
        "www.contoso.com": {"CNAME": ("mx.contoso.com",)},
        "away.contoso.com": {"CNAME": ("gone.example",)},
        "*.wild.example": {"A": (ADDRESS,)},
        reverse_name(ADDRESS): {"PTR": ("relay.contoso.com",)},
        "big.example": {"TXT": tuple(f"{n} " + "y" * 200 for n in range(10))},
    },
    {"broken.example"},
)


def answered(query: bytes) -> bytes:
    reply = answer(query, ZONE, udp=True)
    assert reply is not None
    return reply


def ask(name: str, kind: str = "A", *, udp: bool = True, edns: EDNS0 | None = None, rd: int = 1) -> DNSRecord:
    query = DNSRecord(DNSHeader(id=7, rd=rd), q=DNSQuestion(name, getattr(QTYPE, kind)))
    if edns is not None:
        query.add_ar(edns)
    octets = answer(query.pack(), ZONE, udp=udp)
    assert octets is not None
    reply = DNSRecord.parse(octets)
    assert (reply.header.id, reply.header.qr, reply.header.aa, reply.header.ra, reply.header.rd) == (7, 1, 1, 1, rd)
    assert reply.questions == query.questions
    return reply


def said(reply: DNSRecord) -> list[str]:
    return [f"{str(rr.rname).rstrip('.')} {QTYPE[rr.rtype]} {rr.rdata}" for rr in reply.rr]


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("mx.contoso.com", "A", ["mx.contoso.com A 203.0.113.25"]),
        ("MX.Contoso.COM", "AAAA", ["mx.contoso.com AAAA 2001:db8::25"]),
        ("contoso.com", "MX", ["contoso.com MX 0 mx.contoso.com.", "contoso.com MX 5 ."]),
        ("www.contoso.com", "CNAME", ["www.contoso.com CNAME mx.contoso.com."]),
        ("www.contoso.com", "A", ["www.contoso.com CNAME mx.contoso.com.", "mx.contoso.com A 203.0.113.25"]),
        ("a.b.wild.example", "A", ["a.b.wild.example A 203.0.113.25"]),
        ("25.113.0.203.in-addr.arpa", "PTR", ["25.113.0.203.in-addr.arpa PTR relay.contoso.com."]),
        ("mx.contoso.com", "ANY", ["mx.contoso.com A 203.0.113.25", "mx.contoso.com AAAA 2001:db8::25"]),
        ("away.contoso.com", "ANY", ["away.contoso.com CNAME gone.example."]),
    ],
)
def test_records(name, kind, records):
    reply = ask(name, kind)
    assert reply.header.rcode == RCODE.NOERROR
    assert said(reply) == records
    assert {rr.ttl for rr in reply.rr} == {0}
    assert reply.auth == []


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "records"),
    [
        ("nobody.example", "A", "NXDOMAIN", []),
        ("nobody.example", "ANY", "NXDOMAIN", []),
        ("away.contoso.com", "A", "NXDOMAIN", ["away.contoso.com CNAME gone.example."]),
        ("contoso.com", "A", "NOERROR", []),
        ("www.contoso.com", "TXT", "NOERROR", ["www.contoso.com CNAME mx.contoso.com."]),
        ("com", "A", "NOERROR", []),
        ("contoso.com", "SOA", "NOERROR", []),
        ("contoso.com", "TLSA", "NOERROR", []),
        (".", "NS", "NOERROR", []),
    ],
)
def test_nothing_comes_with_the_authority_for_it(name, kind, rcode, records):
    reply = ask(name, kind)
    assert RCODE[reply.header.rcode] == rcode
    assert said(reply) == records
    assert [QTYPE[rr.rtype] for rr in reply.auth] == ["SOA"]


@pytest.mark.parametrize("kind", ["A", "ANY"])
def test_a_broken_name(kind):
    reply = ask("x.broken.example", kind)
    assert RCODE[reply.header.rcode] == "SERVFAIL"
    assert (reply.rr, reply.auth) == ([], [])


def test_long_texts_are_cut_into_strings():
    texts = [rr.rdata.data for rr in ask("contoso.com", "TXT", udp=False).rr]
    assert texts == [[b"v=spf1 -all"], [b"x" * 255, b"x" * 45], ["ü".encode()], [b""]]


def test_a_reply_that_is_too_large_for_udp_is_cut():
    cut = ask("big.example", "TXT")
    assert (cut.header.tc, cut.rr) == (1, [])
    with_edns = ask("big.example", "TXT", edns=EDNS0(udp_len=4096))
    assert (with_edns.header.tc, with_edns.rr) == (1, [])
    assert [rr.rtype for rr in with_edns.ar] == [QTYPE.OPT]
    whole = ask("big.example", "TXT", udp=False, rd=0)
    assert (whole.header.tc, len(whole.rr)) == (0, 10)
    assert len(ask("contoso.com", "TXT", edns=EDNS0(udp_len=1232)).rr) == 4
    assert ask("contoso.com", "MX", edns=EDNS0(udp_len=1)).header.tc == 0


def test_what_is_not_served():
    wrong_class = DNSRecord(q=DNSQuestion("contoso.com", QTYPE.TXT, 3)).pack()
    assert DNSRecord.parse(answer(wrong_class, ZONE, udp=True)).header.rcode == RCODE.REFUSED
    other_version = ask("contoso.com", edns=EDNS0(version=1))
    assert [rr.edns_rcode for rr in other_version.ar] == [1]
    assert other_version.rr == []
    query = bytearray(DNSRecord.question("contoso.com").pack())
    query[2] |= 0x28  # UPDATE
    assert answered(bytes(query))[2:4] == b"\xa9\x84"
    twice = DNSRecord(questions=[DNSQuestion("a.example"), DNSQuestion("b.example")]).pack()
    assert answered(twice)[3] & 0xF == RCODE.FORMERR
    junk = DNSRecord.question("contoso.com").pack()[:-3]
    assert answer(junk, ZONE, udp=True) == junk[:2] + b"\x81\x81" + bytes(8)
    reply = DNSRecord.question("contoso.com").reply().pack()
    assert answer(reply, ZONE, udp=True) is None
    assert answer(b"short", ZONE, udp=True) is None


@given(st.binary(max_size=60), st.booleans())
def test_any_octets_are_survived(octets: bytes, udp: bool):
    for query in (octets, b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + octets):
        reply = answer(query, ZONE, udp=udp)
        assert reply is None or reply[:2] == query[:2]
