"""Each step of Message Header Analyzer's algorithm (facts wire §6), on data of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.hops import fields_of, hops_of, span_text, total_text


def hops(*received: str):
    """The newest first, as a header has them."""
    return hops_of([("Received", each) for each in received])


# ---- 1: fields


def test_continuations_are_joined_by_one_blank():
    assert fields_of("A: one\r\n\ttwo\r\n   three\r\nB: x\r\n") == [("A", "one two three"), ("B", "x")]


def test_a_line_of_a_folded_time_is_a_continuation():
    assert fields_of("Received: by x; Mon, 1 Jan 2024\n10:20:30 +0000\n") == [
        ("Received", "by x; Mon, 1 Jan 2024 10:20:30 +0000")
    ]


def test_empty_lines_before_the_first_field_are_passed_over_and_the_one_after_ends():
    assert fields_of("\n\nA: 1\n\nB: body\n") == [("A", "1")]


def test_encoded_words_are_decoded_and_broken_ones_stay():
    assert fields_of("Subject: =?utf-8?q?=C3=A4?=\nX: =?no-such?q?a?=\n") == [
        ("Subject", "ä"),
        ("X", "=?no-such?q?a?="),
    ]


# ---- 2 to 5: Received


def test_the_fields_run_to_the_next_word_whatever_its_case():
    (hop,) = hops(
        "FROM a (1.2.3.4) By b.example (5.6.7.8) with Microsoft SMTP Server id 15.20; Mon, 1 Jan 2024 10:00:00 +0100"
    )
    assert (hop.sender, hop.by, hop.protocol, hop.id) == (
        *("a (1.2.3.4)", "b.example (5.6.7.8)", "Microsoft SMTP Server", "15.20"),
    )
    assert hop.date == datetime(2024, 1, 1, 9, tzinfo=UTC)


def test_for_and_via():
    (hop,) = hops("from a by b with SMTP id 1 via Frontend Transport for <x@y.example>; Mon, 1 Jan 2024 10:00:00 +0000")
    assert (hop.via, hop.recipient) == ("Frontend Transport", "<x@y.example>")


def test_a_repeated_field_is_joined_by_a_semicolon():
    (hop,) = hops("from a by b with X by c; Mon, 1 Jan 2024 10:00:00 +0000")
    assert hop.by == "b; c"


@pytest.mark.parametrize(("value", "by"), [
    ("by mail.example (Postfix, from userid 1000) id AB; Mon, 1 Jan 2024 10:00:00 +0000", "mail.example (Postfix, from userid 1000)"),  # noqa: E501  a row is a line
    ("(qmail 123 invoked from network); 1 Jan 2024 10:00:00 -0000", "(qmail 123 invoked from network)"),
])  # fmt: skip
def test_postfix_and_qmail_of_the_same_machine(value, by):
    assert hops(value)[0].by == by


@pytest.mark.parametrize(("date", "moment"), [
    ("Mon, 1 Jan 2024 10:00:00 +0200 (CEST)", datetime(2024, 1, 1, 8, tzinfo=UTC)),
    ("Mon, 1 Jan 2024 10:00:00", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("Mon, 1 Jan 2024 10:00:00 UTC", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("Mon, 1 Jan 2024 10:00:00 (UTC)", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("Mon, 1 Jan 2024 10:00:00.250 +0000", datetime(2024, 1, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
    ("2024-1-1 10:00:00 +0100", datetime(2024, 1, 1, 9, tzinfo=UTC)),
    ("2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("1/2/2024 1:05:00 PM", datetime(2024, 1, 2, 13, 5, tzinfo=UTC)),
    ("no date", None),
    ("", None),
])  # fmt: skip
def test_dates(date, moment):
    assert hops(f"from a by b; {date}")[0].date == moment


@pytest.mark.parametrize("date", ["Mon, 1 Jan 2024 10:00:00 +0000", "2024-01-01 10:00:00"])
def test_a_date_without_a_semicolon_begins_at_the_weekday_or_the_year(date):
    (hop,) = hops(f"from a by b {date}")
    assert (hop.by, hop.date) == ("b", datetime(2024, 1, 1, 10, tzinfo=UTC))


def test_the_last_semicolon_counts():
    (hop,) = hops("from a by b (x; y) with SMTP; Mon, 1 Jan 2024 10:00:00 +0000")
    assert (hop.by, hop.protocol) == ("b (x; y)", "SMTP")


# ---- 6, 7: delays


def test_the_oldest_is_hop_one_and_has_no_delay():
    newest, oldest = "from b by c; Mon, 1 Jan 2024 10:00:05 +0000", "from a by b; Mon, 1 Jan 2024 10:00:00 +0000"
    first, second = hops(newest, oldest)
    assert (first.number, first.sender, first.delay, first.percent) == (1, "a", "", None)
    assert (second.number, second.delay, second.seconds, second.percent) == (2, "5 seconds", 5, 100)


def test_a_negative_delay_has_no_share_and_an_undated_hop_moves_nothing():
    found = hops(
        "from d by e; Mon, 1 Jan 2024 10:00:40 +0000",
        "from c by d",
        "from b by c; Mon, 1 Jan 2024 10:00:20 +0000",
        "from a by b; Mon, 1 Jan 2024 10:00:30 +0000",
    )
    assert [each.delay for each in found] == ["", "-10 seconds", "", "20 seconds"]
    assert [each.percent for each in found] == [None, None, None, 100]


@pytest.mark.parametrize(("seconds", "text"), [
    (0, "0 seconds"), (0.9, "0 seconds"), (-0.9, "0 seconds"), (1, "1 second"), (-1, "-1 second"), (59, "59 seconds"),
    (60, "1 minute"), (91, "1 minute 31 seconds"), (120, "2 minutes"), (-61, "-1 minute 1 second"),
    (18_614, "310 minutes 14 seconds"),
])  # fmt: skip
def test_spans_as_text(seconds, text):
    assert span_text(timedelta(seconds=seconds)) == text


def test_the_total_is_last_less_first_and_empty_where_they_are_equal():
    first, last = "from a by b; Mon, 1 Jan 2024 10:00:00 +0000", "from b by c; Mon, 1 Jan 2024 15:10:14 +0000"
    assert total_text(hops(last, "from x by y", first)) == "310 minutes 14 seconds"
    assert total_text(hops("from b by c; Mon, 1 Jan 2024 10:00:02 +0000", first)) == "2 seconds"
    assert total_text(hops(first, first)) == ""
    assert total_text(hops(first)) == ""


# ---- for any text


@given(st.text())
def test_any_text_is_read(text):
    fields = fields_of(text)
    total_text(hops_of(fields))


@given(st.lists(st.tuples(st.integers(0, 4_000_000_000), st.booleans()), max_size=8))
def test_shares_are_of_a_hundred(times):
    received = []
    for seconds, dated in times:
        moment = datetime.fromtimestamp(seconds, UTC)
        received.append(f"from a by b; {moment:%a, %d %b %Y %H:%M:%S +0000}" if dated else "from a by b")
    shares = [each.percent for each in hops(*received) if each.percent is not None]
    assert all(0 < share <= 100.000001 for share in shares)
    assert not shares or sum(shares) == pytest.approx(100)


@given(st.text(max_size=60))
def test_any_received_field_is_a_hop(value):
    assert len(hops(value)) == 1
