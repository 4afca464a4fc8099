"""What Exim logs becomes statuses, queue and TLS facts; every line here was logged by an Exim, shortened."""

from __future__ import annotations

import pytest

from harness.mtas.exim.log import EximLedger, reply_of, stage_of

ID = "1xVojk-0002na-30"
HOST = "H=127.0.0.1 [127.0.0.1]:2590"
TLS = "X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no"
DENIED = "SMTP error from remote mail server after RCPT TO:<b@x.example>: 550 5.7.64 TenantAttribution; Denied"


def ledger(*lines):
    made = EximLedger()
    for each in lines:
        made.feed(f"2026-11-24 11:31:00.935 [10762] {ID} {each}" if not each.startswith("20") else each)
    return made


QUEUED = "<= a@contoso.com U=root P=local-esmtp L- S=311"


def test_a_message_is_queued_until_it_is_completed():
    assert ledger(QUEUED).open() == (ID,)
    assert ledger(QUEUED, "Completed").open() == ()
    assert ledger(QUEUED, "removed by root").open() == ()


def test_sent():
    made = ledger(QUEUED, f'=> b@x.example R=smarthost T=remote_smtp {HOST} {TLS} L K C="250 2.6.0 <i> \\"q\\" Queued"')
    (status,) = made.statuses(ID)
    assert (status.recipient, status.status, status.dsn, status.stage) == ("b@x.example", "sent", "2.6.0", "message")
    assert (status.reply, status.relay) == ('250 2.6.0 <i> "q" Queued', "127.0.0.1 [127.0.0.1]:2590")
    assert made.chunked == {ID}


def test_sent_by_data():
    made = ledger(f'=> b@x.example R=smarthost T=remote_smtp {HOST} C="250 2.6.0 K queued"')
    assert (made.statuses(ID)[0].status, made.chunked) == ("sent", set())


def test_more_recipients_of_one_delivery_and_an_address_rewritten():
    made = ledger(
        f'=> b@x.example R=s T=t {HOST} C="250 ok"', f'-> c@x.example <d@x.example> R=s T=t {HOST} C="250 ok"'
    )
    assert [each.recipient for each in made.statuses(ID)] == ["b@x.example", "d@x.example"]


def test_bounced():
    (status,) = ledger(f"** b@x.example R=smarthost T=remote_smtp {HOST} {TLS}: {DENIED}").statuses(ID)
    assert (status.status, status.dsn, status.stage) == ("bounced", "5.7.64", "rcpt")
    assert (status.reply, status.said) == ("550 5.7.64 TenantAttribution; Denied", DENIED)


def test_no_reply_means_a_code_of_the_outcome_alone():
    (status,) = ledger("** b@x.example: Unrouteable address").statuses(ID)
    assert (status.status, status.dsn, status.reply, status.relay) == ("bounced", "5.0.0", None, "none")


def test_attempts_are_counted_and_what_is_not_due_is_none():
    made = ledger(QUEUED, "== b@x.example R=smarthost T=remote_smtp defer (111): Connection refused")
    made.feed(f"2026-11-24 11:31:01 {ID} == b@x.example routing defer (-52): retry time not reached")
    made.feed(
        f"2026-11-24 11:31:01 {ID} == b@x.example R=s T=t defer (-54): retry time not reached for any host for 'x'"
    )
    (status,) = made.statuses(ID)
    assert (status.status, status.stage, status.attempts, made.tried(ID)) == ("deferred", "connect", 1, 1)
    said = DENIED.replace("550 5.7.64", "451 4.7.500")
    made.feed(f"2026-11-24 11:31:02 {ID} == b@x.example R=smarthost T=remote_smtp defer (-44) {HOST}: {said}")
    (status,) = made.statuses(ID)
    assert (status.dsn, status.stage, status.attempts) == ("4.7.500", "rcpt", 2)
    assert status.reply == "451 4.7.500 TenantAttribution; Denied"


def test_given_up():
    said = DENIED.replace("550 5.7.64", "451 4.7.500")
    (status,) = ledger(f"** b@x.example R=s T=t {HOST}: {said}: retry timeout exceeded").statuses(ID)
    assert (status.status, status.reply) == ("expired", "451 4.7.500 TenantAttribution; Denied")
    assert ledger("** b@x.example: retry timeout exceeded").statuses(ID)[0].status == "expired"


def test_tls_is_that_of_the_last_ehlo():
    first, second = "harness: TLS   0", "harness: TLS TLS1.3 TLS1.3:ECDHE__AES_256_GCM:256 1"
    assert ledger(first).tls is None
    assert ledger(first, second).tls == {"version": "TLSv1.3", "cipher": "ECDHE__AES_256_GCM:256", "verified": True}
    assert ledger(first, second, first).tls is None
    layer = ledger(f'=> b@x.example R=s T=t {HOST} {TLS} C="250 ok"').tls
    assert layer == {"version": "TLSv1.3", "cipher": "ECDHE_X25519__AES_256_GCM:256", "verified": False}


def test_what_is_fatal_and_what_is_noise():
    made = ledger("2026-11-24 11:31:27 [11043] Exim configuration error in line 26 of /x/exim.conf:")
    assert made.fatal == "Exim configuration error in line 26 of /x/exim.conf:"
    made = ledger("2026-11-24 11:31:27 [10979] exim user lost privilege for using -C option", "what is this?")
    assert (made.fatal, len(made.text), made.open()) == ("", 1, ())


def test_somebody_else_is_at_it():
    assert ledger(f"Spool file for {ID} is locked (another process is handling this message)").busy == {ID}


@pytest.mark.parametrize(
    ("said", "reply", "stage"),
    [
        (DENIED, "550 5.7.64 TenantAttribution; Denied", "rcpt"),
        ("SMTP error from remote mail server after pipelined MAIL FROM:<a@b>: 550-a\\n550 b", "550-a\n550 b", "mail"),
        ("SMTP error from remote mail server after end of data: 554 no", "554 no", "message"),
        ("SMTP error from remote mail server after pipelined end of data: 554 no", "554 no", "message"),
        ("SMTP error from remote mail server after DATA: 451 no", "451 no", "data"),
        ("SMTP error from remote mail server after initial connection: 421 busy", "421 busy", "greeting"),
        ("SMTP error from remote mail server after EHLO r.example: 554 no", "554 no", "ehlo"),
        ("Remote host closed connection in response to pipelined end of data", None, "message"),
        ("Remote host closed connection in response to RCPT TO:<b@x.example>", None, "rcpt"),
        ("Remote host closed connection in response to initial connection", None, "greeting"),
        ("a TLS session is required, but the server did not offer TLS support", None, "starttls"),
        ("TLS session: (certificate verification failed): certificate invalid", None, "starttls"),
        ("Connection refused", None, "connect"),
        ("Cannot assign requested address", None, "connect"),
        ("Unrouteable address", None, None),
    ],
)
def test_reply_and_stage(said, reply, stage):
    assert (reply_of(said), stage_of(said)) == (reply, stage)
