from __future__ import annotations

import json
import smtplib

import pytest

BUSY = {"at": "rcpt", "first": 2, "reply": "451 4.7.500 Server busy"}


def put(lab, faults):
    return lab.api.put("/faults", json=faults)


def reply(lab) -> int:
    refused = lab.relay()
    return refused["x@example.net"][0] if refused else 250


def test_two_attempts_fail_then_it_works(lab):
    assert lab.api.get("/faults").json() == {"Faults": [], "fired": []}
    assert put(lab, [BUSY]).json() == {"Faults": [BUSY], "fired": [0]}
    assert [reply(lab) for _ in range(3)] == [451, 451, 250]
    assert lab.api.get("/faults").json()["fired"] == [2]
    assert lab.api.post("/reset").status_code == 204
    assert lab.api.get("/faults").json() == {"Faults": [BUSY], "fired": [0]}
    assert reply(lab) == 451
    assert lab.api.delete("/faults").status_code == 204
    assert reply(lab) == 250


def test_an_open_session_is_struck_too(lab):
    host, port = lab.emulator.addresses[0]
    with smtplib.SMTP(host, port, timeout=60) as client:
        client.ehlo()
        assert put(lab, [{"at": "mail", "reply": "421 4.3.2 no"}]).status_code == 200
        assert client.mail("a@example.net")[0] == 421


def test_faults_outlast_a_change_of_tenants(lab):
    put(lab, [{**BUSY, "first": 1}])
    assert lab.api.patch("/behaviour", json={"CertFallback": "refuse"}).status_code == 200
    assert [reply(lab) for _ in range(2)] == [451, 250]


def test_a_flag_ends_what_lasts_until_it(lab):
    put(lab, {"Faults": [{"at": "rcpt", "until": "repaired", "reply": "451 4.7.500 no"}], "FaultSeed": 7})
    assert reply(lab) == 451
    assert lab.api.put("/faults/flags/repaired").status_code == 204
    assert reply(lab) == 250


def test_every_mistake_is_told(lab):
    put(lab, [BUSY])
    wrong = put(lab, [{"at": "lunch", "reply": "no"}, {"rply": "451 4.7.500 x"}])
    assert wrong.status_code == 422
    assert {tuple(each["where"][1:2]) for each in wrong.json()["problems"]} == {("number 1",), ("number 2",)}
    assert lab.api.get("/faults").json()["Faults"] == [BUSY]
    kind = {"Content-Type": "application/yaml"}
    text = lab.api.put("/faults", content="- at: rcpt\n  reply: 451 4.7.500 no\n- at: lunch\n", headers=kind)
    assert (text.status_code, text.json()["problems"][0]["line"]) == (422, 3)


@pytest.mark.parametrize("body", [
    None, 7, "rcpt", {}, {"Faults": {}}, {"Faults": [], "Seed": 1}, {"Faults": [], "FaultSeed": -1}, [7],
    {"Faults": [], "FaultSeed": True},
])  # fmt: skip
def test_bodies_that_are_none(lab, body):
    answer = lab.api.put("/faults", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
