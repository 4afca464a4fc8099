"""Real MTAs, private: what all of them must do, each against a server that is not ours. Skipped without it or root."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any

import pytest

from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import driver, status
from harness.errors import DeadlineExceeded, DriverError
from harness.mtas.base import Instance, Mail

MTAS = ("exim", "opensmtpd", "sendmail")
MAIL = Mail({"address": "app@contoso.com"}, ({"address": "ann@example.com"},), b"Subject: x\r\n\r\nhello\r\n.dot\r\n")
REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied"
ELSEWHERE = {
    "exim": lambda port: {"routers": {"smarthost": {"route_list": f"* 127.0.0.1::{port} byname"}}},
    "opensmtpd": lambda port: {"relay": {"host": f"smtp://127.0.0.1:{port}"}},
    "sendmail": lambda port: {"RELAY_MAILER_ARGS": f"TCP $h {port}"},
}
BAD = {
    "exim": ({"no_such_option": "1"}, 'main option "no_such_option" unknown'),
    "opensmtpd": ({"no such line": "1"}, "syntax error"),
    "sendmail": ({"confPRIVACY_FLAGS": "nonsense"}, "nonsense"),
}
PRIVATE = {
    "exim": {"spool_directory": "/var/spool/exim4"},
    "opensmtpd": {"listen on": "lo"},
    "sendmail": {"QUEUE_DIR": "/var/spool/mqueue"},
}

pytestmark = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="MTAs need root")


def the(name) -> Any:
    return driver(name)


@pytest.fixture(params=MTAS)
def name(request):
    """The name of an MTA that is here."""
    found = status(request.param)
    if isinstance(found, Unavailable):
        pytest.skip(f"{request.param} {found.reason}")
    return request.param


@pytest.fixture
def instances(name):
    """A maker of started instances; in the end nothing of them may be left."""
    made: list[Any] = []

    def make(port, config=None, *, source="127.0.0.1", seconds=20):
        mta = the(name).mta(Instance(f"mta{len(made)}", source, ("127.0.0.1", port), config or {}))
        made.append(mta)
        mta.start(seconds)
        return mta

    yield make
    for mta in made:
        mta.stop()
    assert [each for each in leftovers() if name in each] == []


def to(*addresses):
    return Mail(MAIL.mail_from, tuple({"address": each} for each in addresses), MAIL.content)


def done(mta, queue_id):
    assert mta.wait(lambda: queue_id not in mta.queue(), 20), mta.log()
    return mta.statuses(queue_id)


def tried(mta, queue_id, recipients=1):
    assert mta.wait(lambda: len(mta.statuses(queue_id)) == recipients, 20), mta.log()
    return mta.statuses(queue_id)


def test_one_transaction(name, peer, plan):
    seen = the(name).run(plan(peer, timeout=20.0))
    assert (seen.outcome, seen.stage, seen.reply) == ("accepted", "message", "250 2.6.0 queued")
    ((sender, recipients, content),) = peer.handler.messages
    assert (sender, recipients) == ("app@contoso.com", ("ann@example.com",))
    assert content.endswith(b"\r\n\r\nhello\r\n.dot\r\n")
    assert [each for each in leftovers() if name in each] == []


def test_the_source_address(name, peer, plan):
    the(name).run(plan(peer, source="127.3.4.5", timeout=20.0))
    assert peer.handler.peers == ["127.3.4.5"]


def test_the_null_sender(name, peer, plan):
    assert the(name).run(plan(peer, mail_from={"address": "<>"}, timeout=20.0)).outcome == "accepted"
    assert [message[:2] for message in peer.handler.messages] == [("<>", ("ann@example.com",))]


def test_a_refusal_and_no_report(name, peer, plan):
    seen = the(name).run(plan(peer, "refuse@example.com", "ann@example.com", timeout=20.0))
    assert (seen.outcome, seen.reply) == ("partially-accepted", "250 2.6.0 queued")
    assert seen.recipients["refuse@example.com"] == {"outcome": "rejected", "reply": REFUSED}
    assert [message[0] for message in peer.handler.messages] == ["app@contoso.com"]


def test_a_certificate(name, tls_peer, lab_ca, plan):
    if "starttls-client-certificate" not in the(name).capabilities:
        pytest.skip("it presents no certificate")
    seen = the(name).run(plan(tls_peer, tls="required", credential=lab_ca[2], timeout=20.0))
    assert seen.outcome == "accepted"
    if "tls" in the(name).observes:
        assert seen.tls["version"] == "TLSv1.3"


def test_the_server_is_verified_by_its_name(name, lab_ca, named_peer, plan):
    if "verify-server" not in the(name).capabilities:
        pytest.skip("it verifies nothing")

    def run(server_name):
        plans = plan(named_peer, tls="required", trust=lab_ca[1], server_name=server_name, timeout=20.0)
        return the(name).run(plans)

    assert run("mx.example").outcome == "accepted"
    other = run("other.example")
    assert (other.outcome, other.stage) == ("tls-failed", "starttls")
    assert len(named_peer.handler.messages) == 1


def test_tls_that_is_required_and_not_offered(name, peer, plan):
    seen = the(name).run(plan(peer, tls="required", timeout=20.0))
    assert (seen.outcome, seen.stage, seen.tls) == ("not-attempted", "starttls", None)
    assert peer.handler.messages == []


def test_nobody_listens(name, plan):
    seen = the(name).run(plan(type("Peer", (), {"port": 1}), timeout=20.0))
    assert (seen.outcome, seen.stage, seen.reply) == ("deferred", "connect", None)


def test_a_report_goes_out_when_the_instance_is_the_scenarios_own(peer, instances):
    mta = instances(peer.port)
    (status,) = done(mta, mta.submit(to("refuse@example.com"), 20))
    assert (status.status, status.dsn, status.stage, status.reply) == ("bounced", "5.7.64", "rcpt", REFUSED)
    assert mta.wait(lambda: not mta.queue(), 20)
    assert [message[:2] for message in peer.handler.messages] == [("<>", ("app@contoso.com",))]


def test_a_message_refused_as_a_whole(peer, instances):
    mta = instances(peer.port)
    queue_id = mta.submit(Mail(MAIL.mail_from, MAIL.recipients, b"Subject: x\r\n\r\nrefuse me\r\n"), 20)
    (status,) = done(mta, queue_id)
    assert (status.status, status.dsn, status.stage) == ("bounced", "5.6.0", "message")


def test_several_at_once(peer, instances):
    several = [instances(peer.port) for _ in range(3)]
    for mta, queue_id in [(mta, mta.submit(MAIL, 20)) for mta in several]:
        assert [each.status for each in done(mta, queue_id)] == ["sent"]
    assert len(peer.handler.messages) == 3


def test_retry_is_an_attempt_of_everything_that_waits(peer, instances):
    mta = instances(peer.port)
    ids = [mta.submit(to("defer@example.com", f"{number}@example.com"), 20) for number in range(2)]
    for queue_id in ids:
        assert {each.status for each in tried(mta, queue_id, 2)} == {"sent", "deferred"}
    for attempts in (2, 3):
        mta.retry(20)
        found = [each for queue_id in ids for each in mta.statuses(queue_id) if each.status == "deferred"]
        assert [(each.attempts, each.dsn, each.stage) for each in found] == [(attempts, "4.7.500", "rcpt")] * 2
    assert len(peer.handler.messages) == 2
    assert set(mta.queue()) == set(ids)


def test_a_restart_keeps_the_queue_and_changes_settings(name, peer, instances):
    mta = instances(peer.port, ELSEWHERE[name](1))
    queue_id = mta.submit(MAIL, 20)
    assert [each.status for each in tried(mta, queue_id)] == ["deferred"]
    mta.restart(20, ELSEWHERE[name](peer.port))
    mta.retry(20)
    assert [each.status for each in done(mta, queue_id)] == ["sent"]
    assert len(peer.handler.messages) == 1


def test_a_configuration_that_is_no_good_is_told_in_its_own_words(name, peer, instances):
    config, words = BAD[name]
    with pytest.raises(DriverError, match=f"does not come up[\\s\\S]*{words}"):
        instances(peer.port, config)


def test_what_keeps_it_private_cannot_be_set(name, peer, instances):
    with pytest.raises(Exception, match="the harness's own to set"):
        instances(peer.port, PRIVATE[name])


def test_one_that_hangs_is_bounded_and_ended(instances):
    """The server takes the connection and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []
    taker = threading.Thread(target=lambda: held.append(listener.accept()[0]))
    taker.start()
    mta = instances(listener.getsockname()[1])
    queue_id = mta.submit(MAIL, 20)
    taker.join(20)
    assert not mta.wait(lambda: bool(mta.statuses(queue_id)), 0.05)
    assert mta.queue() == (queue_id,)
    with pytest.raises(DeadlineExceeded):
        mta.retry(0.1)
    mta.stop()
    held[0].close()
    listener.close()


def test_stopped_is_stopped(peer, instances):
    mta = instances(peer.port)
    mta.stop()
    mta.stop()
    with pytest.raises(DriverError, match="is not running"):
        mta.retry(1)
