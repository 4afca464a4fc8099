"""The submission endpoint over real sockets, with the standard library's client."""

from __future__ import annotations

import base64
import json
import smtplib
import socket
import ssl
from contextlib import suppress
from typing import Any

import pytest

from fakeeop.decision.verdict import Reason
from fakeeop.emulator import Emulator, Listener
from fakeeop.system.clock import VirtualClock

PASSWORD, TOKEN = "Pa55-word-of-printer", "token-of-printer"
MAIL = "From: Printer <printer@contoso.com>\r\nSubject: x\r\n\r\nhi\r\n"


def tree(
    mailbox: dict[str, Any] | None = None, behaviour: dict[str, str] | None = None, **tenant: Any
) -> dict[str, Any]:
    printer = {"PrimarySmtpAddress": "printer@contoso.com", "Password": PASSWORD, "AccessTokens": [TOKEN]}
    return {
        "Tenants": [
            {
                "Name": "contoso",
                "AcceptedDomains": ["contoso.com"],
                "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
                "Mailboxes": [{**printer, **(mailbox or {})}, {"PrimarySmtpAddress": "boss@contoso.com"}],
                **tenant,
            }
        ],
        "Behaviour": behaviour or {},
    }


@pytest.fixture
def new_emulator():
    started = []

    def make(data=None, **settings):
        listeners = (Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, submission=True))
        eop = Emulator.from_tree(data or tree(), listeners=listeners, **settings)
        eop.start()
        started.append(eop)
        return eop

    yield make
    for eop in started:
        eop.stop()


@pytest.fixture
def connect():
    """A client at the submission endpoint, under TLS; at the end it is gone."""
    clients = []

    def make(eop, *, tls=True):
        host, port = eop.addresses[1]
        client = smtplib.SMTP(host, port, "device.example", timeout=20)
        clients.append(client)
        client.ehlo()
        if tls:
            client.starttls(context=ssl._create_unverified_context())  # noqa: S323  a lab
            client.ehlo()
        return client

    yield make
    for client in clients:
        client.close()


def seen(eop: Emulator) -> list[dict[str, Any]]:
    assert eop.journal.wait_for_sessions_to_end(20)
    return eop.journal.sessions()


def refusal(client: smtplib.SMTP, sender: str = "printer@contoso.com", content: str = MAIL) -> str:
    """The reply at the end of data."""
    with pytest.raises(smtplib.SMTPDataError) as caught:
        client.sendmail(sender, ["x@fabrikam.example"], content)
    text = caught.value.smtp_error
    return f"{caught.value.smtp_code} {text if isinstance(text, str) else text.decode()}"


def test_signed_in_mail_goes_anywhere(new_emulator, connect):
    eop = new_emulator()
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    assert client.sendmail("printer@contoso.com", ["x@fabrikam.example", "user@contoso.com"], MAIL) == {}
    client.quit()
    [session] = seen(eop)
    assert session["authenticated"] == "printer@contoso.com"
    assert session["verdict"] == "originating-by-authentication"
    assert session["attributed-to"] == {
        "tenant": "contoso", "connector": None, "by": "authentication", "direction": "Originating",
    }  # fmt: skip
    assert {message["recipient-scope"] for message in eop.journal.messages()} == {"internal", "external"}
    assert eop.explain().reason is Reason.ORIGINATING_BY_AUTHENTICATION
    assert "authenticated as   printer@contoso.com by AUTH LOGIN" in eop.explain_text()


def test_a_token_signs_in(new_emulator, connect):
    eop = new_emulator()
    client = connect(eop)
    code, _ = client.auth("XOAUTH2", lambda _=None: f"user=printer@contoso.com\1auth=Bearer {TOKEN}\1\1")
    assert code == 235


def test_no_secret_is_left_anywhere(new_emulator, connect):
    eop = new_emulator()
    client = connect(eop)
    with suppress(smtplib.SMTPAuthenticationError):
        client.login("printer@contoso.com", "not-" + PASSWORD)
    client.login("printer@contoso.com", PASSWORD)
    client.sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)
    client.quit()
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, "device.example", timeout=20) as mx, suppress(smtplib.SMTPException):
        mx.docmd("AUTH PLAIN " + base64.b64encode(f"\0printer\0{PASSWORD}".encode()).decode())
    whole = json.dumps(seen(eop)) + json.dumps(eop.journal.messages()) + eop.explain_text() + repr(eop.forest)
    for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), TOKEN):
        assert secret not in whole
    lines = eop.journal.sessions()[0]["transcript"]
    assert lines.count("C: AUTH LOGIN <credentials>") == 2
    assert lines.count("C: <credentials>") == 2
    assert "C: AUTH PLAIN <credentials>" in eop.journal.sessions()[1]["transcript"]


def test_direct_send_by_mistake(new_emulator, connect):
    eop = new_emulator()
    assert connect(eop, tls=False).mail("<x@contoso.com>")[0] == 451
    assert connect(eop).mail("<x@contoso.com>")[0] == 530
    older = connect(new_emulator(tree(behaviour={"NotAuthenticatedText": "2020"})))
    text = older.mail("<x@contoso.com>")[1].decode()
    assert text.startswith("5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM [")
    assert ".AUSP282.PROD.OUTLOOK.COM 20" in text


def test_who_tried_is_noted(new_emulator, connect):
    eop = new_emulator()
    client = connect(eop)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("nobody@contoso.com", PASSWORD)
    client.quit()
    [session] = seen(eop)
    assert session["notes"] == ["AUTH LOGIN as 'nobody@contoso.com': auth-wrong-credentials"]
    assert [(each["stage"], each["verdict"]) for each in session["refusals"]] == [("auth", "auth-wrong-credentials")]
    assert session["authenticated"] is None


@pytest.mark.parametrize(("sender", "content"), [
    ("boss@contoso.com", MAIL), ("printer@contoso.com", MAIL.replace("printer@", "boss@")),
])  # fmt: skip
def test_another_sender_is_refused_in_one_long_line(new_emulator, connect, sender, content):
    client = connect(new_emulator())
    client.login("printer@contoso.com", PASSWORD)
    reply = refusal(client, sender, content)
    assert reply.startswith("554 5.2.252 SendAsDenied; printer@contoso.com not allowed to send as boss@contoso.com; ")
    assert len(reply) > 512
    assert "\n" not in reply
    assert client.noop()[0] == 250


def test_mail_without_a_header_from_and_a_receipt(new_emulator, connect):
    client = connect(new_emulator())
    client.login("printer@contoso.com", PASSWORD)
    client.sendmail("printer@contoso.com", ["x@fabrikam.example"], "\r\nhi\r\n")
    client.sendmail("", ["x@fabrikam.example"], MAIL)


@pytest.mark.parametrize(("mailbox", "behaviour", "start"), [
    ({"State": "LogonFailure"}, {}, "430 4.2.0 STOREDRV; mailbox logon failure; "),
    ({"State": "Restricted"}, {}, "550 5.1.8 Access denied, bad outbound sender ["),
    ({}, {"SendAsReply": "5.7.60"}, "550 5.7.60 SMTP; Client does not have permissions to send as this sender ["),
])  # fmt: skip
def test_refusals_at_the_end_of_data(new_emulator, connect, mailbox, behaviour, start):
    client = connect(new_emulator(tree(mailbox, behaviour)))
    client.login("printer@contoso.com", PASSWORD)
    assert refusal(client, "boss@contoso.com").startswith(start)


def test_the_minute_passes(new_emulator, connect):
    clock = VirtualClock()
    limits = {"MessagesPerMinute": 2}
    eop = new_emulator(tree(behaviour={"MessageRateReply": "4.4.2"}, SubmissionLimits=limits), clock=clock)
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    for _ in range(2):
        client.sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)
    assert refusal(client).startswith("421 4.4.2 Message submission rate for this client has exceeded")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    clock.advance(60)
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    client.sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)


def test_more_in_a_minute_is_taken_and_noted(new_emulator, connect):
    eop = new_emulator(tree(SubmissionLimits={"MessagesPerMinute": 1}))
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    for _ in range(2):
        client.sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)
    client.quit()
    assert seen(eop)[0]["notes"] == ["over 1 messages a minute: delivered later"]
    assert len(eop.journal.messages()) == 2


def test_the_day_passes(new_emulator, connect):
    clock = VirtualClock()
    client = connect(new_emulator(tree(SubmissionLimits={"RecipientsPerDay": 1}), clock=clock))
    client.login("printer@contoso.com", PASSWORD)
    client.sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)
    assert refusal(client).startswith("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; ")


def test_three_connections_at_a_time(new_emulator, connect):
    eop = new_emulator()
    clients = [connect(eop) for _ in range(4)]
    for client in clients:
        client.login("printer@contoso.com", PASSWORD)
    assert refusal(clients[3]).startswith("432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/")
    clients[0].sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)
    clients[1].quit()
    assert eop.journal.wait(lambda journal: journal.sessions_ended == 1, 20)
    clients[3].sendmail("printer@contoso.com", ["x@fabrikam.example"], MAIL)


def test_a_changed_tenant_counts_at_the_next_sign_in(new_emulator, connect):
    eop = new_emulator()
    client = connect(eop)
    eop.replace_forest(Emulator.from_tree(tree({"Password": "another"})).forest)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("printer@contoso.com", PASSWORD)
    client.login("printer@contoso.com", "another")
    client.sendmail("printer@contoso.com", ["user@contoso.com"], MAIL)


def old_tls() -> ssl.SSLContext:
    context = ssl._create_unverified_context()  # noqa: S323  a lab
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_told_so_at_auth_where_the_handshake_still_succeeds(new_emulator):
    eop = new_emulator(tree(behaviour={"SubmissionOldTls": "4.7.66"}))
    host, port = eop.addresses[1]
    client = smtplib.SMTP(host, port, "device.example", timeout=20)
    client.starttls(context=old_tls())
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        client.login("printer@contoso.com", PASSWORD)
    assert caught.value.smtp_code == 421
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    [session] = seen(eop)
    assert (session["tls"]["version"], session["refusals"][0]["verdict"]) == ("TLSv1.1", "old-tls")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_fails_otherwise_and_tls_of_today_never_does(new_emulator, connect):
    client = connect(new_emulator(), tls=False)
    with pytest.raises(ssl.SSLError):
        client.starttls(context=old_tls())
    connect(new_emulator(tree(behaviour={"SubmissionOldTls": "4.7.66"}))).login("printer@contoso.com", PASSWORD)


def test_the_block_lists_are_a_matter_of_the_mx(new_emulator, connect):
    blocked = tree() | {"Limits": {"BlockedAddresses": {"Banned": ["127.0.0.1"]}}}
    eop = new_emulator(blocked)
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, "device.example", timeout=20) as mx:
        mx.ehlo()
        mx.mail("<x@fabrikam.example>")
        assert mx.rcpt("<user@contoso.com>")[1].startswith(b"5.7.606 ")
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    client.sendmail("printer@contoso.com", ["user@contoso.com"], MAIL)


def test_a_fault_strikes_here_too(new_emulator, connect):
    eop = new_emulator()
    eop.set_faults([{"at": "rcpt", "reply": "451 4.3.2 try later", "first": 1}])
    client = connect(eop)
    client.login("printer@contoso.com", PASSWORD)
    assert client.mail("<printer@contoso.com>")[0] == 250
    assert [client.rcpt("<x@fabrikam.example>")[0] for _ in range(2)] == [451, 250]


def test_the_mx_beside_it_offers_no_auth(new_emulator):
    host, port = new_emulator().addresses[0]
    with smtplib.SMTP(host, port, "device.example", timeout=20) as mx:
        mx.ehlo()
        assert mx.docmd("AUTH LOGIN")[0] == 504
        assert b"mail.protection.outlook.com" in (mx.ehlo_resp or b"")


def test_the_banner_is_that_of_port_587(new_emulator):
    with socket.create_connection(new_emulator().addresses[1], timeout=20) as plain:
        banner = plain.recv(500)
    assert banner.startswith(b"220 SY5P282CA0041.outlook.office365.com Microsoft ESMTP MAIL Service ready at ")
