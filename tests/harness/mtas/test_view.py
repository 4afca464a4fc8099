"""Statuses of recipients become the outcome that a client without a queue would have seen."""

from __future__ import annotations

import pytest

from harness.match.kinds import STEP
from harness.mtas.base import STATUSES, DeliveryStatus
from harness.mtas.view import outcome_of


def status(word, *, stage="rcpt", reply="550 5.7.64 no", said=""):
    return DeliveryStatus("a@x.example", word, "2.0.0", "relay", said, reply, stage)


SENT = status("sent", stage="message", reply="250 2.6.0 ok")
BOUNCED = status("bounced")
DEFERRED = status("deferred", reply="451 4.7.500 busy")


@pytest.mark.parametrize(
    ("statuses", "outcome", "decisive"),
    [
        ([SENT], "accepted", SENT),
        ([BOUNCED, SENT], "partially-accepted", SENT),
        ([BOUNCED, BOUNCED], "rejected", BOUNCED),
        ([status("expired")], "rejected", status("expired")),
        ([BOUNCED, DEFERRED], "deferred", DEFERRED),
    ],
)
def test_outcome(statuses, outcome, decisive):
    assert outcome_of(statuses) == (outcome, decisive)


@pytest.mark.parametrize(
    ("stage", "said", "outcome"),
    [
        ("starttls", "TLS is required, but was not offered by host x", "not-attempted"),
        ("starttls", "Cannot start TLS: handshake failure", "tls-failed"),
        ("message", "lost connection", "disconnected"),
        ("connect", "Connection refused", "deferred"),
        (None, "mail loops back", "deferred"),
    ],
)
def test_without_a_reply(stage, said, outcome):
    assert outcome_of([status("deferred", stage=stage, reply=None, said=said)])[0] == outcome


def test_nothing_is_known_before_the_first_attempt():
    assert outcome_of([]) == (None, None)


def test_the_fields_and_words_are_those_that_scenarios_may_expect():
    record = STEP["submit"].fields["delivery-status"].item
    assert record is not None
    assert set(record.fields) == set(SENT.tree())
    assert record.fields["status"].choices == STATUSES
