"""A real Postfix, private: several at once, what it does with refusals, nothing left. Skipped without it or root."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import status
from harness.errors import DriverError
from harness.mtas.base import Instance, Mail
from harness.mtas.postfix.driver import PostfixDriver
from harness.mtas.postfix.instance import PostfixInstance

FOUND = status("postfix")
POSTFIX = PostfixDriver()
pytestmark = [
    pytest.mark.skipif(isinstance(FOUND, Unavailable), reason=f"postfix {getattr(FOUND, 'reason', '')}"),
    pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="postfix needs root"),
]
MAIL = Mail({"address": "app@contoso.com"}, ({"address": "ann@example.com"},), b"Subject: x\r\n\r\nhello\r\n.dot\r\n")


def to(*addresses):
    return Mail(MAIL.mail_from, tuple({"address": each} for each in addresses), MAIL.content)


@pytest.fixture
def instances():
    """A maker of started instances; in the end nothing of them may be left."""
    made: list[PostfixInstance] = []

    def make(peer, **config):
        mta = POSTFIX.mta(Instance(f"mta{len(made)}", "127.0.0.1", ("127.0.0.1", peer.port), config))
        made.append(mta)
        mta.start(20)
        return mta

    yield make
    for mta in made:
        mta.stop()
    assert [each for each in leftovers() if "postfix" in each] == []


def done(mta, queue_id):
    assert mta.wait(lambda: queue_id not in mta.queue(), 20), mta.log()
    return mta.statuses(queue_id)


def test_one_transaction(peer, plan):
    seen = POSTFIX.run(plan(peer, timeout=20.0))
    assert (seen.outcome, seen.stage, seen.reply) == ("accepted", "message", "250 2.6.0 queued")
    ((sender, recipients, content),) = peer.handler.messages
    assert (sender, recipients) == ("app@contoso.com", ("ann@example.com",))
    assert content.endswith(b"\r\n\r\nhello\r\n.dot\r\n")
    assert [each for each in leftovers() if "postfix" in each] == []


def test_a_refusal_and_no_bounce(peer, plan):
    seen = POSTFIX.run(plan(peer, "refuse@example.com", "ann@example.com", timeout=20.0))
    assert (seen.outcome, seen.reply) == ("partially-accepted", "250 2.6.0 queued")
    assert seen.recipients["refuse@example.com"] == {
        "outcome": "rejected",
        "reply": "550 5.7.64 TenantAttribution; Relay Access Denied",
    }
    assert [message[0] for message in peer.handler.messages] == ["app@contoso.com"]


def test_a_bounce_goes_out_when_the_instance_is_the_scenarios_own(peer, instances):
    mta = instances(peer)
    (status,) = done(mta, mta.submit(to("refuse@example.com"), 20))
    assert (status.status, status.dsn, status.stage) == ("bounced", "5.7.64", "rcpt")
    assert mta.wait(lambda: not mta.queue(), 20)
    assert [message[:2] for message in peer.handler.messages] == [("<>", ("app@contoso.com",))]


def test_several_at_once(peer, instances):
    several = [instances(peer) for _ in range(3)]
    for mta, queue_id in [(mta, mta.submit(MAIL, 20)) for mta in several]:
        assert [each.status for each in done(mta, queue_id)] == ["sent"]
    assert len(peer.handler.messages) == 3


def test_retry_is_an_attempt_of_everything_that_waits(peer, instances):
    mta = instances(peer)
    ids = [mta.submit(to("defer@example.com", f"{number}@example.com"), 20) for number in range(2)]
    for queue_id in ids:
        assert mta.wait(lambda queue_id=queue_id: len(mta.statuses(queue_id)) == 2, 20)
    for attempts in (2, 3):
        mta.retry(20)
        found = [each for queue_id in ids for each in mta.statuses(queue_id) if each.status == "deferred"]
        assert [each.attempts for each in found] == [attempts, attempts]
    assert len(peer.handler.messages) == 2


def test_a_restart_keeps_the_queue_and_changes_settings(peer, instances):
    mta = instances(peer, relayhost="[127.0.0.1]:1")
    queue_id = mta.submit(MAIL, 20)
    assert mta.wait(lambda: [each.status for each in mta.statuses(queue_id)] == ["deferred"], 20)
    mta.restart(20, {"relayhost": f"[127.0.0.1]:{peer.port}"})
    mta.retry(20)
    assert [each.status for each in done(mta, queue_id)] == ["sent"]
    assert len(peer.handler.messages) == 1


def test_a_configuration_that_is_no_good_is_told_in_postfix_words(peer, instances):
    with pytest.raises(DriverError, match=r"does not come up[\s\S]*bad string length 0 < 1: myhostname"):
        instances(peer, myhostname="")


def test_a_setting_that_a_daemon_cannot_read_is_told_at_once(peer, instances):
    mta = instances(peer, smtp_tls_security_level="perhaps")
    queue_id = mta.submit(MAIL, 20)
    with pytest.raises(DriverError, match=r"a daemon gives up[\s\S]*smtp: fatal: .*perhaps"):
        mta.wait(lambda: bool(mta.statuses(queue_id)), 20)


def test_what_it_does_not_take_is_told_in_its_words(peer, instances):
    mta = instances(peer, smtpd_recipient_restrictions="reject")
    with pytest.raises(DriverError, match="RCPT to postfix: it does not take the mail"):
        mta.submit(MAIL, 20)


def test_stopped_is_stopped(peer, instances):
    mta = instances(peer)
    mta.stop()
    mta.stop()
    with pytest.raises(DriverError, match="is not running"):
        mta.retry(1)
