"""A real dma: what it does with refusals, nothing left. Skipped without it or root."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import status
from harness.errors import DeadlineExceeded
from harness.mtas.dma.driver import DmaDriver, DmaLog

FOUND = status("dma")
DMA = DmaDriver()
real = [
    pytest.mark.skipif(isinstance(FOUND, Unavailable), reason=f"dma {getattr(FOUND, 'reason', '')}"),
    pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="dma needs root"),
]
REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied"


@pytest.mark.skipif(not os.environ.get("HARNESS_CLIENTS_INSTALLED"), reason="the clients were not installed by CI")
def test_it_is_here_where_ci_has_installed_it():
    assert not isinstance(FOUND, Unavailable)


class TestReal:
    pytestmark = real

    def test_accepted_from_the_source_address(self, peer, plan):
        seen = DMA.run(plan(peer, source="127.77.0.9", timeout=20.0))
        assert (seen.outcome, seen.stage) == ("accepted", "message")
        ((sender, recipients, content),) = peer.handler.messages
        assert (sender, recipients) == ("app@contoso.com", ("ann@example.com",))
        assert content.endswith(b"\r\n\r\nhello\r\n.dot\r\n")
        assert peer.handler.peers == ["127.77.0.9"]
        assert [each for each in leftovers() if "dma" in each] == []

    def test_a_refusal_and_no_report(self, peer, plan):
        seen = DMA.run(plan(peer, "refuse@example.com", "ann@example.com", timeout=20.0))
        assert seen.outcome == "partially-accepted"
        found = {each["recipient"]: (each["status"], each["dsn"], each["reply"]) for each in seen.delivery_status}
        assert found["refuse@example.com"] == ("bounced", "5.7.64", REFUSED)
        assert [message[:2] for message in peer.handler.messages] == [("app@contoso.com", ("ann@example.com",))]

    def test_a_refusal_for_now(self, peer, plan):
        seen = DMA.run(plan(peer, "defer@example.com", timeout=20.0))
        assert (seen.outcome, seen.stage, seen.reply) == ("deferred", "rcpt", "451 4.7.500 Server busy")

    def test_a_certificate(self, tls_peer, lab_ca, plan):
        assert DMA.run(plan(tls_peer, tls="required", credential=lab_ca[2], timeout=20.0)).outcome == "accepted"

    def test_tls_that_is_required_and_not_offered(self, peer, plan):
        seen = DMA.run(plan(peer, tls="required", timeout=20.0))
        assert (seen.outcome, seen.stage) == ("not-attempted", "starttls")
        assert peer.handler.messages == []

    def test_one_that_hangs_is_bounded_and_ended(self, peer, plan):
        with pytest.raises(DeadlineExceeded, match="dma to try every recipient"):
            DMA.run(plan(peer, "bye@example.com", timeout=1.0))
        assert [each for each in leftovers() if "dma" in each] == []


def told(*texts):
    log = DmaLog()
    log.feed("<22>Nov 24 11:55:42 dma[20e709]: mail to=<a@example.net> queued as 20e709.55")
    for text in texts:
        log.feed(f"<19>Nov 24 11:55:42 dma[20e709.55]: {text}")
    return [(each.status, each.dsn, each.stage) for each in log.statuses.values()]


@pytest.mark.parametrize(("text", "found"), [
    ("<a@example.net> delivery successful", ("sent", "2.0.0", "message")),
    (f"remote delivery to x failed after RCPT TO: {REFUSED}", ("bounced", "5.7.64", "rcpt")),
    ("remote delivery deferred: x failed after MAIL FROM: 421 bye", ("deferred", "4.0.0", "mail")),
    ("remote delivery to x failed after final DATA: 554 5.6.0 no", ("bounced", "5.6.0", "message")),
    ("connect to 127.0.0.1 [127.0.0.1] failed: Connection refused", ("deferred", "4.4.1", "connect")),
    ("remote delivery deferred: STARTTLS not available: 454 TLS not available", ("deferred", "4.7.4", "starttls")),
    ("remote delivery deferred: SSL handshake failed fatally", ("deferred", "4.7.5", "starttls")),
])  # fmt: skip
def test_what_its_log_says(text, found):
    assert told(text) == [found]


def test_lines_of_others_and_rubbish_say_nothing():
    assert told("Server greeting successfully completed") == []
    log = DmaLog()
    log.feed("rubbish")
    assert log.statuses == {}
