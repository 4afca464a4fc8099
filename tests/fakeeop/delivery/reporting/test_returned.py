"""What a report returns of the message: as in sample 10 it has been in the service."""

from __future__ import annotations

import re
import smtplib
import ssl
from email import message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["ann@contoso.com"],
            "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
            "Mailboxes": [{"PrimarySmtpAddress": "printer@contoso.com", "Password": "Pa55-word"}],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ],
    "Internet": {"Domains": {"gone.example": {"Reply": "550 5.1.1 User unknown"}}},
}
MAIL = "Received: from app by relay.contoso.com; Tue, 24 Nov 2026 12:00:00 +0000\r\nSubject: x\r\n\r\nthe body\r\n"


@pytest.fixture
def eop():
    with Emulator.from_tree(TREE, peers={"127.0.0.25": "203.0.113.25"}) as running:
        yield running


def reported(eop: Emulator, recipient: str, content: str = MAIL) -> tuple[Any, str, str]:
    """The last part of the report, the text for people, and the MessageTraceId."""
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, "relay.contoso.com", 20, source_address=("127.0.0.25", 0)) as client:
        client.sendmail("ann@contoso.com", [recipient], content)
    [report] = eop.journal.reports()
    parts: Any = message_from_string(report["raw"]).get_payload()
    text = parts[0].get_payload()[0].get_payload(decode=True).decode()
    [record] = eop.journal.message_records()
    [copy] = eop.deliveries(record)
    return parts[-1], text, copy.network_message_id


def flat(returned: Message, name: str) -> list[str]:
    return [" ".join(value.split()) for value in returned.get_all(name, [])]


@pytest.mark.parametrize(
    ("recipient", "direction"),
    [
        ("gone@contoso.com", "DIR:INB;"),
        ("x@gone.example", "DIR:OUT;SFP:1101;"),
    ],
)
def test_what_comes_back_has_been_in_the_service(eop, recipient, direction):
    part, text, trace_id = reported(eop, recipient)
    returned = part.get_payload()[0]
    assert returned.get_payload() == "the body\r\n"
    hops = flat(returned, "Received")
    assert [re.sub(r"^.* by (\w\w\w).*", r"\1", each) for each in hops[:3]] == ["LV4", "SN7", "SN1"]
    [report] = eop.journal.reports()
    latest = parsedate_to_datetime(hops[0].rpartition("; ")[2])
    assert latest <= parsedate_to_datetime(dict(report["headers"])["Date"])
    assert hops[3].startswith("from app by relay.contoso.com")
    names = returned.keys()
    assert names[names.index("Subject") + 1 :] == [
        *("Message-ID", "Return-Path", "X-EOPAttributedMessage", "X-Forefront-Antispam-Report"),
        *("X-MS-PublicTrafficType", "X-MS-Office365-Filtering-Correlation-Id", "X-Microsoft-Antispam"),
        "X-MS-TrafficTypeDiagnostic",
    ]
    assert returned["X-Forefront-Antispam-Report"].endswith(direction)
    assert returned["X-MS-Office365-Filtering-Correlation-Id"] == trace_id
    assert re.search(r"^2\t\S+ \S+\trelay\.contoso\.com\tSN1PEPF\S+\tMicrosoft SMTP Server\t", text, re.M)


def test_of_a_large_message_the_header_alone(eop):
    part, _, _ = reported(eop, "gone@contoso.com", "Subject: large\r\n\r\n" + "0123456789\r\n" * 100_000)
    assert part.get_content_type() == "text/rfc822-headers"
    returned = message_from_string(part.get_payload())
    assert (returned["Subject"], returned["X-MS-PublicTrafficType"]) == ("large", "Email")
    assert len(part.get_payload()) < 6_000


def test_a_message_that_is_no_mail_at_all_comes_back_behind_the_header(eop):
    part, _, _ = reported(eop, "gone@contoso.com", "\r\nno header\r\n")
    returned = part.get_payload()[0]
    assert returned.get_payload() == "no header\r\n"
    assert len(flat(returned, "Received")) == 3


def test_a_submission_comes_back_without_the_hop_of_the_client():
    with Emulator.from_tree(TREE, listeners=(Listener("127.0.0.1", 0, submission=True),)) as eop:
        host, port = eop.addresses[0]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP(host, port, "device", 20) as client:
            client.starttls(context=context)
            client.login("printer@contoso.com", "Pa55-word")
            client.sendmail("printer@contoso.com", ["gone@contoso.com"], "Subject: x\r\n\r\nhi\r\n")
        [report] = eop.journal.reports()
    parts: Any = message_from_string(report["raw"]).get_payload()
    hops = flat(parts[-1].get_payload()[0], "Received")
    assert [" with mapi id " in each for each in hops] == [False, True]
