from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.fields import WIDTH, Field, Head, fold, written

SAMPLES = [  # as real mail has them: evidence/headers.md
    "Received: from MN2PR12CA0008.namprd12.prod.outlook.com (2603:10b6:208:a8::21)\n"
    " by SJ0PR03MB5791.namprd03.prod.outlook.com (2603:10b6:a03:2d4::23) with\n"
    " Microsoft SMTP Server (version=TLS1_2,\n"
    " cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.8335.18; Mon, 13 Jan\n"
    " 2025 05:59:27 +0000",
    "Received: from localhost.localdomain (203.0.113.79) by\n"
    " SG2PEPF000B66CE.mail.protection.outlook.com (10.167.240.21) with Microsoft\n"
    " SMTP Server id 15.20.6954.19 via Frontend Transport; Wed, 1 Nov 2023 10:27:56\n"
    " +0000",
    "X-MS-Exchange-Authentication-Results: spf=fail (sender IP is 203.0.113.79)\n"
    " smtp.mailfrom=contoso.com; dkim=none (message not signed)\n"
    " header.d=none;dmarc=fail action=quarantine header.from=contoso.com;",
    "Authentication-Results: spf=pass (sender IP is 203.0.113.142)\n"
    " smtp.mailfrom=bounce.sender.example; dkim=pass (signature was verified)\n"
    " header.d=emails.sender.example;dmarc=bestguesspass action=none\n"
    " header.from=emails.sender.example;compauth=pass reason=109",
    "Received-SPF: Pass (protection.outlook.com: domain of bounce.sender.example\n"
    " designates 203.0.113.142 as permitted sender)\n"
    " receiver=protection.outlook.com; client-ip=203.0.113.142;\n"
    " helo=sender-142.psu3.esp.example; pr=C",
    "X-MS-Exchange-CrossTenant-OriginalArrivalTime: 01 Nov 2023 10:27:56.8567\n (UTC)",
    "X-MS-Exchange-Organization-ExpirationStartTime: 13 Jan 2025 05:59:27.2149\n (UTC)",
    "X-MS-Exchange-CrossTenant-Network-Message-Id: f0000000-0000-0000-6496-08dbdac53723",
    "X-ClientProxiedBy: AM0PR04CA0007.eurprd04.prod.outlook.com\n"
    " (2603:10a6:208:122::20) To AM7PR08MB5494.eurprd08.prod.outlook.com\n"
    " (2603:10a6:20b:dc::15)",
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_folds_as_real_mail(sample):
    name, _, value = sample.replace("\n", "").partition(": ")
    assert written(name, value).raw.decode() == sample.replace("\n", "\r\n") + "\r\n"


def test_some_are_never_folded():
    value = " ".join(["word"] * 40)
    assert written("X-Forefront-Antispam-Report", value, folded=False).raw.count(b"\r\n") == 1
    assert written("X-Empty", "").raw == b"X-Empty:\r\n"


@given(st.lists(st.text("abc(;", min_size=1, max_size=90), min_size=1, max_size=30))
def test_folding_loses_nothing_and_keeps_the_width(words):
    lines = fold(f"Name: {' '.join(words)}").split("\r\n")
    assert "".join(lines) == f"Name: {' '.join(words)}"
    for number, line in enumerate(lines):
        assert len(line) <= WIDTH or len(line.split(" ")) == 2  # a word that does not fit stands alone
        assert number == 0 or line.startswith(" ")


@given(st.binary(max_size=300) | st.text("aX:- \t\r\n", max_size=80).map(str.encode))
def test_what_is_not_touched_stays_octet_by_octet(content):
    head = Head.of(content)
    rest = content[head.end :]
    ended = content[: head.end]
    again = head.octets()
    if head.rest:
        assert again.endswith(b"\r\n" + head.rest)
        again = again.removesuffix(b"\r\n" + head.rest) + head.rest
    assert again == ended or again == ended + b"\r\n"  # the header may have ended within a line
    assert rest == content[len(ended) :]


def test_a_header_is_taken_apart():
    content = b"Subject: a\r\n b\r\nX-A : 1\nno field\r\nTo: x\r\n\r\nbody"
    head = Head.of(content)
    assert [(field.name, field.value) for field in head.fields] == [("Subject", "a b"), ("X-A", "1")]
    assert head.rest == b"no field\r\nTo: x\r\n"
    assert content[head.end :] == b"\r\nbody"
    assert (head.value("SUBJECT"), head.value("To")) == ("a b", None)
    assert head.without(lambda field: field.key == "subject").octets() == b"X-A : 1\n\r\n" + head.rest


def test_a_field_under_another_name_keeps_its_folding():
    assert Field("A", b"A: x\r\n\ty\r\n").renamed("Other").raw == b"Other: x\r\n\ty\r\n"


def test_new_fields_stand_above_and_below():
    head = Head.of(b"A: 1\r\n\r\n").between([written("Top", "t")], [written("End", "e")])
    assert head.octets() == b"Top: t\r\nA: 1\r\nEnd: e\r\n"
    assert Head.of(b"A: 1").between((), [written("End", "e")]).octets() == b"A: 1\r\nEnd: e\r\n"
