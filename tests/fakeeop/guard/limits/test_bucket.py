"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.guard.limits.bucket import Buckets


def test_a_new_bucket_is_full_and_runs_dry():
    buckets = Buckets(rate=1.0, burst=3)
    assert [buckets.take("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert buckets.take("b", 0.0)


def test_a_bucket_fills_again_with_time():
    buckets = Buckets(rate=0.5, burst=1)
    assert buckets.take("a", 10.0)
    assert not buckets.take("a", 11.0)
    assert buckets.take("a", 12.0)
    assert not buckets.take("a", 12.0)


def test_it_holds_no_more_than_the_burst():
    buckets = Buckets(rate=100.0, burst=2)
    buckets.take("a", 0.0)
    assert buckets.level("a", 1e6) == 2


def test_the_longest_untouched_key_is_forgotten():
    buckets = Buckets(rate=1.0, burst=1, keep=2)
    for key in ("a", "b", "a", "c"):
        buckets.take(key, 0.0)
    assert len(buckets) == 2
    assert not buckets.take("a", 0.0)
    assert buckets.take("b", 0.0)


@pytest.mark.parametrize(("rate", "burst", "keep"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_bucket_that_cannot_be(rate: float, burst: float, keep: int):
    with pytest.raises(ValueError, match="a bucket needs"):
        Buckets(rate, burst, keep)


@given(
    st.floats(0.01, 100),
    st.integers(1, 20),
    st.lists(st.floats(0, 1000), min_size=1, max_size=60),
)
def test_never_more_than_burst_and_rate_allow(rate: float, burst: int, moments: list[float]):
    buckets = Buckets(rate, burst)
    moments.sort()
    granted = sum(buckets.take("a", moment) for moment in moments)
    assert granted <= burst + (moments[-1] - moments[0]) * rate + 1e-3
    assert granted >= min(len(moments), burst)
