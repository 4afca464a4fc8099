"""What ``sendmail -v`` tells, read without a sendmail."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.mtas.sendmail.log import DeliveryProcess, SendmailLedger

HEAD = [
    "",
    "Running /tmp/x/queue/ABC123 (sequence 1 of 1)",
    "<a@example.net>,<b@contoso.com>... Connecting to [127.0.0.1] port 25 via relay...",
    "220 mx.example ESMTP",
    ">>> EHLO relay.harness.example",
    "250-mx.example Hello",
    "250 DSN",
]
ENVELOPE = [">>> MAIL From:<app@contoso.com> SIZE=16", "250 2.1.0 Sender OK"]
RCPT = [">>> RCPT To:<a@example.net>", ">>> RCPT To:<b@contoso.com>", ">>> DATA"]
REFUSED, TAKEN, BUSY = "550 5.7.64 TenantAttribution; Relay Access Denied", "250 2.1.5 ok", "451 4.7.500 Server busy"


def told(*lines):
    ledger = SendmailLedger()
    delivery = DeliveryProcess(ledger)
    for line in [*HEAD, *lines]:
        delivery.feed(line)
    return {each.recipient: (each.status, each.dsn, each.stage) for each in ledger.statuses("ABC123")}, ledger


def test_pipelined_replies_come_in_the_order_of_the_commands():
    found, ledger = told(*ENVELOPE, *RCPT, REFUSED, TAKEN, "354 go", ">>> .", "250 2.6.0 <x> Queued")
    assert found == {"a@example.net": ("bounced", "5.7.64", "rcpt"), "b@contoso.com": ("sent", "2.6.0", "message")}
    assert ledger.relay == "[127.0.0.1] port 25"


def test_the_report_on_a_message_is_another_message():
    report = [
        ">>> MAIL From:<>",
        "250 2.1.0 ok",
        ">>> RCPT To:<app@contoso.com>",
        TAKEN,
        ">>> DATA",
        "354 go",
        ">>> .",
        "250 ok",
    ]
    found, _ = told(*ENVELOPE, RCPT[0], REFUSED, ">>> RSET", "250 ok", *report)
    assert found == {"a@example.net": ("bounced", "5.7.64", "rcpt")}


def test_a_null_sender_of_its_own_is_no_report():
    found, _ = told(">>> MAIL From:<>", "250 2.1.0 ok", RCPT[0], TAKEN, ">>> DATA", "354 go", ">>> .", "250 2.6.0 ok")
    assert found == {"a@example.net": ("sent", "2.6.0", "message")}


def test_a_temporary_refusal_waits_and_is_counted_each_time():
    _, ledger = told(*ENVELOPE, RCPT[0], BUSY)
    again = DeliveryProcess(ledger)
    for line in [*HEAD, *ENVELOPE, RCPT[0], BUSY]:
        again.feed(line)
    (status,) = ledger.statuses("ABC123")
    assert (status.status, status.attempts, status.reply) == ("deferred", 2, BUSY)


def test_nobody_listens():
    found, _ = told("<a@example.net>,<b@contoso.com>... Deferred: Connection refused by [127.0.0.1]")
    assert found == dict.fromkeys(("a@example.net", "b@contoso.com"), ("deferred", "4.4.0", "connect"))


def test_a_connection_that_is_lost_names_the_stage_that_had_no_reply():
    lost = "<a@example.net>... Deferred: Connection reset by [127.0.0.1]"
    found, _ = told(*ENVELOPE, RCPT[0], TAKEN, ">>> DATA", "354 go", ">>> .", lost)
    assert found == {"a@example.net": ("deferred", "4.4.0", "message")}


def test_a_sender_that_is_refused():
    found, _ = told(ENVELOPE[0], *RCPT, "550 5.1.8 no", "503 5.5.2 need MAIL", "503 5.5.2 need MAIL", "503 no")
    assert {status for status, *_ in found.values()} == {"bounced"}
    assert set(found) == {"a@example.net", "b@contoso.com"}


@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([*HEAD, *ENVELOPE, *RCPT, REFUSED, TAKEN, ">>> ."]))))
def test_rubbish_is_no_crash(lines):
    told(*lines)
