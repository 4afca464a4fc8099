"""The names and the order of what is stamped, against the samples of evidence/headers.md."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from attrs import evolve

from fakeeop.message.authentication_results import DKIM_NONE, Dmarc, Results, Spf
from fakeeop.message.fields import Head
from fakeeop.message.passage import Boxes, Identity, Passage, SendingHost, TlsWords, Way
from fakeeop.message.stamps import for_mailbox, for_outside

CLIENT = SendingHost("192.0.2.68", "edge.contoso.com", "edge.contoso.com")
RELAY = Passage(
    Way.RELAY,
    Identity(7, datetime(2025, 4, 23, 9, 10, 3, 303_000, tzinfo=UTC)),
    Boxes(
        "CY4PEPF0000E9CD.mail.protection.outlook.com",
        "CY4PEPF0000E9CD.namprd03.prod.outlook.com",
        "BY3PR05CA0052.namprd05.prod.outlook.com",
        "SA1PR11MB8576.namprd11.prod.outlook.com",
    ),
    CLIENT,
    CLIENT,
    TlsWords("TLS1_2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    "jan@contoso.com",
    "11111111-1111-1111-1111-111111111111",
    "contoso.onmicrosoft.com",
    "contoso.com",
    Results(
        Spf("fail", "contoso.com", "192.0.2.68", "edge.contoso.com"), DKIM_NONE, Dmarc("fail", "none", "contoso.com")
    ),
)
INCOMING = evolve(RELAY, way=Way.INCOMING)
SUBMISSION = evolve(RELAY, way=Way.SUBMISSION, results=Results(None, DKIM_NONE, Dmarc("none", "none", "contoso.com")))
HYBRID = evolve(RELAY, promotes=True)
PLAIN = Head.of(b"From: jan@contoso.com\r\nSubject: x\r\n\r\n")
PROMOTED = Head.of(
    b"From: jan@contoso.com\r\nSubject: x\r\nX-OrganizationHeadersPreserved: exch902.corp.contoso.com\r\n"
    b"X-MS-Exchange-CrossPremises-AuthAs: Internal\r\nX-MS-Exchange-CrossPremises-AuthMechanism: 10\r\n"
    b"X-MS-Exchange-CrossPremises-AuthSource: exch902.corp.contoso.com\r\nX-MS-Exchange-CrossPremises-SCL: 1\r\n"
    b"X-MS-Exchange-CrossPremises-TransportTrafficType: Email\r\n\r\n"
)
_SHORT = {
    "X-MS-Exchange-Organization-": "Org-",
    "X-MS-Exchange-CrossTenant-": "Cross-",
    "X-MS-Exchange-": "MS-",
    "Expiration": "Exp",
}
_EXPIRATION = "Org-ExpStartTime Org-ExpStartTimeReason Org-ExpInterval Org-ExpIntervalReason Org-Network-Message-Id"
_CROSS_RELAY = (
    "Cross-OriginalArrivalTime Cross-Network-Message-Id Cross-Id Cross-OriginalAttributedTenantConnectingIp "
    "Cross-AuthSource Cross-AuthAs Cross-FromEntityHeader MS-Transport-CrossTenantHeadersStamped"
)
_END = "MS-Transport-EndToEndLatency MS-Processed-By-BccFoldering X-Microsoft-Antispam-Mailbox-Delivery"
SAMPLE_02 = (
    f"Received Received Received Authentication-Results Received-SPF Received From Subject Return-Path {_EXPIRATION} "
    "X-EOPAttributedMessage Org-MessageDirectionality X-MS-PublicTrafficType X-MS-TrafficTypeDiagnostic Org-AuthSource "
    "Org-AuthAs X-OriginatorOrg X-MS-Office365-Filtering-Correlation-Id Org-SCL X-Microsoft-Antispam "
    f"X-Forefront-Antispam-Report {_CROSS_RELAY} {_END}"
)
SAMPLE_04 = (
    "Received Received Received Authentication-Results Received From Subject X-OrganizationHeadersPreserved "
    f"Return-Path {_EXPIRATION} X-EOPAttributedMessage Org-MessageDirectionality Org-AuthSource Org-AuthAs "
    "Org-AuthMechanism Org-SCL Org-TransportTrafficType X-CrossPremisesHeadersPromoted X-CrossPremisesHeadersFiltered "
    "X-MS-PublicTrafficType X-MS-TrafficTypeDiagnostic X-OriginatorOrg X-MS-Office365-Filtering-Correlation-Id "
    f"X-Microsoft-Antispam X-Forefront-Antispam-Report {_CROSS_RELAY} {_END}"
)
SAMPLE_07 = (  # without what only consumer mailboxes have
    f"Received Received Received Authentication-Results Received-SPF Received From Subject Return-Path {_EXPIRATION} "
    "X-EOPAttributedMessage X-EOPTenantAttributedMessage Org-MessageDirectionality X-MS-PublicTrafficType "
    "X-MS-TrafficTypeDiagnostic Org-AuthSource Org-AuthAs X-MS-Office365-Filtering-Correlation-Id Org-SCL "
    "X-Microsoft-Antispam X-Forefront-Antispam-Report Cross-OriginalArrivalTime Cross-Network-Message-Id Cross-Id "
    f"Cross-AuthSource Cross-AuthAs Cross-FromEntityHeader MS-Transport-CrossTenantHeadersStamped {_END}"
)
SAMPLE_01 = (  # Microsoft's own signatures are not made
    "Received Received MS-Authentication-Results Received-SPF Received From Subject X-EOPAttributedMessage "
    "X-MS-PublicTrafficType X-MS-TrafficTypeDiagnostic X-MS-Office365-Filtering-Correlation-Id MS-AtpMessageProperties "
    "MS-SenderADCheck MS-AntiSpam-Relay X-Microsoft-Antispam X-Forefront-Antispam-Report X-OriginatorOrg "
    f"{_CROSS_RELAY}"
)


def names(head: Head) -> str:
    found = []
    for field in head.fields:
        name = field.name
        for long, short in _SHORT.items():
            name = name.replace(long, short)
        found.append(name)
    return " ".join(found)


@pytest.mark.parametrize(("passage", "sent", "sample"), [
    (RELAY, PLAIN, SAMPLE_02),
    (HYBRID, PROMOTED, SAMPLE_04),
    (INCOMING, PLAIN, SAMPLE_07),
])  # fmt: skip
def test_a_mailbox_of_the_tenant(passage, sent, sample):
    assert names(for_mailbox(passage, sent)) == sample


def test_outside():
    assert names(for_outside(RELAY, PLAIN)) == SAMPLE_01


def values(head: Head) -> dict[str, str]:
    return {field.name.removeprefix("X-MS-Exchange-"): field.value for field in head.fields}


def test_a_connector_alone_makes_nothing_internal():
    found = values(for_mailbox(RELAY, PLAIN))
    assert found["Organization-AuthAs"] == found["CrossTenant-AuthAs"] == "Anonymous"
    assert found["Organization-AuthSource"] == "CY4PEPF0000E9CD.namprd03.prod.outlook.com"
    assert found["Organization-MessageDirectionality"] == "Originating"
    assert found["X-OriginatorOrg"] == "contoso.onmicrosoft.com"
    assert found["CrossTenant-FromEntityHeader"] == "HybridOnPrem"
    assert found["CrossTenant-OriginalAttributedTenantConnectingIp"] == (
        "TenantId=11111111-1111-1111-1111-111111111111;Ip=[192.0.2.68];Helo=[edge.contoso.com]"
    )
    assert found["X-Forefront-Antispam-Report"] == (
        "CIP:192.0.2.68;CTRY:;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:edge.contoso.com;PTR:edge.contoso.com;CAT:NONE;"
        "SFS:;DIR:INB;"
    )
    assert "compauth" not in found["Authentication-Results"]


def test_promoted_fields_do():
    found = values(for_mailbox(HYBRID, PROMOTED))
    assert found["Organization-AuthAs"] == found["CrossTenant-AuthAs"] == "Internal"
    assert found["Organization-AuthSource"] == found["CrossTenant-AuthSource"] == "exch902.corp.contoso.com"
    assert found["Organization-AuthMechanism"] == "10"
    assert found["X-CrossPremisesHeadersPromoted"] == "CY4PEPF0000E9CD.namprd03.prod.outlook.com"
    assert found["X-Forefront-Antispam-Report"].endswith("DIR:INT;")


def test_promotion_without_such_fields_is_a_plain_relay():
    found = values(for_mailbox(HYBRID, PLAIN))
    assert found["Organization-AuthAs"] == "Anonymous"
    assert "X-CrossPremisesHeadersPromoted" not in found


def test_messages_treated_as_internal():
    found = values(for_mailbox(evolve(RELAY, trusted=True), PLAIN))
    assert (found["Organization-AuthAs"], found["Organization-SCL"]) == ("Internal", "-1")
    assert "Organization-AuthMechanism" not in found
    assert found["X-Forefront-Antispam-Report"].endswith("DIR:INT;")


def test_incoming():
    found = values(for_mailbox(INCOMING, PLAIN))
    assert found["X-EOPTenantAttributedMessage"] == "11111111-1111-1111-1111-111111111111:0"
    assert found["CrossTenant-FromEntityHeader"] == "Internet"
    assert found["Authentication-Results"].endswith(";compauth=fail reason=001")


def test_direct_send():
    direct = values(for_mailbox(evolve(INCOMING, direct_send=True), PLAIN))
    assert (direct["Organization-IsAnonymousDirectSend"], direct["Organization-InternalOrgSender"]) == ("True", "True")
    assert "Organization-MxPointsToUs" not in direct
    assert direct["Authentication-Results"].endswith(";compauth=none reason=451")
    elsewhere = values(for_mailbox(evolve(INCOMING, direct_send=True, mx_points_to_us=False), PLAIN))
    assert elsewhere["Organization-MxPointsToUs"] == "false"


def test_enhanced_filtering_shows_whom_it_skipped_to():
    passage = evolve(INCOMING, seen=SendingHost("198.51.100.7", "mail.sender.example"), skipped=True)
    found = values(for_mailbox(passage, PLAIN))
    assert found["SkipListedInternetSender"] == "ip=[198.51.100.7];domain=mail.sender.example"
    assert found["ExternalOriginalInternetSender"] == found["SkipListedInternetSender"]
    assert found["X-Forefront-Antispam-Report"].startswith("CIP:198.51.100.7;")
    received = [field.value for field in for_mailbox(passage, PLAIN).named("Received")]
    assert received[-1].startswith("from edge.contoso.com (192.0.2.68) by ")


def test_a_relayed_copy_outside():
    found = values(for_outside(RELAY, PLAIN))
    assert found["X-OriginatorOrg"] == "contoso.com"
    assert found["X-Forefront-Antispam-Report"].endswith("DIR:OUT;SFP:1101;")
    assert not [name for name in found if name.startswith("Organization-")]


def test_a_client_submission():
    outside = for_outside(SUBMISSION, PLAIN)
    found = values(outside)
    assert [re.sub(r".* with ", "", field.value)[:9] for field in outside.named("Received")] == [
        "Microsoft",
        "mapi id 1",
    ]
    assert found["Authentication-Results"].startswith("dkim=none (message not signed)")
    assert found["X-Forefront-Antispam-Report"] == (
        "CIP:255.255.255.255;CTRY:;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:SA1PR11MB8576.namprd11.prod.outlook.com;PTR:;"
        "CAT:NONE;SFS:;DIR:OUT;SFP:1102;"
    )
    assert (found["CrossTenant-AuthAs"], found["CrossTenant-MailboxType"]) == ("Internal", "HOSTED")
    assert found["CrossTenant-FromEntityHeader"] == "Hosted"
    assert " To SA1PR11MB8576.namprd11.prod.outlook.com (" in found["X-ClientProxiedBy"]
    assert "X-EOPAttributedMessage" not in found
    inside = values(for_mailbox(SUBMISSION, PLAIN))
    assert (inside["Organization-AuthAs"], inside["Organization-MessageDirectionality"]) == ("Internal", "Originating")
    assert len(for_mailbox(SUBMISSION, PLAIN).named("Received")) == 3


def test_a_null_reverse_path_and_clear_text():
    found = for_mailbox(evolve(RELAY, reverse_path="", tls=TlsWords()), PLAIN)
    assert found.value("Return-Path") == "<>"
    assert "Microsoft SMTP Server id 15.20.8655.12 via Frontend" in found.named("Received")[-1].value
