"""From a session to what each recipient gets, through a running emulator."""

from __future__ import annotations

import base64
import smtplib
import ssl
from copy import deepcopy
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fakeeop.authenticity.dkim_check import check_dkim
from fakeeop.delivery.copies import Delivered, FrontEndFacts, deliveries, identity_of
from fakeeop.emulator import Emulator, Listener
from fakeeop.journal.memory import MessageRecord, SessionRecord
from fakeeop.message.fields import Head

RELAY, STRANGER, GATEWAY = "127.0.0.25", "127.0.0.9", "127.0.0.30"
PEERS = {RELAY: "203.0.113.25", STRANGER: "198.51.100.9", GATEWAY: "203.0.113.30"}
MAIL = "From: Printer <printer@contoso.com>\r\nSubject: x\r\n\r\nhello\r\n"
TREE: dict[str, Any] = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": [
                "contoso.com",
                "contoso.onmicrosoft.com",
                {"DomainName": "branch.contoso.com", "DomainType": "InternalRelay"},
            ],
            "Recipients": ["ann@contoso.com", "printer@contoso.com"],
            "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
            "Mailboxes": [{"PrimarySmtpAddress": "printer@contoso.com", "Password": "Pa55-word-of-printer"}],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]},
                {
                    "Name": "Gateway",
                    "ConnectorType": "Partner",
                    "SenderDomains": ["*"],
                    "SenderIPAddresses": ["203.0.113.30"],
                    "RequireTls": False,
                    "EFSkipLastIP": True,
                    "EFUsers": ["ann@contoso.com"],
                },
            ],
        },
        {"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"], "Recipients": ["bob@fabrikam.com"]},
    ],
    "Zone": {
        "contoso.com": {"TXT": ["v=spf1 ip4:203.0.113.25 -all"]},
        "_dmarc.contoso.com": {"TXT": ["v=DMARC1; p=quarantine"]},
        "example.org": {"MX": ["20 backup.example.org", "10 mx.example.org"], "TXT": ["v=spf1 ip4:192.0.2.33 -all"]},
        "25.113.0.203.in-addr.arpa": {"PTR": "relay.contoso.com"},
    },
    "Internet": {"Domains": {"slow.example": {"Delay": "5h"}, "never.example": {"Delay": "3d"}}},
}


@pytest.fixture
def eop():
    with Emulator.from_tree(
        TREE, listeners=(Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, submission=True)), peers=PEERS
    ) as emulator:
        yield emulator


def send(eop, source: str, mail_from: str, *rcpt_to: str, mail: str = MAIL, helo: str = "client.example") -> None:
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, helo, source_address=(source, 0), timeout=30) as client:
        client.sendmail(mail_from, rcpt_to, mail)


def delivered(eop) -> dict[str, Delivered]:
    return {str(each.recipient): each for record in eop.journal.message_records() for each in eop.deliveries(record)}


def header(copy: Delivered, name: str) -> str | None:
    return Head.of(copy.header).value(name)


def test_where_a_relayed_message_ends(eop):
    everybody = ["ann@contoso.com", "nobody@contoso.com", "x@branch.contoso.com", "x@example.org", "bob@fabrikam.com"]
    send(eop, RELAY, "printer@contoso.com", *everybody)
    found = delivered(eop)
    assert [(name, found[name].where, found[name].status) for name in everybody] == [
        ("ann@contoso.com", "mailbox", "2.0.0"),
        ("nobody@contoso.com", "failed", "5.1.10"),
        ("x@branch.contoso.com", "on-premises", "2.0.0"),
        ("x@example.org", "internet", "2.0.0"),
        ("bob@fabrikam.com", "mailbox", "2.0.0"),
    ]
    assert {copy.path for copy in found.values()} == {"relay"}
    assert len({copy.network_message_id for copy in found.values()}) == 1
    failed = found["nobody@contoso.com"]
    assert (failed.whole(), failed.hops) == (b"", ())


def test_the_hops_of_each_end(eop):
    send(
        eop,
        RELAY,
        "printer@contoso.com",
        "ann@contoso.com",
        "x@example.org",
        "x@branch.contoso.com",
        "y@nowhere.example",
    )
    found = delivered(eop)
    assert [hop.by.partition(" ")[0].partition(".")[2] for hop in found["ann@contoso.com"].hops] == [
        "mail.protection.outlook.com",
        "outlook.office365.com",
        "namprd05.prod.outlook.com",
        "namprd05.prod.outlook.com",
    ]
    assert [found[name].hops[-1].by for name in ("x@example.org", "x@branch.contoso.com", "y@nowhere.example")] == [
        *("mx.example.org", "mail.branch.contoso.com", "mx.nowhere.example"),
    ]
    assert found["x@example.org"].hops[-1].protocol == "ESMTPS"


def test_a_slow_destination_takes_it_later_and_one_that_never_answers_not_at_all(eop):
    send(eop, "127.0.0.25", "app@contoso.com", "x@slow.example", "x@never.example")
    found = delivered(eop)
    copy = found["x@slow.example"]
    first, last = (parsedate_to_datetime(copy.hops[number].date) for number in (0, -1))
    assert timedelta(hours=5) <= last - first <= timedelta(hours=5, seconds=3)
    assert abs(copy.moment - last) < timedelta(seconds=1)
    assert (found["x@never.example"].where, found["x@never.example"].status) == ("failed", "5.4.300")


def test_the_content_stays_as_it_came(eop):
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com", "x@example.org")
    for copy in delivered(eop).values():
        assert copy.whole().endswith(b"From: Printer <printer@contoso.com>\r\nSubject: x\r\n" + _below(copy))
        assert copy.whole().partition(b"\r\n\r\n")[2] == b"hello\r\n"


def _below(copy: Delivered) -> bytes:
    return copy.whole().partition(b"Subject: x\r\n")[2]


def test_a_second_look_shows_the_same(eop):
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com", "x@example.org")
    once = {name: copy.whole() for name, copy in delivered(eop).items()}
    eop.replace_forest(Emulator.from_tree({"Tenants": []}).forest)
    assert once == {name: copy.whole() for name, copy in delivered(eop).items()}
    assert all(once.values())


def test_what_the_zone_says_of_the_sender(eop):
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com")
    copy = delivered(eop)["ann@contoso.com"]
    assert header(copy, "Authentication-Results") == (
        "spf=pass (sender IP is 203.0.113.25) smtp.mailfrom=contoso.com; dkim=none (message not signed) "
        "header.d=none;dmarc=pass action=none header.from=contoso.com;"
    )
    assert "PTR:relay.contoso.com;" in str(header(copy, "X-Forefront-Antispam-Report"))
    assert copy.results.dmarc.result == "pass"


def test_direct_send(eop):
    send(eop, STRANGER, "printer@contoso.com", "ann@contoso.com")
    copy = delivered(eop)["ann@contoso.com"]
    assert copy.path == "incoming"
    assert header(copy, "X-MS-Exchange-Organization-IsAnonymousDirectSend") == "True"
    assert header(copy, "X-MS-Exchange-Organization-MxPointsToUs") is None
    assert "dmarc=fail action=quarantine header.from=contoso.com;compauth=none reason=451" in str(
        header(copy, "Authentication-Results")
    )


def test_a_stranger_is_no_direct_send(eop):
    send(eop, STRANGER, "x@example.org", "ann@contoso.com", mail="From: x@example.org\r\n\r\nhi\r\n")
    copy = delivered(eop)["ann@contoso.com"]
    assert header(copy, "X-MS-Exchange-Organization-IsAnonymousDirectSend") is None
    assert header(copy, "X-EOPTenantAttributedMessage") == f"{eop.forest.tenants[0].tenant_id}:0"
    assert str(header(copy, "Authentication-Results")).startswith("spf=fail (sender IP is 198.51.100.9)")


TRACED = (
    "Received: from mail.example.org (mail.example.org [192.0.2.33]) by gw.example with ESMTP id 1; "
    "Mon, 13 Jan 2025 05:59:27 +0000\r\nFrom: x@example.org\r\n\r\nhi\r\n"
)


def test_enhanced_filtering_judges_whom_it_skips_to(eop):
    send(eop, GATEWAY, "x@example.org", "ann@contoso.com", mail=TRACED)
    copy = delivered(eop)["ann@contoso.com"]
    assert header(copy, "X-MS-Exchange-SkipListedInternetSender") == "ip=[192.0.2.33];domain=mail.example.org"
    assert str(header(copy, "Authentication-Results")).startswith("spf=pass (sender IP is 192.0.2.33)")
    assert copy.hops[1].address == "203.0.113.30"


def test_one_recipient_more_and_it_does_not(eop):
    send(eop, GATEWAY, "x@example.org", "ann@contoso.com", "printer@contoso.com", mail=TRACED)  # C178
    for copy in delivered(eop).values():
        assert header(copy, "X-MS-Exchange-SkipListedInternetSender") is None
        assert str(header(copy, "Authentication-Results")).startswith("spf=fail (sender IP is 203.0.113.30)")


def test_another_tenant_of_the_forest_gets_it_from_outside(eop):
    send(eop, RELAY, "printer@contoso.com", "bob@fabrikam.com")
    copy = delivered(eop)["bob@fabrikam.com"]
    assert copy.where == "mailbox"
    assert [hop.protocol.partition(" (")[0] for hop in copy.hops] == [
        *["Microsoft SMTP Server"] * 6,
        "HTTPS",
    ]
    assert header(copy, "X-MS-Exchange-Organization-MessageDirectionality") == "Incoming"
    assert str(header(copy, "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp")).startswith("TenantId=")
    assert str(header(copy, "Authentication-Results")).startswith("spf=fail (sender IP is 40.107.")


def test_a_client_submission(eop):
    host, port = eop.addresses[1]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP(host, port, timeout=30) as client:
        client.starttls(context=context)
        client.login("printer@contoso.com", "Pa55-word-of-printer")
        client.sendmail("printer@contoso.com", ["ann@contoso.com", "x@example.org"], MAIL)
    found = delivered(eop)
    assert {copy.path for copy in found.values()} == {"submission"}
    assert str(header(found["x@example.org"], "X-ClientProxiedBy")).startswith(
        "SY5P282CA0041.AUSP282.PROD.OUTLOOK.COM ("
    )
    assert header(found["ann@contoso.com"], "X-MS-Exchange-Organization-AuthAs") == "Internal"
    assert [len(found[name].hops) for name in ("ann@contoso.com", "x@example.org")] == [3, 3]


def test_tls_is_told_in_the_first_hop(eop):
    host, port = eop.addresses[0]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP(host, port, source_address=(RELAY, 0), timeout=30) as client:
        client.starttls(context=context)
        client.sendmail("printer@contoso.com", ["ann@contoso.com"], MAIL)
    assert "Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)" in (
        delivered(eop)["ann@contoso.com"].hops[0].protocol
    )


def test_a_message_that_goes_in_circles_fails(eop):
    own = "Received: from a by SN1PEPF000252A1.mail.protection.outlook.com with x; Mon, 13 Jan 2025 05:59:27 +0000\r\n"
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com", "x@example.org", mail=own * 21 + MAIL)
    assert {(copy.where, copy.status) for copy in delivered(eop).values()} == {("failed", "5.4.14")}


def test_a_large_message_is_read_piece_by_piece(eop):
    body = "0123456789" * 7 + "\r\n"
    send(eop, RELAY, "printer@contoso.com", "x@example.org", mail=MAIL + body * 40_000)
    copy = delivered(eop)["x@example.org"]
    pieces = list(copy.pieces())
    assert len(pieces) > 2
    assert b"".join(pieces).partition(b"\r\n\r\n")[2] == b"hello\r\n" + body.encode() * 40_000
    assert copy.results.dkim.result == "none"


@pytest.mark.parametrize("mail", ["\r\njust text\r\n", "just text\r\n"])
def test_a_message_without_header_gets_one(eop, mail):
    send(eop, RELAY, "printer@contoso.com", "x@example.org", mail=mail)
    copy = delivered(eop)["x@example.org"]
    assert copy.whole().startswith(b"Received: from ")
    assert copy.whole().endswith(b"\r\n\r\njust text\r\n")


def test_a_record_that_no_session_made_cannot_tell(eop):
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com")
    (record,) = eop.journal.message_records()
    lone = MessageRecord(
        "x", record.session, record.envelope, record.scope, record.recipients, record.verdict, b"", record.received, b""
    )
    with pytest.raises(LookupError, match="message x"):
        deliveries(lone, FrontEndFacts())
    assert identity_of(lone) != identity_of(record)
    assert isinstance(record.session, SessionRecord)


def test_another_greeting_later_changes_nothing(eop):
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, "first.example", source_address=(RELAY, 0), timeout=30) as client:
        client.sendmail("printer@contoso.com", ["ann@contoso.com"], MAIL)
        client.ehlo("second.example")
        assert delivered(eop)["ann@contoso.com"].hops[0].host == "first.example"
        assert eop.journal.messages()[0]["helo"] == "first.example"


def test_the_journal_tells_where_copies_went(eop):
    send(eop, RELAY, "printer@contoso.com", "ann@contoso.com", "x@example.org")
    inside, outside = eop.journal.messages()
    assert inside["delivered"] == [
        {
            "number": 1,
            "recipient": "ann@contoso.com",
            "where": "mailbox",
            "status": "2.0.0",
            "path": "relay",
            "tenant": "contoso",
            "at": inside["delivered"][0]["at"],
        }
    ]
    assert outside["delivered"][0]["tenant"] is None
    assert [each["recipient"] for each in eop.journal.delivered()] == ["ann@contoso.com", "x@example.org"]
    tree = eop.journal.delivered()[1]
    assert (tree["message"], tree["hops"][-1]["by"]) == (outside["id"], "mx.example.org")
    assert ["Subject", "x"] in tree["headers"]
    assert (tree["body"], tree["raw"][-9:]) == ("hello\n", "\r\nhello\r\n")


def test_a_tenant_with_a_key_signs_what_leaves():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = base64.b64encode(
        key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    tree = deepcopy(TREE)
    tree["Tenants"][0]["DkimSigning"] = [{"DomainName": "contoso.com", "PrivateKey": private}]
    tree["Zone"]["selector1._domainkey.contoso.com"] = {"TXT": [f"v=DKIM1; p={public}"]}
    with Emulator.from_tree(tree, peers=PEERS) as eop:
        send(eop, RELAY, "printer@contoso.com", "ann@contoso.com", "x@example.org", "bob@fabrikam.com")
        found = delivered(eop)
        assert header(found["ann@contoso.com"], "DKIM-Signature") is None
        assert " d=contoso.com;" in str(header(found["x@example.org"], "DKIM-Signature"))
        zone = eop.zone
        assert check_dkim(zone, found["x@example.org"].whole(), lambda _: True).result == "pass"
        assert "dkim=pass (signature was verified) header.d=contoso.com;dmarc=pass" in str(
            header(found["bob@fabrikam.com"], "Authentication-Results")
        )


def test_the_first_hop_names_the_box_that_the_client_met():
    listeners = (Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, box="AM4PEPF00027A5E"))
    with Emulator.from_tree(TREE, listeners=listeners, peers=PEERS) as eop:
        for host, port in eop.addresses:
            with smtplib.SMTP(host, port, source_address=(RELAY, 0), timeout=30) as client:
                client.sendmail("printer@contoso.com", ["ann@contoso.com"], MAIL)
                greeted = str(client.ehlo_resp, "ascii").partition(" ")[0] if client.ehlo_resp else ""
            copy = eop.deliveries(eop.journal.message_records()[-1])[0]
            assert copy.hops[0].by.partition(" ")[0] == greeted
        assert greeted == "AM4PEPF00027A5E.mail.protection.outlook.com"


def test_the_boxes_of_another_day():
    tree = {**TREE, "AsOf": "2022-06-01"}
    with Emulator.from_tree(tree, peers=PEERS) as eop:
        send(eop, RELAY, "printer@contoso.com", "ann@contoso.com")
        copy = delivered(eop)["ann@contoso.com"]
    assert ".eop-nam02.prod.protection.outlook.com" in copy.hops[1].sender
    assert "(10.13." in copy.hops[0].by
