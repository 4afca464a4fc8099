from __future__ import annotations

from fakeeop.message.fields import Head
from fakeeop.message.firewall import admitted, promoted

FORGED = Head.of(
    b"x-ms-exchange-organization-authas: Internal\r\n"
    b"X-MS-Exchange-Organization-SCL: -1\r\n"
    b"X-MS-Exchange-CrossPremises-AuthAs: Internal\r\n"
    b"X-MS-Exchange-Forest-RulesExecuted: x\r\n"
    b"X-Forefront-Antispam-Report: CIP:1.2.3.4;\r\n"
    b"Authentication-Results: mine; spf=pass\r\n"
    b"X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=1\r\n"
    b"Subject: x\r\n\r\n"
)


def test_what_only_the_service_may_say_stays_outside():
    assert [field.name for field in admitted(FORGED).fields] == [
        "Authentication-Results-Original",  # sample 02
        "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp",  # seen on incoming mail
        "Subject",
    ]


def test_cross_premises_fields_get_the_organization_s_name():
    head = Head.of(
        b"X-MS-Exchange-CrossPremises-AuthAs: Anonymous\r\nX-MS-Exchange-CrossPremises-authas: Internal\r\n"
        b"X-MS-Exchange-CrossPremises-AuthMechanism: 10\r\nSubject: x\r\n\r\n"
    )
    assert [(field.key, field.value) for field in promoted(head)] == [
        ("x-ms-exchange-organization-authas", "Internal"),
        ("x-ms-exchange-organization-authmechanism", "10"),
    ]
