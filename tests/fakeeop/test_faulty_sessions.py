"""Faults over real sockets: each stage, each thing that can be done, in clear text and under TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fakeeop.emulator import Emulator
from fakeeop.model.fault import Fault
from fakeeop.system.clock import VirtualClock

TENANT = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]}
DEADLINE = 10.0


@contextmanager
def emulator(*faults: dict[str, Any], **settings: Any) -> Iterator[Emulator]:
    eop = Emulator.from_tree(TENANT, **settings)
    eop.set_faults(list(faults))
    with eop:
        yield eop


class Client:
    """A client that says exactly what it is told to."""

    def __init__(self, eop: Emulator) -> None:
        self.socket: socket.socket = socket.create_connection(eop.addresses[0], timeout=DEADLINE)
        self.file = self.socket.makefile("rb")

    def line(self) -> str:
        return self.file.readline().decode().rstrip("\r\n")

    def reply(self) -> str:
        while (line := self.line())[3:4] == "-":
            pass
        return line

    def say(self, *commands: str) -> str:
        for command in commands:
            self.socket.sendall(command.encode() + b"\r\n")
            reply = self.reply()
        return reply

    def secure(self) -> ssl.SSLSocket:
        assert self.say("STARTTLS").startswith("220")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        secured = context.wrap_socket(self.socket)
        self.socket, self.file = secured, secured.makefile("rb")
        return secured

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextmanager
def client(eop: Emulator) -> Iterator[Client]:
    one = Client(eop)
    try:
        yield one
    finally:
        one.close()


MAIL, RCPT = "MAIL FROM:<app@fabrikam.com>", "RCPT TO:<user@contoso.com>"
MESSAGE = "Subject: x\r\n\r\nx\r\n."


def test_the_first_two_attempts_fail_then_it_works():
    busy = {"at": "rcpt", "first": 2, "reply": "451 4.7.500 Server busy. Please try again later from [{ip}]. (AS761)"}
    with emulator(busy) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", MAIL)
        replies = [one.say(RCPT) for _ in range(3)]
        assert [reply[:3] for reply in replies] == ["451", "451", "250"]
        assert replies[0].startswith(
            "451 4.7.500 Server busy. Please try again later from [127.0.0.1]. (AS761) [SN1PEPF"
        )
        assert one.say("QUIT").startswith("221")
        assert eop.journal.wait_for_sessions_to_end(DEADLINE)
        (session,) = eop.journal.sessions()
        assert [(each["stage"], each["match"]) for each in session["faults"]] == [("rcpt", 1), ("rcpt", 2)]
        assert sum(line.startswith("* fault: ") for line in session["transcript"]) == 2
        assert eop.faults_fired == (2,)


STEPS = ("", "EHLO a.example", MAIL, RCPT, "DATA", MESSAGE, "QUIT")
CUT = {"connect": 0, "banner": 0, "ehlo": 1, "mail": 2, "rcpt": 3, "data": 4, "end-of-data": 5, "after-250": 6}


def heard_until_the_end(eop: Emulator, clock: VirtualClock, stalls_at: int) -> list[str]:
    """The codes of the replies, empty where the connection ended; after a stall time passes until it does."""
    heard = []
    try:
        with client(eop) as one:
            for number, step in enumerate(STEPS):
                if step:
                    one.socket.sendall(step.encode() + b"\r\n")
                if number == stalls_at:
                    clock.advance(300)
                heard.append(one.reply()[:3])
                if not heard[-1]:
                    break
    except ConnectionError:
        heard.append("")
    return heard


@pytest.mark.parametrize("do", ["drop", "reset", "stall"])
@pytest.mark.parametrize("at", list(CUT))
def test_lost_connections(at: str, do: str):
    clock = VirtualClock()
    with emulator({"at": at, "do": do}, clock=clock) as eop:
        heard = heard_until_the_end(eop, clock, CUT[at] if do == "stall" else -1)
        assert heard == [*("220", "250", "250", "250", "354", "250")[: CUT[at]], ""]
        assert eop.journal.wait_for_sessions_to_end(DEADLINE)
        assert len(eop.journal.messages()) == (at == "after-250")
        assert eop.journal.sessions()[0]["closed-by"] == "server"


def test_a_delayed_reply_does_not_keep_others_waiting_nor_lose_order():
    clock = VirtualClock()
    late = {"at": "mail", "first": 1, "delay": "30s"}
    with emulator(late, clock=clock) as eop, client(eop) as slow, client(eop) as quick:
        slow.reply()
        quick.reply()
        slow.socket.sendall(b"EHLO a.example\r\n" + f"{MAIL}\r\n{RCPT}\r\nNOOP\r\n".encode())
        assert slow.reply().startswith("250")
        assert quick.say("EHLO b.example", MAIL, RCPT).startswith("250 2.1.5")
        clock.advance(29)
        slow.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            slow.socket.recv(1)
        slow.socket.settimeout(DEADLINE)
        slow.file = slow.socket.makefile("rb")
        clock.advance(1)
        assert [slow.reply()[:9] for _ in range(3)] == ["250 2.1.0", "250 2.1.5", "250 2.0.0"]


def test_a_reply_drop_by_drop():
    clock = VirtualClock()
    with emulator({"at": "mail", "drip": "1s"}, clock=clock) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example")
        one.socket.sendall(f"{MAIL}\r\n".encode())
        whole = b"250 2.1.0 Sender OK\r\n"
        one.file.close()
        assert one.socket.recv(100) == whole[:1]
        clock.advance(3)
        assert _exactly(one.socket, 3) == whole[1:4]
        clock.advance(60)
        assert _exactly(one.socket, len(whole) - 4) == whole[4:]
        one.file = one.socket.makefile("rb")
        assert one.say(RCPT).startswith("250")


def _exactly(opened: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += opened.recv(count - len(data))
    return data


def test_the_message_is_taken_and_the_reply_is_lost():
    with emulator({"at": "end-of-data", "do": "lose-reply"}) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", MAIL, RCPT, "DATA")
        assert one.say(MESSAGE) == ""
        assert eop.journal.wait_for_sessions_to_end(DEADLINE)
        assert len(eop.journal.messages()) == 1


def test_a_reply_and_the_end():
    with emulator({"at": "mail", "reply": "421 4.3.2 Service not available"}) as eop, client(eop) as one:
        one.reply()
        assert one.say("EHLO a.example", MAIL).startswith("421 4.3.2 Service not available [")
        assert one.line() == ""
        assert eop.journal.wait_for_sessions_to_end(DEADLINE)


def test_a_banner_that_refuses():
    with emulator({"at": "banner", "reply": "554 5.7.1 go away", "suffix": False}) as eop, client(eop) as one:
        assert one.reply() == "554 5.7.1 go away"
        assert one.say("EHLO a.example").startswith("503")
        assert one.say("QUIT").startswith("221")


def test_code_and_status_take_the_text_of_the_table():
    faults: list[dict[str, Any]] = [
        {"at": "rcpt", "first": 1, "reply": "550 5.7.513"},
        {"at": "rcpt", "reply": {"row": "server-busy"}},
    ]
    with emulator(*faults) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", MAIL)
        assert "Client host [127.0.0.1] blocked by contoso.com using Customer Block list" in one.say(RCPT)
        assert one.say(RCPT).startswith("451 4.7.500 Server busy. Please try again later from [127.0.0.1]")


def test_a_chunk_is_taken_off_the_stream_before_its_refusal():
    with emulator({"at": "data", "first": 1, "reply": "451 4.3.2 no"}) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", MAIL, RCPT)
        one.socket.sendall(b"BDAT 10\r\nQUIT\r\nQUITNOOP\r\n")
        assert one.reply().startswith("451 4.3.2 no")
        assert one.reply().startswith("250 2.0.0")


def test_extensions_hidden_by_a_fault():
    with emulator({"at": "ehlo", "first": 1, "hide": ["CHUNKING", "SMTPUTF8"]}) as eop, client(eop) as one:
        one.reply()
        one.socket.sendall(b"EHLO a.example\r\n")
        lines = [one.line() for _ in range(8)]
        assert lines[-1] == "250 BINARYMIME"
        assert not any("CHUNKING" in line for line in lines)
        assert one.say("MAIL FROM:<a@fabrikam.com> SMTPUTF8").startswith("501")
        assert one.say(MAIL, RCPT).startswith("250")
        assert one.say("BDAT 0 LAST").startswith("500 5.3.3 Unrecognized command 'BDAT'")


def test_faults_set_while_a_session_is_open():
    with Emulator.from_tree(TENANT) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", MAIL)
        eop.set_faults([Fault("rcpt", until_flag="recovered", reply="451 4.3.2 not yet")])
        assert one.say(RCPT).startswith("451 4.3.2 not yet")
        eop.set_flag("recovered")
        assert one.say(RCPT).startswith("250")
        eop.restart_faults()
        assert one.say(RCPT).startswith("451")
        eop.clear_faults()
        assert (eop.faults, eop.faults_fired) == ((), ())
        assert one.say(RCPT).startswith("250")


@pytest.mark.parametrize(
    ("do", "why"), [("tls-alert", "HANDSHAKE_FAILURE"), ("old-tls", "VERSION"), ("drop", "EOF"), ("reset", "reset")]
)
def test_handshakes_that_fail(do: str, why: str):
    with emulator({"at": "handshake", "do": do}) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example")
        with pytest.raises(OSError, match=f"(?i){why}"):
            one.secure()
        assert eop.journal.wait_for_sessions_to_end(DEADLINE)
        (session,) = eop.journal.sessions()
        assert session["faults"][0]["stage"] == "handshake"


def test_a_handshake_that_is_late():
    clock = VirtualClock()
    with emulator({"at": "handshake", "delay": "20s"}, clock=clock) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example", "STARTTLS")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        one.socket.settimeout(0.05)
        secured = context.wrap_socket(one.socket, do_handshake_on_connect=False)
        with pytest.raises(TimeoutError):
            secured.do_handshake()
        clock.advance(20)
        secured.settimeout(DEADLINE)
        secured.do_handshake()
        one.socket, one.file = secured, secured.makefile("rb")
        assert one.say("EHLO a.example").startswith("250")


@pytest.mark.parametrize("do", ["wrong-certificate", "expired-certificate"])
def test_certificates_that_a_careful_client_refuses(do: str):
    with emulator({"at": "handshake", "do": do}) as eop, client(eop) as one:
        one.reply()
        assert one.say("EHLO a.example", "STARTTLS").startswith("220")
        context = ssl.create_default_context(cadata=eop.certificates.trusted_ca_pem.decode())
        why = "Hostname mismatch" if do == "wrong-certificate" else "certificate has expired"
        with pytest.raises(ssl.SSLCertVerificationError, match=why):
            context.wrap_socket(one.socket, server_hostname="contoso-com.mail.protection.outlook.com")


def test_the_end_after_ehlo_under_tls():
    with emulator({"at": "ehlo", "tls": True, "do": "close"}) as eop, client(eop) as one:
        one.reply()
        assert one.say("EHLO a.example").startswith("250")
        one.secure()
        assert one.say("EHLO a.example").startswith("250")
        assert one.line() == ""


def test_faults_under_tls():
    faults: list[dict[str, Any]] = [{"at": "rcpt", "nth": 1, "delay": "5s"}, {"at": "rcpt", "drip": "10ms"}]
    clock = VirtualClock()
    with emulator(*faults, clock=clock) as eop, client(eop) as one:
        one.reply()
        one.say("EHLO a.example")
        one.secure()
        one.say("EHLO a.example", MAIL)
        one.socket.sendall(f"{RCPT}\r\n{RCPT}\r\n".encode())
        clock.advance(60)
        assert [one.reply()[:9] for _ in range(2)] == ["250 2.1.5", "250 2.1.5"]


def test_magic_recipients_are_off_by_default():
    with Emulator.from_tree(TENANT) as eop, client(eop) as one:
        one.reply()
        assert one.say("EHLO a.example", MAIL, "RCPT TO:<temperror@contoso.com>").startswith("250")
