"""Message trace over HTTP."""

from __future__ import annotations

from tests.fakeeop.admin.conftest import RELAY


def test_rows_and_events(lab):
    lab.send(RELAY, "app@contoso.com", "ann@contoso.com", "x@example.net")
    tree = lab.api.get("/message-trace").json()
    assert [each["RecipientAddress"] for each in tree["rows"]] == ["ann@contoso.com", "x@example.net"]
    assert tree["next"] is None
    trace = tree["rows"][1]["MessageTraceId"]
    events = lab.api.get(f"/message-trace/{trace}/x@example.net").json()["events"]
    assert [each["Event"] for each in events] == ["Receive", "Send"]
    assert "Name=Office relay;" in events[0]["Data"]


def test_exchanges_parameters(lab):
    lab.send(RELAY, "app@contoso.com", "ann@contoso.com", "x@example.net")
    found = lab.api.get("/message-trace", params={"RecipientAddress": ["*@example.net"], "ResultSize": 1}).json()
    assert [each["RecipientAddress"] for each in found["rows"]] == ["x@example.net"]
    page = lab.api.get("/message-trace", params={"ResultSize": 1}).json()
    assert page["next"]["StartingRecipientAddress"] == "x@example.net"
    rest = lab.api.get("/message-trace", params=page["next"]).json()
    assert [each["RecipientAddress"] for each in rest["rows"]] == ["x@example.net"]
    assert page["next"].keys() == {"StartDate", "EndDate", "StartingRecipientAddress"}, "StartDate: the same span"
    assert lab.api.get("/message-trace", params={"Organization": "nobody"}).json()["rows"] == []


def test_what_the_cmdlet_refuses(lab):
    answer = lab.api.get("/message-trace", params={"StartDate": "2020-01-01"})
    assert answer.status_code == 422
    assert "-StartDate" in answer.json()["detail"]
    assert lab.api.get("/message-trace", params={"ResultSize": 5001}).status_code == 422


def test_no_such_message(lab):
    assert lab.api.get("/message-trace/nothing/x@example.net").status_code == 404
