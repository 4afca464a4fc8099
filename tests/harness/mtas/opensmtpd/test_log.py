"""What OpenSMTPD logs becomes statuses, queue and TLS facts; every line here was logged by one, shortened."""

from __future__ import annotations

import pytest

from harness.mtas.opensmtpd.log import OpensmtpdLedger

KEY = "939426bb"
BOB, CARL = f"{KEY}0df68b22", f"{KEY}38955972"
SESSION, PLACE = "6c98358d5a88ca19", "0x5601fdadf4a0"
DENIED = "550 5.7.64 TenantAttribution; Relay Access Denied"
RELAY = "debug: mta: {} [relay:127.0.0.1,port=25,smtp,mx,heloname=m.example]{}"


def queued(envelope, to, sender="app@contoso.com"):
    return f"6c98358ae383dfea smtp envelope evpid={envelope} from=<{sender}> to=<{to}>"


def state(before, after, place=PLACE):
    return f"mta: {place}: MTA_{before} -> MTA_{after}"


def delivery(envelope, result, said, to="bob@x.example", session=SESSION, rcpt="-", sender="app@contoso.com"):
    where = 'source="127.0.0.1" relay="127.0.0.1 (localhost)" delay=0s'
    return (
        f"{session} mta delivery evpid={envelope} from=<{sender}> to=<{to}> rcpt=<{rcpt}> {where} "
        f'result="{result}" stat="{said}"'
    )


CONNECTED = (
    f"{SESSION} mta connecting address=smtp://127.0.0.1:2525 host=localhost",
    state("INIT", "INIT"),
    f"{SESSION} mta connected",
    state("INIT", "BANNER"),
    state("BANNER", "EHLO"),
)


def ledger(*lines):
    made = OpensmtpdLedger()
    for each in lines:
        made.feed(each)
    return made


def test_sent():
    made = ledger(queued(BOB, "bob@x.example"), *CONNECTED, state("BODY", "EOM"), delivery(BOB, "Ok", "250 2.6.0 ok"))
    (status,) = made.statuses(KEY)
    assert (status.status, status.dsn, status.reply, status.stage) == ("sent", "2.6.0", "250 2.6.0 ok", "message")
    assert status.relay == "127.0.0.1:2525"
    assert made.open() == ()


def test_a_message_is_queued_while_one_of_its_envelopes_is():
    made = ledger(queued(BOB, "bob@x.example"), queued(CARL, "carl@x.example"), delivery(BOB, "Ok", "250 ok"))
    assert made.open() == (KEY,)
    made.feed(delivery(CARL, "TempFail", "451 4.7.500 busy", to="carl@x.example"))
    assert [(each.recipient, each.status) for each in made.statuses(KEY)] == [
        ("bob@x.example", "sent"),
        ("carl@x.example", "deferred"),
    ]
    assert made.open() == (KEY,)


def test_a_refusal_owes_a_report_until_it_is_queued():
    made = ledger(queued(BOB, "bob@x.example"), *CONNECTED, state("MAIL", "RCPT"), delivery(BOB, "PermFail", DENIED))
    (status,) = made.statuses(KEY)
    assert (status.status, status.dsn, status.stage) == ("bounced", "5.7.64", "rcpt")
    assert made.open() == (f"report on {KEY} to app@contoso.com",)
    report = queued("54a1528d926849e2", "app@contoso.com", "")
    made.feed(report)
    assert made.open() == ("54a1528d",)
    made.feed(delivery("54a1528d926849e2", "PermFail", DENIED, to="app@contoso.com", sender=""))
    assert made.open() == ()


def test_no_report_is_owed_to_one_who_wants_none():
    made = ledger(queued(BOB, "bob@x.example"))
    made.quiet.add((KEY, "bob@x.example"))
    made.feed(delivery(BOB, "PermFail", DENIED))
    assert made.open() == ()


def test_stages_of_sessions_side_by_side():
    other = "6c98358d00000000", "0x99"
    made = ledger(
        *CONNECTED,
        state("EHLO", "MAIL"),
        f"{other[0]} mta connecting address=smtp://127.0.0.1:2525 host=localhost",
        state("INIT", "INIT", other[1]),
        state("BANNER", "EHLO", other[1]),
        delivery(BOB, "TempFail", "451 4.7.500 busy"),
    )
    assert made.statuses(KEY)[0].stage == "mail"


@pytest.mark.parametrize(
    ("reason", "stage"),
    [
        ("IO Error: Connection refused", "connect"),
        ("TLS required but not supported by remote host", "starttls"),
        ("SSL certificate check failed", "starttls"),
    ],
)
def test_a_connection_that_failed_explains_what_is_given_up_after_it(reason, stage):
    made = ledger(*CONNECTED[:2], f"{SESSION} mta error reason={reason}")
    made.feed(delivery(BOB, "TempFail", "Network error on destination MXs", session="0" * 16))
    (status,) = made.statuses(KEY)
    assert (status.status, status.dsn, status.reply, status.stage) == ("deferred", "4.0.0", None, stage)
    assert status.said == f"Network error on destination MXs: {reason}"


def test_an_address_that_was_expanded():
    assert ledger(delivery(BOB, "Ok", "250 ok", rcpt="b@alias.example")).statuses(KEY)[0].recipient == "b@alias.example"


def test_tls_is_that_of_the_last_connection():
    tls = f"{SESSION} mta tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256"
    made = ledger(*CONNECTED, tls)
    made.feed(f'{SESSION} mta server-cert-check result="success"')
    assert made.tls == {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384:256", "verified": True}
    made.feed(CONNECTED[0])
    assert made.tls is None


def test_what_it_has_in_hand_and_what_is_kept():
    made = ledger(RELAY.format("draining", " refcount=1, ntask=1"))
    assert len(made.relays) == 1
    made.feed(RELAY.format("freeing", ""))
    assert (made.relays, made.text) == (set(), [])
    made.feed("fatal: something")
    assert (made.fatal, made.text) == ("fatal: something", ["fatal: something"])
