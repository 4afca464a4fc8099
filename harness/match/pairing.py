"""Which expected element goes with which actual one, so that the least is left to complain about."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["best_pairs"]


def best_pairs(costs: Sequence[Sequence[int]], columns: int) -> list[int | None]:
    """Column for each row, None for a row without one: as many cost-0 pairs as possible, the rest cheapest first.

    ``costs[row][column]`` is the number of differences. The cost-0 pairs are a maximum matching (augmenting paths).
    """
    row_of: dict[int, int] = {}

    def augment(row: int, seen: set[int]) -> bool:
        for column in range(columns):
            if costs[row][column] == 0 and column not in seen:
                seen.add(column)
                if column not in row_of or augment(row_of[column], seen):
                    row_of[column] = row
                    return True
        return False

    for row in range(len(costs)):
        augment(row, set())
    pairs: list[int | None] = [None] * len(costs)
    for column, row in row_of.items():
        pairs[row] = column
    rest = sorted(
        (costs[row][column], row, column)
        for row in range(len(costs))
        if pairs[row] is None
        for column in range(columns)
        if column not in row_of
    )
    for _, row, column in rest:
        if pairs[row] is None and column not in row_of:
            pairs[row] = column
            row_of[column] = row
    return pairs
