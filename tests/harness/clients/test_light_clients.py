"""Every light client that is a program or package: the same transactions, by what each says it can do."""

from __future__ import annotations

import os

import pytest

from harness.clients.base import Unavailable
from harness.clients.registry import KNOWN, driver, status
from harness.engine.certificates import CertificateFiles, WorldPki
from harness.steps.capabilities import CLIENT_CAPABILITIES
from harness.targets.base import World
from harness.targets.embedded import EmbeddedTarget

NAMES = [
    "aiosmtplib",
    "swaks",
    "curl",
    "msmtp",
    "s-nail",
    "net-smtp",
    "nodemailer",
    "nullmailer",
    "go-smtp",
    "mono-smtpclient",
    "dotnet-smtpclient",
]
EACH = pytest.mark.parametrize("name", NAMES)
MX = "contoso-com.mail.protection.outlook.com"
PKI = {
    "public-ca": {"ca": True, "trusted-by-eop": True},
    "relay-cert": {"issued-by": "public-ca", "dns-names": ["mail.contoso.com"]},
}
CONNECTOR = {"Name": "By certificate", "ConnectorType": "OnPremises", "RequireTls": True}
CONNECTOR |= {"TlsSenderCertificateName": "mail.contoso.com"}
TENANT = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com", "mail.contoso.com"],
            "Recipients": ["user@contoso.com"],
            "InboundConnectors": [CONNECTOR],
        }
    ]
}
REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied"


@pytest.fixture
def client(name):
    """The driver; a test is skipped only where the program is missing."""
    found = status(name)
    if isinstance(found, Unavailable):
        pytest.skip(f"{name} {found.reason}; install it: {found.install}")
    return driver(name)


def able(client, capability):
    """Leave out what the client does not say it can."""
    if capability not in client.capabilities:
        pytest.skip(f"{client.name} lacks {capability}")


def sees(client, seen, **wanted):
    """The fields that the client can see are as wanted."""
    names = {name: value for name, value in wanted.items() if name.replace("_", "-") in client.observes}
    assert {name: getattr(seen, name) for name in names} == names


def says_the_reply(client):
    """Does it tell replies that are no refusals, too?"""
    return "transcript" in client.observes or client.name == "nullmailer"


@pytest.mark.skipif(not os.environ.get("HARNESS_CLIENTS_INSTALLED"), reason="the clients were not installed by CI")
def test_none_is_missing_where_ci_has_installed_them():
    missing = {name: found for name in NAMES if isinstance(found := status(name), Unavailable)}
    assert missing == {}


@EACH
def test_what_it_declares_is_known(name):
    declared = driver(name)
    assert declared is not None
    assert declared.name == name
    assert declared.capabilities <= CLIENT_CAPABILITIES
    assert KNOWN[name].built


@EACH
def test_accepted(client, peer, plan):
    seen = client.run(plan(peer, source="127.77.0.9"))
    sees(client, seen, outcome="accepted", stage="message")
    if says_the_reply(client):
        assert seen.reply == "250 2.6.0 queued"
    sees(client, seen, recipients={"ann@example.com": {"reply": "250 2.1.5 Recipient OK", "outcome": "accepted"}})
    assert "SIZE 33554432" in seen.capabilities or "capabilities" not in client.observes
    [(sender, recipients, content)] = peer.handler.messages
    assert (sender, recipients) == ("app@contoso.com", ("ann@example.com",))
    assert b"Subject: x\r\n" in content
    assert b"hello" in content
    assert b".dot" in content
    assert peer.handler.peers == ["127.77.0.9"]
    assert "transcript" not in client.observes or seen.transcript[0].startswith("S: 220 peer.example")
    assert seen.exit in (0, None)


@EACH
def test_it_says_its_name(client, scripted, plan):
    able(client, "helo-name")
    server = scripted([b"220 hi\r\n", b"554 no\r\n", b"554 no\r\n", b"221 bye\r\n"])
    seen = client.run(plan(server, helo="relay.example"))
    sees(client, seen, outcome="rejected", stage="ehlo")
    assert bytes(server.heard).upper().startswith((b"EHLO RELAY.EXAMPLE\r\n", b"HELO RELAY.EXAMPLE\r\n"))


@EACH
def test_every_byte_of_the_message(client, peer, plan):
    able(client, "raw-message")
    message = b"X-One: 1\r\nSubject: =?utf-8?q?=C3=A4?=\r\nFrom: <a@b.example>\r\nDate: now\r\n\r\n\r\n.\r\n..x\r\n"
    client.run(plan(peer, message=message))
    assert [content for *_, content in peer.handler.messages] == [message]


@EACH
def test_every_recipient_refused(client, peer, plan):
    seen = client.run(plan(peer, "refuse@x.example", "refuse2@x.example"))
    sees(client, seen, outcome="rejected", stage="rcpt", reply=REFUSED)
    assert peer.handler.messages == []
    assert seen.exit != 0


@EACH
def test_deferred(client, peer, plan):
    seen = client.run(plan(peer, "defer@x.example"))
    sees(client, seen, outcome="deferred", reply="451 4.7.500 Server busy")
    assert seen.stage in ("rcpt", "", None)


@EACH
def test_some_recipients_refused(client, peer, plan):
    seen = client.run(plan(peer, "ann@x.example", "refuse@x.example"))
    if "recipients" in client.observes:
        assert seen.recipients["refuse@x.example"] == {"reply": REFUSED, "outcome": "rejected"}
    if "partial-delivery" in client.capabilities:
        sees(client, seen, outcome="partially-accepted", stage="message")
        assert seen.reply == "250 2.6.0 queued" or not says_the_reply(client)
        assert [message[1] for message in peer.handler.messages] == [("ann@x.example",)]
    else:
        sees(client, seen, outcome="rejected", stage="rcpt", reply=REFUSED)
        assert peer.handler.messages == []


@EACH
def test_refused_at_the_end_of_data(client, peer, plan):
    seen = client.run(plan(peer, message=b"Subject: x\r\n\r\nrefuse me\r\n"))
    assert seen.outcome == "rejected"
    assert seen.stage in ("message", "", None)
    sees(client, seen, reply="554 5.6.0 no")


@EACH
def test_a_server_that_hangs_up(client, peer, plan):
    seen = client.run(plan(peer, "bye@x.example"))
    assert seen.outcome == "disconnected"
    assert seen.stage in ("rcpt", "", None)
    sees(client, seen, closed_by="server")


@EACH
def test_refused_at_connect(client, scripted, plan):
    seen = client.run(plan(scripted([b"554 5.7.1 go away\r\n", b"221 bye\r\n"])))
    assert seen.outcome == "rejected"
    assert seen.stage in ("connect", "", None)
    sees(client, seen, reply="554 5.7.1 go away")


@EACH
def test_null_reverse_path(client, peer, plan):
    able(client, "null-sender")
    client.run(plan(peer, mail_from={"address": "<>"}))
    assert [message[0] for message in peer.handler.messages] == ["<>"]


@EACH
def test_tls_demanded_and_not_offered(client, peer, plan):
    able(client, "starttls")
    seen = client.run(plan(peer, tls="required"))
    assert seen.outcome in ("not-attempted", "deferred")  # some ask for STARTTLS without looking
    sees(client, seen, stage="starttls")
    assert peer.handler.messages == []


@pytest.fixture
def eop(tmp_path):
    """The emulator with one certificate connector, and the files of the world's certificates."""
    pki = WorldPki(PKI, "world.yaml", CertificateFiles(tmp_path / "pki"))
    hosts, sources = {"relay": "198.51.100.9"}, {"relay": "127.77.0.9"}
    world = World(TENANT, "world.yaml", hosts, sources, lambda: pki.declared.server_certificates())
    running = EmbeddedTarget().open(world)
    yield type("Eop", (), {"port": running.address("relay")[1], "pki": pki, "running": running})
    running.close()


@EACH
def test_client_certificate(client, eop, plan):
    able(client, "starttls-client-certificate")
    values = {"tls": "required", "credential": eop.pki.credential("relay-cert"), "source": "127.77.0.9"}
    seen = client.run(plan(eop, "a@example.net", **values))
    eop.running.wait_quiet(10)
    [session] = eop.running.journal().sessions
    assert seen.outcome == "accepted"
    assert session["verdict"] == "originating-by-certificate"
    assert session["peer"] == "198.51.100.9"
    if "tls" in client.observes:
        assert seen.tls["version"] == session["tls"]["version"]


@EACH
def test_tls_without_a_certificate_is_no_relay(client, eop, plan):
    able(client, "starttls")
    seen = client.run(plan(eop, "a@example.net", tls="starttls", source="127.77.0.9"))
    sees(client, seen, outcome="rejected", stage="rcpt")
    assert seen.reply.startswith("550 5.7.64 TenantAttribution")


@EACH
def test_a_verified_server(client, eop, plan):
    able(client, "verify-server")
    values = {"tls": "required", "trust": eop.pki.server_roots(), "server_name": MX}
    seen = client.run(plan(eop, "user@contoso.com", **values))
    assert seen.outcome == "accepted"


@EACH
def test_a_server_with_another_name(client, eop, plan):
    able(client, "verify-server")
    values = {"tls": "required", "trust": eop.pki.server_roots(), "server_name": "other.example"}
    seen = client.run(plan(eop, "user@contoso.com", **values))
    assert (seen.outcome, seen.stage) == ("tls-failed", "starttls")
    assert seen.reply != "the handshake did not end"  # the client's own words
    eop.running.wait_quiet(10)
    assert eop.running.journal().messages == []
