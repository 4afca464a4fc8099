"""What message trace can be asked, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fakeeop.delivery.trace_query import Query, QueryError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_without_dates_it_is_48_hours_back_from_now_or_from_the_end():
    assert Query().span(NOW) == (NOW - timedelta(hours=48), NOW)
    end = NOW - timedelta(days=30)
    assert Query(end_date=end).span(NOW) == (end - timedelta(hours=48), end)


def test_the_widest_span_is_taken():
    start = NOW - timedelta(days=90)
    assert Query(start_date=start, end_date=start + timedelta(days=10), result_size=5000).span(NOW)[0] == start


@pytest.mark.parametrize(("query", "words"), [
    ({"start_date": NOW - timedelta(days=10, seconds=1)}, "at most 10 days"),
    ({"start_date": NOW - timedelta(days=91), "end_date": NOW - timedelta(days=89)}, "more than 90 days"),
    ({"start_date": NOW, "end_date": NOW - timedelta(days=1)}, "is after EndDate"),
    ({"result_size": 5001}, "-ResultSize: is from 1 to 5000"),
    ({"result_size": 0}, "-ResultSize"),
    ({"status": ("Lost",)}, "-Status: Lost is not one of"),
    ({"subject_filter_type": "Like"}, "-SubjectFilterType"),
])  # fmt: skip
def test_what_the_cmdlet_refuses(query, words):
    with pytest.raises(QueryError, match=words):
        Query(**query).span(NOW)
