"""What holds for both built clients, against a server that is not ours."""

from __future__ import annotations

import pytest

from harness.clients.base import Available, Unavailable
from harness.clients.raw import RawDriver, dot_stuffed
from harness.clients.registry import KNOWN, driver, status, unknown_client
from harness.clients.smtplib_ import SmtplibDriver
from harness.errors import DeadlineExceeded, DriverError

BOTH = pytest.mark.parametrize("client", [RawDriver(), SmtplibDriver()], ids=lambda client: client.name)


@BOTH
def test_accepted(client, peer, plan):
    seen = client.run(plan(peer, source="127.77.0.9"))
    assert (seen.outcome, seen.stage, seen.reply) == ("accepted", "message", "250 2.6.0 queued")
    assert seen.recipients == {"ann@example.com": {"reply": "250 2.1.5 Recipient OK", "outcome": "accepted"}}
    assert "SIZE 33554432" in seen.capabilities
    assert peer.handler.messages == [("app@contoso.com", ("ann@example.com",), b"Subject: x\r\n\r\nhello\r\n.dot\r\n")]
    assert peer.handler.peers == ["127.77.0.9"]
    assert seen.transcript[0].startswith("S: 220 peer.example")
    assert seen.transcript[-1].startswith(("S: 221", "* closed"))


@BOTH
def test_every_recipient_refused(client, peer, plan):
    seen = client.run(plan(peer, "refuse@x.example", "refuse2@x.example"))
    assert (seen.outcome, seen.stage) == ("rejected", "rcpt")
    assert seen.reply == "550 5.7.64 TenantAttribution; Relay Access Denied"
    assert peer.handler.messages == []


@BOTH
def test_a_transient_refusal_decides(client, peer, plan):
    seen = client.run(plan(peer, "refuse@x.example", "defer@x.example"))
    assert (seen.outcome, seen.stage, seen.reply) == ("deferred", "rcpt", "451 4.7.500 Server busy")


@BOTH
def test_some_recipients_refused(client, peer, plan):
    seen = client.run(plan(peer, "ann@x.example", "refuse@x.example"))
    assert (seen.outcome, seen.stage, seen.reply) == ("partially-accepted", "message", "250 2.6.0 queued")
    refused = seen.recipients["refuse@x.example"]
    assert refused == {"reply": "550 5.7.64 TenantAttribution; Relay Access Denied", "outcome": "rejected"}
    assert [message[1] for message in peer.handler.messages] == [("ann@x.example",)]


@BOTH
def test_refused_at_the_end_of_data(client, peer, plan):
    seen = client.run(plan(peer, message=b"refuse me\r\n"))
    assert (seen.outcome, seen.stage, seen.reply) == ("rejected", "message", "554 5.6.0 no")


@BOTH
def test_a_server_that_hangs_up(client, peer, plan):
    seen = client.run(plan(peer, "bye@x.example"))
    assert (seen.outcome, seen.stage, seen.closed_by) == ("disconnected", "rcpt", "server")


@BOTH
def test_refused_at_connect(client, scripted, plan):
    seen = client.run(plan(scripted([b"554 5.7.1 go away\r\n", b"221 bye\r\n"])))
    assert (seen.outcome, seen.stage, seen.reply) == ("rejected", "connect", "554 5.7.1 go away")


@BOTH
def test_closed_without_a_word(client, scripted, plan):
    seen = client.run(plan(scripted([None])))
    assert (seen.outcome, seen.stage) == ("disconnected", "connect")


@BOTH
def test_null_reverse_path(client, peer, plan):
    client.run(plan(peer, mail_from={"address": "<>"}))
    assert [message[0] for message in peer.handler.messages] == ["<>"]


@BOTH
def test_tls_demanded_and_not_offered(client, peer, plan):
    seen = client.run(plan(peer, tls="required"))
    assert (seen.outcome, seen.stage) == ("not-attempted", "starttls")
    assert client.run(plan(peer, tls="starttls")).outcome == "accepted"


@BOTH
def test_client_certificate_and_verified_server(client, tls_peer, lab_ca, plan):
    _, trust, credential = lab_ca
    seen = client.run(plan(tls_peer, tls="required", credential=credential, trust=trust, server_name="mx.example"))
    assert seen.outcome == "accepted"
    assert seen.tls == {"version": "TLSv1.3", "cipher": seen.tls["cipher"], "verified": True}


@BOTH
def test_a_chosen_tls_version(client, tls_peer, lab_ca, plan):
    credential = lab_ca[2]
    seen = client.run(plan(tls_peer, tls="required", credential=credential, tls_version="TLSv1.2"))
    assert seen.tls["version"] == "TLSv1.2"
    assert seen.tls["verified"] is False


@BOTH
def test_a_server_that_is_not_trusted(client, tls_peer, lab_ca, plan):
    _, trust, credential = lab_ca
    seen = client.run(plan(tls_peer, tls="required", credential=credential, trust=trust, server_name="other.example"))
    assert (seen.outcome, seen.stage) == ("tls-failed", "starttls")
    assert "not trusted" in seen.reply


@BOTH
def test_dsn_parameters_go_out_for_each_recipient(client, scripted, plan):
    replies = [b"220 hi\r\n", b"250-x\r\n250 DSN\r\n", b"250 a\r\n", b"250 b\r\n", b"250 c\r\n", b"354 d\r\n"]
    server = scripted([*replies, b"250 e\r\n", b"221 f\r\n"])
    mail_from = {"address": "a@b.example", "ret": "HDRS", "envid": "job+42", "size": 9, "body": "7BIT"}
    recipients = (
        {"address": "ann@x.example", "notify": ["SUCCESS", "FAILURE"], "orcpt": "rfc822;Ann+Scan@x.example"},
        {"address": "bob@x.example"},
    )
    seen = client.run(plan(server, mail_from=mail_from, recipients=recipients))
    server.thread.join(10)
    assert seen.outcome == "accepted"
    # smtplib writes its verbs in upper or lower case, by version
    heard = bytes(server.heard).replace(b"mail from:", b"mail FROM:").replace(b"rcpt to:", b"rcpt TO:")
    assert b"FROM:<a@b.example> SIZE=9 BODY=7BIT RET=HDRS ENVID=job+2B42\r\n" in heard
    assert b"TO:<ann@x.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Ann+2BScan@x.example\r\n" in heard
    assert b"TO:<bob@x.example>\r\n" in heard


@BOTH
def test_a_silent_server_is_a_deadline(client, scripted, plan):
    server = scripted([b"220 hi\r\n", b"", b""])
    with pytest.raises(DeadlineExceeded, match=r"last seen: C: (EHLO|ehlo) relay.example"):
        client.run(plan(server, timeout=0.05))


@BOTH
def test_an_address_that_cannot_be_bound(client, peer, plan):
    with pytest.raises(DriverError, match=r"\(from 203\.0\.113\.1\)"):
        client.run(plan(peer, source="203.0.113.1"))


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (b"", b".\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".a\r\n", b"..a\r\n.\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n.\r\n"),
    ],
)
def test_dot_stuffing(message, sent):
    assert dot_stuffed(message) == sent


def test_the_registry_knows_the_unbuilt_ones_and_says_so():
    assert isinstance(status("raw"), Available)
    assert status("javamail") == Unavailable("has no driver yet", "apt install libjavamail-java default-jre-headless")
    assert driver("javamail") is None
    assert all((driver(name) is not None) == known.built for name, known in KNOWN.items())
    assert unknown_client("raw") is None
    assert str(unknown_client("swax")).startswith("unknown client 'swax': did you mean 'swaks'? known are raw, smtplib")
