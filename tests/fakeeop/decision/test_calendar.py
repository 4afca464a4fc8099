"""The change calendar: its rows, and what comes near."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from fakeeop.cli.calendar_page import markdown, picture
from fakeeop.config.loader import forest_from_tree
from fakeeop.decision.calendar import CALENDAR, STATUS, TOUCHES, concerns, near
from fakeeop.decision.eras import changes
from fakeeop.decision.knobs import KNOBS

TODAY = date(2026, 11, 24)


def test_every_row_is_whole():
    assert len({row.id for row in CALENDAR}) == len(CALENDAR)
    for row in CALENDAR:
        assert row.status in STATUS, row.id
        assert row.touches, row.id
        assert set(row.touches) <= set(TOUCHES), row.id
        assert set(row.acts) <= {knob.name for knob in KNOBS}, row.id
        assert row.sure in ("high", "medium", "low"), row.id
        assert "" not in (row.what, row.scope, row.source), row.id
        assert (row.begin is None) == (row.status in ("planned", "standing")), row.id
        assert row.end is None or row.begin is None or row.begin <= row.end, row.id


def test_every_source_is_listed(repository):
    listed = set(re.findall(r"^\| ([\w-]+) \|", (repository / "evidence" / "sources.md").read_text("utf-8"), re.M))
    cited = {tag.strip() for row in CALENDAR for tag in row.source.split(",")}
    assert cited - listed - {"searched", "file of 2026"} == set()


def test_a_knob_changes_on_a_day_of_its_row():
    days = [(change.since, knob.name) for change, knob, _ in changes()]
    for row in CALENDAR:
        for name in row.acts:
            if row.begin is not None:
                last = row.end or row.begin
                assert any(each == name and row.begin <= day <= last for day, each in days), row.id


@pytest.mark.parametrize(
    ("when", "begin", "end", "shown"),
    [
        ("size-150-mb", date(2015, 4, 15), date(2015, 4, 15), "2015-04-15"),
        ("basic-auth-off-by-default", date(2026, 12, 1), date(2026, 12, 31), "2026-12"),
        ("tls-1-2-mx", date(2021, 1, 11), None, "from 2021-01-11, gradually"),
        ("mx-microsoft-for-new-domains", date(2026, 7, 1), date(2026, 12, 31), "2026-07 to 2026-12"),
        ("reject-direct-send-default", None, None, "no day"),
    ],
)
def test_days_and_ranges(when, begin, end, shown):
    (row,) = (row for row in CALENDAR if row.id == when)
    assert (row.begin, row.end, row.shown()) == (begin, end, shown)


def test_what_comes_near():
    ids = {row.id for row in near(TODAY, 60)}
    assert {"basic-auth-off-by-default", "mx-microsoft-for-new-domains"} <= ids
    assert "sectigo-client-auth" not in ids  # 78 days
    assert "basic-auth-removal-2026" not in ids  # did not happen
    assert "sectigo-client-auth" in {row.id for row in near(date(2027, 2, 10) - timedelta(days=60), 60)}
    assert {row.id for row in near(TODAY, 60, frozenset({"submission"}))} == {
        "basic-auth-off-by-default",
        "basic-auth-not-for-new-tenants",
    }


def test_what_concerns_a_tenant():
    tenant: dict[str, Any] = {"Name": "contoso", "AcceptedDomains": ["contoso.com", "contoso.onmicrosoft.com"]}
    assert concerns(forest_from_tree({"Tenants": [tenant]})) == {"dns", "tls", "direct-send", "moera"}
    relay = {"Name": "r", "ConnectorType": "OnPremises", "TlsSenderCertificateName": "contoso.com", "RequireTls": True}
    tenant["InboundConnectors"] = [{**relay, "SenderDomains": ["*"]}]
    assert {"connector", "certificate"} <= concerns(forest_from_tree({"Tenants": [tenant]}))


def test_the_page_and_the_picture_are_up_to_date(repository):
    assert (repository / "docs" / "calendar.md").read_text("utf-8") == markdown(), "fakeeop eras --markdown"
    assert (repository / "docs" / "calendar.svg").read_text("utf-8") == picture(), "fakeeop eras --svg"
