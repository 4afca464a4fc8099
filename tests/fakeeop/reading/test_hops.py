"""Each step of Message Header Analyzer's algorithm (facts wire §6), on data of our own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.reading.hops import fields_of, hops_of, span_text, total_text


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
    ("(qmail 123 invoked from network); 1 Jan 2024 10:00:00 -0000", "qmail 123 invoked from network"),
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
    ("Mon, 1 Jan 2024 10:00:00.1234567 +0100", datetime(2024, 1, 1, 9, 0, 0, 123_000, tzinfo=UTC)),
    ("Mon, 1 Jan 2024 10:00:00 EST", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("2024-01-01T10:00:00-05:00", datetime(2024, 1, 1, 15, tzinfo=UTC)),
    ("2024-01-01 10:00:00.5", datetime(2024, 1, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
    ("1/2/2024 1:05:00 PM -0800", datetime(2024, 1, 2, 21, 5, tzinfo=UTC)),
    ("1/2/2024 12:05:00 AM", datetime(2024, 1, 2, 0, 5, tzinfo=UTC)),
    ("Jan 1 2024 3:00:00 +0100", datetime(2024, 1, 1, 2, tzinfo=UTC)),
    ("Monday, 1 Jan 2024 10:00:00 +0000", datetime(2024, 1, 1, 10, tzinfo=UTC)),
    ("1/2/2024 23:05:00 -0400 (EDT)", datetime(2024, 1, 3, 3, 5, tzinfo=UTC)),
    ("1-2-2024 11:05:00 PM", datetime(2024, 1, 2, 23, 5, tzinfo=UTC)),
    ("2024-1-2 11:05:00 PM", datetime(2024, 1, 2, 23, 5, tzinfo=UTC)),
    ("2024-1-2", datetime(2024, 1, 2, tzinfo=UTC)),
    ("01-02-2024", datetime(2024, 1, 2, tzinfo=UTC)),
    ("2 Jan 2024", datetime(2024, 1, 2, tzinfo=UTC)),
    ("2 Jan", None),
    ("13-13-2024", None),
    ("Mon, 31 Feb 2024 10:00:00 +0000", None),
    ("Mon, 1 Jan 2024 10:00:00 +9999" + "0" * 300, None),
    ("no date", None),
    ("", None),
])  # fmt: skip
def test_dates(date, moment):
    assert hops(f"from a by b; {date}")[0].date == moment


@pytest.mark.parametrize("date", [
    "Mon, 1 Jan 2024 10:00:00 +0000", "2024-01-01 10:00:00", "Monday, 1 Jan 2024 10:00:00", "Mon Jan 1 10:00:00 2024",
])  # fmt: skip
def test_a_date_without_a_semicolon_begins_at_the_weekday_or_the_year(date):
    (hop,) = hops(f"from a by b {date}")
    assert (hop.by, hop.date) == ("b", datetime(2024, 1, 1, 10, tzinfo=UTC))


def test_the_name_of_a_host_is_no_weekday():
    (hop,) = hops("from sun.example by fri.example Mon, 1 Jan 2024 10:00:00 +0000")
    assert (hop.sender, hop.by, hop.date) == ("sun.example", "fri.example", datetime(2024, 1, 1, 10, tzinfo=UTC))


def test_without_a_date_nothing_is_cut_off():
    (hop,) = hops("from sun.example by fri.example with SMTP")
    assert (hop.sender, hop.by, hop.protocol, hop.date) == ("sun.example", "fri.example", "SMTP", None)


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


def test_fifteen_hops_over_five_hours():
    """As a delivery at outlook.com can look: most within a second, one that waited, one with a clock behind."""
    times = ["10:00:00", "10:00:00", "10:00:01", "15:09:30", "15:09:28", *["15:09:30"] * 3, "15:10:10"]
    times += ["15:10:11", "15:10:12", "15:10:12", "15:10:13", "15:10:14", "15:10:14"]
    found = hops(*(f"from a by b; Mon, 1 Jan 2024 {each} +0000" for each in reversed(times)))
    assert total_text(found) == "310 minutes 14 seconds"
    assert [each.delay for each in found][:5] == ["", "0 seconds", "1 second", "309 minutes 29 seconds", "-2 seconds"]
    assert sum(each.percent or 0 for each in found) == pytest.approx(100)
    assert [each.number for each in found if each.percent] == [3, 4, 6, 9, 10, 11, 13, 14]


def test_milliseconds_count_in_shares_and_not_in_words():
    found = hops("from b by c; Mon, 1 Jan 2024 10:00:00.750 +0000", "from a by b; Mon, 1 Jan 2024 10:00:00 +0000")
    assert (found[1].delay, found[1].seconds, found[1].percent) == ("0 seconds", 0.75, 100)
    assert total_text(found) == "0 seconds"


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


@pytest.mark.parametrize("text", [
    "by " * 200_000, "(qmail 1 invoked from " * 20_000, "x " * 200_000, "Mon " * 50_000, "2024-1-1 " * 50_000,
])  # fmt: skip
def test_long_fields_are_read_in_time_that_grows_with_their_length(text):
    started = time.process_time()
    hops(f"from {text}")
    hops(f"from a by {text}; {text}")
    assert time.process_time() - started < 5


def test_many_continuations_are_read_in_time():
    started = time.process_time()
    fields_of("A: x\n" + " y\n" * 300_000 + "B" * 100_000 + "\n" + "C" + " " * 100_000 + ":\n")
    assert time.process_time() - started < 5
