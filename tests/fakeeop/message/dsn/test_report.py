from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as email_policy
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.dsn.report import DsnReport, Failure, plain_subject, rendered
from fakeeop.message.dsn.rules import Action

CONTENT = (
    b"Message-ID: <1@contoso.com>\r\nReferences: <0@contoso.com>\r\nFrom: ann@contoso.com\r\n"
    b"Subject: Scan <b>42</b>\r\nThread-Topic: Scan\r\nThread-Index: AdX1\r\n\r\nthe body\r\n"
)
GONE = Failure(
    "gone@contoso.com",
    "5.1.10",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "rfc822;Gone@contoso.com",
    key="recipient-not-found",
)
REMOTE = Failure(
    "x@gone.example",
    "5.1.351",
    "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable -> 550 Unknown user",
    remote_mta="mx.gone.example",
    key="remote-unknown",
)
REPORT = DsnReport(
    Action.FAILED,
    "ann@contoso.com",
    (GONE,),
    CONTENT,
    whole=True,
    domain="contoso.com",
    to_mailbox=False,
    box="LV4PR05MB11200.namprd05.prod.outlook.com",
    made=datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC),
    arrived=datetime(2026, 11, 24, 0, 5, tzinfo=UTC),
    seed=7,
    helo="relay.contoso.com",
    envelope_id="job+42",
)


def parsed(report: DsnReport) -> Any:
    return message_from_bytes(rendered(report), policy=email_policy.default)


def text_of(report: DsnReport) -> str:
    return str(parsed(report).get_payload(0).get_payload(0).get_content()).replace("\r\n", "\n")


def html_of(report: DsnReport) -> str:
    return str(parsed(report).get_payload(0).get_payload(1).get_content())


def status_of(report: DsnReport) -> str:
    """The delivery-status part as it stands."""
    part = rendered(report).decode().split("delivery-status\r\n\r\n")[1]
    return part.partition("\r\n--")[0]


def test_the_parts_are_nested_as_those_of_the_service():
    assert [part.get_content_type() for part in parsed(REPORT).walk()] == [
        "multipart/report",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "message/delivery-status",
        "text/plain",
        "text/plain",
        "message/rfc822",
        "text/plain",
    ]
    assert parsed(REPORT).get_param("report-type") == "delivery-status"
    assert parsed(REPORT).get_payload(0).get_param("differences") == "Content-Type"
    assert not parsed(REPORT).defects


def test_the_header_towards_a_sender_outside():
    head = rendered(REPORT).partition(b"\r\n\r\n")[0].decode().replace("\r\n\t", " ").split("\r\n")
    assert [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "GUID", line) for line in head] == [
        "MIME-Version: 1.0",
        "From: <postmaster@contoso.com>",
        "To: <ann@contoso.com>",
        "Date: Tue, 24 Nov 2026 12:00:01 +0000",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="GUID"',
        "X-MS-Exchange-Message-Is-Ndr:",
        "Content-Language: en-US",
        "Message-ID: <GUID@LV4PR05MB11200.namprd05.prod.outlook.com>",
        "In-Reply-To: <1@contoso.com>",
        "References: <0@contoso.com>",
        " <1@contoso.com>",
        "Thread-Topic: Scan",
        "Thread-Index: AdX1",
        "Subject: Undeliverable: Scan <b>42</b>",
        "Auto-Submitted: auto-replied",
        "X-OriginatorOrg: contoso.com",
        "X-MS-Exchange-CrossTenant-OriginalArrivalTime: 24 Nov 2026 12:00:01.0000 (UTC)",
        "X-MS-Exchange-CrossTenant-FromEntityHeader: Hosted",
    ]


def test_a_mailbox_hears_from_microsoft_outlook():
    report = evolve(REPORT, to_mailbox=True)
    sender = parsed(report)["From"].addresses[0]
    assert (sender.display_name, str(sender.addr_spec)) == (
        "Microsoft Outlook",
        "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.com",
    )
    assert status_of(report).endswith("X-Display-Name: gone@contoso.com\r\n")


def test_the_status_part_has_no_blank_behind_a_type():
    assert status_of(REPORT).split("\r\n") == [
        "Original-Envelope-Id: job+42",
        "Reporting-MTA: dns;LV4PR05MB11200.namprd05.prod.outlook.com",
        "Received-From-MTA: dns;relay.contoso.com",
        "Arrival-Date: Tue, 24 Nov 2026 00:05:00 +0000",
        "",
        "Original-Recipient: rfc822;Gone@contoso.com",
        "Final-Recipient: rfc822;gone@contoso.com",
        "Action: failed",
        "Status: 5.1.10",
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "",
    ]


def test_a_refusal_elsewhere_names_the_server():
    report = evolve(REPORT, recipients=(REMOTE,))
    assert "Remote-MTA: dns;mx.gone.example" in status_of(report)
    assert "Message rejected by: mx.gone.example" in text_of(report)


def test_several_recipients_have_a_group_each():
    report = evolve(REPORT, recipients=(GONE, REMOTE))
    assert status_of(report).count("\r\n\r\n") == 2
    words = text_of(report)
    assert words.startswith("Delivery has failed to these recipients or groups:\n")
    assert "Status code: 550 5.1.351 (x@gone.example)" in words


def test_the_text_has_the_labels_of_the_service():
    lines = text_of(REPORT).splitlines()
    assert lines[0] == "Your message to gone@contoso.com couldn't be delivered."
    for line in (
        "How to Fix It",
        "More Info for Email Admins",
        "Status code: 550 5.1.10",
        "Original Message Details",
        "Created Date: 11/24/2026 12:05:00 AM",
        "Sender Address: ann@contoso.com",
        "Recipient Address: gone@contoso.com",
        "Subject: Scan <b>42</b>",
        "Error Details",
        f"Reported error: {GONE.reply}",
        "DSN generated by: LV4PR05MB11200.namprd05.prod.outlook.com",
        "Original Message Headers",
    ):
        assert line in lines


def test_the_hops_of_the_message_are_listed():
    content = (
        b"Received: from relay.contoso.com (192.0.2.1) by BOX.mail.protection.outlook.com (10.1.2.3) with Microsoft\r\n"
        b" SMTP Server id 15.20; Tue, 24 Nov 2026 12:00:05 +0000\r\n"
        b"Received: by printer.contoso.com (firmware) with SMTP; no date at all\r\n"
        b"Received: from <i>x</i> by relay.contoso.com with ESMTP id 1; Tue, 24 Nov 2026 13:00:02 +0100\r\n"
        b"\r\n"
    )
    lines = text_of(evolve(REPORT, content=content)).splitlines()
    at = lines.index("Message Hops")
    assert lines[at + 2 : at + 6] == [
        "HOP\tTIME (UTC)\tFROM\tTO\tWITH\tRELAY TIME",
        "1\t2026-11-24 12:00:02\t<i>x</i>\trelay.contoso.com\tESMTP\t*",
        "2\t\t\tprinter.contoso.com\tSMTP\t*",
        "3\t2026-11-24 12:00:05\trelay.contoso.com\tBOX.mail.protection.outlook.com\tMicrosoft SMTP Server\t3 sec",
    ]
    assert "&lt;i&gt;x&lt;/i&gt;" in html_of(evolve(REPORT, content=content))


def test_html_escapes_the_message():
    words = html_of(REPORT)
    assert "Scan &lt;b&gt;42&lt;/b&gt;" in words
    assert "<b>" not in words


@pytest.mark.parametrize(
    ("action", "subject", "says"),
    [
        (
            Action.RELAYED,
            "Relayed: Scan <b>42</b>",
            "Delivery to these recipients or groups is complete, but no delivery notification was sent by the "
            "destination server.",
        ),
        (Action.DELIVERED, "Delivered: Scan <b>42</b>", "Your message was delivered to:"),
        (Action.DELAYED, "Delayed: Scan <b>42</b>", "goes on trying until 2026-11-25 00:05 UTC"),
    ],
)
def test_other_reports_say_what_happened_and_are_no_ndr(action, subject, says):
    until = datetime(2026, 11, 25, 0, 5, tzinfo=UTC) if action is Action.DELAYED else None
    report = evolve(
        REPORT, action=action, whole=False, retry_until=until, recipients=(Failure("b@x.example", "2.0.0"),)
    )
    message = parsed(report)
    assert message["Subject"] == subject
    assert says in text_of(report)
    assert message["X-MS-Exchange-Message-Is-Ndr"] is None
    assert f"Action: {action.value}" in status_of(report)
    assert ("Will-Retry-Until: Wed, 25 Nov 2026 00:05:00 +0000" in status_of(report)) is (until is not None)


def test_what_is_returned():
    whole, header = rendered(REPORT), rendered(evolve(REPORT, whole=False))
    assert b"Content-Type: message/rfc822\r\n\r\n" + CONTENT in whole
    assert b"Content-Type: text/rfc822-headers\r\n\r\n" + CONTENT.partition(b"\r\n\r\n")[0] in header
    assert b"the body" not in header


def test_an_address_that_is_not_ascii_takes_the_types_of_rfc_6533():
    report = evolve(REPORT, recipients=(Failure("jürgen@x.example", "5.1.1"),))
    assert "Final-Recipient: utf-8;jürgen@x.example" in status_of(report)
    types = re.findall(rb"Content-Type: (message/[\w-]+)", rendered(report))
    assert types == [b"message/global-delivery-status", b"message/global"]


def test_nothing_of_the_message_makes_a_new_field():
    content = b"Subject: =?utf-8?q?a=0D=0ABcc:_x@y.example?=\r\n\r\n"
    failure = evolve(GONE, original="rfc822;a\r\nX: y", reply="550 5.1.1 a\r\nX: y")
    report = evolve(REPORT, content=content, recipients=(failure,), envelope_id="a\r\nX: y", helo="h\r\nX: y")
    message = parsed(report)
    assert message["Bcc"] is None
    assert message["Subject"] == "Undeliverable: a Bcc: x@y.example"
    assert "\r\nX:" not in status_of(report)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?ISO-2022-JP?B?GyRCJEskYyE8JHMbKEI=?=", "にゃーん"),
        ("=?nonsense?q?x?=", "=?nonsense?q?x?="),
        ("=?utf-8?b?!?=", "=?utf-8?b?!?="),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_subject_is_read(value, plain):
    assert plain_subject(value) == plain


@given(subject=st.text(max_size=120), body=st.binary(max_size=200))
def test_whatever_the_message_is_the_report_can_be_read(subject, body):
    content = b"Subject: " + subject.encode("utf-8", "replace") + b"\r\n\r\n" + body
    octets = rendered(evolve(REPORT, content=content))
    message: Any = message_from_bytes(octets, policy=email_policy.default)
    assert message.get_content_type() == "multipart/report"
    assert message.get_payload(1).get_content_type() == "message/delivery-status"
    head = octets.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
