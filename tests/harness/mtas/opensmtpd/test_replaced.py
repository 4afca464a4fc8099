"""A user's own smtpd.conf becomes a private one: what is replaced is told, the rest stays as it was."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.base import Instance, Mail
from harness.mtas.opensmtpd.instance import OpensmtpdInstance
from harness.mtas.opensmtpd.programs import OpensmtpdPrograms, opensmtpd_programs
from harness.mtas.opensmtpd.replaced import replaced

USERS = """\
# as Debian ships it, and a smart host
table aliases file:/etc/aliases
listen on localhost
listen on eth0 port 587 tls
action "local" mbox alias <aliases>
action "relay" relay host smtp+tls://mx.contoso.example \\
  src 192.0.2.1 helo relay.contoso.com tls no-verify
action "direct" relay
match from local for any action "relay"
"""


def made(text, *, source="127.0.0.25", target=("127.0.0.1", 2525)):
    return replaced(text, target=target, source=source, listen="127.1.2.3 port 2525")


def test_what_is_replaced_is_told_with_what_it_was():
    text, found = made(USERS)
    told = [(each.name, each.old, each.new) for each in found]
    assert told == [
        ("listen on", "localhost", "127.1.2.3 port 2525"),
        ("listen on", "eth0 port 587 tls", "127.1.2.3 port 2525"),
        ('action "local"', "mbox alias <aliases>", 'mda "true"'),
        ('action "relay" relay host', "smtp+tls://mx.contoso.example", "smtp+tls://127.0.0.1:2525"),
        ('action "relay" relay src', "192.0.2.1", "127.0.0.25"),
        ('action "direct" relay host', "", "127.0.0.1:2525"),
        ('action "direct" relay src', "", "127.0.0.25"),
    ]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines.count("listen on 127.1.2.3 port 2525") == 1
    assert (
        'action "relay" relay host "smtp+tls://127.0.0.1:2525" src "127.0.0.25" helo relay.contoso.com tls no-verify'
        in lines
    )
    assert 'match from local for any action "relay"' in lines
    assert "table aliases file:/etc/aliases" in lines


def test_one_that_says_nothing_of_listening():
    text, found = made("queue ttl 4d\n", source="")
    assert text.endswith("\nlisten on 127.1.2.3 port 2525\nqueue ttl 4d\n")
    assert [each.old for each in found] == [""]


def test_a_session_is_not_held_and_a_limit_of_the_users_is_told():
    text, found = made("mta limit session-keepalive 30\n", source="")
    assert "\nmta limit session-keepalive 0\n" in text
    assert "# mta limit session-keepalive 30" in text
    assert ("mta limit session-keepalive", "30", "0") in {(each.name, each.old, each.new) for each in found}


def test_a_label_is_kept():
    assert 'host "smtps://me@127.0.0.1:2525"' in made('action a relay host "smtps://me@mx.example:465"')[0]


@given(st.text(alphabet='acilnorstey <>"\\\n:/@', max_size=80))
def test_any_text_is_taken(text):
    assert made(text)[0].endswith("\n")


FOUND = status("opensmtpd")


@pytest.mark.skipif(
    isinstance(FOUND, Unavailable) or sys.platform == "win32" or os.geteuid() != 0, reason="needs opensmtpd and root"
)
def test_it_runs(peer):
    programs = opensmtpd_programs()
    assert isinstance(programs, OpensmtpdPrograms)
    users = (
        USERS.replace("smtp+tls://", "smtp://").replace("tls no-verify", "").replace("file:/etc/aliases", "{ a = b }")
    )
    target = ("127.0.0.1", peer.port)

    def text(_folder, listen):
        return replaced(users, target=target, source="127.0.0.25", listen=listen)[0]

    mta = OpensmtpdInstance(Instance("relay", "127.0.0.25", target), programs, text)
    try:
        mta.start(20)
        mail = Mail({"address": "app@contoso.com"}, ({"address": "ann@example.com"},), b"Subject: x\r\n\r\nhello\r\n")
        queue_id = mta.submit(mail, 20)
        assert mta.wait(lambda: not mta.queue(), 20), mta.log()
        assert [each.status for each in mta.statuses(queue_id)] == ["sent"]
    finally:
        mta.stop()
    assert peer.handler.peers == ["127.0.0.25"]
