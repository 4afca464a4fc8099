"""Reports of whole emulators, over real sockets."""

from __future__ import annotations

import re
import smtplib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.system.clock import VirtualClock

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"
CONTOSO = {
    "Name": "contoso",
    "AcceptedDomains": ["contoso.com", {"DomainName": "onprem.contoso.com", "DomainType": "InternalRelay"}],
    "Recipients": ["ann@contoso.com"],
    "InboundConnectors": [
        {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]},
    ],
}
FABRIKAM = {"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"], "Recipients": ["bob@fabrikam.com"]}
INTERNET = {
    "Domains": {
        "gone.example": {"Reply": "550 5.1.1 User unknown"},
        "full.example": {"Reply": "552 5.2.2 Over quota"},
        "slow.example": {"Delay": "5h"},
        "quick.example": {"Delay": "10m"},
        "never.example": {"Delay": "7d"},
        "late-no.example": {"Delay": "1h", "Reply": "550 5.1.1 User unknown"},
        "modern.example": {"DeliveryReports": True},
    }
}
ALL = "NOTIFY=SUCCESS,FAILURE,DELAY"


@contextmanager
def emulator(**settings: Any) -> Iterator[Emulator]:
    tree: dict[str, Any] = {"Tenants": [CONTOSO, FABRIKAM], "Internet": INTERNET, **settings.pop("tree", {})}
    with Emulator.from_tree(tree, peers={RELAY: "203.0.113.25"}, **settings) as eop:
        yield eop


def send(
    eop: Emulator,
    *recipients: str,
    sender: str = "ann@contoso.com",
    notify: str = "",
    mail: tuple[str, ...] = (),
    source: str = RELAY,
    content: str = "Message-ID: <1@contoso.com>\r\nSubject: x\r\n\r\nthe body\r\n",
) -> None:
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, "relay.contoso.com", 10, source_address=(source, 0)) as client:
        client.ehlo()
        client.sendmail(sender, recipients, content, mail, (notify,) if notify else ())


def told(eop: Emulator) -> list[tuple[str, str, str]]:
    return [
        (each["action"], each["status"], recipient["final-recipient"])
        for each in eop.journal.reports()
        for recipient in each["recipients"]
    ]


@pytest.mark.parametrize(
    ("recipient", "notify", "expected"),
    [
        ("ann@contoso.com", "", None),
        ("ann@contoso.com", ALL, ("delivered", "2.0.0")),
        ("ann@contoso.com", "NOTIFY=FAILURE", None),
        ("gone@contoso.com", "", ("failed", "5.1.10")),
        ("gone@contoso.com", "NOTIFY=FAILURE", ("failed", "5.1.10")),
        ("gone@contoso.com", "NOTIFY=SUCCESS", None),
        ("gone@contoso.com", "NOTIFY=NEVER", None),
        ("x@onprem.contoso.com", ALL, ("relayed", "2.0.0")),
        ("x@onprem.contoso.com", "", None),
        ("bob@fabrikam.com", ALL, ("delivered", "2.0.0")),
        ("gone@fabrikam.com", "", ("failed", "5.1.351")),
        ("x@fabrikam.example", ALL, ("relayed", "2.0.0")),
        ("x@fabrikam.example", "", None),
        ("x@modern.example", ALL, None),
        ("x@gone.example", "", ("failed", "5.1.351")),
        ("x@full.example", "", ("failed", "5.0.350")),
    ],
)
def test_what_the_sender_hears(recipient, notify, expected):
    with emulator() as eop:
        send(eop, recipient, notify=notify)
        assert told(eop) == ([(*expected, recipient)] if expected else [])


def test_the_same_without_directories():
    with Emulator.from_tree({"Tenants": [{**CONTOSO, "Recipients": None}]}, peers={RELAY: "203.0.113.25"}) as eop:
        send(eop, "anybody@contoso.com", "x@fabrikam.example")
        send(eop, "anybody@contoso.com", notify="NOTIFY=SUCCESS")
        assert told(eop) == [("delivered", "2.0.0", "anybody@contoso.com")]


def test_a_recipient_that_is_known_to_be_fine_is_still_told_of_when_asked():
    with emulator() as eop:
        send(eop, "ann@contoso.com")
        send(eop, "ann@contoso.com", notify="NOTIFY=SUCCESS")
        assert told(eop) == [("delivered", "2.0.0", "ann@contoso.com")]


def test_the_null_reverse_path_hears_nothing():
    with emulator() as eop:
        send(eop, "ann@contoso.com", "x@onprem.contoso.com", sender="", notify=ALL)
        assert told(eop) == []


def test_recipients_that_end_alike_share_a_report():
    with emulator() as eop:
        send(eop, "gone@contoso.com", "lost@contoso.com", "ann@contoso.com", notify=ALL)
        found = [(each["action"], len(each["recipients"])) for each in eop.journal.reports()]
        assert sorted(found) == [("delivered", 1), ("failed", 2)]


def test_words_of_another_server_stand_behind_an_arrow():
    with emulator() as eop:
        send(eop, "x@gone.example")
        send(eop, "x@full.example")
        send(eop, "gone@fabrikam.com")
        said = [(each["diagnostic-code"], each["remote-mta"]) for each in eop.journal.reports()]
    assert said == [
        (
            "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable -> 550 5.1.1 User unknown",
            "mx.gone.example",
        ),
        ("550 5.0.350 -> 552 5.2.2 Over quota", "mx.full.example"),
        (
            "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable -> 550 5.4.1 Recipient "
            "address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors",
            "fabrikam-com.mail.protection.outlook.com",
        ),
    ]


@pytest.mark.parametrize(("ret", "whole"), [((), True), (("RET=FULL",), True), (("RET=HDRS",), False)])
def test_ret_and_envid(ret, whole):
    with emulator() as eop:
        send(eop, "gone@contoso.com", mail=(*ret, "ENVID=job+2B42"))
        [report] = eop.journal.reports()
    assert report["envid"] == "job+42"
    assert "\r\nOriginal-Envelope-Id: job+42\r\n" in report["raw"]
    assert ("the body" in report["raw"]) is whole


@pytest.mark.parametrize(
    ("sender", "outcome"),
    [
        ("ann@contoso.com", ("mailbox", "")),
        (
            "scan@onprem.contoso.com",
            ("recorded", "the sender is on the internet or on premises: nothing is sent there"),
        ),
        ("nobody@contoso.com", ("recorded", "the sender's address does not exist")),
        ("bob@fabrikam.com", ("mailbox", "")),
    ],
)
def test_where_a_report_would_go(sender, outcome):
    with emulator() as eop:
        send(eop, "gone@contoso.com" if "contoso" in sender else "x@onprem.contoso.com", sender=sender, notify=ALL)
        [report] = eop.journal.reports()
        assert (report["outcome"], report["detail"]) == outcome


def test_whose_postmaster_writes():
    with emulator() as eop:
        send(eop, "gone@contoso.com")
        send(eop, "gone@contoso.com", sender="scan@onprem.contoso.com")
        senders = [dict(map(tuple, each["headers"]))["From"] for each in eop.journal.reports()]
    assert senders == [
        "Microsoft Outlook\t<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.com>",
        "<postmaster@contoso.com>",
    ]


def test_the_knob_reports_what_is_relayed_on_otherwise():
    with emulator(tree={"Behaviour": {"InternalRelayUnknown": "report"}}) as eop:
        send(eop, "x@onprem.contoso.com")
        assert told(eop) == [("failed", "5.1.10", "x@onprem.contoso.com")]


HOP = "Received: from a.contoso.com (192.0.2.1) by BOX.mail.protection.outlook.com (10.167.1.2) with SMTP"


@pytest.mark.parametrize("settings", [{}, {"tree": {"Tenants": [{**CONTOSO, "Recipients": None}], "Internet": None}}])
def test_mail_that_goes_in_circles_is_reported(settings):
    with emulator(**settings) as eop:
        send(eop, "ann@contoso.com")
        send(eop, "ann@contoso.com", content=f"{HOP}; Tue, 24 Nov 2026 12:00:00 +0000\r\n" * 20 + "\r\nx\r\n")
        assert told(eop) == []
        send(eop, "ann@contoso.com", content=f"{HOP}; Tue, 24 Nov 2026 12:00:00 +0000\r\n" * 21 + "\r\nx\r\n")
        assert told(eop) == [("failed", "5.4.14", "ann@contoso.com")]


def test_mail_that_is_refused_has_no_report():
    with emulator() as eop, pytest.raises(smtplib.SMTPRecipientsRefused):
        send(eop, "gone@contoso.com", sender="x@example.net", source=STRANGER)
    assert told(eop) == []


def test_submission_to_an_unknown_recipient_is_accepted_and_reported():
    tenant = {
        **CONTOSO,
        "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
        "Mailboxes": [{"PrimarySmtpAddress": "app@contoso.com", "Password": "secret"}],
    }
    tree = {"Tenants": [tenant]}
    with Emulator.from_tree(tree, listeners=(Listener("127.0.0.1", 0, submission=True),)) as eop:
        host, port = eop.addresses[0]
        with smtplib.SMTP(host, port, timeout=30) as client:
            client.starttls()
            client.login("app@contoso.com", "secret")
            client.sendmail("app@contoso.com", ["gone@contoso.com"], "From: app@contoso.com\r\n\r\nx")
        assert told(eop) == [("failed", "5.1.10", "gone@contoso.com")]
        assert [each["outcome"] for each in eop.journal.reports()] == ["mailbox"]


# ---- time


def test_a_delay_is_told_after_four_hours_and_its_end_when_it_comes():
    clock = VirtualClock()
    with emulator(clock=clock) as eop:
        send(eop, "x@slow.example", notify=ALL)
        assert told(eop) == []
        clock.advance(4 * 3_600 - 1)
        assert told(eop) == []
        clock.advance(1)
        assert told(eop) == [("delayed", "4.0.0", "x@slow.example")]
        clock.advance(3_600)
        assert told(eop)[1:] == [("relayed", "2.0.0", "x@slow.example")]


@pytest.mark.parametrize(
    ("recipient", "notify", "expected"),
    [
        ("x@slow.example", "", ["delayed"]),
        ("x@slow.example", "NOTIFY=SUCCESS", ["relayed"]),
        ("x@slow.example", "NOTIFY=DELAY", ["delayed"]),
        ("x@slow.example", "NOTIFY=NEVER", []),
        ("x@quick.example", "", []),
        ("x@never.example", "", ["delayed", "failed"]),
        ("x@never.example", "NOTIFY=FAILURE", ["failed"]),
        ("x@late-no.example", "", ["failed"]),
    ],
)
def test_slow_destinations(recipient, notify, expected):
    clock = VirtualClock()
    with emulator(clock=clock) as eop:
        send(eop, recipient, notify=notify)
        clock.advance(8 * 86_400)
        assert [each["action"] for each in eop.journal.reports()] == expected


def test_after_a_day_the_service_gives_up():
    clock = VirtualClock()
    with emulator(clock=clock) as eop:
        send(eop, "x@never.example", notify="NOTIFY=FAILURE")
        clock.advance(86_399)
        assert told(eop) == []
        clock.advance(1)
        [report] = eop.journal.reports()
        assert (report["status"], report["diagnostic-code"]) == ("5.4.300", "550 5.4.300 Message expired")


def test_who_waits_when_it_is_closed_is_forgotten():
    clock = VirtualClock()
    with emulator(clock=clock) as eop:
        send(eop, "x@slow.example")
    clock.advance(86_400)
    assert told(eop) == []


# ---- back to the relay


class Sink(socketserver.StreamRequestHandler):
    """A relay that takes one message, or refuses at a stage."""

    server: Any

    def handle(self) -> None:
        self.wfile.write(b"220 relay.contoso.com\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            self.server.lines.append(line.rstrip().decode())
            if verb == self.server.refuses:
                self.wfile.write(b"550 5.7.1 not here\r\n")
            elif verb == b"EHLO":
                self.wfile.write(b"250-relay.contoso.com\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (line := self.rfile.readline()) != b".\r\n":
                    self.server.content += line.removeprefix(b".")
                self.wfile.write(b"250 2.0.0 queued as 1\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def relay(refuses: bytes = b"") -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        server.daemon_threads = True
        vars(server).update(lines=[], content=b"", refuses=refuses)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_report_is_given_back_to_the_relay():
    with relay() as server, emulator(return_reports=server.server_address) as eop:
        send(eop, "gone@contoso.com", content="Subject: x\r\n\r\n..two dots\r\n.one\r\n")
        assert eop.journal.wait_for_reports(1, timeout=30)
        [report] = eop.journal.reports()
    assert (report["outcome"], report["detail"]) == ("returned", "250 2.0.0 queued as 1")
    assert [line for line in server.lines if not line.startswith("EHLO")][:3] == [
        "MAIL FROM:<>",
        "RCPT TO:<ann@contoso.com>",
        "DATA",
    ]
    assert server.content.decode() == report["raw"]


@pytest.mark.parametrize("stage", [b"EHLO", b"MAIL", b"RCPT", b"DATA"])
def test_a_relay_that_refuses_is_told_of_and_not_asked_again(stage):
    with relay(stage) as server, emulator(return_reports=server.server_address) as eop:
        send(eop, "gone@contoso.com")
        assert eop.journal.wait_for_reports(1, timeout=30)
        [report] = eop.journal.reports()
    assert report["outcome"] == "not-returned"
    assert re.fullmatch(stage.decode() + ".*: 550 5.7.1 not here", report["detail"])
    assert sum(line.startswith("EHLO") for line in server.lines) == 1


def test_a_relay_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = taken.getsockname()
    with emulator(return_reports=place) as eop:
        send(eop, "gone@contoso.com")
        assert eop.journal.wait_for_reports(1, timeout=30)
        [report] = eop.journal.reports()
    assert report["outcome"] == "not-returned"
    assert report["detail"]


def test_nothing_goes_outside():
    with emulator(return_reports=("8.8.8.8", 25)) as eop:
        send(eop, "gone@contoso.com")
        assert eop.journal.wait_for_reports(1, timeout=30)
        [report] = eop.journal.reports()
    assert report["outcome"] == "not-returned"
    assert "neither loopback nor in a private network" in report["detail"]
