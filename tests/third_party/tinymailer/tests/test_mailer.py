"""The mailer meets Exchange Online."""

from __future__ import annotations

import asyncio

import pytest
from tinymailer import Mailer, RefusedError

from fakeeop.testing import Emulator, EopAssertionError

OUTSIDE = "someone@fabrikam.example"


def send(mailer: Mailer, recipient: str = OUTSIDE, sender: str = "app@contoso.com") -> None:
    mailer.send(sender, recipient, "Grüße", "hello\n")


@pytest.fixture
def relay(eop: Emulator) -> Emulator:
    """Contoso with a connector for the mailer's address, and one for its certificate."""
    contoso = eop.tenant("contoso")
    contoso.inbound_connector(
        Name="By address", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"], RequireTls=False
    )
    contoso.inbound_connector(
        Name="By certificate", ConnectorType="OnPremises", TlsSenderCertificateName="*.contoso.com"
    )
    return eop


def test_relay_by_address(relay: Emulator) -> None:
    relay.clients_come_from("203.0.113.25")
    send(Mailer(relay.host, relay.port))
    message = relay.assert_accepted(OUTSIDE, connector="By address", directionality="Originating")
    assert message.subject == "Grüße"


def test_relay_from_a_bound_address(relay: Emulator) -> None:
    try:
        source = relay.address("203.0.113.25")
    except RuntimeError as why:  # macOS
        pytest.skip(str(why))
    send(Mailer(relay.host, relay.port, source=source))
    assert relay.sessions[0].peer == "203.0.113.25"


def test_relay_by_certificate(relay: Emulator) -> None:
    send(Mailer(relay.host, relay.port, context=relay.certificate("mail.contoso.com").context()))
    relay.assert_accepted(OUTSIDE, connector="By certificate")
    relay.assert_tls(certificate="mail.contoso.com")


@pytest.mark.parametrize("variant", ["expired", "self-signed", "wrong-name", "missing-intermediate"])
def test_bad_certificates_are_reported(relay: Emulator, variant: str) -> None:
    mailer = Mailer(relay.host, relay.port, context=relay.certificate("mail.contoso.com", variant=variant).context())
    with pytest.raises(RefusedError, match=r"550 5\.7\.64 TenantAttribution"):
        send(mailer)
    assert relay.assert_refused("5.7.64").recipient == OUTSIDE
    assert relay.explain(last=True).nearest
    relay.assert_nothing_accepted()


def test_it_tries_again(relay: Emulator) -> None:
    relay.clients_come_from("203.0.113.25")
    relay.fail(stage="rcpt", first=2, reply="451 4.7.500 Server busy. Please try again later")
    send(Mailer(relay.host, relay.port))
    relay.wait_for(messages=1, sessions=3)
    assert [len(session.refusals) for session in relay.sessions] == [1, 1, 0]


def test_it_gives_up(relay: Emulator) -> None:
    relay.fail(stage="mail", reply="451 4.7.500 Server busy. Please try again later")
    with pytest.raises(RefusedError, match="451"):
        send(Mailer(relay.host, relay.port, attempts=2))
    assert len(relay.sessions) == 2


def test_direct_send(eop: Emulator) -> None:
    eop.tenant("contoso").recipient("ann@contoso.com")
    mailer = Mailer(eop.host, eop.port)
    send(mailer, "ann@contoso.com")
    with pytest.raises(RefusedError, match=r"5\.4\.1"):
        send(mailer, "nobody@contoso.com")
    eop.tenant("contoso").reject_direct_send()
    with pytest.raises(RefusedError, match=r"5\.7\.68"):
        send(mailer, "ann@contoso.com")
    assert len(eop.messages) == 1


def test_two_services_at_once(eop: Emulator, make_eop: type[Emulator]) -> None:
    other = make_eop()
    send(Mailer(other.host, other.port), "ann@contoso.com")
    other.assert_accepted("ann@contoso.com")
    eop.assert_nothing_accepted()


@pytest.fixture(scope="session")
def application(eop_server: Emulator) -> Mailer:
    """Started once, with an address that stays."""
    eop_server.tenant("contoso").recipient("ann@contoso.com")
    return Mailer(eop_server.host, eop_server.port)


@pytest.mark.parametrize("_", range(3))
def test_one_application_for_all_tests(application: Mailer, eop_session: Emulator, _: int) -> None:
    assert eop_session.messages == ()
    send(application, "ann@contoso.com")
    eop_session.fail(stage="rcpt", reply="550 5.7.606 Access denied, banned sending IP")
    with pytest.raises(RefusedError, match="606"):
        send(application, "ann@contoso.com")
    assert len(eop_session.wait_for(messages=1)) == 1


def test_in_a_loop(eop: Emulator) -> None:
    async def main() -> None:
        mailer = Mailer(eop.host, eop.port)
        sending = [asyncio.to_thread(send, mailer, f"user{number}@contoso.com") for number in range(5)]
        waiting = eop.wait_for_async(messages=5, sessions=5)
        *_, messages = await asyncio.gather(*sending, waiting)
        assert {message.rcpt_to[0] for message in messages} == {f"user{number}@contoso.com" for number in range(5)}

    asyncio.run(main())


def test_plain_with() -> None:
    with Emulator() as eop:
        send(Mailer(eop.host, eop.port), "ann@contoso.com")
        with pytest.raises(EopAssertionError, match=r"S: 250 2\.1\.5 Recipient OK"):
            eop.assert_refused("5.7.64")
