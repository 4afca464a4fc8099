"""Real sockets on port 0."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest

from fakeeop.emulator import Listener

MESSAGE = b"Message-ID: <1@printer.example>\r\nSubject: x\r\n\r\n..dot\r\n.\r\n"


def open_context(**versions: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, version in versions.items():
        setattr(context, name, version)
    return context


def test_pipelining_in_one_write(emulator, call):
    client = call(emulator, "127.0.0.25")
    client.send(
        b"EHLO x\r\nMAIL FROM:<a@contoso.com>\r\nRCPT TO:<b@fabrikam.example>\r\nDATA\r\n" + MESSAGE + b"QUIT\r\n"
    )
    codes = [client.reply()[:9] for _ in range(6)]
    assert codes == ["250-SN1PE", "250 2.1.0", "250 2.1.5", "354 Start", "250 2.6.0", "221 2.0.0"]
    assert client.at_end()
    assert emulator.journal.wait_for_sessions_to_end(20)
    [message] = emulator.journal.messages()
    assert message["raw"].endswith("\r\n\r\n.dot\r\n")
    assert message["reply"].startswith("250 2.6.0 <1@printer.example> [InternalId=")


def test_octet_by_octet(emulator, call):
    client = call(emulator, "127.0.0.25")
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    octets = b"EHLO x\r\nMAIL FROM:<a@contoso.com>\r\nRCPT TO:<b@contoso.com>\r\nDATA\r\n" + MESSAGE
    for octet in octets:
        client.send(bytes([octet]))
    assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "250", "354", "250"]


def test_refused_by_address(emulator, call):
    client = call(emulator, "127.0.0.26")
    client.send(b"EHLO x\r\nMAIL FROM:<a@contoso.com>\r\nRCPT TO:<b@fabrikam.example>\r\nDATA\r\n")
    *_, rcpt, data = [client.reply() for _ in range(4)]
    assert rcpt.startswith("550 5.7.64 TenantAttribution; Relay Access Denied [")
    assert data.startswith("503 5.5.2 Need rcpt command [")
    assert client.say("QUIT") == "221 2.0.0 Service closing transmission channel"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_starttls(emulator, call, version):
    client = call(emulator)
    assert "250-STARTTLS" in client.say("EHLO x")
    client.starttls(open_context(minimum_version=version, maximum_version=version))
    assert client.say("MAIL FROM:<a@contoso.com>").startswith("503 5.5.2 Send hello first [")
    assert "STARTTLS" not in client.say("EHLO y")
    assert client.say("STARTTLS").startswith("503 ")
    client.send(
        b"MAIL FROM:<a@contoso.com>\r\nRCPT TO:<b@contoso.com>\r\nDATA\r\n" + b"x" * 70_000 + b"\r\n.\r\nQUIT\r\n"
    )
    assert [client.reply()[:3] for _ in range(3)] == ["250", "250", "354"]
    assert client.reply().startswith("250 2.6.0 ")


def test_a_large_message_under_tls(emulator):
    body = (b"x" * 76 + b"\r\n") * 40_000
    host, port = emulator.addresses[0]
    with smtplib.SMTP(host, port, source_address=("127.0.0.25", 0), timeout=30) as client:
        client.starttls(context=open_context())
        client.sendmail("a@contoso.com", ["b@fabrikam.example"], b"Subject: big\r\n\r\n" + body)
    [message] = emulator.journal.messages()
    assert message["size"] == len(body) + 16


def test_plaintext_behind_starttls_is_not_obeyed(emulator, call):
    client = call(emulator)
    client.say("EHLO x")
    client.send(b"STARTTLS\r\nMAIL FROM:<evil@contoso.com>\r\n")
    assert client.reply() == "220 2.0.0 SMTP server ready"
    client.socket = open_context().wrap_socket(client.socket)
    client._file = client.socket.makefile("rb")
    client.say("EHLO y")
    assert client.say("MAIL FROM:<a@contoso.com>") == "250 2.1.0 Sender OK"


def test_a_handshake_that_fails_is_told(emulator, call):
    client = call(emulator)
    client.say("EHLO x")
    assert client.say("STARTTLS").startswith("220 ")
    client.send(b"this is no ClientHello\r\n" * 10)
    while client.socket.recv(4096):
        pass
    assert emulator.journal.wait_for_sessions_to_end(20)
    [session] = emulator.journal.sessions()
    assert "is not a TLS handshake" in session["tls-failure"]
    assert session["closed-by"] == "server"
    assert session["tls"] is None


def test_a_client_that_leaves_in_the_handshake(emulator, call):
    client = call(emulator)
    client.say("EHLO x")
    client.say("STARTTLS")
    client.close()
    assert emulator.journal.wait_for_sessions_to_end(20)
    [session] = emulator.journal.sessions()
    assert session["tls-failure"] == "the client closed the connection during the handshake"
    assert session["closed-by"] == "client"


def test_half_close(emulator, call):
    client = call(emulator)
    client.send(b"EHLO x\r\nNOOP\r\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.reply().startswith("250-")
    assert client.reply() == "250 2.0.0 OK"
    assert client.at_end()


def test_a_client_that_reads_late_gets_every_reply(emulator, call):
    client = call(emulator)
    count = 40_000
    client.socket.settimeout(None)
    client.socket.setblocking(False)
    octets, sent, got = b"NOOP\r\n" * count, 0, b""
    while sent < len(octets):
        try:
            sent += client.socket.send(octets[sent:])
        except BlockingIOError:
            break  # the server stopped reading: it holds back until its replies are taken
    client.socket.settimeout(20)
    while len(got) < (sent // 6) * 14:
        got += client.socket.recv(1 << 20)
    assert got == b"250 2.0.0 OK\r\n" * (sent // 6)


def test_idle_clients_are_told(start, call):
    eop = start(idle=0.05)
    client = call(eop)
    assert client.reply().startswith("451 4.7.0 Timeout waiting for client input [")
    assert client.at_end()
    assert eop.journal.wait_for_sessions_to_end(20)
    assert eop.journal.sessions()[0]["closed-by"] == "server"


def test_peer_map_and_fixed_identity(start, call):
    eop = start(
        listeners=(Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, peer="198.51.100.7", starttls=False)),
        peers={"127.0.0.25": "203.0.113.25"},
    )
    assert "Hello [203.0.113.25]" in call(eop, "127.0.0.25").say("EHLO x")
    assert "Hello [127.0.0.1]" in call(eop, "127.0.0.1").say("EHLO x")
    assert "Hello [203.0.113.25]" in call(eop, "127.0.0.25", 1).say("EHLO x")
    fixed = call(eop, "127.0.0.1", 1).say("EHLO x")
    assert "Hello [198.51.100.7]" in fixed
    assert "STARTTLS" not in fixed
    peers = {(session["peer"], session["socket-peer"]) for session in eop.journal.sessions()}
    assert peers == {("203.0.113.25", "127.0.0.25"), ("127.0.0.1", "127.0.0.1"), ("198.51.100.7", "127.0.0.1")}


def test_ipv6(start, call):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    eop = start(listeners=(Listener("::1", 0),), peers={"::1": "2001:db8::25"})
    client = call(eop)
    assert "Hello [2001:db8::25]" in client.say("EHLO x")
    assert eop.journal.sessions()[0]["listener"] == f"[::1]:{eop.addresses[0][1]}"
