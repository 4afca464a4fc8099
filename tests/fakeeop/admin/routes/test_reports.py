from __future__ import annotations

import pytest

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"
TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["printer@contoso.com"],
            "InboundConnectors": [
                {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ]
}


@pytest.fixture
def reported(new_lab):
    """A lab with two reports of failure."""
    lab = new_lab(TREE)
    lab.relay("gone@contoso.com")
    lab.relay("lost@contoso.com")
    assert lab.emulator.journal.wait_for_reports(2, timeout=60)
    return lab


def reports(lab, **query):
    return lab.api.get("/journal/reports", params=query).json()["reports"]


def test_reports_are_the_journal_s(reported):
    assert reports(reported, content=True) == reported.emulator.journal.reports()
    assert "raw" not in reports(reported)[0]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"action": "failed"}, 2),
        ({"action": "delayed"}, 0),
        ({"rcpt-to": "Printer@contoso.com"}, 2),
        ({"rcpt-to": "x@contoso.com"}, 0),
        ({"session": "nobody"}, 0),
    ],
)
def test_reports_by(reported, query, count):
    assert len(reports(reported, **query)) == count


def test_pages(reported):
    first = reported.api.get("/journal/reports", params={"limit": 1}).json()
    assert first["next"] == first["reports"][0]["id"]
    second = reported.api.get("/journal/reports", params={"limit": 1, "after": first["next"]}).json()
    assert [second["reports"][0]["final-recipient"], second["next"]] == ["lost@contoso.com", None]


def test_one_report_and_its_octets(reported):
    tree, *_ = reported.emulator.journal.reports()
    assert reported.api.get(f"/journal/reports/{tree['id']}").json() == tree
    raw = reported.api.get(f"/journal/reports/{tree['id']}/raw")
    assert raw.headers["content-type"] == "message/rfc822"
    assert raw.content.decode("latin-1") == tree["raw"]


def test_one_that_is_not_there(reported):
    assert reported.api.get("/journal/reports/77").status_code == 404
    assert reported.api.get("/journal/reports", params={"after": "77"}).status_code == 404
