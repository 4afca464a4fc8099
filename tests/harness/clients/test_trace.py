"""What programs print, read: recorded output of each, so that it is tested where the program is not installed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients import curl, msmtp, perl, snail, swaks
from harness.clients.base import Plan
from harness.clients.scripted import told
from harness.clients.trace import TraceLine, classify, read, tls_event

REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied"
SWAKS = f"""\
=== Trying 127.0.0.1:36657...
=== Connected to 127.0.0.1.
<-  220 peer.example Python SMTP 1.4.6
 -> EHLO relay.example
<-  250-peer.example
<-  250-SIZE 33554432
<-  250 STARTTLS
 -> STARTTLS
<-  220 Ready to start TLS
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
=== TLS peer DN="/O=trustme v1.2.1"
 ~> EHLO relay.example
<~  250-peer.example
<~  250-SIZE 33554432
<~  250 HELP
 ~> MAIL FROM:<a@contoso.com>
<~  250 OK
 ~> RCPT TO:<refuse@x.example>
<~* {REFUSED}
 ~> RCPT TO:<ann@x.example>
<~  250 2.1.5 Recipient OK
 ~> DATA
<~  354 End data with <CR><LF>.<CR><LF>
 ~> Subject: x
 ~>
 ~> QUIT
 ~> ..dot
 ~> .
<~  250 2.6.0 queued
 ~> QUIT
<~  221 Bye
=== Connection closed with remote host.
"""
CURL = f"""\
* Connected to (nil) (127.0.0.1) port 36657 (#0)
< 220 peer.example Python SMTP 1.4.6
> EHLO relay.example
< 250-peer.example
< 250-SIZE 33554432
< 250 STARTTLS
> STARTTLS
< 220 Ready to start TLS
}} [5 bytes data]
* TLSv1.3 (OUT), TLS handshake, Client hello (1):
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
> EHLO relay.example
{{ [5 bytes data]
< 250-peer.example
< 250 SIZE 33554432
> MAIL FROM:<a@contoso.com> SIZE=27
< 250 OK
> RCPT TO:<refuse@x.example>
< {REFUSED}
> RCPT TO:<ann@x.example>
< 250 2.1.5 Recipient OK
> DATA
< 354 End data with <CR><LF>.<CR><LF>
}} [5 bytes data]
< 250 2.6.0 queued
"""
PERL = f"""\
Net::SMTP>>>   Net::Cmd(3.14)
Net::SMTP=GLOB(0x55a76e0b7418)<<< 220 peer.example Python SMTP 1.4.6
Net::SMTP=GLOB(0x55a76e0b7418)>>> EHLO relay.example
Net::SMTP=GLOB(0x55a76e0b7418)<<< 250-peer.example
Net::SMTP=GLOB(0x55a76e0b7418)<<< 250 STARTTLS
Net::SMTP=GLOB(0x55a76e0b7418)>>> STARTTLS
Net::SMTP=GLOB(0x55a76e0b7418)<<< 220 Ready to start TLS
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> EHLO relay.example
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 250-peer.example
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 250 SIZE 33554432
* TLS established TLSv1_3 TLS_AES_256_GCM_SHA384
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> MAIL FROM:<a@contoso.com>
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 250 OK
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> RCPT TO:<refuse@x.example>
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< {REFUSED}
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> RCPT TO:<ann@x.example>
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 250 2.1.5 Recipient OK
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> DATA
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 354 End data with <CR><LF>.<CR><LF>
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> hi
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> .
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> .
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 250 2.6.0 queued
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)>>> QUIT
Net::SMTP::_SSL=GLOB(0x55a76e0b7418)<<< 221 Bye
"""
MSMTP_PIPELINED = f"""\
reading recipients from the command line
<-- 220 peer.example
--> EHLO relay.example
<-- 250-peer.example
<-- 250 PIPELINING
--> MAIL FROM:<a@contoso.com>
--> RCPT TO:<ann@x.example>
--> RCPT TO:<refuse@x.example>
--> DATA
<-- 250 OK
<-- 250 2.1.5 Recipient OK
<-- {REFUSED}
"""
SNAIL = """\
s-nail: Resolving host 127.0.0.1:36657 ... done
s-nail: >>> SERVER: 220 peer.example
s-nail: >>> STARTTLS
s-nail: >>> SERVER: 220 Ready to start TLS
s-nail: TLS connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
s-nail: >>> HELO relay.example
s-nail: >>> SERVER: 250 peer.example
s-nail: >>> MAIL FROM:<a@contoso.com>
s-nail: >>> SERVER: 250 OK
s-nail: >>> RCPT TO:<ann@x.example>
s-nail: >>> SERVER: 451 4.7.500 Server busy
"""


@pytest.fixture
def wanted(plan):
    """A plan with STARTTLS; nobody listens."""
    return plan(type("Port", (), {"port": 1}), "refuse@x.example", "ann@x.example", tls="required")


@pytest.mark.parametrize(
    "told_by",
    [
        lambda plan: swaks._dialogue(SWAKS, plan),
        lambda plan: curl._dialogue(CURL, plan),
        lambda plan: told(PERL, plan, perl._LINES),
    ],
    ids=["swaks", "curl", "net-smtp"],
)
def test_the_same_dialogue_in_every_dress(told_by, wanted: Plan):
    seen = told_by(wanted).observation()
    assert (seen.outcome, seen.stage, seen.reply) == ("partially-accepted", "message", "250 2.6.0 queued")
    assert seen.recipients["refuse@x.example"] == {"reply": REFUSED, "outcome": "rejected"}
    assert seen.recipients["ann@x.example"]["outcome"] == "accepted"
    assert seen.tls == {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"}
    assert "STARTTLS" not in seen.capabilities
    assert seen.closed_by is None


def test_a_pipelined_refusal_is_no_hang_up(wanted):
    seen = msmtp._dialogue(MSMTP_PIPELINED, "", wanted).observation()
    assert (seen.outcome, seen.stage, seen.reply, seen.closed_by) == ("rejected", "rcpt", REFUSED, None)


def test_helo_and_a_deferral(wanted):
    seen = snail._dialogue(SNAIL, wanted).observation()
    assert (seen.outcome, seen.stage, seen.reply) == ("deferred", "rcpt", "451 4.7.500 Server busy")
    assert seen.tls is not None


@pytest.mark.parametrize(
    ("cut_after", "outcome", "stage"),
    [
        ("<-  220 peer", "not-attempted", "starttls"),
        (" -> EHLO", "disconnected", "ehlo"),
        (" -> STARTTLS", "disconnected", "starttls"),
        ("<-  220 Ready", "tls-failed", "starttls"),
        (" ~> MAIL", "disconnected", "mail"),
        (" ~> RCPT TO:<refuse", "disconnected", "rcpt"),
        (" ~> RCPT TO:<ann", "disconnected", "rcpt"),
        (" ~> DATA", "disconnected", "data"),
        (" ~> ..dot", "disconnected", "message"),
    ],
)
def test_a_dialogue_that_ends_early(wanted, cut_after, outcome, stage):
    lines = SWAKS.splitlines()
    end = next(index for index, line in enumerate(lines) if line.startswith(cut_after))
    note = swaks._dialogue("\n".join(lines[: end + 1]), wanted)
    assert (note.outcome, note.stage) == (outcome, stage)


def test_the_clients_words_about_a_handshake(wanted):
    output = SWAKS.partition("=== TLS started")[0] + "*** TLS startup failed (connect(): unknown error)\n"
    note = swaks._dialogue(output, wanted)
    assert (note.outcome, note.reply) == ("tls-failed", "TLS startup failed (connect(): unknown error)")


def test_tls_versions_by_any_name():
    for said in ("TLSv1.3:TLS_AES", "(TLS1.3)-(ECDHE", "TLSv1.3 / X"):
        assert tls_event(said).tls == {"version": "TLSv1.3", "cipher": ""}


@given(st.lists(st.tuples(st.sampled_from("CS*"), st.text(max_size=30)), max_size=30), st.booleans())
def test_any_lines_have_an_outcome(lines, wants_tls):
    note = read([TraceLine(who, text) for who, text in lines], wants_tls=wants_tls)
    assert note.outcome is not None
    assert note.observation().tree()["outcome"] == note.outcome


@given(st.text())
def test_any_output_is_read(output):
    assert all(line.who in ("C", "S", "tls") for line in classify(output, swaks._LINES))
