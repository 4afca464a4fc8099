from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from fakeeop.decision.verdict import Reason
from fakeeop.model import Behaviour
from fakeeop.smtp.names import Face, Signature, banner_date
from fakeeop.smtp.replies import CONFIDENCE, ROW, ROWS, fixed, lookup, reason_of, render, row_for

STAGES = {"connect", "ehlo", "starttls", "mail", "rcpt", "data", "message", "any", "quit", "auth"}


def test_keys_are_unique():
    assert len(ROW) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_row_is_whole(row):
    assert 200 <= row.code < 600
    assert set(row.stages) <= STAGES
    assert row.stages
    assert row.trigger
    assert row.source
    assert row.confidence in CONFIDENCE
    odd = row.key in ("tls-required-451-5.7.3", "starttls-required", "no-mail-subscription-550")  # so they are quoted
    assert odd or not row.status or row.status[0] == str(row.code)[0]
    assert (row.suffix > 0) == (row.code >= 400)  # wire §2: error replies only


@pytest.mark.parametrize("reason", [reason for reason in Reason if not reason.accepted])
def test_every_refusal_has_a_row_under_every_knob(reason):
    for tls_reply in ("451-5.7.3", "530-5.7.0", "550-5.7.51"):
        for attr5 in ("451", "550"):
            row = row_for(reason, evolve(Behaviour(), require_tls_reply=tls_reply, attr5_code=attr5))
            assert row.code >= 400
            assert reason_of(row) == reason.value


def test_knobs_choose():
    behaviour = Behaviour(require_tls_reply="530-5.7.0", attr5_code="550")
    assert row_for(Reason.TLS_REQUIRED, behaviour).line == "530 5.7.0 Must issue a STARTTLS command first"
    assert row_for(Reason.NO_MAIL_SUBSCRIPTION, behaviour).code == 550


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5.7.68", {"direct-send-rejected"}),
        ("550 5.4.1", {"recipient-unknown"}),
        ("ATTR36", {"relay-access-denied-attr36"}),
        ("421", {"too-many-errors", "service-unavailable", "old-tls", "message-rate", "too-many-connections",
                 "session-lifetime"}),
        ("partner-restriction", {"partner-restriction"}),
        ("550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources "
         "[X 2025]", {"direct-send-rejected"}),
        ("451 5.7.64", set()),
        ("", set()),
        ("9.9.9", set()),
        ("nonsense words", set()),
    ],
)  # fmt: skip
def test_lookup(text, keys):
    assert {row.key for row in lookup(text)} == keys


def test_lookup_by_status_finds_every_wording():
    assert {row.key for row in lookup("5.7.64")} >= {"relay-access-denied", "relay-access-denied-attr36"}


def test_render():
    assert fixed("mail") == b"250 2.1.0 Sender OK\r\n"
    assert render(ROW["help"]).startswith(b"214-This server supports the following commands:\r\n214 HELO EHLO")
    assert render(ROW["hello-first"], b" [x]") == b"503 5.5.2 Send hello first [x]\r\n"


def test_signature():
    moment = datetime(2025, 1, 29, 19, 7, 30, 476_999, tzinfo=UTC)
    signature = Signature(Face("CH3PEPF00000016", "namprd21"), lambda: moment, "08DD3FA5DBC8F401")
    own = b" [CH3PEPF00000016.namprd21.prod.outlook.com 2025-01-29T19:07:30.476Z 08DD3FA5DBC8F401]"
    assert signature.suffix() == own
    assert signature.suffix(0) == b""
    twice = signature.suffix(2)
    assert twice.endswith(own)
    assert twice.count(b"[") == 2
    assert twice.count(b"08DD3FA5DBC8F401") == 1


def test_banner_date():
    assert banner_date(datetime(2025, 3, 9, 9, 5, 8, tzinfo=UTC)) == "Sun, 9 Mar 2025 09:05:08 +0000"
