"""Forest in, verdicts out: the emulator as its users hold it."""

from __future__ import annotations

import contextlib
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import evolve

from fakeeop.decision.verdict import Reason
from fakeeop.emulator import Emulator
from fakeeop.model import Forest

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"


def tree(**behaviour: str) -> dict[str, Any]:
    connectors = [
        {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]},
        {
            "Name": "Bank",
            "ConnectorType": "Partner",
            "SenderDomains": ["bank.example"],
            "SenderIPAddresses": ["192.0.2.1"],
            "RestrictDomainsToIPAddresses": True,
        },
    ]
    tenant = {
        "Name": "contoso",
        "AcceptedDomains": ["contoso.com"],
        "Recipients": ["user@contoso.com", "ann@contoso.com"],
        "InboundConnectors": connectors,
    }
    other = {"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"]}
    return {"Tenants": [tenant, other], "Behaviour": behaviour}


@pytest.fixture
def new_emulator():
    started = []

    def make(**behaviour):
        eop = Emulator.from_tree(tree(**behaviour), peers={RELAY: "203.0.113.25"})
        eop.start()
        started.append(eop)
        return eop

    yield make
    for eop in started:
        eop.stop()


def client_of(eop: Emulator, source: str) -> smtplib.SMTP:
    host, port = eop.addresses[0]
    return smtplib.SMTP(host, port, source_address=(source, 0), timeout=20)


def send(eop: Emulator, source: str, sender: str, *recipients: str, content: str = "Subject: x\r\n\r\nhi\r\n") -> Any:
    with client_of(eop, source) as client:
        try:
            return client.sendmail(sender, recipients, content)
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients
        except smtplib.SMTPResponseException as refused:
            return (refused.smtp_code, refused.smtp_error)
        finally:
            client.rset()


def test_relay_is_accepted_in_two_copies(new_emulator):
    eop = new_emulator()
    assert send(eop, RELAY, "printer@contoso.com", "user@contoso.com", "x@example.net", "ann@contoso.com") == {}
    internal, external = eop.journal.messages()
    assert (internal["recipient-scope"], internal["rcpt-to"]) == ("internal", ["user@contoso.com", "ann@contoso.com"])
    assert (external["recipient-scope"], external["rcpt-to"]) == ("external", ["x@example.net"])
    assert internal["id"] != external["id"]
    for message in (internal, external):
        assert message["directionality"] == "Originating"
        assert (message["tenant"], message["connector"]) == ("contoso", "Office relay")
        assert (message["mail-from"], message["peer"]) == ("printer@contoso.com", "203.0.113.25")
        assert message["headers"] == [["Subject", "x"]]
        assert message["body"] == "hi\n"


def test_two_tenants_never_share_a_copy(new_emulator):
    eop = new_emulator()
    assert send(eop, STRANGER, "x@example.net", "user@contoso.com", "bob@fabrikam.com") == {}
    assert [(each["tenant"], each["rcpt-to"]) for each in eop.journal.messages()] == [
        ("contoso", ["user@contoso.com"]),
        ("fabrikam", ["bob@fabrikam.com"]),
    ]
    assert {each["directionality"] for each in eop.journal.messages()} == {"Incoming"}


def test_a_stranger_is_refused_and_told_why(new_emulator):
    eop = new_emulator()
    refused = send(eop, STRANGER, "printer@contoso.com", "x@example.net")
    assert refused["x@example.net"][0] == 550
    assert refused["x@example.net"][1].startswith(b"5.7.64 TenantAttribution; Relay Access Denied [")
    assert eop.explain().reason is Reason.RELAY_ACCESS_DENIED
    assert "203.0.113.25" in eop.explain_text()
    [session] = eop.journal.sessions()
    assert session["verdict"] == "relay-access-denied"
    assert session["attributed-to"] == "none"
    [nearest] = [each for each in session["nearest"] if each["connector"] == "Office relay"]
    assert (nearest["tenant"], nearest["failed"]) == ("contoso", "SenderIPAddresses")
    assert "203.0.113.25" in nearest["fix"]


def test_explain_finds_the_last_refused_or_the_last(new_emulator):
    eop = new_emulator()
    with pytest.raises(LookupError, match="no recipient was judged"):
        eop.explain()
    send(eop, STRANGER, "printer@contoso.com", "x@example.net")
    send(eop, RELAY, "printer@contoso.com", "y@example.net")
    first, second = eop.journal.sessions()
    assert eop.explain().reason is Reason.RELAY_ACCESS_DENIED
    assert eop.explain(second["id"]).reason is Reason.ORIGINATING_BY_IP_ADDRESS
    assert eop.explain(recipient="Y@example.net").reason is Reason.ORIGINATING_BY_IP_ADDRESS
    assert eop.explain(first["id"], "x@example.net").reason is Reason.RELAY_ACCESS_DENIED
    with pytest.raises(LookupError, match=r"recipient z@example\.net"):
        eop.explain(recipient="z@example.net")


def test_a_refusal_at_the_end_of_data(new_emulator):
    eop = new_emulator(Stage5751="data")
    code, text = send(eop, STRANGER, "teller@bank.example", "user@contoso.com")
    assert (code, text[:6]) == (550, b"5.7.51")
    [session] = eop.journal.sessions()
    assert [(each["stage"], each["verdict"]) for each in session["refusals"]] == [("message", "partner-restriction")]
    assert [each["reply"] for each in session["recipients"]] == ["250 2.1.5 Recipient OK"]
    assert eop.journal.messages() == []


def test_a_partner_looked_up_by_the_from_header(new_emulator):
    eop = new_emulator(PartnerSenderScope="p2")
    content = "From: Teller <teller@Bank.example>\r\n\r\nhi\r\n"
    code, text = send(eop, STRANGER, "x@example.net", "user@contoso.com", content=content)
    assert (code, text[:6]) == (550, b"5.7.51")
    assert send(eop, STRANGER, "teller@bank.example", "user@contoso.com", content="From: <x@example.net>\r\n\r\n") == {}


def test_a_new_forest_serves_the_next_transaction(new_emulator):
    eop = new_emulator()
    with client_of(eop, STRANGER) as client:
        client.ehlo()
        client.mail("a@b.example")
        eop.replace_forest(Forest())
        assert client.rcpt("user@contoso.com")[0] == 250
        client.rset()
        client.mail("a@b.example")
        assert client.rcpt("user@contoso.com")[0] == 550
    assert eop.forest.tenants == ()


def test_knobs_of_the_dialogue(new_emulator):
    eop = new_emulator(BannerSessionId="off", InvalidSenderCode="550")
    with client_of(eop, STRANGER) as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a>")[0] == 550
    eop.journal.wait_for_sessions_to_end(20)
    assert eop.journal.sessions()[0]["transcript"][0].endswith("+0000")
    assert evolve(eop.forest.behaviour, banner_session_id="on", invalid_sender_code="501") == Forest().behaviour


def test_dsn_parameters_are_kept(new_emulator):
    eop = new_emulator()
    with client_of(eop, RELAY) as client:
        client.ehlo()
        client.mail("printer@contoso.com", ["RET=HDRS", "ENVID=QQ+2B"])
        client.rcpt("x@example.net", ["NOTIFY=SUCCESS,Delay", "ORCPT=rfc822;X@Example.net"])
        client.rcpt("user@contoso.com", ["NOTIFY=NEVER"])
        client.rcpt("ann@contoso.com")
        client.data("Subject: x\r\n\r\n")
    external, internal = eop.journal.messages()
    assert external["dsn"] == {
        "ret": "HDRS",
        "envid": "QQ+2B",
        "notify": ["SUCCESS", "Delay"],
        "orcpt": "rfc822;X@Example.net",
    }
    assert internal["dsn"]["recipients"] == [
        {"address": "user@contoso.com", "notify": ["NEVER"], "orcpt": None},
        {"address": "ann@contoso.com", "notify": None, "orcpt": None},
    ]


def test_sessions_of_all_emulators_have_ids_of_their_own(new_emulator):
    emulators = [new_emulator() for _ in range(3)]
    for eop in emulators:
        client_of(eop, STRANGER).quit()
    ids = [session["id"] for eop in emulators for session in eop.journal.sessions()]
    assert len(set(ids)) == 3
    assert all(len(each) == 16 and each == each.upper() for each in ids)


def test_who_is_who_can_be_told_while_it_serves(new_emulator):
    eop = new_emulator()
    assert send(eop, STRANGER, "printer@contoso.com", "x@example.net") != {}
    eop.replace_peers({STRANGER: "203.0.113.25"})
    assert eop.peers == {STRANGER: "203.0.113.25"}
    assert send(eop, STRANGER, "printer@contoso.com", "x@example.net") == {}
    with pytest.raises(ValueError, match="nobody"):
        eop.replace_peers({"nobody": "203.0.113.25"})
    assert eop.peers == {STRANGER: "203.0.113.25"}


def test_who_asks_at_the_same_time_gets_the_same_authority(monkeypatch: pytest.MonkeyPatch):
    made = []
    together = threading.Barrier(2)

    def make() -> object:
        made.append(object())
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.2)  # two that are here at once meet, and would both have made one
        return made[-1]

    monkeypatch.setattr("fakeeop.emulator.lab_certificates", make)
    with ThreadPoolExecutor(2) as pool, Emulator.from_tree(tree()) as emulator:
        first, second = pool.map(lambda _: emulator.certificates, range(2))
    assert first is second
    assert len(made) == 1
