from __future__ import annotations

import smtplib

import pytest

from fakeeop.errors import ConfigError
from harness.errors import DeadlineExceeded
from harness.targets.base import World
from harness.targets.embedded import EmbeddedTarget

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ]
}


@pytest.fixture
def running():
    target = EmbeddedTarget()
    opened = target.open(World(TREE, "<test>", {"relay": "203.0.113.25"}, {"relay": "127.99.0.1"}))
    yield opened
    opened.close()
    target.close()


def send(running, source="127.99.0.1"):
    host, port = running.address("relay")
    with smtplib.SMTP(host, port, "x.example", 10, (source, 0)) as client:
        client.ehlo()
        client.mail("<a@contoso.com>")
        return client.rcpt("<b@fabrikam.example>")[0]


def test_the_peer_is_the_public_address(running):
    assert (send(running), send(running, "127.99.0.2")) == (250, 550)
    running.wait_quiet(10)
    assert [each["peer"] for each in running.journal().sessions] == ["203.0.113.25", "127.99.0.2"]
    assert "verdict: relay-access-denied" in running.explain()


def test_nothing_refused_nothing_to_explain(running):
    assert send(running) == 250
    assert running.explain() == ""


def test_a_session_that_does_not_end_is_named(running):
    host, port = running.address("")
    with smtplib.SMTP(host, port, "x.example") as client:
        client.ehlo()
        running.wait_quiet(10, still_open=1)
        with pytest.raises(DeadlineExceeded, match="1 sessions to end"):
            running.wait_quiet(0.01)


def test_a_change_that_breaks_a_rule_changes_nothing(running):
    with pytest.raises(ConfigError, match="SenderIPAddresses"):
        running.admin({"set-connector": {"connector": "Relay", "SenderIPAddresses": ["no address"]}})
    assert send(running) == 250
    running.admin({"disable-connector": {"connector": "Relay"}})
    assert send(running) == 550


def test_two_worlds_know_nothing_of_each_other(running):
    other = EmbeddedTarget().open(World(TREE, "<test>", {"relay": "203.0.113.25"}, {"relay": "127.99.0.3"}))
    assert other.address("") != running.address("")
    assert (send(other, "127.99.0.3"), send(running, "127.99.0.3")) == (250, 550)
    other.close()


def test_the_submission_endpoint_is_there_when_asked_for():
    target = EmbeddedTarget()
    hosts, apart = {"a": "203.0.113.25", "b": "203.0.113.26"}, {"a": "127.99.0.1", "b": "127.99.0.2"}
    for sources in (apart, dict.fromkeys(hosts, "127.0.0.1")):
        opened = target.open(World(TREE, "<test>", hosts, sources, submission=True))
        try:
            for host in hosts:
                with smtplib.SMTP(*opened.address(host, "submission"), "x.example", 10) as client:
                    client.ehlo()
                    assert b"outlook.office365.com" in (client.ehlo_resp or b"")
                    assert client.mail("<a@contoso.com>")[0] == 451
                with smtplib.SMTP(*opened.address(host), "x.example", 10) as client:
                    client.ehlo()
                    assert b"mail.protection.outlook.com" in (client.ehlo_resp or b"")
        finally:
            opened.close()
    target.close()


def test_a_fixed_listener_stays_up_and_becomes_the_world_of_each_case():
    target = EmbeddedTarget(("127.0.0.1", 0))
    first = target.open(World(TREE, "<test>", listener={"peer": "203.0.113.25"}))
    address = first.address("")
    assert send(first, "127.0.0.1") == 250
    first.close()
    nobody = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]}
    second = target.open(World(nobody, "<test>", listener={"peer": "203.0.113.25"}))
    assert second.address("") == address
    assert second.journal().sessions == []
    assert send(second, "127.0.0.1") == 550
    second.close()
    target.close()
    with pytest.raises(OSError, match="refused"), smtplib.SMTP(*address, timeout=10):
        pass
