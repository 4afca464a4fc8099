"""What Postfix logs becomes statuses, queue and TLS facts; every line here was logged by a Postfix."""

from __future__ import annotations

import pytest

from harness.mtas.postfix.log import PostfixLedger, reply_of, stage_of

ID = "4jYbSq2ZVvzJXQ9"
SAID_550 = (
    "host 127.0.0.1[127.0.0.1] said: 550 5.7.64 TenantAttribution; Relay Access Denied (in reply to RCPT TO command)"
)
LOST = "lost connection with 127.0.0.1[127.0.0.1] while sending end of data -- message may be sent more than once"
NO_TLS = "TLS is required, but was not offered by host 127.0.0.1[127.0.0.1]"


def line(daemon, text):
    return f"Nov 24 08:24:27 relay postfix/{daemon}[28272]: {text}"


def attempt(status, said, to="bob@x.example", dsn="2.0.0", daemon="smtp", queue_id=ID):
    middle = "relay=127.0.0.1[127.0.0.1]:34573, delay=0.1, delays=0.02/0.02/0/0.06"
    return line(daemon, f"{queue_id}: to=<{to}>, {middle}, dsn={dsn}, status={status} ({said})")


def ledger(*lines):
    made = PostfixLedger()
    for each in lines:
        made.feed(each)
    return made


QUEUED = (
    line("smtpd", f"{ID}: client=localhost[127.0.0.1]"),
    line("cleanup", f"{ID}: message-id=<1@harness.example>"),
    line("qmgr", f"{ID}: from=<a@contoso.com>, size=166, nrcpt=2 (queue active)"),
)
REMOVED = line("qmgr", f"{ID}: removed")


def test_a_message_is_queued_until_it_is_removed():
    assert ledger(QUEUED[0]).open() == ()  # nobody has promised anything yet
    assert ledger(*QUEUED).open() == (ID,)
    assert ledger(*QUEUED).pending(ID) == 2
    done = ledger(*QUEUED, attempt("sent", "250 2.6.0 ok"), REMOVED)
    assert (done.open(), done.pending(ID), done.removed(ID)) == ((), 0, True)


def test_attempts_of_a_recipient_are_counted_and_the_latest_counts():
    made = ledger(*QUEUED, attempt("deferred", "connect to 127.0.0.1[127.0.0.1]:25: Connection refused", dsn="4.4.1"))
    assert made.pending(ID) == 2
    made.feed(attempt("sent", "250 2.6.0 Queued mail for delivery"))
    (status,) = made.statuses(ID)
    assert (status.status, status.attempts, status.reply) == ("sent", 2, "250 2.6.0 Queued mail for delivery")
    assert (made.pending(ID), made.tried(ID)) == (1, 2)


def test_expiry_ends_what_was_deferred():
    made = ledger(*QUEUED, attempt("deferred", LOST), attempt("sent", "250 ok", to="c@x.example"))
    made.feed(line("qmgr", f"{ID}: from=<a@contoso.com>, status=expired, returned to sender"))
    assert [each.status for each in made.statuses(ID)] == ["expired", "sent"]


def test_soft_bounces_stay_in_the_queue():
    (status,) = ledger(attempt("SOFTBOUNCE", SAID_550, dsn="4.7.64")).statuses(ID)
    assert (status.status, status.reply) == ("deferred", "550 5.7.64 TenantAttribution; Relay Access Denied")


def test_a_connection_reused_and_an_address_rewritten():
    text = f"{ID}: to=<b@x.example>, orig_to=<b>, relay=h[1.2.3.4]:25, conn_use=2, delay=0, delays=0/0/0/0, dsn=2.0.0"
    (status,) = ledger(line("smtp", f"{text}, status=sent (250 ok)")).statuses(ID)
    assert (status.recipient, status.relay) == ("b@x.example", "h[1.2.3.4]:25")


@pytest.mark.parametrize(("word", "verified"), [("Untrusted", False), ("Trusted", False), ("Verified", True)])
def test_tls(word, verified):
    text = f"{word} TLS connection established to 127.0.0.1[127.0.0.1]:25: TLSv1.3 with cipher AES (256/256 bits)"
    assert ledger(line("smtp", text)).tls == {"version": "TLSv1.3", "cipher": "AES", "verified": verified}
    assert ledger(line("smtpd", text)).tls is None


def test_starts_are_counted_and_other_lines_kept():
    made = ledger(line("master", "daemon started -- version 3.7.11, configuration /x"), "what is this?", "")
    assert (made.starts, made.text[1:], made.open()) == (1, ["what is this?", ""], ())
    assert made.statuses("nothing") == ()


def test_a_daemon_that_gives_up_says_why():
    assert ledger(line("smtp", "fatal: invalid TLS level"), line("smtp", "fatal: more")).fatal == (
        "smtp: fatal: invalid TLS level"
    )
    assert ledger(line("smtp", "fatal: x"), line("master", "daemon started -- version 3")).fatal == ""


@pytest.mark.parametrize(
    ("said", "reply", "stage"),
    [
        (SAID_550, "550 5.7.64 TenantAttribution; Relay Access Denied", "rcpt"),
        ("host h[1.2.3.4] said: 550-5.1 a 550 5.1 b (in reply to MAIL FROM command)", "550-5.1 a\n550 5.1 b", "mail"),
        ("host h[1.2.3.4] said: 554 no (in reply to end of DATA command)", "554 no", "message"),
        ("host h[1.2.3.4] said: 451 no (in reply to DATA command)", "451 no", "data"),
        ("host h[1.2.3.4] refused to talk to me: 421 4.3.2 busy", "421 4.3.2 busy", "greeting"),
        ("conversation with h[1.2.3.4] timed out while receiving the initial server greeting", None, "greeting"),
        (LOST, None, "message"),
        ("lost connection with h[1.2.3.4] while sending RCPT TO", None, "rcpt"),
        (NO_TLS, None, "starttls"),
        ("Cannot start TLS: handshake failure", None, "starttls"),
        ("Server certificate not verified", None, "starttls"),
        ("connect to h[1.2.3.4]:25: Connection refused", None, "connect"),
        ("mail for [h] loops back to myself", None, None),
    ],
)
def test_reply_and_stage(said, reply, stage):
    assert (reply_of(said), stage_of("deferred", said)) == (reply, stage)


def test_a_sent_message_was_decided_at_its_end():
    assert (reply_of("250 2.6.0 ok"), stage_of("sent", "250 2.6.0 ok")) == ("250 2.6.0 ok", "message")
