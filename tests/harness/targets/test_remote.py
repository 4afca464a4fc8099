"""The remote target, against an emulator of this process that it knows by its URL only."""

from __future__ import annotations

import smtplib

import pytest

from fakeeop.admin import AdminSettings
from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ConfigError
from fakeeop.model import Forest
from harness.errors import DeadlineExceeded, TargetError
from harness.targets import make_target
from harness.targets.base import World
from harness.targets.remote import RemoteTarget

RELAY = {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
TREE = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [RELAY]}]}
SOURCE = "127.99.1.1"


def world(**more) -> World:
    return World(TREE, "<test>", {"relay": "203.0.113.25"}, {"relay": SOURCE}, **more)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("HARNESS_TOKEN", "s3cret")
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    settings = AdminSettings(token="s3cret")  # noqa: S106  a lab's
    with Emulator(Forest(), listeners=[Listener("127.0.0.1", 0)], admin=settings) as eop:
        yield eop


@pytest.fixture
def target(server):
    host, port = server.admin_address
    made = make_target(f"http://{host}:{port}")
    yield made
    made.close()


def send(running, source=SOURCE):
    host, port = running.address("relay")
    with smtplib.SMTP(host, port, "x.example", 30, (source, 0)) as client:
        client.ehlo()
        client.mail("<a@contoso.com>")
        code = client.rcpt("<b@fabrikam.example>")[0]
        if code == 250:
            client.data("Subject: x\r\n\r\nhi\r\n")
        return code


def test_the_server_becomes_the_world(target, server):
    running = target.open(world())
    assert (send(running), send(running, "127.99.1.2")) == (250, 550)
    running.wait_quiet(30)
    view = running.journal()
    assert view.sessions == server.journal.sessions()
    assert view.messages == server.journal.messages()
    assert "verdict: relay-access-denied" in running.explain()
    again = target.open(world())
    assert again.journal().sessions == []
    assert again.explain() == ""


def test_large_messages_come_whole(target, server):
    running = target.open(world())
    host, port = running.address("relay")
    with smtplib.SMTP(host, port, "x.example", 30, (SOURCE, 0)) as client:
        client.sendmail("a@contoso.com", ["b@fabrikam.example"], b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 100_000)
    ((message,), (own,)) = running.journal().messages, server.journal.messages()
    assert (message["raw"], message["body"]) == (own["raw"], own["body"])


def test_changes_and_what_breaks_a_rule(target):
    running = target.open(world())
    with pytest.raises(ConfigError, match="SenderIPAddresses"):
        running.admin({"set-connector": {"connector": "Relay", "SenderIPAddresses": ["no address"]}})
    assert send(running) == 250
    running.admin({"disable-connector": {"connector": "Relay"}})
    assert send(running) == 550
    running.wait_quiet(30)
    running.admin({"clear-journal": True})
    assert running.journal().messages == []


def test_faults_of_one_case_do_not_strike_the_next(target):
    busy = {"at": "rcpt", "until": "repaired", "reply": "451 4.7.500 no"}
    running = target.open(world())
    running.admin({"set-faults": [busy]})
    assert send(running) == 451
    running.admin({"set-flag": "repaired"})
    assert send(running) == 250
    running.admin({"set-faults": busy})
    assert send(running) == 451
    running.admin({"clear-faults": True})
    assert send(running) == 250
    running.admin({"set-faults": [busy]})
    with pytest.raises(ConfigError, match="at is not given"):
        running.admin({"set-faults": [{"reply": "451 4.7.500 no"}]})
    running.wait_quiet(30)
    assert send(target.open(world())) == 250


def test_waiting(target):
    running = target.open(world())
    assert running.wait_until(lambda ended, messages: ended + messages >= 1, 0.0) == (0, 0)
    host, port = running.address("")
    with smtplib.SMTP(host, port, "x.example", 30) as client:
        client.ehlo()
        running.wait_quiet(30, still_open=1)
        with pytest.raises(DeadlineExceeded, match="1 sessions to end"):
            running.wait_quiet(0.01)
    send(running)
    assert running.wait_until(lambda ended, messages: ended >= 2 and messages >= 1, 30) == (2, 1)


def test_the_certificates_of_the_world(target, server):
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  slow to import
    from fakeeop.pki.state import ServerCertificates  # noqa: PLC0415  likewise

    authority = LabAuthority.create()
    made = authority.server_certificate(["localhost"])
    given = ServerCertificates(made.chain_pem, made.key_pem, authority.certificate_pem, frozenset({"0A"}))
    target.open(world(certificates=lambda: given))
    found = server.certificates
    assert (found.chain_pem, found.key_pem, found.trusted_ca_pem) == (
        made.chain_pem, made.key_pem, authority.certificate_pem
    )  # fmt: skip
    assert "0A" in found.revoked
    target.open(world(certificates=lambda: given))
    assert server.certificates is found


def test_a_listener_that_the_server_does_not_have(target):
    with pytest.raises(TargetError, match=r"start the server with --listen 127\.0\.0\.1:0,submission"):
        target.open(world(submission=True))
    with pytest.raises(TargetError, match=r"--listen 127\.0\.0\.1:0,proxy"):
        target.open(world(listener={"proxy": True}))
    with pytest.raises(TargetError, match="cannot be given hide"):
        target.open(world(listener={"hide": ["DSN"]}))
    with pytest.raises(TargetError, match="share a source address"):
        target.open(World(TREE, "<test>", {"a": "192.0.2.1", "b": "192.0.2.2"}, {"a": SOURCE, "b": SOURCE}))


def test_what_is_no_server(server, monkeypatch):
    for url, words in (("https://x.example", "not the URL"), ("http://127.0.0.1:9", "does not answer")):
        with pytest.raises(TargetError, match=words):
            RemoteTarget(url)
    host, port = server.admin_address
    monkeypatch.setenv("HARNESS_TOKEN", "wrong")
    with pytest.raises(TargetError, match="send the token"):
        RemoteTarget(f"http://{host}:{port}")
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "2")
    with pytest.raises(TargetError, match="leave -n out"):
        RemoteTarget(f"http://{host}:{port}")


def test_what_was_delivered_is_asked_for_when_it_matters(target, server):
    running = target.open(world())
    assert send(running) == 250
    running.wait_quiet(30)
    view = running.journal()
    assert view.delivered.seen is None
    assert view.delivered() == server.journal.delivered()
    assert [(each["recipient"], each["where"]) for each in view.delivered()] == [("b@fabrikam.example", "internet")]


def test_the_trace_is_asked_for_when_it_matters(target, server):
    running = target.open(world())
    assert send(running) == 250
    running.wait_quiet(30)
    view = running.journal()
    assert view.trace.seen is None
    (row,) = view.trace()
    (here,) = server.traced()
    columns = ("RecipientAddress", "Status", "MessageTraceId", "Received", "Events")
    assert {name: row[name] for name in columns} == {name: here[name] for name in columns}
    assert [each["Event"] for each in row["Events"]] == ["Receive", "Send"]
