"""The verdict, path by path: on the signs of facts wire §4.3, and on real headers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.loader import forest_from_tree
from fakeeop.reading.analysis import HeaderVerdict, fitting, verdict_of
from fakeeop.reading.hops import fields_of, hops_of

FOLDER = Path(__file__).parent / "headers"
FRONT = (
    "Received: from relay.contoso.com (203.0.113.25) by SN1PEPF0001.mail.protection.outlook.com (10.167.242.1)\n"
    " with Microsoft SMTP Server{tls} id 15.20.1.1 via Frontend Transport; Mon, 1 Jan 2024 10:00:00 +0000\n"
)
TLS = " (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)"
CONNECTING = (
    "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: "
    "TenantId=11111111-1111-1111-1111-111111111111;Ip=[203.0.113.25];Helo=[relay.contoso.com]\n"
)
GUID = "11111111-1111-1111-1111-111111111111"
FOREST = forest_from_tree(
    {
        "Tenants": [
            {
                "Name": "contoso",
                "TenantId": GUID,
                "AcceptedDomains": ["contoso.com"],
                "InboundConnectors": [
                    {"Name": "by address", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.0/24"]},
                    {
                        "Name": "by name",
                        "ConnectorType": "OnPremises",
                        "RequireTls": True,
                        "TlsSenderCertificateName": "*.contoso.com",
                    },
                    {
                        "Name": "off",
                        "ConnectorType": "Partner",
                        "Enabled": False,
                        "SenderDomains": ["fabrikam.example"],
                        "SenderIPAddresses": ["198.51.100.0/24"],
                    },
                ],
            }
        ]
    }
)


def verdict(text: str):
    fields = fields_of(text)
    return verdict_of(fields, hops_of(fields))


CASES = {
    "relay": ("X-MS-Exchange-Organization-MessageDirectionality: Originating\n", "relay", True),
    "relay, seen outside": (CONNECTING, "relay", True),
    "relay, by the entity": ("X-MS-Exchange-CrossTenant-FromEntityHeader: HybridOnPrem\n", "relay", True),
    "hybrid": ("X-CrossPremisesHeadersPromoted: SN1PEPF0001\nX-MS-Exchange-Organization-MessageDirectionality: Originating\n", "hybrid", True),  # noqa: E501  a row is a line
    "direct": ("X-MS-Exchange-Organization-MessageDirectionality: Incoming\n", "direct", False),
    "direct, marked": ("X-MS-Exchange-Organization-IsAnonymousDirectSend: True\n", "direct-send", False),
    "internet": ("X-MS-Exchange-CrossTenant-FromEntityHeader: Internet\n", "direct", False),
    "submission": ("X-MS-Exchange-CrossTenant-FromEntityHeader: Hosted\n", "submission", False),
    "no sign": ("", "relay", None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_path_by_its_signs(case):
    signs, path, through = CASES[case]
    found = verdict(FRONT.format(tls=TLS) + signs)
    assert (found.path, found.through_connector) == (path, through)
    assert found.statements[0].subject == "path"
    assert bool(found.statements[0].evidence) is bool(signs)


def test_the_client_and_its_tls_layer():
    found = verdict(FRONT.format(tls=TLS) + CONNECTING)
    assert (found.address, found.helo, found.tls) == (
        "203.0.113.25",
        "relay.contoso.com",
        "TLS1.3 TLS_AES_256_GCM_SHA384",
    )
    assert found.tenant == "11111111-1111-1111-1111-111111111111"
    clear = verdict(FRONT.format(tls=""))
    assert clear.tls is None
    assert any("in clear text" in each.text for each in clear.statements)


def test_mail_that_left_again():
    out = "X-Forefront-Antispam-Report: CIP:203.0.113.25;DIR:OUT;SFP:1101;\n"
    assert verdict(FRONT.format(tls="") + CONNECTING + out).relayed_out
    assert not verdict(FRONT.format(tls="") + CONNECTING + out.replace("OUT", "INB")).relayed_out


def test_internal_or_not():
    assert verdict("X-MS-Exchange-Organization-AuthAs: Internal\n").internal
    assert not verdict("X-MS-Exchange-Organization-AuthAs: Anonymous\n").internal


def test_a_header_of_elsewhere():
    found = verdict("Received: from a by b.example; Mon, 1 Jan 2024 10:00:00 +0000\nSubject: x\n")
    assert (found.path, found.through_connector) == ("other", None)


def test_a_delivery_report_went_through_no_connector():
    found = verdict("X-MS-Exchange-Message-Is-Ndr:\nX-MS-Exchange-CrossTenant-FromEntityHeader: Hosted\n")
    assert (found.path, found.through_connector) == ("report", False)
    assert "X-MS-Exchange-Message-Is-Ndr:" in found.statements[0].evidence


# ---- real headers, anonymised (evidence/headers.md has their origin)


SAMPLES = {
    "01-relay-ip-connector-notls-external-view-2023": ("relay", True, "203.0.113.79", None, True, False),
    "02-relay-onprem-connector-internal-view-2022": ("relay", True, "198.51.100.20", "TLS1.2", False, False),
    "04-hybrid-onprem-connector-authas-internal-2025": ("hybrid", True, "192.0.2.68", "TLS1.2", False, True),
    "06-client-submission-external-view-2020": ("submission", False, "203.0.113.91", "TLS1.2", True, True),
    "07-anonymous-inbound-spfpass-tls13-consumer-2025": ("direct", False, "203.0.113.142", "TLS1.3", False, False),
    "11-signature-service-external-view-2024": ("relay", True, "192.0.2.179", "TLS1.2", True, False),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_verdict_on_real_headers(name):
    path, through, address, tls, out, internal = SAMPLES[name]
    found = verdict((FOLDER / f"{name}.txt").read_text())
    assert (found.path, found.through_connector, found.address) == (path, through, address)
    assert (found.tls.split()[0] if found.tls else None) == tls
    assert (found.relayed_out, found.internal) == (out, internal)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_statement_on_real_headers_has_its_evidence(name):
    text = " ".join((FOLDER / f"{name}.txt").read_text().split())
    for statement in verdict((FOLDER / f"{name}.txt").read_text()).statements:
        assert statement.evidence
        for line in statement.evidence:
            assert line.split("SFS:")[0] in text


def test_the_tenant_and_helo_of_sample_01():
    found = verdict((FOLDER / "01-relay-ip-connector-notls-external-view-2023.txt").read_text())
    assert (found.helo, found.tenant) == ("localhost.localdomain", "11111111-1111-1111-1111-111111111111")


def test_a_partial_copy_as_in_sample_09():
    """Its lines without a name are glued to the field above them."""
    found = verdict(
        "X-MS-Exchange-Organization-IsAnonymousDirectSend: True\nspf=softfail (sender IP is [EXTERNAL-IP])\n"
        "X-MS-Exchange-Organization-InternalOrgSender: True\n"
        "Received: from [127.0.0.1] ([EXTERNAL-IP]) by [TENANT].mail.protection.outlook.com\n"
    )
    assert (found.path, found.through_connector) == ("direct-send", False)
    assert len(found.statements[0].evidence) == 2


# ---- mail that passed the service twice


def test_a_signature_service_between_two_passages():
    """Sample 11: a mailbox sent it; the signature service brought it back through a connector."""
    found = verdict((FOLDER / "11-signature-service-external-view-2024.txt").read_text())
    first, second = found.passages
    assert (first.path, first.through_connector, first.hops) == ("submission", False, (1, 2))
    assert (second.path, second.through_connector, second.hops) == ("relay", True, (4, 5, 6))
    assert (second.helo, second.tenant) == ("eu2.signatures.example", GUID)
    [hidden] = [each for each in first.statements if each.subject == "hidden"]
    assert hidden.evidence[0].startswith("X-Forefront-Antispam-Report-Untrusted: ")
    assert hidden.evidence[1] == (
        "X-MS-Exchange-Transport-CrossTenantHeadersStripped: AM4PEPF00025F95.EURPRD83.prod.outlook.com"
    )
    proxied = [each for each in second.statements[0].evidence if each.startswith("X-ClientProxiedBy")]
    assert proxied == []  # it is of the first
    assert any(each.startswith("X-ClientProxiedBy") for each in first.statements[0].evidence)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"11-signature-service-external-view-2024"}))
def test_one_passage_has_no_list_of_them(name):
    found = verdict((FOLDER / f"{name}.txt").read_text())
    assert found.passages == ()
    assert found.hops


def test_a_gateway_between_two_passages_of_which_the_first_cannot_be_told():
    between = "Received: from out.protection.outlook.com by filter.example; Mon, 1 Jan 2024 10:00:04 +0000\n"
    second = FRONT.format(tls=TLS).replace("203.0.113.25", "198.51.100.7").replace("10:00:00", "10:00:09")
    signs = CONNECTING.replace("203.0.113.25", "198.51.100.7")
    first, last = verdict(second + between + FRONT.format(tls="") + signs).passages
    assert (first.path, first.through_connector, first.address) == ("relay", None, "203.0.113.25")
    assert "hidden" in {each.subject for each in first.statements}
    assert (last.path, last.through_connector, last.address) == ("relay", True, "198.51.100.7")


def test_a_mailbox_of_another_tenant_is_the_first_passage_and_not_the_second():
    mapi = "Received: from A.prod.outlook.com ([fe80::1]) by A.prod.outlook.com ([fe80::1%5]) with mapi id 15.20.1.1;\n"
    found = verdict(FRONT.format(tls=TLS) + mapi + "X-MS-Exchange-Organization-MessageDirectionality: Incoming\n")
    assert [each.path for each in found.passages] == ["submission", "direct"]
    assert (found.path, found.through_connector) == ("direct", False)


def test_a_mailbox_on_premises_is_no_passage():
    mapi = "Received: from ex1.contoso.com (10.0.0.1) by ex1.contoso.com (10.0.0.1) with mapi id 15.2.1.1;\n"
    found = verdict(FRONT.format(tls=TLS) + mapi + CONNECTING)
    assert (found.path, found.through_connector, found.passages) == ("relay", True, ())


# ---- mail that passed two tenants


def two_fronts(signs: str) -> str:
    second = FRONT.format(tls=TLS).replace("203.0.113.25", "198.51.100.7").replace("SN1PEPF0001", "AM1PEPF0002")
    return second.replace("10:00:00", "10:00:09") + FRONT.format(tls="") + signs


def test_the_marks_are_of_the_tenant_that_took_it_last():
    found = verdict(two_fronts("X-MS-Exchange-Organization-MessageDirectionality: Incoming\n"))
    assert (found.path, found.address, found.tls is not None) == ("direct", "198.51.100.7", True)


def test_a_connector_of_the_sender_s_tenant_is_seen_by_the_recipient_s():
    incoming = "X-MS-Exchange-Organization-MessageDirectionality: Incoming\n"
    found = verdict(two_fronts(CONNECTING + incoming))
    assert (found.path, found.address, found.tls) == ("relay", "203.0.113.25", None)
    assert any(each.subject == "arrived" for each in found.statements)


def test_without_the_hop_the_address_is_that_of_other_fields():
    found = verdict(CONNECTING)
    assert (found.address, found.helo) == ("203.0.113.25", "relay.contoso.com")
    assert verdict(CONNECTING.replace("relay.contoso.com", "[192.0.2.7]")).helo == "[192.0.2.7]"
    found = verdict("X-Forefront-Antispam-Report: CIP:203.0.113.9;H:x.example;DIR:INB;\n")
    assert (found.address, found.helo) == ("203.0.113.9", "x.example")
    assert verdict("X-Forefront-Antispam-Report: CIP:255.255.255.255;DIR:OUT;\n").address == ""


@pytest.mark.parametrize("value", ["version=" * 20_000, "(" * 20_000, "TenantId=a" * 20_000])
def test_long_fields_are_read_in_time_that_grows_with_their_length(value):
    started = time.process_time()
    verdict(f"Received: from {value} by a.mail.protection.outlook.com with {value} via Frontend Transport\n")
    verdict(f"X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: {value}\n")
    assert time.process_time() - started < 5


@given(st.text())
def test_any_text_has_a_verdict(text):
    assert verdict(text).statements


def said(**facts):
    verdict = HeaderVerdict("relay", True, (), **facts)
    return [each.text for each in fitting(verdict, FOREST)]


@pytest.mark.parametrize(("facts", "texts"), [
    ({"address": "203.0.113.25"}, ["'by address' of contoso (OnPremises) lists the address 203.0.113.25"]),
    ({"address": "198.51.100.9"}, ["'off' of contoso (Partner) lists the address 198.51.100.9, but it is not enabled"]),
    ({"address": "192.0.2.1", "helo": "a.contoso.com"}, ["none lists 192.0.2.1 or has a name that fits a.contoso.com"]),
    ({}, ["none lists the address or has a name that fits the client"]),
    ({"address": "[IP]", "helo": "[127.0.0.1]"}, ["none lists [IP] or has a name that fits [127.0.0.1]"]),
])  # fmt: skip
def test_by_address(facts, texts):
    assert said(**facts) == texts


def test_the_name_of_ehlo_is_a_hint():
    (text,) = said(address="192.0.2.1", helo="MAIL.contoso.com", tls="TLS1.3 TLS_AES_256_GCM_SHA384")
    assert text.startswith("'by name' of contoso (OnPremises) has the name that the client said in EHLO")
    assert "is not in the header" in text


def test_the_tenant_by_its_id():
    assert said(tenant=GUID)[0] == "it is contoso of the tenant file"


@pytest.mark.parametrize(("kind", "behaviour", "doubted"), [
    ("OnPremises", {}, False), ("OnPremises", {"on_premises_require_tls": "enforced"}, True), ("Partner", {}, True),
])  # fmt: skip
def test_a_connector_that_requires_tls(kind, behaviour, doubted):
    connector = {"Name": "x", "ConnectorType": kind, "RequireTls": True, "SenderIPAddresses": ["203.0.113.25"]}
    connector["SenderDomains"] = ["*"]
    tenant = {"Name": "c", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [connector]}
    forest = forest_from_tree({"Behaviour": behaviour, "Tenants": [tenant]})
    (found,) = fitting(HeaderVerdict("relay", True, (), address="203.0.113.25"), forest)
    assert found.text.endswith(", but it requires TLS") is doubted
    (found,) = fitting(HeaderVerdict("relay", True, (), address="203.0.113.25", tls="TLS1.3 x"), forest)
    assert found.text.endswith("lists the address 203.0.113.25")
