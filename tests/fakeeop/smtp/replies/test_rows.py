from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import pytest
from attrs import evolve

from fakeeop.decision.verdict import Reason
from fakeeop.model import Behaviour
from fakeeop.smtp.names import HostNames, ReplySuffix, banner_date
from fakeeop.smtp.replies.rows import (
    KINDS,
    ROW,
    ROWS,
    VARIANTS,
    fixed,
    queued_figures,
    reason_of,
    render,
    row_for,
    row_named,
)


def test_keys_are_unique():
    assert len(ROW) == len(ROWS)


def test_the_rows_of_the_service_are_marked_by_who_gives_them():
    assert {row.kind for row in ROWS} == {"both", "mx", "submission"}
    assert {row.kind for row in ROWS} < set(KINDS)
    assert {row.by for row in ROWS} == {"rule", "fault"}
    assert ROW["starttls-required"].kind == "submission"
    assert ROW["session-lifetime"].kind == "both"


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_leads_to_a_row_under_every_value_of_its_knob(name):
    field, keys = VARIANTS[name]
    for value, key in keys.items():
        chosen: dict[str, Any] = {field: value}
        assert row_named(name, evolve(Behaviour(), **chosen)) is ROW[key]
        assert reason_of(ROW[key]) == name
    assert set(keys) == set(get_args(get_type_hints(Behaviour)[field]))


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


def test_render():
    assert fixed("mail") == b"250 2.1.0 Sender OK\r\n"
    assert render(ROW["help"]).startswith(b"214-This server supports the following commands:\r\n214 HELO EHLO")
    assert render(ROW["hello-first"], b" [x]") == b"503 5.5.2 Send hello first [x]\r\n"


def test_suffix():
    moment = datetime(2025, 1, 29, 19, 7, 30, 476_999, tzinfo=UTC)
    suffix = ReplySuffix(HostNames("CH3PEPF00000016", "namprd21"), lambda: moment, "08DD3FA5DBC8F401")
    own = b" [CH3PEPF00000016.namprd21.prod.outlook.com 2025-01-29T19:07:30.476Z 08DD3FA5DBC8F401]"
    assert suffix.blocks() == own
    assert suffix.blocks(0) == b""
    twice = suffix.blocks(2)
    assert twice.endswith(own)
    assert twice.count(b"[") == 2
    assert twice.count(b"08DD3FA5DBC8F401") == 1


def test_banner_date():
    assert banner_date(datetime(2025, 3, 9, 9, 5, 8, tzinfo=UTC)) == "Sun, 9 Mar 2025 09:05:08 +0000"


def test_queued_figures():  # wire §2.2: 8547 bytes in 0.132, 63.086 KB/sec
    assert queued_figures(8547, 8547 / 1024 / 63.086) == ("0.132", "63.086")
    assert queued_figures(1024, 0.0) == ("0.001", "1000.000")
