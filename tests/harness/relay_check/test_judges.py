"""The judges, on what both sides might have seen."""

from __future__ import annotations

import pytest

from harness.mtas.base import DeliveryStatus
from harness.mtas.form import Configuration, Submitted
from harness.relay_check import judges
from harness.relay_check.diagnose import diagnose
from harness.relay_check.values import RelayObservation

SENDER, TO = "own.t@contoso.com", "outside.t@fabrikam.example"
BUSY = "451 4.7.500 Server busy."
DENIED = "550 5.7.64 TenantAttribution; Relay Access Denied"
CERTIFICATE = {
    "names": ["mail.contoso.com"],
    "subject": "CN=x",
    "presented": ["CN=x"],
    "chain": "valid",
    "problems": [],
}


def message(to=TO, sender=SENDER, reply="250 2.6.0 <1>"):
    return {"mail-from": sender, "rcpt-to": [to], "reply": reply, "connector": "Relay by address", "raw": "x"}


def session(*replies, tls=True, certificate=None, verdict="relay-access-denied", nearest=(), faults=(), sender=SENDER):
    recipients = [
        {"mail-from": sender, "rcpt-to": TO, "reply": each, "verdict": verdict, "nearest": list(nearest)}
        for each in replies
    ]
    layer = {"version": "TLSv1.3", "server-name": None, "peer-certificate": certificate} if tls else None
    return {
        "peer": "203.0.113.25", "tls": layer, "tls-failure": None, "recipients": recipients, "refusals": [],
        "faults": list(faults), "transcript": [f"C: RCPT TO:<{TO}>" for _ in replies],
    }  # fmt: skip


def status(name, said="", reply=None, relay="127.0.0.1"):
    return DeliveryStatus(TO, name, "0.0.0", relay, said, reply)


def seen(*statuses, final=True, sees=frozenset({"queue"}), code=None, **more):
    given = Submitted(SENDER, (TO,), taken=True, code=code, statuses=statuses)
    return RelayObservation(sees, (given,), final=final, **more)


def holds(findings):
    return [each.holds for each in findings]


def test_one_copy_two_copies_none():
    assert holds(judges.arrived_once(seen(messages=[message()]))) == [True]
    (twice,) = judges.arrived_once(seen(messages=[message(), message()]))
    assert (twice.holds, twice.cause) == (False, "duplicate")
    assert holds(judges.arrived_at_least_once(seen(messages=[message(), message()]))) == [True]
    (none,) = judges.arrived_once(seen())
    assert (none.holds, none.pending) == (False, False)


def test_a_retry_that_may_still_come_is_pending_and_does_not_hold():
    (found,) = judges.arrived_once(seen(final=False, retries=True, sees=frozenset()))
    assert (found.holds, found.pending) == (False, True)
    (found,) = judges.arrived_once(seen(status("bounced"), final=False, retries=True))
    assert found.pending is False  # it has given up


def test_a_program_that_fails_may_say_so_and_one_that_hides_it_loses():
    exits = frozenset({"exit"})
    assert holds(judges.delivered_in_the_end(seen(sees=exits, code=1))) == [True]
    (found,) = judges.delivered_in_the_end(seen(sees=exits, code=0))
    assert (found.holds, found.cause) == (False, "lost")
    assert holds(judges.reported_once(seen(sees=exits, code=0))) == [False]
    assert holds(judges.reported_once(seen(sees=exits, code=7))) == [True]


def test_reports():
    report = message(to=SENDER, sender="<>")
    assert holds(judges.reported_once(seen(messages=[report]))) == [True]
    (many,) = judges.reported_once(seen(messages=[report, report]))
    assert many.cause == "many-reports"
    (none,) = judges.reported_once(seen())
    assert (none.cause, none.pending) == ("no-report", False)
    (waiting,) = judges.reported_once(seen(final=False))
    assert waiting.pending
    (nowhere,) = judges.reported_once(seen(log=["X: sender non-delivery notification: Y"]))
    assert nowhere.cause == "no-report"
    kept = f"Nov 1 00:00:00 mail postfix/kept-here/discard[1]: Y: to=<{SENDER}>, relay=none, status=sent (local)"
    assert holds(judges.reported_once(seen(log=[kept]))) == [True]
    silent = Configuration(silenced=("master.cf: bounce unix … discard",))
    (silenced,) = judges.reported_once(seen(log=[kept], configuration=silent))
    assert "bounce unix" in silenced.text


def test_a_storm():
    few = seen(sessions=[session(DENIED)])
    many = seen(sessions=[session(DENIED) for _ in range(4)])
    assert holds(judges.no_storm(few)) == [True]
    assert judges.no_storm(many)[0].cause == "retry-storm"
    kept = seen(status("deferred", "said: " + DENIED, DENIED), sessions=[session(DENIED)])
    assert judges.no_storm(kept)[0].cause == "keeps-hard-errors"
    (untried,) = judges.no_storm(seen())
    assert (untried.holds, "did not try at all" in untried.text) == (False, True)
    assert judges.attempted_again(seen(sessions=[session(BUSY) for _ in range(9)]))[0].cause == "retry-storm"


def test_clear_text():
    assert holds(judges.never_in_clear()(seen(sessions=[session("250 ok")]))) == [True]
    clear = session("250 ok", tls=False)
    assert judges.never_in_clear()(seen(sessions=[clear]))[0].cause == "clear-text-fallback"
    offered = {**clear, "transcript": ["S: 250-STARTTLS", "C: MAIL FROM:<x>"]}
    assert judges.never_in_clear()(seen(sessions=[offered]))[0].cause == "no-tls"


NAMED = {"certificate_name": "*.contoso.com"}
ADDRESS = [{"tenant": "t", "connector": "c", "failed": "SenderIPAddresses"}]


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        (seen(sessions=[session(DENIED)], **NAMED), "no-certificate"),
        (seen(sessions=[session(DENIED, tls=False)], **NAMED), "no-tls"),
        (seen(sessions=[session("451 5.7.3", tls=False, verdict="tls-required")]), "no-tls"),
        (seen(sessions=[session(DENIED, certificate={**CERTIFICATE, "problems": ["incomplete"]})], **NAMED),
         "missing-intermediate"),
        (seen(sessions=[session(DENIED, certificate={**CERTIFICATE, "problems": ["expired"]})], **NAMED),
         "certificate-expired"),
        (seen(sessions=[session(DENIED, certificate={**CERTIFICATE, "names": ["a.example"]})], **NAMED), "wrong-name"),
        (seen(sessions=[session(DENIED, nearest=ADDRESS)]), "wrong-address"),
        (seen(sessions=[session(DENIED, sender="x@other.example")]), "sender-rewritten"),
        (seen(sessions=[session(DENIED, certificate=CERTIFICATE)], **NAMED), "refused"),
        (seen(status("deferred", "connect to 127.0.0.1[127.0.0.1]:9: Connection refused")), "unreachable"),
        (seen(status("deferred", "Host or domain name not found. Name service error")), "wrong-smart-host"),
        (seen(status("deferred", "TLS is required, but was not offered by host x")), "starttls-not-offered"),
        (seen(status("deferred", "Server certificate not verified")), "tls-failed"),
        (seen(status("bounced", "host said: " + BUSY, BUSY)), "bounces-soft-errors"),
        (seen(status("sent", "delivered to mailbox", relay="local")), "local-delivery"),
        (seen(status("sent", "250 ok", relay="elsewhere.example[192.0.2.1]:25")), "lost"),
        (seen(), "never-connects"),
    ],
)  # fmt: skip
def test_the_cause(what, cause):
    assert diagnose(what)[0] == cause
