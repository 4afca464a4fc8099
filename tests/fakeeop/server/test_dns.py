"""The name server on real sockets, and a client that finds the emulator by name."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator

import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ListenError
from fakeeop.model.addresses import parse_ip

TREE = {
    "Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}],
    "Zone": {
        "contoso.com": {"TXT": ["v=spf1 ip4:203.0.113.25 -all"]},
        "203.0.113.25": {"PTR": "relay.contoso.com"},
        "big.example": {"TXT": [f"{n} " + "y" * 200 for n in range(10)]},
    },
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator.from_tree(TREE, dns=("127.0.0.1", 0)) as eop:
        yield eop


def ask(eop: Emulator, name: str, kind: str, *, tcp: bool = False) -> DNSRecord:
    assert eop.dns_address is not None
    host, port = eop.dns_address
    query = DNSRecord.question(name, kind)
    return DNSRecord.parse(query.send(host, port, tcp=tcp, timeout=20, ipv6=":" in host))


@pytest.mark.parametrize("tcp", [False, True])
def test_udp_and_tcp_say_the_same(emulator, tcp):
    assert str(ask(emulator, "25.113.0.203.in-addr.arpa", "PTR", tcp=tcp).rr[0].rdata) == "relay.contoso.com."
    assert ask(emulator, "nobody.example", "A", tcp=tcp).header.rcode == RCODE.NXDOMAIN


def test_what_does_not_fit_comes_over_tcp(emulator):
    assert ask(emulator, "big.example", "TXT").header.tc == 1
    assert len(ask(emulator, "big.example", "TXT", tcp=True).rr) == 10


def test_several_queries_on_one_tcp_connection_in_any_pieces(emulator):
    queries = [DNSRecord.question("contoso.com", "MX").pack(), DNSRecord.question("contoso.com", "TXT").pack()]
    octets = b"".join(len(query).to_bytes(2, "big") + query for query in queries)
    octets = b"\x00\x03abc" + octets  # what deserves no reply gets none
    with socket.create_connection(emulator.dns_address, timeout=20) as client, client.makefile("rb") as file:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in octets:
            client.sendall(bytes([octet]))
        kinds = []
        for _ in queries:
            reply = DNSRecord.parse(file.read(int.from_bytes(file.read(2), "big")))
            kinds.append(QTYPE[reply.rr[0].rtype])
    assert kinds == ["MX", "TXT"]


def test_a_client_finds_the_emulator_by_the_mx_and_delivers(emulator):
    [mx] = ask(emulator, "contoso.com", "MX").rr
    assert (mx.rdata.preference, str(mx.rdata.label)) == (0, "contoso-com.mail.protection.outlook.com.")
    [address] = ask(emulator, str(mx.rdata.label), "A").rr
    port = emulator.addresses[0][1]
    with smtplib.SMTP(str(address.rdata), port, timeout=20) as client:
        client.sendmail("ann@fabrikam.example", ["bob@contoso.com"], "Subject: x\r\n\r\nhi\r\n")
    assert [message["rcpt-to"] for message in emulator.journal.messages()] == [["bob@contoso.com"]]


def test_another_forest_is_served_from_the_next_query_on(emulator):
    other = Emulator.from_tree({"Tenants": [{"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"]}]}).forest
    emulator.replace_forest(other)
    assert ask(emulator, "contoso.com", "MX").header.rcode == RCODE.NXDOMAIN
    assert len(ask(emulator, "fabrikam.com", "MX").rr) == 1


def test_the_address_of_the_service_can_be_set():
    with Emulator.from_tree(TREE, dns=("127.0.0.1", 0), mx_address="127.0.0.9") as eop:
        assert str(ask(eop, "contoso-com.mail.protection.outlook.com", "A").rr[0].rdata) == "127.0.0.9"
        assert str(ask(eop, "smtp.office365.com", "A").rr[0].rdata) == "127.0.0.9"
    everywhere = Emulator.from_tree(TREE, listeners=[Listener("0.0.0.0", 0)])  # noqa: S104  never opened
    assert everywhere.zone.lookup("smtp.office365.com", "A").values == (parse_ip("127.0.0.1"),)
    by_name = Emulator.from_tree(TREE, listeners=[Listener("localhost", 0)])
    assert by_name.zone.lookup("smtp.office365.com", "A").values == (parse_ip("127.0.0.1"),)


def test_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Emulator.from_tree(TREE, listeners=[Listener("::1", 0)], dns=("::1", 0)) as eop:
        assert str(ask(eop, "smtp.office365.com", "AAAA").rr[0].rdata) == "::1"
        assert str(ask(eop, "smtp.office365.com", "AAAA", tcp=True).rr[0].rdata) == "::1"


def test_without_dns_nothing_listens():
    with Emulator.from_tree(TREE) as eop:
        assert eop.dns_address is None
        assert eop.zone.lookup("contoso.com", "MX").values


def test_a_port_that_is_taken(emulator):
    with pytest.raises(ListenError, match="the port is in use"):
        Emulator.from_tree(TREE, dns=emulator.dns_address).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(ListenError, match=r"\(UDP\)"):
            Emulator.from_tree(TREE, dns=other.getsockname()).start()


def test_closing_frees_the_port(emulator):
    address = emulator.dns_address
    with socket.create_connection(address, timeout=20) as client:
        emulator.stop()
        assert client.recv(1) == b""
    with Emulator.from_tree(TREE, dns=address) as again:
        assert again.dns_address == address
