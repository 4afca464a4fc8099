from __future__ import annotations

import json
import smtplib
import threading

import pytest

CONNECTOR = "/tenants/contoso/inbound-connectors/Office relay"
RELAY, STRANGER = "127.0.0.25", "127.0.0.9"


def codes(response) -> list[str]:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    return [problem["code"] for problem in response.json()["problems"]]


def test_the_whole_file_comes_back_and_can_be_put_again(lab):
    got = lab.api.get("/tenants")
    assert got.status_code == 200
    assert got.json()["Tenants"][0]["InboundConnectors"][0]["Name"] == "Office relay"
    put = lab.api.put("/tenants", json=got.json(), headers={"If-Match": got.headers["etag"]})
    assert (put.status_code, put.json(), put.headers["etag"]) == (200, got.json(), got.headers["etag"])
    assert lab.relay() == {}


def test_the_file_is_served_at_the_next_transaction(lab):
    other = {"Tenants": [{"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"]}]}
    host, port = lab.emulator.addresses[0]
    with smtplib.SMTP(host, port, source_address=(RELAY, 0), timeout=60) as client:
        client.ehlo()
        client.mail("printer@contoso.com")
        assert lab.api.put("/tenants", json=other).status_code == 200
        assert client.rcpt("x@example.net")[0] == 250
        client.rset()
        client.mail("printer@contoso.com")
        assert client.rcpt("x@example.net")[0] == 550
        assert client.rcpt("ann@fabrikam.com")[0] == 250


def test_yaml_is_taken_and_problems_have_its_lines(lab):
    kind = {"Content-Type": "application/yaml"}
    good = "Tenants:\n- Name: fabrikam\n  AcceptedDomains: [fabrikam.com]\n"
    assert lab.api.put("/tenants", content=good, headers=kind).json()["Tenants"][0]["Name"] == "fabrikam"
    bad = lab.api.put("/tenants", content=good + "  MailEnabled: perhaps\n", headers=kind)
    assert (bad.status_code, bad.json()["problems"][0]["line"]) == (422, 4)
    broken = lab.api.put("/tenants", content="a: [", headers=kind)
    assert (broken.status_code, codes(broken)) == (400, ["syntax"])
    assert lab.api.put("/tenants", content=b"\xff", headers=kind).status_code == 400


def test_all_broken_rules_are_told_and_nothing_changes(lab):
    bad = {
        "Tenants": [
            {
                "Name": "contoso",
                "AcceptedDomains": ["no domain"],
                "InboundConnectors": [
                    {"Name": "a", "ConnectorType": "OnPremises"},
                    {"Name": "b", "ConnectorType": "Partner", "SenderIPAddresses": ["10.0.0.0/8"], "Speed": 9},
                ],
            }
        ]
    }
    before = lab.api.get("/tenants")
    refused = lab.api.put("/tenants", json=bad)
    assert refused.status_code == 422
    assert {"E1", "E2", "E10", "unknown-field"} <= set(codes(refused))
    for problem in refused.json()["problems"]:
        assert problem["message"]
        assert problem["where"][0] == "tenant contoso"
    assert "connector b" in next(each for each in refused.json()["problems"] if each["code"] == "E10")["where"]
    assert lab.api.get("/tenants").headers["etag"] == before.headers["etag"]
    assert lab.relay() == {}


def test_one_tenant(lab):
    got = lab.api.get("/tenants/CONTOSO")
    assert got.json()["AcceptedDomains"] == ["contoso.com"]
    made = lab.api.put("/tenants/fabrikam", json={"AcceptedDomains": ["fabrikam.com"]})
    assert (made.status_code, made.headers["location"]) == (201, "/tenants/fabrikam")
    replaced = lab.api.put("/tenants/fabrikam", json={"Name": "fabrikam", "acceptedDomains": ["fabrikam.net"]})
    assert (replaced.status_code, replaced.json()) == (200, {"Name": "fabrikam", "AcceptedDomains": ["fabrikam.net"]})
    assert lab.api.put("/tenants/third", json={"AcceptedDomains": ["fabrikam.net"]}).status_code == 422
    assert lab.send(STRANGER, "a@example.net", "ann@fabrikam.net") == {}
    assert lab.api.delete("/tenants/fabrikam").status_code == 204
    assert lab.send(STRANGER, "a@example.net", "ann@fabrikam.net") != {}
    assert lab.api.get("/tenants/fabrikam").status_code == 404


def test_a_connector_from_made_to_removed(lab):
    place = "/tenants/contoso/inbound-connectors"
    new: dict[str, object] = {"name": "Branch / North", "ConnectorType": "OnPremises", "senderipaddresses": "127.0.0.9"}
    assert lab.send(STRANGER, "a@contoso.com", "x@example.net") != {}
    made = lab.api.post(place, json=new)
    assert made.status_code == 201
    assert made.json()["SenderIPAddresses"] == "127.0.0.9"
    assert lab.send(STRANGER, "a@contoso.com", "x@example.net") == {}
    assert lab.api.get(made.headers["location"]).json() == made.json()
    assert lab.api.post(place, json=new).status_code == 409
    assert len(lab.api.get(place).json()["InboundConnectors"]) == 2

    disabled = lab.api.patch(made.headers["location"], json={"enabled": False})
    assert disabled.json()["Enabled"] is False
    assert lab.send(STRANGER, "a@contoso.com", "x@example.net") != {}
    merge = {"Content-Type": "application/merge-patch+json"}
    again = lab.api.patch(made.headers["location"], content=json.dumps({"Enabled": None}), headers=merge)
    assert "Enabled" not in again.json()
    assert lab.send(STRANGER, "a@contoso.com", "x@example.net") == {}

    renamed = lab.api.patch(made.headers["location"], json={"Name": "North"})
    assert renamed.json()["Name"] == "North"
    assert lab.api.delete(made.headers["location"]).status_code == 404
    assert lab.api.delete(f"{place}/north").status_code == 204
    assert lab.send(STRANGER, "a@contoso.com", "x@example.net") != {}
    assert lab.relay() == {}


def test_a_connector_that_breaks_rules(lab):
    bad = lab.api.patch(CONNECTOR, json={"SenderIPAddresses": ["1.2.3.4/8", "::1"], "RequireTls": "perhaps"})
    assert bad.status_code == 422
    assert sorted(codes(bad)) == ["E10", "E9", "wrong-type"]
    assert all(problem["fix"] for problem in bad.json()["problems"])


def test_accepted_domains(lab):
    place = "/tenants/contoso/accepted-domains"
    assert lab.api.get(place).json() == {"AcceptedDomains": [{"DomainName": "contoso.com"}]}
    made = lab.api.post(place, json={"DomainName": "Sub.Contoso.com", "DomainType": "InternalRelay"})
    assert made.status_code == 201
    assert lab.api.post(place, json={"DomainName": "sub.contoso.COM"}).status_code == 409
    changed = lab.api.patch(f"{place}/CONTOSO.com", json={"MatchSubDomains": True})
    assert changed.json() == {"DomainName": "contoso.com", "MatchSubDomains": True}
    assert lab.api.get("/tenants").json()["Tenants"][0]["AcceptedDomains"] == [changed.json(), made.json()]
    assert lab.api.delete(f"{place}/sub.contoso.com").status_code == 204
    assert lab.api.get(f"{place}/sub.contoso.com").status_code == 404
    assert lab.api.get(f"{place}/contoso.com").json() == changed.json()


def test_settings(lab):
    changes: list[tuple[str, dict[str, object]]] = [
        ("/tenants/contoso/organization-config", {"RejectDirectSend": True}),
        ("/tenants/contoso/transport-config", {"SmtpClientAuthenticationDisabled": False}),
        ("/behaviour", {"CertFallback": "refuse"}),
    ]
    for path, change in changes:
        assert lab.api.get(path).json() == {}
        assert lab.api.patch(path, json=change).json() == change
        assert lab.api.get(path).json() == change
        assert lab.api.patch(path, json={"NoSuchKey": True}).status_code == 422
        key = next(iter(change))
        assert lab.api.patch(path, json={key.lower(): None}).json() == {}
    lab.api.patch("/tenants/contoso/organization-config", json={"RejectDirectSend": "$true"})
    assert lab.send(STRANGER, "boss@contoso.com", "ann@contoso.com")["ann@contoso.com"][1].startswith(b"5.7.68 ")
    lab.api.patch("/behaviour", json={"cert_fallback": "refuse"})
    assert lab.emulator.forest.behaviour.cert_fallback == "refuse"


@pytest.mark.parametrize("path", [
    "/tenants/nobody",
    "/tenants/nobody/inbound-connectors",
    "/tenants/nobody/organization-config",
    "/tenants/contoso/inbound-connectors/nobody",
    "/tenants/contoso/accepted-domains/nobody.example",
])  # fmt: skip
def test_what_is_not_there(lab, path):
    assert (lab.api.get(path).status_code, codes(lab.api.get(path))) == (404, [])


def test_changes_to_what_is_not_there(lab):
    assert lab.api.patch("/tenants/nobody/transport-config", json={}).status_code == 404
    assert lab.api.post("/tenants/nobody/accepted-domains", json={"DomainName": "a.example"}).status_code == 404
    assert lab.api.patch("/tenants/contoso/inbound-connectors/nobody", json={}).status_code == 404
    assert lab.api.delete("/tenants/contoso/accepted-domains/nobody.example").status_code == 404
    assert lab.api.delete("/tenants/nobody").status_code == 404


def test_tags(lab):
    got = lab.api.get(CONNECTOR)
    assert lab.api.get(CONNECTOR, headers={"If-None-Match": f'"x", {got.headers["etag"]}'}).status_code == 304
    old = {"If-Match": got.headers["etag"]}
    assert lab.api.patch(CONNECTOR, json={"Comment": "one"}, headers=old).status_code == 200
    assert lab.api.patch(CONNECTOR, json={"Comment": "two"}, headers=old).status_code == 412
    assert lab.api.delete(CONNECTOR, headers=old).status_code == 412
    assert lab.api.put("/tenants", json=lab.api.get("/tenants").json(), headers=old).status_code == 412
    assert lab.api.put("/tenants/new", json={}, headers={"If-Match": "*"}).status_code == 412
    assert lab.api.patch("/behaviour", json={}, headers={"If-Match": "*"}).status_code == 200
    assert lab.api.get(CONNECTOR).json()["Comment"] == "one"
    assert lab.api.get(CONNECTOR, headers={"If-None-Match": got.headers["etag"]}).status_code == 200


def test_one_of_two_that_change_at_once_is_told(lab):
    tag = lab.api.get(CONNECTOR).headers["etag"]
    answers = []

    def change(number: int) -> None:
        answers.append(lab.api.patch(CONNECTOR, json={"Comment": str(number)}, headers={"If-Match": tag}).status_code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200, *[412] * 5]


def test_change_and_traffic_at_once(lab):
    """No message is lost or refused while a setting that does not concern it changes all the time."""
    outcomes: list[object] = []

    def traffic() -> None:
        outcomes.extend(lab.relay(f"user{number}@example.net") for number in range(20))

    threads = [threading.Thread(target=traffic) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(20):
        assert lab.api.patch(CONNECTOR, json={"Comment": str(number)}).status_code == 200
    for thread in threads:
        thread.join(120)
    assert outcomes == [{}] * 40
    assert lab.emulator.journal.remembered == 40
    assert lab.api.get(CONNECTOR).json()["Comment"] == "19"


def test_files_are_read_when_the_server_starts_but_never_for_a_request(new_lab, tmp_path):
    exported = [{"Name": "Exported", "ConnectorType": "OnPremises", "SenderIPAddresses": {"value": ["192.0.2.1"]}}]
    (tmp_path / "connectors.json").write_text(json.dumps(exported))
    tree = {
        "tenants": [
            {"name": "contoso", "accepteddomains": "contoso.com, a.example", "InboundConnectorsFile": "connectors.json"}
        ]
    }
    lab = new_lab(tree, path=tmp_path / "tenant.yaml")
    got = lab.api.get("/tenants").json()
    assert got == {
        "Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com", "a.example"], "InboundConnectors": exported}]
    }
    for body in (tree, {"Tenants": [{"Name": "x", "acceptedDomainsFile": "/etc/passwd"}]}):
        refused = lab.api.put("/tenants", json=body)
        assert (refused.status_code, codes(refused)) == (422, ["file-not-read"])
    refused = lab.api.put("/tenants/contoso", json={"InboundConnectorsFile": "connectors.json"})
    assert (refused.status_code, codes(refused)) == (422, ["file-not-read"])
    assert lab.api.put("/tenants", json=got).json() == got


def test_an_emulator_made_of_objects(new_lab):
    lab = new_lab()
    lab.emulator.replace_forest(lab.emulator.forest)
    assert lab.api.get("/tenants").status_code == 409
    assert lab.api.get(CONNECTOR).status_code == 409
    assert lab.api.patch(CONNECTOR, json={}).status_code == 409
    assert lab.api.put("/tenants", json={"Tenants": [{"Name": "contoso"}]}).status_code == 200
    assert lab.api.get("/tenants/contoso").json() == {"Name": "contoso"}


@pytest.mark.parametrize(("content", "status"), [
    (b"", 400),
    (b"{", 400),
    (b'{"Tenants": [}', 400),
    (b'{"Tenants": [], "Tenants": []}', 400),
    (b'{"Tenants": NaN}', 400),
    (b'{"Tenants": 1e999}', 400),
    (b"\xff\xfe{", 400),
    (b"[" * 100_000, 400),
    (b"9" * 10_000, 400),
    (b"null", 422),
    (b"[]", 422),
    (b"7", 422),
    (b'"Tenants"', 422),
    (b"{}", 422),
    (b'{"Tenants": 7}', 422),
    (b'{"Tenants": [7, null, [], {"Name": {}}]}', 422),
    (b'{"Tenants": [{"Name": "a", "InboundConnectors": 7}]}', 422),
    (b'{"Tenants": [], "Behaviour": 7}', 422),
    (b'{"Tenants": [{"Name": "\\ud800", "AcceptedDomains": ["\\ud800"]}]}', 422),
])  # fmt: skip
def test_bodies_that_are_wrong(lab, content, status):
    answer = lab.api.put("/tenants", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert lab.api.get("/tenants/contoso").status_code == 200


@pytest.mark.parametrize("body", ["[]", "7", "null", '"text"'])
def test_parts_that_are_no_object(lab, body):
    for method, path in [
        ("PUT", "/tenants/contoso"),
        ("PATCH", CONNECTOR),
        ("POST", "/tenants/contoso/accepted-domains"),
        ("PATCH", "/behaviour"),
        ("PATCH", "/tenants/contoso/organization-config"),
    ]:
        answer = lab.api.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, path


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/yaml"])
def test_other_media_types(lab, kind):
    for method, path in [("PATCH", CONNECTOR), ("POST", "/explain")]:
        assert lab.api.request(method, path, content="{}", headers={"Content-Type": kind}).status_code == 415


def test_secrets_are_never_shown_and_survive_a_round_trip(lab):
    ann = {"PrimarySmtpAddress": "ann@contoso.com", "Password": "hunter2", "AccessTokens": ["t0ken"]}
    tree = lab.api.get("/tenants").json()
    tree["Tenants"][0]["Mailboxes"] = [ann]
    answers = [lab.api.put("/tenants", json=tree), lab.api.get("/tenants"), lab.api.get("/tenants/contoso")]
    for answer in answers:
        assert answer.status_code == 200
        assert "********" in answer.text
        assert not [secret for secret in ("hunter2", "t0ken") if secret in answer.text]
    assert lab.api.put("/tenants", json=answers[1].json()).headers["etag"] == answers[1].headers["etag"]
    assert lab.api.patch("/behaviour", json={"CertFallback": "refuse"}).status_code == 200
    (mailbox,) = lab.emulator.forest.tenants[0].mailboxes
    assert (mailbox.password, mailbox.access_tokens) == ("hunter2", frozenset({"t0ken"}))
    masked = {"Name": "other", "Mailboxes": [{"PrimarySmtpAddress": "x@other.example", "Password": "********"}]}
    refused = lab.api.put("/tenants/other", json=masked)
    assert (refused.status_code, "Password is masked" in refused.json()["detail"]) == (422, True)
