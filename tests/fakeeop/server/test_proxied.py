"""PROXY headers and XCLIENT over real sockets, kept across STARTTLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.state import SERVER_NAMES, ServerCertificates
from fakeeop.server.listener import LOOPBACK
from fakeeop.server.proxied import TrustedSources

V1 = b"PROXY TCP4 203.0.113.25 192.0.2.1 40000 25\r\n"
V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x13" + bytes([203, 0, 113, 25, 192, 0, 2, 1]) + b"\x9c\x40\x00\x19"
V2 += b"\x02\x00\x04abcd"  # the AUTHORITY field
V2_LOCAL = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
V1_SIX = b"PROXY TCP6 2001:db8::25 2001:db8::1 40000 25\r\n"
TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "By address", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]},
                {"Name": "By name", "ConnectorType": "OnPremises", "TlsSenderCertificateName": "relay.contoso.com"},
            ],
        }
    ]
}
TRANSACTION = ("MAIL FROM:<a@contoso.com>", "RCPT TO:<b@fabrikam.example>")


class Client:
    """A socket that speaks first."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def say(self, octets: bytes | str) -> str:
        self.socket.sendall(octets if isinstance(octets, bytes) else octets.encode() + b"\r\n")
        return self.reply()

    def reply(self) -> str:
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            lines.append(self._file.readline().decode().removesuffix("\r\n"))
        return "\n".join(lines)

    def starttls(self, context: ssl.SSLContext) -> None:
        assert self.say("STARTTLS") == "220 2.0.0 SMTP server ready"
        self._file.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def relays(self) -> str:
        """The reply to a recipient outside; the transaction is dropped."""
        replies = [self.say(line) for line in TRANSACTION]
        self.say("RSET")
        return replies[-1]

    def rest(self) -> bytes:
        return self._file.read()

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture(scope="module")
def authority() -> LabAuthority:
    return LabAuthority.create()


@pytest.fixture(scope="module")
def certificates(authority: LabAuthority) -> ServerCertificates:
    server = authority.server_certificate(SERVER_NAMES)
    return ServerCertificates(server.chain_pem, server.key_pem, authority.certificate_pem)


@pytest.fixture
def connect(certificates: ServerCertificates) -> Iterator[Callable[..., tuple[Emulator, Client]]]:
    opened: list[Any] = []

    def make(host: str = "127.0.0.1", peers: dict[str, str] | None = None, idle: float = 300.0, **listener: Any):
        eop = Emulator.from_tree(
            TREE, listeners=[Listener(host, 0, **listener)], certificates=certificates, peers=peers, idle=idle
        )
        eop.start()
        opened.append(eop.stop)
        client = Client(eop.addresses[0])
        opened.append(client.close)
        return eop, client

    yield make
    for close in reversed(opened):
        close()


def context_with(authority: LabAuthority, folder: Path, name: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if name:
        issued = authority.server_certificate((name,))
        path = folder / "client.pem"
        path.write_bytes(issued.key_pem + issued.chain_pem)
        context.load_cert_chain(path)
    return context


def only_session(eop: Emulator) -> dict[str, Any]:
    assert eop.journal.wait_for_sessions_to_end(20)
    [session] = eop.journal.sessions()
    return session


@pytest.mark.parametrize("header", [V1, V2])
def test_the_address_of_the_header_counts_before_and_after_starttls(connect, authority, tmp_path, header):
    eop, client = connect(proxy_from=LOOPBACK)
    assert client.say(header).startswith("220 ")
    assert "Hello [203.0.113.25]" in client.say("EHLO x")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.starttls(context_with(authority, tmp_path, None))
    assert "Hello [203.0.113.25]" in client.say("EHLO x")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.close()
    session = only_session(eop)
    assert (session["peer"], session["socket-peer"]) == ("203.0.113.25", "127.0.0.1")
    assert [each["attributed-to"]["connector"] for each in session["recipients"]] == ["By address", "By address"]
    assert session["transcript"][0] == f"* PROXY v{1 if header is V1 else 2}: 203.0.113.25 port 40000"
    assert session["notes"] == []


def test_a_certificate_counts_behind_a_proxy(connect, authority, tmp_path):
    eop, client = connect(proxy_from=("127.0.0.1",))
    client.say(V1_SIX)
    assert "Hello [2001:db8::25]" in client.say("EHLO x")
    assert client.relays().startswith("550 5.7.64 ")
    client.starttls(context_with(authority, tmp_path, "relay.contoso.com"))
    assert "Hello [2001:db8::25]" in client.say("EHLO x")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.close()
    session = only_session(eop)
    assert session["attributed-to"]["connector"] == "By name"
    assert session["peer"] == "2001:db8::25"


@pytest.mark.parametrize("header", [V1, V2])
def test_octet_by_octet_and_with_commands_behind_it(connect, header):
    _, client = connect(proxy_from=LOOPBACK)
    for octet in header + b"EHLO x":
        client.socket.sendall(bytes([octet]))
    assert client.reply().startswith("220 ")
    assert "Hello [203.0.113.25]" in client.say(b"\r\nNOOP\r\n")
    assert client.reply() == "250 2.0.0 OK"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", V2_LOCAL])
def test_a_client_that_the_proxy_does_not_tell_is_the_proxy(connect, header):
    _, client = connect(proxy_from=LOOPBACK, peers={"127.0.0.1": "203.0.113.9"})
    client.say(header)
    assert "Hello [203.0.113.9]" in client.say("EHLO x")


def test_a_local_client_behind_a_local_proxy_may_stand_for_a_public_one(connect):
    _, client = connect(proxy_from=LOOPBACK, peers={"127.0.0.7": "203.0.113.25"}, peer="198.51.100.1")
    client.say(V1.replace(b"203.0.113.25", b"127.0.0.7"))
    assert "Hello [203.0.113.25]" in client.say("EHLO x")


@pytest.mark.parametrize(
    ("trusted", "octets", "note"),
    [
        (LOOPBACK, b"EHLO x\r\n", "PROXY header: this is not a PROXY header: b'EHLO x\\r\\n'"),
        (LOOPBACK, b"PROXY TCP4 a b 1 2\r\n", "PROXY header: 'a' is not an IP address"),
        (("192.0.2.0/24",), V1, "not a trusted source of PROXY headers (proxy_from)"),
        (LOOPBACK, V1[:20], "the client left before its PROXY header was whole"),
    ],
)
def test_what_is_not_right_is_closed_without_a_word(connect, trusted, octets, note):
    eop, client = connect(proxy_from=trusted)
    try:
        client.socket.sendall(octets)
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == b""
    except OSError:  # a reset is as good: octets were left unread
        pass
    session = only_session(eop)
    assert session["notes"] == [note]
    assert session["transcript"] == [f"* {note}"]
    assert session["peer"] == "127.0.0.1"
    assert session["closed-by"] == ("client" if "left" in note else "server")


def test_a_header_that_does_not_come_is_not_waited_for(connect):
    eop, client = connect(proxy_from=LOOPBACK, idle=0.05)
    assert client.rest() == b""
    assert only_session(eop)["notes"] == ["no PROXY header came in time"]


def test_stopping_closes_who_has_not_shown_a_header(connect):
    eop, client = connect(proxy_from=LOOPBACK)
    client.socket.sendall(V1[:5])
    other = Client(eop.addresses[0])
    assert other.say(V1).startswith("220 ")
    eop.stop()
    assert client.rest() == b""
    assert other.rest().startswith(b"421 4.3.2 ")
    other.close()
    assert {tuple(each["notes"]) for each in eop.journal.sessions()} == {(), ("the emulator is being stopped",)}


def test_a_header_elsewhere_is_a_command_that_is_none(connect):
    _, client = connect()
    assert client.reply().startswith("220 ")
    assert client.say(V1).startswith("500 5.3.3 Unrecognized command 'PROXY' [")


def test_xclient_is_kept_across_starttls(connect, authority, tmp_path):
    eop, client = connect(xclient_from=LOOPBACK)
    banner = client.reply()
    assert client.say("EHLO x").endswith("\n250-SMTPUTF8\n250 XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT")
    assert client.relays().startswith("550 5.7.64 ")
    assert client.say("XCLIENT NAME=relay.contoso.com ADDR=203.0.113.25 PORT=4000") == banner
    assert client.say("MAIL FROM:<a@contoso.com>").startswith("503 5.5.2 Send hello first")
    assert "Hello [203.0.113.25]" in client.say("EHLO y")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.starttls(context_with(authority, tmp_path, "relay.contoso.com"))
    assert client.say("EHLO z").endswith("\n250 XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT")
    assert client.relays() == "250 2.1.5 Recipient OK"
    assert client.say("xclient addr=ipv6:2001:db8::9 proto=esmtp helo=six").startswith("220 ")
    assert "Hello [2001:db8::9]" in client.say("HELO six")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.close()
    session = only_session(eop)
    assert session["recipients"][0]["attributed-to"] == "none"
    by = [each["attributed-to"]["connector"] for each in session["recipients"][1:]]
    assert by == ["By address", "By name", "By name"]
    assert (session["peer"], session["socket-peer"]) == ("2001:db8::9", "127.0.0.1")
    assert "* speaks for NAME=relay.contoso.com ADDR=203.0.113.25 PORT=4000" in session["transcript"]
    assert session["tls"] is not None


def test_a_message_keeps_the_client_it_came_from(connect):
    eop, client = connect(xclient_from=LOOPBACK)
    client.reply()
    for address in ("203.0.113.25", "203.0.113.26"):
        client.say(f"XCLIENT ADDR={address}")
        client.say("EHLO x")
        client.say("MAIL FROM:<a@contoso.com>")
        client.say("RCPT TO:<b@contoso.com>")
        client.say("DATA")
        assert client.say("Subject: x\r\n\r\n.").startswith("250 2.6.0 ")
    assert [each["peer"] for each in eop.journal.messages()] == ["203.0.113.25", "203.0.113.26"]


def test_xclient_refused(connect):
    _, client = connect(xclient_from=LOOPBACK)
    client.reply()
    assert client.say("XCLIENT ADDR=relay").startswith("501 5.5.4 Invalid arguments [")
    assert client.say("XCLIENT").startswith("501 5.5.4 ")
    client.say("EHLO x")
    client.say("MAIL FROM:<a@contoso.com>")
    assert client.say("XCLIENT ADDR=203.0.113.25").startswith("503 5.5.2 Bad sequence of commands [")
    assert client.say("RCPT TO:<b@contoso.com>") == "250 2.1.5 Recipient OK"
    assert client.say("RSET").startswith("250 ")
    assert client.say("XCLIENT ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL]").startswith("220 ")
    assert "Hello [127.0.0.1]" in client.say("HELO x")


@pytest.mark.parametrize("xclient_from", [(), ("192.0.2.0/24", "2001:db8::/32")])
def test_xclient_is_an_unknown_verb_to_others(connect, xclient_from):
    _, client = connect(xclient_from=xclient_from)
    client.reply()
    assert "XCLIENT" not in client.say("EHLO x")
    assert client.say("XCLIENT ADDR=203.0.113.25").startswith("500 5.3.3 Unrecognized command 'XCLIENT' [")


def test_proxy_and_xclient_together(connect):
    """The socket's address is what counts for both."""
    _, client = connect(proxy_from=("127.0.0.1/32",), xclient_from=("127.0.0.1/32",))
    client.say(V1)
    assert client.say("XCLIENT ADDR=198.51.100.3").startswith("220 ")
    assert "Hello [198.51.100.3]" in client.say("EHLO x")


def test_ipv6_end_to_end(connect):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    eop, client = connect("::1", proxy_from=LOOPBACK, xclient_from=("::1",))
    client.say(V1_SIX)
    assert "Hello [2001:db8::25]" in client.say("EHLO x")
    client.say("XCLIENT ADDR=203.0.113.25")
    assert "Hello [203.0.113.25]" in client.say("EHLO x")
    assert client.relays() == "250 2.1.5 Recipient OK"
    client.close()
    assert only_session(eop)["socket-peer"] == "::1"


def test_a_listener_with_a_box_of_its_own(connect):
    _, client = connect(box="AM4PEPF00027A5E")
    assert client.reply().startswith("220 AM4PEPF00027A5E.mail.protection.outlook.com Microsoft ESMTP ")
    assert client.say("HELO x") == "250 AM4PEPF00027A5E.mail.protection.outlook.com Hello [127.0.0.1]"
    assert " [AM4PEPF00027A5E.namprd05.prod.outlook.com " in client.say("FROB")


def test_trusted_sources():
    trusted = TrustedSources(("10.1.2.3/8", "2001:db8::/32", "192.0.2.1"))
    assert trusted.covers(("10.200.0.1", 4))
    assert trusted.covers(("2001:db8::5%lo", 4, 0, 0))
    assert trusted.covers(("::ffff:192.0.2.1", 4, 0, 0))
    assert not trusted.covers(("192.0.2.2", 4))
    assert not trusted.covers(None)
    assert not TrustedSources(())
    with pytest.raises(ValueError, match="relay"):
        TrustedSources(("relay",))
