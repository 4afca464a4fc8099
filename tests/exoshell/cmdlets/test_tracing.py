"""Message trace by the cmdlets, of a running server with two tenants."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exoshell.backends.opening import open_backend
from exoshell.cmdlets import tracing

from ..conftest import Shell

TENANTS = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {Name: Relay, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [127.0.0.9]}
  - Name: fabrikam
    AcceptedDomains: [fabrikam.example]
    InboundConnectors:
      - {Name: Other, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [127.0.0.8]}
"""


@pytest.fixture
def traced(new_server: Any, tmp_path: Path) -> Shell:
    """Three recipients of contoso's one message, then one of fabrikam's."""
    path = tmp_path / "tenants.yaml"
    path.write_text(TENANTS, encoding="utf-8")
    emulator, url = new_server(path)
    host, port = emulator.addresses[0]
    for source, sender, recipients in (
        ("127.0.0.9", "app@contoso.com", ["a@x.example", "b@x.example", "c@x.example"]),
        ("127.0.0.8", "app@fabrikam.example", ["z@x.example"]),
    ):
        with smtplib.SMTP(host, port, source_address=(source, 0), timeout=60) as client:
            client.sendmail(sender, recipients, "Subject: Scan\r\n\r\nhi\r\n")
    return Shell(open_backend(url, "contoso"))


def recipients(rows: list[dict[str, Any]]) -> list[str]:
    return [each["RecipientAddress"][0] for each in rows]


def test_an_administrator_sees_his_own_tenant(traced):
    assert recipients(traced("Get-MessageTraceV2")) == ["a", "b", "c"]
    assert traced.heard.warnings == []
    assert recipients(traced("Get-MessageTraceV2", ResultSize=3)) == ["a", "b", "c"]
    assert traced.heard.warnings == [], "the row of the other tenant is none that is left out"


def test_more_results_are_told_in_the_services_words_and_they_lead_on(traced):
    rows = traced("Get-MessageTraceV2", ResultSize=2)
    assert recipients(rows) == ["a", "b"]
    (warning,) = traced.heard.warnings
    said = re.fullmatch(
        "There are more results, use the following command to get more. Get-MessageTraceV2 "
        '-StartDate "([^"]+)" -EndDate "([^"]+)" -StartingRecipientAddress "([^"]+)" -ResultSize 2',
        warning,
    )
    assert said is not None, warning
    given = dict(zip(("StartDate", "EndDate", "StartingRecipientAddress"), said.groups(), strict=True))
    assert recipients(traced("Get-MessageTraceV2", **given, ResultSize=2)) == ["c"]
    assert traced.heard.warnings == []


def test_pages_of_the_old_cmdlet_by_as_many_requests_as_it_takes(traced, monkeypatch):
    monkeypatch.setattr(tracing, "_MOST", 1)
    pages = [recipients(traced("Get-MessageTrace", PageSize=1, Page=page)) for page in (1, 2, 3, 4)]
    assert pages == [["a"], ["b"], ["c"], []]
    traced("Get-MessageTrace", PageSize=1, Page=2)
    assert traced.heard.warnings == ["There are more results: Get-MessageTrace -Page 3 -PageSize 1"]


@pytest.mark.parametrize(("name", "given"), [
    ("Get-MessageTraceV2", {"ResultSize": 0}),
    ("Get-MessageTraceV2", {"ResultSize": 5001}),
    ("Get-MessageTrace", {"PageSize": 5001}),
    ("Get-MessageTrace", {"Page": 0}),
])  # fmt: skip
def test_sizes_out_of_range_are_errors(traced, name, given):
    assert traced(name, **given) == []
    assert traced.error_ids == [f"{next(iter(given))},{name}"]


def test_events_by_their_kind_and_time(traced):
    (row, *_) = rows = traced.objects("Get-MessageTraceV2")
    assert [each["Event"] for each in traced("Get-MessageTraceDetailV2", pipe=rows)] == ["Receive", "Send"] * 3
    one = {"MessageTraceId": row.properties["MessageTraceId"], "RecipientAddress": row.properties["RecipientAddress"]}
    assert [each["Event"] for each in traced("Get-MessageTraceDetailV2", **one, Event=["SEND"])] == ["Send"]
    assert traced("Get-MessageTraceDetailV2", **one, Action=["RejectMessage"]) == []
    later = row.properties["Received"] + timedelta(days=1)
    assert traced("Get-MessageTraceDetailV2", **one, StartDate=later) == []
    assert len(traced("Get-MessageTraceDetailV2", **one, EndDate=later.replace(tzinfo=None))) == 2
