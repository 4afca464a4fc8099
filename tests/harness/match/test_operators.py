from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.match.operators import best_pairs


def test_the_cheapest_pair_is_complained_about():
    assert best_pairs([[0, 2], [0, 1]], 2) == [0, 1]
    assert best_pairs([[3, 2], [1, 2]], 2) == [1, 0]


def test_a_good_pair_gives_way_if_both_can_be_good():
    assert best_pairs([[0, 0], [0, 1]], 2) == [1, 0]


def test_rows_and_columns_left_over():
    assert best_pairs([[1], [0]], 1) == [None, 0]
    assert best_pairs([[1, 0, 1]], 3) == [1]
    assert best_pairs([], 2) == []


@given(st.integers(0, 5).flatmap(lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), max_size=5)))
def test_every_column_is_used_once_and_as_many_as_possible(costs):
    columns = len(costs[0]) if costs else 0
    pairs = [column for column in best_pairs(costs, columns) if column is not None]
    assert len(pairs) == len(set(pairs)) == min(len(costs), columns)
