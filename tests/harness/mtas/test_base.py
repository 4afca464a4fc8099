"""What all MTAs share: outcomes as a client without a queue would have seen them, settings over settings, times."""

from __future__ import annotations

import pytest

from harness.match.kinds import STEP
from harness.mtas.base import STATUSES, DeliveryStatus, hours, merged, outcome_of, seconds


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


def test_settings_win_and_sections_are_merged():
    base = {"a": "1", "transports": {"smtp": {"driver": "smtp", "port": "25"}}}
    over = {"a": "2", "transports": {"smtp": {"port": "26"}, "more": {"driver": "pipe"}}}
    assert merged(base, over) == {
        "a": "2",
        "transports": {"smtp": {"driver": "smtp", "port": "26"}, "more": {"driver": "pipe"}},
    }
    assert base == {"a": "1", "transports": {"smtp": {"driver": "smtp", "port": "25"}}}


def test_a_section_takes_the_place_of_a_text_and_a_text_that_of_a_section():
    assert merged({"retry": "x"}, {"retry": {"a": "1"}}) == {"retry": {"a": "1"}}
    assert merged({"retry": {"a": "1"}}, {"retry": "x"}) == {"retry": "x"}


@pytest.mark.parametrize(("text", "wanted"), [("300s", 300), ("5d", 432000), ("7", 7), ("1h", 3600), ("x", None)])
def test_times(text, wanted):
    assert seconds(text) == wanted


def test_a_time_without_unit_has_that_of_its_setting():
    assert seconds("5", "d") == 432000
    assert hours("5", "d") == 120
