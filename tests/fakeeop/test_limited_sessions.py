"""Limits over real sockets, on virtual time."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import SessionCrashed
from fakeeop.front.mx import MxPolicy
from fakeeop.model.limits import Limits
from fakeeop.system.clock import VirtualClock

CONNECTOR = {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
CONTOSO = {"Name": "contoso", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [CONNECTOR], "Region": "EUR"}
TAILSPIN = {"Name": "tailspin", "AcceptedDomains": ["tailspin.com"], "Region": "NAM"}
PEERS = {"127.0.0.25": "203.0.113.25", "127.0.0.9": "198.51.100.9", "127.0.0.6": "2001:db8::25"}
RELAY, STRANGER, IPV6 = PEERS
SUBJECT = "Subject: x\r\n\r\nx"


@contextmanager
def emulator(limits: dict[str, Any] | None = None, *tenants: dict[str, Any], **settings: Any) -> Iterator[Emulator]:
    tree: dict[str, Any] = {"Tenants": list(tenants or (CONTOSO, TAILSPIN)), "Limits": limits or {}}
    with Emulator.from_tree({**tree, **settings.pop("tree", {})}, peers=PEERS, **settings) as eop:
        yield eop


@contextmanager
def client(eop: Emulator, source: str = STRANGER) -> Iterator[smtplib.SMTP]:
    host, port = eop.addresses[0]
    one = smtplib.SMTP(host, port, "a.example", timeout=10, source_address=(source, 0))
    try:
        yield one
    finally:
        one.close()


def say(one: smtplib.SMTP, *commands: str) -> str:
    for command in commands:
        assert one.sock is not None
        one.sock.sendall(command.encode() + b"\r\n")
        code, text = one.getreply()
    return f"{code} {text.decode()}"


MAIL, RCPT = "MAIL FROM:<app@fabrikam.com>", "RCPT TO:<user@contoso.com>"


def refusals(eop: Emulator) -> list[tuple[str, str]]:
    return [(each["stage"], each["verdict"]) for session in eop.journal.sessions() for each in session["refusals"]]


def test_the_idle_timeout():
    clock = VirtualClock()
    with emulator(clock=clock) as eop, client(eop) as one:
        one.ehlo()
        clock.advance(299)
        assert say(one, "NOOP").startswith("250")
        clock.advance(305)
        assert one.getreply()[1].startswith(b"4.7.0 Timeout waiting for client input [")
        assert eop.journal.wait_for_sessions_to_end(10)


def test_a_slow_client_meets_the_command_timeout():
    clock = VirtualClock()
    with emulator({"CommandTimeout": "60s"}, clock=clock) as eop, client(eop) as one:
        one.ehlo()
        for octet in b"MAIL FR":
            assert one.sock is not None
            one.sock.sendall(bytes([octet]))
            clock.advance(9)
        assert one.getreply()[0] == 451


def test_a_pooled_connection_is_dropped_after_twenty_minutes():
    clock = VirtualClock()
    with emulator(clock=clock) as eop, client(eop) as one:
        one.ehlo()
        for _ in range(4):
            one.sendmail("app@fabrikam.com", "user@contoso.com", SUBJECT)
            clock.advance(299)
        one.noop()
        clock.advance(4)
        code, text = one.getreply()
        assert (code, text.partition(b" [")[0]) == (
            421,
            b"4.4.1 Connection timed out. Total session duration: 00:20:00.0000000",
        )
        assert len(eop.journal.messages()) == 4


def test_connections_of_one_address():
    with emulator({"ConnectionsPerAddress": 1}) as eop, client(eop) as first:
        with pytest.raises(smtplib.SMTPConnectError) as caught, client(eop):
            pass
        assert caught.value.smtp_code == 421
        assert b"4.3.2 The maximum number of concurrent connections has exceeded a limit" in caught.value.smtp_error
        with client(eop, RELAY) as other:
            assert other.noop()[0] == 250
        first.quit()
        assert eop.journal.wait_for_sessions_to_end(10)
        with client(eop) as again:
            assert again.noop()[0] == 250
        assert refusals(eop) == [("connect", "too-many-connections")]


def test_the_token_bucket_fills_again():
    clock = VirtualClock()
    with emulator({"RecipientsPerMinute": 6, "RecipientBurst": 2}, clock=clock) as eop:
        with client(eop) as one:
            one.ehlo()
            assert say(one, MAIL, RCPT, RCPT).startswith("250")
            assert say(one, RCPT).startswith(
                "451 4.7.500 Server busy. Please try again later from [198.51.100.9]. (AS761) ["
            )
            clock.advance(10)
            assert say(one, RCPT).startswith("250")
        with client(eop, RELAY) as relay:
            relay.ehlo()
            assert say(relay, "MAIL FROM:<app@contoso.com>", *[RCPT] * 5).startswith("250")


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("Banned", "550 5.7.606 Access denied, banned sending IP [198.51.100.9]. To request removal from this list"),
        ("Spamhaus", "550 5.7.1 Service unavailable, Client host [198.51.100.9] blocked using Spamhaus."),
        (
            "CustomerBlockList",
            "550 5.7.513 Service unavailable, Client host [198.51.100.9] blocked by contoso.com using Customer Block",
        ),
        ("BannedSender", "550 5.7.511 Access denied, banned sender[198.51.100.9]. To request removal"),
    ],
)
def test_blocked_addresses(kind: str, start: str):
    with emulator({"BlockedAddresses": {kind: ["198.51.100.0/24"]}}) as eop:
        with client(eop) as one:
            one.ehlo()
            assert say(one, MAIL, RCPT).startswith(start)
        with client(eop, RELAY) as other:
            other.ehlo()
            assert say(other, MAIL, RCPT).startswith("250")


def test_a_tenants_own_limits():
    own = {**CONTOSO, "Limits": {"RecipientsPerMessage": 1, "MessageSize": 100, "BlockedAddresses": {"Banned": RELAY}}}
    with emulator(None, own, {**TAILSPIN, "Region": None}) as eop, client(eop) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT, RCPT).startswith("452 4.5.3 Too many recipients (AS780090) [")
        assert say(one, "RCPT TO:<user@tailspin.com>").startswith("250")
        assert say(one, "DATA", "x" * 200 + "\r\n.").startswith("552 5.3.4")
        assert say(one, MAIL, "RCPT TO:<user@tailspin.com>", "DATA", "x" * 200 + "\r\n.").startswith("250 2.6.0")


def test_limits_of_the_session_itself():
    limits = {"MessageSize": 1000, "RecipientsPerMessage": 1, "LineLength": 100, "ErrorsPerSession": 3}
    with emulator(limits) as eop, client(eop) as one:
        assert b"SIZE 1000" in one.ehlo()[1]
        assert say(one, "MAIL FROM:<a@fabrikam.com> SIZE=1001").startswith("552 5.3.4")
        assert say(one, MAIL, RCPT, RCPT).startswith("452 4.5.3")
        assert say(one, "NOOP " + "x" * 100).startswith("500 5.3.3 Line too long")
        assert say(one, "BOO").startswith("500")
        assert say(one, "BOO").startswith("421 4.7.0 Too many errors")


def test_limits_of_a_listener():
    listener = Listener("127.0.0.1", 0, limits=Limits(message_size=5000, errors_per_session=1, idle_timeout=10.0))
    clock = VirtualClock()
    with emulator(listeners=(listener,), clock=clock) as eop, client(eop) as one:
        assert b"SIZE 5000" in one.ehlo()[1]
        clock.advance(15)
        assert one.getreply()[0] == 451


def test_ipv6_rules():
    limits = {"IPv6ReverseName": True, "IPv6Authentication": True}
    zone = {"Zone": {"2001:db8::25": {"PTR": "relay.example"}}}
    with emulator(limits) as eop, client(eop, IPV6) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT).startswith(
            "450 4.7.25 Service unavailable, sending IPv6 address [2001:db8::25] must have reverse DNS record."
        )
    with emulator(limits, tree=zone) as eop, client(eop, IPV6) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT).startswith("250")
        assert say(one, "DATA", SUBJECT + "\r\n.").startswith(
            "450 4.7.26 Service unavailable, message sent over IPv6 [2001:db8::25] must pass either SPF or DKIM"
        )
        signed = "DKIM-Signature: v=1; a=rsa-sha256; d=fabrikam.com\r\n" + SUBJECT
        assert say(one, MAIL, RCPT, "DATA", signed + "\r\n.").startswith("250 2.6.0")
    with emulator({"AcceptIPv6": False}) as eop, client(eop, IPV6) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT).startswith(
            "550 5.7.510 Access denied, [contoso.com] does not accept email over IPv6"
        )


def test_regions():
    with emulator(listeners=(Listener("127.0.0.1", 0, region="EUR"),)) as eop, client(eop) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT).startswith("250")
        assert say(one, "RCPT TO:<user@tailspin.com>").startswith("451 4.4.62 Mail sent to the wrong Office 365 region")
    with emulator() as eop, client(eop) as one:
        one.ehlo()
        assert say(one, MAIL, RCPT).startswith("250")
        assert say(one, "RCPT TO:<user@tailspin.com>").startswith(
            "452 4.5.3 Recipients belong to multiple regions ATTR38 ["
        )
        assert say(one, "RSET", MAIL, "RCPT TO:<user@tailspin.com>").startswith("250")


@pytest.mark.parametrize("hide", [{"CHUNKING"}, {"PIPELINING", "size"}, {"STARTTLS", "DSN", "8BITMIME", "BINARYMIME"}])
def test_hidden_extensions(hide: set[str]):
    listener = Listener("127.0.0.1", 0, hide=frozenset(hide))
    used = {
        "CHUNKING": "BDAT 0 LAST",
        "SIZE": "MAIL FROM:<a@fabrikam.com> SIZE=10",
        "DSN": "MAIL FROM:<a@fabrikam.com> RET=HDRS",
        "8BITMIME": "MAIL FROM:<a@fabrikam.com> BODY=8BITMIME",
        "BINARYMIME": "MAIL FROM:<a@fabrikam.com> BODY=BINARYMIME",
        "STARTTLS": "STARTTLS",
    }
    with emulator(listeners=(listener,)) as eop, client(eop) as one:
        offered = {line.split()[0].decode() for line in one.ehlo()[1].splitlines()[1:]}
        assert not offered & {name.upper() for name in hide}
        assert len(offered) == 9 - len(hide)
        for name in map(str.upper, hide):
            if name in used:
                say(one, "RSET")
                if name == "CHUNKING":
                    say(one, MAIL, RCPT)
                assert say(one, used[name])[:3] in ("500", "501", "502")
        assert say(one, "RSET", MAIL, RCPT, "DATA", SUBJECT + "\r\n.").startswith("250 2.6.0")


def test_an_extension_that_there_is_not():
    with pytest.raises(ValueError, match="XEXCH50 is not an extension"):
        Listener("127.0.0.1", 0, hide=frozenset({"XEXCH50"}))


def test_magic_recipients():
    with emulator(tree={"MagicRecipients": True}) as eop, client(eop) as one:
        one.ehlo()
        assert say(one, MAIL, "RCPT TO:<temperror@contoso.com>").startswith("451 4.3.2")
        assert say(one, "RCPT TO:<permerror+5.7.64@contoso.com>").startswith(
            "550 5.7.64 TenantAttribution; Relay Access Denied ["
        )
        assert say(one, "RCPT TO:<fault-data-451-4.7.500@contoso.com>").startswith("250")
        assert say(one, "DATA", SUBJECT + "\r\n.").startswith("451 4.7.500 Server busy. Please try again later from")
        assert say(one, MAIL, RCPT, "DATA", SUBJECT + "\r\n.").startswith("250 2.6.0")


class Boom(Exception):
    """A bug."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Boom("in a session")

    monkeypatch.setattr(MxPolicy, "mail", fail)


@pytest.mark.usefixtures("broken")
def test_a_bug_of_ours_is_a_temporary_error_and_loud_in_tests():
    eop = Emulator.from_tree({"Tenants": [CONTOSO]})
    eop.start()
    with client(eop) as one:
        one.ehlo()
        assert say(one, MAIL).startswith("451 4.3.2 Temporary server error. Please try again later ATTR17 [")
        assert eop.journal.wait_for_sessions_to_end(10)
    with client(eop) as other:
        assert other.noop()[0] == 250
    with pytest.raises(SessionCrashed) as caught:
        eop.stop()
    (why,) = caught.value.exceptions
    assert isinstance(why, Boom)
    assert why.__traceback__ is not None
    eop.stop()


@pytest.mark.usefixtures("broken")
def test_in_service_it_is_only_logged():
    with Emulator.from_tree({"Tenants": [CONTOSO]}, crashes="log") as eop, client(eop) as one:
        one.ehlo()
        assert say(one, MAIL).startswith("451")
        assert [type(why) for why in eop.crashes] == [Boom]
