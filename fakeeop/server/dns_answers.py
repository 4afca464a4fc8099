"""One DNS query in, one reply out (RFC 1034, 1035, 2308, 6604, 6891, 8020). No I/O.

The zone is all there is: this server has authority for every name, and is also what a stub resolver would ask, so both
flags are set. It never asks anybody.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fakeeop.model.zone import Mx, Value, Zone

if TYPE_CHECKING:
    import dnslib

__all__ = ["UDP_SIZE", "answer"]

UDP_SIZE = 512  # octets of a reply that a client without EDNS takes (RFC 1035 section 2.3.4)
_OWN_SIZE = 1232  # what we say we take by EDNS
_TTL = 0  # seconds: a changed file counts from the next query on
_ANY = 255
_HEADER = 12


def answer(query: bytes, zone: Zone, *, udp: bool) -> bytes | None:
    """The reply to one message; None for what deserves none: no header, or itself a reply."""
    import dnslib  # noqa: PLC0415  heavy

    if len(query) < _HEADER or query[2] & 0x80:
        return None
    try:
        asked = dnslib.DNSRecord.parse(query)
    except (dnslib.DNSError, ValueError, IndexError, KeyError, TypeError, AttributeError):  # what dnslib makes of junk
        return _bare(query, dnslib.RCODE.FORMERR)
    if asked.header.get_opcode() != dnslib.OPCODE.QUERY:
        return _bare(query, dnslib.RCODE.NOTIMP)
    if len(asked.questions) != 1:
        return _bare(query, dnslib.RCODE.FORMERR)
    reply = dnslib.DNSRecord(
        dnslib.DNSHeader(id=asked.header.id, qr=1, aa=1, ra=1, rd=asked.header.rd), questions=list(asked.questions)
    )
    limit = UDP_SIZE
    edns = next((record for record in asked.ar if record.rtype == dnslib.QTYPE.OPT), None)
    if edns is not None:
        limit = max(UDP_SIZE, min(edns.edns_len, _OWN_SIZE))
    if edns is not None and edns.edns_ver != 0:
        reply.add_ar(dnslib.EDNS0(udp_len=_OWN_SIZE, ext_rcode=1))  # BADVERS
    else:
        _fill(reply, zone)
        if edns is not None:
            reply.add_ar(dnslib.EDNS0(udp_len=_OWN_SIZE))
    packed = bytes(reply.pack())
    if udp and len(packed) > limit:
        reply.rr, reply.auth = [], []
        reply.header.tc = 1
        packed = bytes(reply.pack())
    return packed


def _bare(query: bytes, rcode: int) -> bytes:
    """A reply that is a header only: id, opcode and RD as they came."""
    flags = 0x80 | (query[2] & 0x79)
    return query[:2] + bytes([flags, 0x80 | rcode]) + bytes(8)


def _fill(reply: dnslib.DNSRecord, zone: Zone) -> None:
    import dnslib  # noqa: PLC0415  heavy

    question = reply.questions[0]
    if question.qclass not in (dnslib.CLASS.IN, _ANY):
        reply.header.rcode = dnslib.RCODE.REFUSED
        return
    name = _text(question.qname)
    kind = str(dnslib.QTYPE.get(question.qtype, question.qtype))
    found = zone.lookup(name, kind)
    reply.header.rcode = getattr(dnslib.RCODE, found.status.upper())
    if found.status == "servfail":
        return
    here = zone.at(name) if question.qtype == _ANY else {}
    if here:
        reply.header.rcode = dnslib.RCODE.NOERROR
        for each, values in here.items():
            _add(reply, name, each, values)
        return
    for alias, target in pairwise(found.chain):
        _add(reply, alias, "CNAME", (target,))
    _add(reply, found.name, kind, found.values)
    if not found.values:
        reply.add_auth(_soa())


def _soa() -> dnslib.RR:
    """For negative answers (RFC 2308 section 3): of the root, since there is one zone; not to be kept."""
    import dnslib  # noqa: PLC0415  heavy

    return dnslib.RR(
        ".",
        dnslib.QTYPE.SOA,
        ttl=_TTL,
        rdata=dnslib.SOA("fakeeop.invalid.", "nobody.invalid.", (1, 3600, 600, 86400, _TTL)),
    )


def _add(reply: dnslib.DNSRecord, name: str, kind: str, values: tuple[Value, ...]) -> None:
    import dnslib  # noqa: PLC0415  heavy

    for value in values:
        reply.add_answer(dnslib.RR(_label(name), getattr(dnslib.QTYPE, kind), ttl=_TTL, rdata=_data(kind, value)))


def _data(kind: str, value: Value) -> dnslib.RD:
    import dnslib  # noqa: PLC0415  heavy

    if isinstance(value, Mx):
        return dnslib.MX(_label(value.exchange), value.preference)
    if kind == "TXT":
        octets = str(value).encode("utf-8", "surrogateescape")
        return dnslib.TXT([octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""])
    makers: dict[str, Any] = {"A": dnslib.A, "AAAA": dnslib.AAAA, "CNAME": dnslib.CNAME, "PTR": dnslib.PTR}
    return makers[kind](str(value) if kind in ("A", "AAAA") else _label(str(value)))


def _label(name: str) -> dnslib.DNSLabel:
    import dnslib  # noqa: PLC0415  heavy

    return dnslib.DNSLabel([label.encode() for label in name.split(".")] if name else [])


def _text(name: dnslib.DNSLabel) -> str:
    """A name as the zone has it; a dot inside a label makes it one that does not exist."""
    return ".".join(label.decode("latin-1").replace(".", "\x00") for label in name.label).lower()
