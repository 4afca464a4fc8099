"""Expectations, met and not met."""

from __future__ import annotations

import threading

import pytest

from fakeeop.testing import EopAssertionError
from fakeeop.testing.records import has_code


def test_accepted(emulator, send):
    send(emulator, "ann@contoso.com")
    message = emulator.assert_accepted("Ann@contoso.com", mail_from="app@contoso.com", tenant="contoso")
    assert message.rcpt_to == ("ann@contoso.com",)
    emulator.assert_accepted(directionality="Incoming")
    emulator.assert_nothing_refused()
    with pytest.raises(EopAssertionError, match=r"expected an accepted message, connector Relay; none of 1 fits"):
        emulator.assert_accepted(connector="Relay")
    with pytest.raises(EopAssertionError, match=r"no message is accepted; there are 1\n\naccepted \(1\):\n  1\. app@c"):
        emulator.assert_nothing_accepted()


def test_refused(emulator, send):
    send(emulator, "x@fabrikam.example")
    refusal = emulator.assert_refused("5.7.64", recipient="x@fabrikam.example", mail_from="app@contoso.com")
    assert (refusal.code, refusal.temporary, refusal.stage) == (550, False, "rcpt")
    assert refusal.verdict == "relay-access-denied"
    assert emulator.assert_refused("Relay Access Denied") == emulator.assert_refused() == refusal
    emulator.assert_nothing_accepted()
    for wrong in ("5.7.6", "5.7.640", "55", "451"):
        with pytest.raises(EopAssertionError, match=rf"expected to be refused with {wrong}; refused: rcpt x@fabrik"):
            emulator.assert_refused(wrong)
    with pytest.raises(EopAssertionError, match="expected that nothing is refused; refused: rcpt x@fabrikam"):
        emulator.assert_nothing_refused()


def test_the_text_shows_transcript_and_trace(emulator, send):
    send(emulator, "x@fabrikam.example")
    with pytest.raises(EopAssertionError) as caught:
        emulator.assert_accepted("x@fabrikam.example")
    text = str(caught.value)
    assert "no message was accepted" in text
    assert "  c: rcpt to:<x@fabrikam.example>\n  s: 550 5.7.64 tenantattribution" in text.lower()
    assert "why the last refused recipient, or else the last, was judged so:" in text
    assert "SenderIPAddresses" in text or "no connector" in text


def test_nobody_came(emulator):
    with pytest.raises(EopAssertionError) as caught:
        emulator.assert_refused("5.7.64")
    assert "refused: nothing was" in str(caught.value)
    assert "no session: nobody has connected" in str(caught.value)


def test_many_sessions_and_long_transcripts_are_cut(emulator, send):
    for _ in range(4):
        send(emulator, "x@fabrikam.example")
    send(emulator, *[f"user{number}@contoso.com" for number in range(40)])
    text = emulator.report()
    assert "the last 3 of 5 sessions:" in text
    assert " lines …" in text


def test_tls(emulator, send):
    send(emulator, "ann@contoso.com")
    with pytest.raises(EopAssertionError, match="expected a session with TLS; the last one had none"):
        emulator.assert_tls()
    send(emulator, "ann@contoso.com", context=emulator.client_context())
    assert emulator.assert_tls(version="TLSv1.3").tls.certificate_names == ()
    with pytest.raises(EopAssertionError, match=r"version TLSv1\.2; it was TLSv1\.3"):
        emulator.assert_tls(version="TLSv1.2")
    with pytest.raises(EopAssertionError, match=r"a client certificate of mail\.contoso\.com; the client sent: none"):
        emulator.assert_tls(certificate="mail.contoso.com")


def test_a_time_to_wait(emulator, send):
    thread = threading.Thread(target=send, args=(emulator, "ann@contoso.com", "x@fabrikam.example"))
    thread.start()
    emulator.assert_accepted("ann@contoso.com", timeout=20)
    emulator.assert_refused("5.7.64", timeout=20)
    thread.join()


def test_refusals_of_every_stage_are_found(emulator, send):
    emulator.fail(stage="mail", first=1, reply="421 4.3.2 Service not active")
    send(emulator, "ann@contoso.com")
    assert emulator.assert_refused("421 4.3.2").verdict == "fault"
    send(emulator, "ann@contoso.com", sender="a b@contoso.com")
    emulator.assert_refused("501")


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("550", True),
        ("5.7.64", True),
        ("550 5.7.64", True),
        ("550 5.7.64 Tenant", True),
        ("Relay Access", True),
        ("55", False),
        ("5.7.6", False),
        ("451", False),
        ("2026", False),
    ],
)
def test_numbers_of_the_suffix_are_no_codes(code, there):
    reply = "550 5.7.64 TenantAttribution; Relay Access Denied [SN1.prod.outlook.com 2026-11-24T08:35:33.451Z 08DF4A55]"
    assert has_code(reply, code) is there
