"""The emulator as tests hold it: addresses, certificates, faults, waiting, what happened."""

from __future__ import annotations

import asyncio
import smtplib
import socket

import pytest

import fakeeop
import fakeeop.emulator
from fakeeop.errors import ConfigError
from fakeeop.testing import Emulator, EopAssertionError
from fakeeop.testing.sources import have_aliases

needs_aliases = pytest.mark.skipif(not have_aliases(), reason="one loopback address only")


@pytest.fixture
def relay(emulator):
    """An emulator with a connector for 203.0.113.25."""
    emulator.tenant("contoso").inbound_connector(
        Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"]
    )
    return emulator


@needs_aliases
def test_an_address_is_where_one_comes_from(relay, send):
    source = relay.address("203.0.113.25")
    assert source == "127.0.113.25"
    assert relay.address("203.0.113.25") == source
    assert relay.address("198.51.113.25") != source
    assert relay.address("2001:db8::25").startswith("127.0.")
    assert send(relay, "x@fabrikam.example", source=source) == {}
    (session,) = relay.sessions
    assert (session.peer, session.socket_peer) == ("203.0.113.25", source)


def test_who_binds_to_nothing_can_come_from_anywhere(relay, send):
    relay.clients_come_from("203.0.113.25")
    assert send(relay, "x@fabrikam.example") == {}
    relay.clients_come_from("198.51.100.9")
    assert send(relay, "x@fabrikam.example")["x@fabrikam.example"][0] == 550
    with pytest.raises(ValueError, match="relay"):
        relay.clients_come_from("relay")


def test_messages_and_sessions_are_values(relay, send):
    relay.clients_come_from("203.0.113.25")
    send(
        relay, "ann@contoso.com", "x@fabrikam.example", content="Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nhello\r\n"
    )
    internal, external = relay.wait_for(messages=2, sessions=1, open=0)
    assert (internal.scope, internal.rcpt_to) == ("internal", ("ann@contoso.com",))
    assert (external.scope, external.connector, external.directionality) == ("external", "Relay", "Originating")
    assert (external.subject, external.body, external.header("SUBJECT")) == (
        "Grüße",
        "hello\n",
        "=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
    )
    assert external.header("X-None") is None
    assert external.raw.endswith(b"\r\n\r\nhello\r\n")
    (session,) = relay.sessions
    assert session.id == external.session
    assert session.closed_by == "server"  # after QUIT
    assert [each.accepted for each in session.recipients] == [True, True]
    assert session.recipients[1].by == "ip-address"
    assert session.refusals == ()
    assert session.transcript[0].startswith("S: 220 ")


def test_a_certificate_and_its_variants(emulator, send):
    emulator.tenant("contoso").inbound_connector(
        Name="Relay (TLS)", ConnectorType="OnPremises", TlsSenderCertificateName="*.contoso.com", RequireTls=True
    )
    good, bad = emulator.certificate("mail.contoso.com"), emulator.certificate("mail.contoso.com", variant="expired")
    assert send(emulator, "x@fabrikam.example", context=good.context()) == {}
    emulator.assert_tls(certificate="mail.contoso.com")
    assert emulator.messages[0].connector == "Relay (TLS)"
    assert send(emulator, "x@fabrikam.example", context=bad.context()) != {}
    emulator.assert_refused("5.7.64", recipient="x@fabrikam.example", stage="rcpt")
    assert "expired" in str(emulator.explain())
    assert send(emulator, "x@fabrikam.example", context=emulator.client_context()) != {}
    assert emulator.sessions[-1].tls.certificate is None


def test_a_revoked_certificate_is_revoked(emulator, send):
    emulator.tenant("contoso").inbound_connector(
        Name="Relay (TLS)", ConnectorType="OnPremises", TlsSenderCertificateName="mail.contoso.com"
    )
    revoked = emulator.certificate("mail.contoso.com", variant="revoked")
    assert send(emulator, "x@fabrikam.example", context=revoked.context()) != {}
    assert emulator.sessions[0].tls.certificate["chain"] == "revoked"


def test_files_of_a_certificate(emulator):
    from fakeeop.pki.files import read_pair  # noqa: PLC0415  loads cryptography

    certificate = emulator.certificate("mail.contoso.com", variant="wildcard")
    assert emulator.certificate("mail.contoso.com", variant="wildcard") is certificate
    assert read_pair(certificate.certificate, certificate.key).chain_der == certificate.issued.chain_der
    assert read_pair(certificate.both).key_pem is not None
    assert read_pair(certificate.pfx, password=certificate.pfx_password).chain_der == certificate.issued.chain_der
    assert certificate.key.stat().st_mode & 0o077 == 0
    assert certificate.roots.read_bytes() == emulator.certificates.trusted_ca_pem
    assert certificate.serial == certificate.issued.serial
    with pytest.raises(ValueError, match=r"no variant 'valid'; there are: match, "):
        emulator.certificate(variant="valid")


def test_other_certificates_have_another_authority(emulator):
    with pytest.raises(RuntimeError, match="authority"):
        Emulator(certificates=emulator.certificates).certificate("mail.contoso.com")


def test_the_server_can_be_verified_by_name_or_not_at_all(emulator, send):
    assert send(emulator, "ann@contoso.com", context=emulator.client_context()) == {}
    assert send(emulator, "ann@contoso.com", context=emulator.client_context(verify=False)) == {}


def test_faults_come_in_the_order_they_are_told(emulator, send):
    emulator.fail(stage="rcpt", first=1, reply="451 4.7.500 Server busy. Please try again later from [{ip}]. (AS1)")
    emulator.fail(stage="end-of-data", nth=1, reply="452 4.3.1 Insufficient system resources")
    assert send(emulator, "ann@contoso.com")["ann@contoso.com"][0] == 451
    assert send(emulator, "ann@contoso.com")[0] == 452
    assert send(emulator, "ann@contoso.com") == {}
    assert emulator.assert_refused("451 4.7.500").temporary
    assert emulator.assert_refused("452").code == 452
    emulator.clear()
    assert send(emulator, "ann@contoso.com")["ann@contoso.com"][0] == 451
    emulator.clear_faults()
    emulator.clear()
    assert send(emulator, "ann@contoso.com") == {}
    emulator.assert_nothing_refused()


def test_a_fault_that_cannot_be_is_an_error(emulator):
    with pytest.raises(ConfigError, match="did you mean rcpt"):
        emulator.fail(stage="rcpr", reply="451 4.7.500")


def test_waiting_in_vain_tells_what_there_is(emulator, send):
    send(emulator, "x@fabrikam.example")
    with pytest.raises(EopAssertionError) as caught:
        emulator.wait_for(messages=2, timeout=0.01)
    text = str(caught.value)
    assert text.startswith("expected 2 messages within 0.01 s; there are 0 messages\n")
    assert "S: 550 5.7.64 TenantAttribution; Relay Access Denied" in text
    assert "verdict: relay-access-denied" in text
    with pytest.raises(EopAssertionError, match=r"expected 3 ended sessions, 0 open sessions at most within 0\.01 s"):
        emulator.wait_for(sessions=3, open=0, timeout=0.01)


def test_a_coroutine_waits_without_blocking_its_loop():
    async def client(eop):
        reader, writer = await asyncio.open_connection(eop.host, eop.port)
        for line in ("EHLO x", "MAIL FROM:<a@contoso.com>", "RCPT TO:<b@contoso.com>", "DATA"):
            while (await reader.readline())[3:4] == b"-":
                pass
            writer.write(line.encode() + b"\r\n")
        await reader.readline()
        writer.write(b"Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n")
        await reader.read()
        writer.close()

    async def main():
        async with Emulator() as eop:
            tasks = [asyncio.create_task(client(eop)) for _ in range(3)]
            messages = await eop.wait_for_async(messages=3, sessions=3)
            await asyncio.gather(*tasks)
            with pytest.raises(EopAssertionError, match="expected 9 messages"):
                await eop.wait_for_async(messages=9, timeout=0.01)
            return messages

    assert len(asyncio.run(main())) == 3


def test_the_last_explanation_is_of_the_last(emulator, send):
    with pytest.raises(LookupError):
        emulator.explain(last=True)
    send(emulator, "x@fabrikam.example")
    send(emulator, "ann@contoso.com")
    assert emulator.explain().reason.value == "relay-access-denied"
    assert emulator.explain(last=True).reason.value == "incoming-anonymous"
    assert emulator.explain(emulator.sessions[0].id, last=True).reason.value == "relay-access-denied"
    assert emulator.explain(recipient="ANN@contoso.com", last=True).reason.value == "incoming-anonymous"
    assert "verdict: incoming-anonymous" in str(emulator.explain(last=True))


def test_restore_undoes_everything(emulator, send):
    before = emulator.snapshot()
    emulator.tenant("contoso").recipient("ann@contoso.com")
    emulator.clients_come_from("203.0.113.25")
    emulator.fail(stage="mail", reply="451 4.3.2 no")
    send(emulator, "ann@contoso.com")
    emulator.restore(before)
    assert (emulator.peers, emulator.faults, emulator.messages, emulator.tree) == ({}, (), (), before.tree)
    assert send(emulator, "bob@contoso.com") == {}


def test_the_port_is_free_again_afterwards():
    with Emulator() as eop:
        address = eop.host, eop.port
        with Emulator() as other:
            assert other.port != eop.port
    with socket.socket() as again:
        again.bind(address)


def test_a_session_that_is_open_is_ended_with_the_emulator():
    with Emulator() as eop:
        client = smtplib.SMTP(eop.host, eop.port, timeout=20)
    with client:
        assert client.getreply()[0] == 421


def test_what_emulators_could_before_they_still_can():
    tree = {"Tenants": [{"Name": "fabrikam", "AcceptedDomains": ["fabrikam.com"]}]}
    with fakeeop.Emulator.from_tree(tree, peers={"127.0.0.25": "203.0.113.25"}) as eop:
        assert eop.addresses == ((eop.host, eop.port),)
        assert (eop.journal.messages(), eop.peers) == ([], {"127.0.0.25": "203.0.113.25"})
        assert isinstance(eop, fakeeop.emulator.Emulator)
        eop.replace_forest(fakeeop.Emulator().forest)
        assert eop.forest.tenants[0].name == "contoso"


def test_a_connection_that_outlives_clear_is_told_from_there_on(emulator):
    with smtplib.SMTP(emulator.host, emulator.port, timeout=20) as pooled:
        pooled.sendmail("a@contoso.com", ["x@contoso.com"], "Subject: x\n\nhi\n")
        pooled.docmd("VRFY", "nobody")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            pooled.sendmail("a@contoso.com", ["x@fabrikam.example"], "Subject: x\n\nhi\n")
        emulator.clear()
        assert (emulator.sessions, emulator.messages) == ((), ())
        emulator.assert_nothing_refused()
        pooled.sendmail("a@contoso.com", ["y@contoso.com"], "Subject: x\n\nhi\n")
        (session,) = emulator.sessions
        assert [each.rcpt_to for each in session.recipients] == ["y@contoso.com"]
        assert session.transcript[0].upper().startswith("C: MAIL FROM")
        emulator.assert_nothing_refused()
        emulator.assert_accepted("y@contoso.com")
        emulator.clear()
    emulator.wait_for(open=0, timeout=20)
    assert emulator.sessions == ()
    with pytest.raises(EopAssertionError, match="there are 0 ended sessions"):
        emulator.wait_for(sessions=1, timeout=0.01)
