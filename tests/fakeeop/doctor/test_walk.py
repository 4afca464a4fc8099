"""Walks: to the emulator, and to servers where something is in the way."""

from __future__ import annotations

import socket
import ssl

import pytest

from fakeeop.doctor.findings import Outcome, Result, WalkStep
from fakeeop.emulator import Listener
from fakeeop.pki.authority import LabAuthority
from fakeeop.testing.certificates import server_certificates
from fakeeop.testing.emulator import EmulatorForTests as Emulator

ENVELOPE = {"mail_from": "app@contoso.com", "to_internal": "ann@contoso.com", "to_external": "bob@example.net"}
MICROSOFT = b"220 x.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at now\r\n"
ALL = ["connect", "banner", "ehlo", "starttls", "certificate", "ehlo-tls", "mail", "rcpt-internal", "rcpt-external",
       "rset", "quit"]  # fmt: skip


def results(found):
    return {step.name: step.result.value for step in found.steps}


def said(found, name):
    return next(step for step in found.steps if step.name == name)


def test_every_step_of_a_connector_by_certificate(emulator, examine):
    emulator.tenant("contoso").inbound_connector(
        Name="Relay", ConnectorType="OnPremises", TlsSenderCertificateName="*.contoso.com"
    ).recipient("ann@contoso.com")
    certificate = emulator.certificate("mail.contoso.com")
    told: list[WalkStep] = []
    found = examine(
        emulator.port,
        on_step=told.append,
        chain_pem=certificate.issued.chain_pem,
        key_pem=certificate.issued.key_pem,
        **ENVELOPE,
    )
    assert found.outcome is Outcome.FINE
    assert results(found) == dict.fromkeys(ALL, "good")
    assert told == found.steps
    assert found.kind == "mx"
    tls = said(found, "starttls").facts["tls"]
    assert (tls["version"], tls["asks-for-certificate"]) == ("TLSv1.3", True)
    assert tls["server-certificate"]["problems"] == []
    assert said(found, "certificate").facts["client-certificate"]["names"] == ["mail.contoso.com"]
    assert "relay is granted" in said(found, "rcpt-external").says[0]
    emulator.wait_for(sessions=1)
    emulator.assert_tls(certificate="mail.contoso.com")
    emulator.assert_nothing_accepted()
    assert not [line for line in emulator.sessions[0].transcript if line.startswith(("C: DATA", "C: BDAT"))]


def test_without_a_certificate_relay_is_refused_and_explained(emulator, examine):
    found = examine(emulator.port, **ENVELOPE)
    assert found.outcome is Outcome.REFUSED
    assert results(found) == {**dict.fromkeys(ALL, "good"), "certificate": "skipped", "rcpt-external": "refused"}
    refused = said(found, "rcpt-external")
    assert refused.reply.startswith("550 5.7.64 TenantAttribution; Relay Access Denied")
    assert "OnPremises connector has to fit" in " ".join(refused.says)
    assert "connector with TlsSenderCertificateName cannot fit" in " ".join(said(found, "certificate").says)


def test_a_certificate_that_is_no_good_is_said_before_the_server_says_so(emulator, examine):
    bad = emulator.certificate(variant="expired").issued
    found = examine(emulator.port, chain_pem=bad.chain_pem, key_pem=bad.key_pem)
    assert found.outcome is Outcome.FINE
    assert said(found, "certificate").result is Result.NOTED
    assert "certificate has expired" in said(found, "certificate").says[-1]


def test_a_whole_chain_is_sent(emulator, examine):
    authority = LabAuthority.create()
    issued = authority.issue(common_name="mail.contoso.com", issuer=authority.issuing)
    examine(emulator.port, chain_pem=issued.chain_pem, key_pem=issued.key_pem)
    emulator.wait_for(sessions=1)
    assert len(emulator.sessions[0].tls.certificate["presented"]) == 1 + len(issued.sent) > 1


def test_only_what_is_asked_for(emulator, examine):
    found = examine(emulator.port)
    skipped = {name for name, result in results(found).items() if result == "skipped"}
    assert skipped == {"certificate", "mail", "rcpt-internal", "rcpt-external"}
    found = examine(emulator.port, tls=False, mail_from="", to_internal="ann@contoso.com")
    skipped = {name for name, result in results(found).items() if result == "skipped"}
    assert skipped == {"starttls", "certificate", "ehlo-tls", "rcpt-external"}
    assert found.outcome is Outcome.FINE


def test_it_comes_from_where_it_is_told(emulator, examine):
    emulator.clients_come_from("203.0.113.25")
    found = examine(emulator.port, source="127.0.0.1")
    assert said(found, "connect").facts == {"from-address": "127.0.0.1"}
    found = examine(emulator.port, source="203.0.113.77")
    assert "this machine has no address 203.0.113.77" in said(found, "connect").says[0]


def test_the_submission_door_is_known(examine):
    with Emulator(listeners=(Listener("127.0.0.1", 0, submission=True),)) as eop:
        found = examine(eop.port, **ENVELOPE)
    assert found.kind == "submission"
    assert found.outcome is Outcome.REFUSED
    assert said(found, "mail").reply.startswith("530 5.7.57")
    assert results(found)["rcpt-internal"] == "skipped"
    assert "belong on the MX" in " ".join(said(found, "mail").says)


def test_a_server_of_somebody_else(scripted, examine):
    found = examine(scripted(b"220 mail.example.net ESMTP Postfix\r\n"), **ENVELOPE)
    assert (found.kind, found.outcome) == ("other", Outcome.FINE)
    assert said(found, "starttls").result is Result.NOTED
    assert said(found, "starttls").says[0].startswith("STARTTLS is not offered")


def test_a_certificate_and_no_starttls(scripted, examine, emulator):
    issued = emulator.certificate().issued
    found = examine(scripted(MICROSOFT), chain_pem=issued.chain_pem, key_pem=issued.key_pem)
    assert found.outcome is Outcome.NO_TLS
    assert results(found)["mail"] == "skipped"


def test_nobody_listens(examine):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = examine(port)
    assert found.outcome is Outcome.UNREACHABLE
    assert said(found, "connect").says[0].startswith("connection refused")
    assert [step.name for step in found.steps] == ALL


def test_no_such_host(examine):
    found = examine(25, host="nowhere.invalid")
    assert found.outcome is Outcome.UNREACHABLE
    assert "nowhere.invalid has no address" in said(found, "connect").says[0]


def test_silence(serve, examine):
    found = examine(serve(lambda connection: connection.recv(1)), timeout=0.2)
    assert found.outcome is Outcome.UNREACHABLE
    assert said(found, "banner").says[0] == "connected, and no banner within 0.2 s"


def test_silence_later(emulator, examine):
    emulator.fail(stage="mail", do="stall")
    found = examine(emulator.port, timeout=0.3, tls=False, mail_from="a@contoso.com")
    assert (found.outcome, said(found, "mail").says) == (Outcome.UNREACHABLE, ("no answer within 0.3 s",))


def test_implicit_tls(serve, examine, tmp_path):
    (tmp_path / "both.pem").write_bytes(server_certificates().key_pem + server_certificates().chain_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")

    def talk(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.sendall(b"220 smtps.example.net ESMTP\r\n")
                secured.recv(1)
        except ssl.SSLError:
            return

    found = examine(serve(talk), timeout=0.5)
    assert found.outcome is Outcome.NOT_SMTP
    assert "implicit TLS" in said(found, "banner").says[0]


@pytest.mark.parametrize(("octets", "words"), [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "an SSH server"),
    (b"\x15\x03\x01\x00\x02\x02\x46", "implicit TLS"),
    (b"hello\r\n", "this is not an SMTP server"),
    (b"2\r\n", "this is not an SMTP server"),
])  # fmt: skip
def test_something_that_is_no_smtp(scripted, examine, octets, words):
    found = examine(scripted(octets))
    assert found.outcome is Outcome.NOT_SMTP
    assert words in said(found, "banner").says[0]


def test_closed_at_once_and_later(serve, scripted, emulator, examine):
    found = examine(serve(lambda connection: connection.close()))
    assert found.outcome is Outcome.BROKEN_OFF
    found = examine(scripted(MICROSOFT, MAIL=None), mail_from="a@contoso.com")
    assert (found.outcome, said(found, "mail").result) == (Outcome.BROKEN_OFF, Result.FAILED)
    emulator.fail(stage="connect", do="reset")
    assert examine(emulator.port).outcome is Outcome.BROKEN_OFF


def test_a_handshake_that_fails(scripted, emulator, examine):
    emulator.fail(stage="handshake", do="tls-alert")
    found = examine(emulator.port)
    assert found.outcome is Outcome.TLS_FAILED
    assert "handshake failure" in said(found, "starttls").says[0]
    stripped = scripted(MICROSOFT, EHLO=b"250-x\r\n250 STARTTLS\r\n", STARTTLS=b"220 go\r\n550 what\r\n")
    assert examine(stripped, timeout=0.5).outcome is Outcome.TLS_FAILED


@pytest.mark.parametrize(("replies", "step"), [
    ({"EHLO": b"501 5.5.4 Invalid domain name\r\n"}, "ehlo"),
    ({"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STARTTLS": b"454 4.7.0 not now\r\n"}, "starttls"),
])  # fmt: skip
def test_a_refusal_on_the_way_ends_the_walk(scripted, examine, replies, step):
    found = examine(scripted(MICROSOFT, **replies), **ENVELOPE)
    assert (found.outcome, said(found, step).result) == (Outcome.REFUSED, Result.REFUSED)
    assert results(found)["mail"] == "skipped"


def test_a_banner_that_refuses(scripted, examine):
    found = examine(scripted(b"421 4.3.2 The maximum number of concurrent connections has exceeded a limit\r\n"))
    assert (found.outcome, said(found, "banner").result) == (Outcome.REFUSED, Result.REFUSED)


def test_421_ends_the_walk(scripted, examine):
    found = examine(scripted(MICROSOFT, MAIL=b"421 4.3.2 Service not active\r\n"), **ENVELOPE)
    assert results(found)["rset"] == "skipped"


def test_nothing_that_could_send_a_message_is_ever_said(scripted, examine):
    commands: list[bytes] = []
    examine(scripted(MICROSOFT, said=commands), **ENVELOPE)
    assert [line.split()[0] for line in commands] == [b"EHLO", b"MAIL", b"RCPT", b"RCPT", b"RSET", b"QUIT"]


def test_a_key_that_does_not_fit_is_no_finding(emulator, examine):
    one, other = emulator.certificate().issued, emulator.certificate(variant="wildcard").issued
    with pytest.raises(ValueError, match="OpenSSL does not take"):
        examine(emulator.port, chain_pem=one.chain_pem, key_pem=other.key_pem)


def test_the_tree_is_json_ready(emulator, examine):
    tree = examine(emulator.port).tree()
    assert (tree["host"], tree["kind"], tree["outcome"], tree["address"]) == ("127.0.0.1", "mx", "fine", "127.0.0.1")
    assert [step["name"] for step in tree["steps"]] == ALL
    assert tree["steps"][2]["extensions"][0] == "SIZE 157286400"


def test_addresses_beyond_ascii_say_so(emulator, examine):
    found = examine(emulator.port, mail_from="app@contoso.com", to_internal="jürgen@contoso.com")
    assert found.outcome is Outcome.FINE
    emulator.wait_for(sessions=1)
    assert "C: MAIL FROM:<app@contoso.com> SMTPUTF8" in emulator.sessions[0].transcript


@pytest.mark.parametrize("variant", ["missing-intermediate", "expired", "untrusted-ca"])
def test_a_refusal_is_tied_to_the_certificate(emulator, examine, variant):
    bad = emulator.certificate(variant=variant).issued
    found = examine(emulator.port, chain_pem=bad.chain_pem, key_pem=bad.key_pem, **ENVELOPE)
    assert found.outcome is Outcome.REFUSED
    assert (found.conclusion or "").startswith("refused, most likely because of the certificate: ")
    assert found.conclusion == found.tree()["conclusion"]


def test_a_refusal_without_a_certificate_or_without_tls_says_so(emulator, examine):
    assert "refused without a certificate" in (examine(emulator.port, **ENVELOPE).conclusion or "")
    assert "refused without TLS" in (examine(emulator.port, tls=False, **ENVELOPE).conclusion or "")
    assert examine(emulator.port).conclusion is None
