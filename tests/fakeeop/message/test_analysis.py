"""The verdict, path by path: on what the emulator itself stamps, and on the signs of facts wire §4.3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.analysis import verdict_of
from fakeeop.message.hops import fields_of, hops_of

FRONT = (
    "Received: from relay.contoso.com (203.0.113.25) by SN1PEPF0001.mail.protection.outlook.com (10.167.242.1)\n"
    " with Microsoft SMTP Server{tls} id 15.20.1.1 via Frontend Transport; Mon, 1 Jan 2024 10:00:00 +0000\n"
)
TLS = " (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)"
CONNECTING = (
    "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: "
    "TenantId=11111111-1111-1111-1111-111111111111;Ip=[203.0.113.25];Helo=[relay.contoso.com]\n"
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
    "direct, marked": ("X-MS-Exchange-Organization-IsAnonymousDirectSend: True\n", "direct", False),
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


@given(st.text())
def test_any_text_has_a_verdict(text):
    assert verdict(text).statements
