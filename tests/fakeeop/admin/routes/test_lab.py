from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fakeeop.decision.knobs import KNOBS
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.state import ServerCertificates
from fakeeop.pki.variants import make_variant
from fakeeop.smtp.replies.rows import ROWS

FACTS = {"ip": "203.0.113.25", "mail-from": "a@contoso.com", "rcpt-to": "x@example.net"}


class HandClock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> None:
        self.passed += seconds


def test_the_index(lab):
    got = lab.api.get("/").json()
    (listener,) = got["listeners"]
    assert listener["address"] == "{}:{}".format(*lab.emulator.addresses[0])
    assert (listener["submission"], listener["proxy"], listener["starttls"]) == (False, False, True)
    assert lab.api.get(got["document"]).json()["openapi"].startswith("3.1")


def test_explain_says_what_the_server_would_say(lab):
    got = lab.api.post("/explain", json=FACTS).json()
    assert (got["accepted"], got["recipients"][0]["verdict"]) == (True, "originating-by-ip-address")
    got = lab.api.post("/explain", json={**FACTS, "ip": "198.51.100.1", "rcpt-to": ["x@example.net", "b@contoso.com"]})
    foreign, own = got.json()["recipients"]
    assert foreign["reply"].startswith("550 5.7.64 TenantAttribution; Relay Access Denied [")
    assert foreign["nearest"][0]["connector"] == "Office relay"
    assert own["reply"] == "250 2.1.5 Recipient OK"
    assert got.json()["accepted"] is False


def test_explain_follows_the_tenants(lab):
    lab.api.patch("/tenants/contoso/inbound-connectors/Office relay", json={"SenderIPAddresses": ["198.51.100.1"]})
    assert lab.api.post("/explain", json=FACTS).json()["accepted"] is False


def test_explain_judges_a_certificate_by_the_lab_s_roots(new_lab):
    authority = LabAuthority.create()
    server = authority.server_certificate(["localhost"])
    by_name = {"Name": "c", "ConnectorType": "OnPremises", "TlsSenderCertificateName": "*.contoso.com"}
    tree = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [by_name]}]}
    lab = new_lab(tree, certificates=ServerCertificates(server.chain_pem, server.key_pem, authority.certificate_pem))
    for variant, accepted in (("match", True), ("expired", False)):
        pem = make_variant(variant, authority).chain_pem.decode()
        assert lab.api.post("/explain", json={**FACTS, "certificate": pem}).json()["accepted"] is accepted, variant
    assert lab.api.post("/explain", json={**FACTS, "tls": True}).json()["accepted"] is False


@pytest.mark.parametrize("change", [
    {"ip": None}, {"ip": "nowhere"}, {"ip": 7}, {"mail-from": "x"}, {"mail-from": None}, {"rcpt-to": []},
    {"rcpt-to": "<>"}, {"rcpt-to": [7]}, {"rcpt-to": {}}, {"tls": "yes"}, {"certificate": "x"}, {"certificate": 7},
    {"certificate": "x", "tls": False}, {"header-from": ["a b"]}, {"helo": "x"}, {"mail-from": "a@\ud800"},
])  # fmt: skip
def test_explain_without_sense(lab, change):
    import json  # noqa: PLC0415  httpx refuses to send lone surrogates itself

    answer = lab.api.post(
        "/explain", content=json.dumps({**FACTS, **change}), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_the_tables(lab):
    assert [row["key"] for row in lab.api.get("/replies").json()["replies"]] == [row.key for row in ROWS]
    lab.api.patch("/behaviour", json={"CertFallback": "refuse"})
    knobs = {knob["name"]: knob for knob in lab.api.get("/knobs").json()["knobs"]}
    assert list(knobs) == [knob.name for knob in KNOBS]
    assert (knobs["CertFallback"]["value"], knobs["CertFallback"]["default"]) == ("refuse", "allow")
    assert knobs["CertFallback"]["values"][0]["sources"]


def test_the_machine_s_clock_cannot_be_advanced(lab):
    assert lab.api.get("/clock").json()["virtual"] is False
    assert lab.api.post("/clock/advance", json={"seconds": 1}).status_code == 409


def test_a_virtual_clock(new_lab):
    lab = new_lab(clock=HandClock())
    assert lab.api.get("/clock").json() == {"now": "2026-01-01T00:00:00Z", "virtual": True}
    assert lab.api.post("/clock/advance", json={"seconds": 90.5}).json()["now"] == "2026-01-01T00:01:30.500000Z"
    for seconds in (0, -1, "1", True, None, 1e10):
        assert lab.api.post("/clock/advance", json={"seconds": seconds}).status_code == 422
    assert lab.api.post("/clock/advance", json={"seconds": 1, "hours": 1}).status_code == 422
    assert lab.api.get("/clock").json()["now"] == "2026-01-01T00:01:30.500000Z"


def test_reset_forgets_the_journal_and_keeps_tenants_and_metrics(lab):
    lab.relay()
    lab.api.patch("/behaviour", json={"CertFallback": "refuse"})
    assert lab.api.post("/reset").status_code == 204
    assert lab.api.get("/journal/messages").json()["messages"] == []
    assert lab.api.get("/behaviour").json() == {"CertFallback": "refuse"}
    assert 'fakeeop_messages_total{tenant="contoso",scope="external"} 1\n' in lab.api.get("/metrics").text


def test_health_and_ready(lab):
    assert lab.api.get("/health").json() == {"status": "ok"}
    assert lab.api.get("/ready").json()["status"] == "ready"
    lab.emulator._open = False  # what close() does first
    refused = lab.api.get("/ready")
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert lab.api.get("/health").status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nowhere", 404),
    ("GET", "/tenants/", 404),
    ("GET", "/journal", 405),
    ("POST", "/tenants", 405),
    ("DELETE", "/metrics", 405),
])  # fmt: skip
def test_no_such_route(lab, method, path, status):
    answer = lab.api.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
