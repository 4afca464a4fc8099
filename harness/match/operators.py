"""The operators of matchers: one function each, ``(run, kind, expected, actual, at)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.match.domain import TEXT_OPERATORS, compare_number
from harness.match.kinds import ANY, FieldKind
from harness.match.values import Location, show
from harness.model.result import Mismatch

if TYPE_CHECKING:
    from harness.match.core import Matching

__all__ = ["RUN", "first_of", "follow"]

Run = Callable[["Matching", FieldKind, Mapping[str, Any], Any, Location], None]
_COUNT = FieldKind("number")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def _text(operator: str) -> Run:
    words, holds = TEXT_OPERATORS[operator]

    def run_text(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
        part = expected[operator]
        want, text = (_lf(part), _lf(actual)) if kind.name == "body" else (str(part), actual)
        if not isinstance(text, str) or not holds(want, text):
            run.fail(at, expected, actual, f"{words} {show(part)}")

    return run_text


def _lf(text: Any) -> Any:
    """A body's line ends are CRLF on the wire and LF in YAML."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _number(operator: str) -> Run:
    def run_number(run: Matching, _kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
        note = compare_number(operator, expected[operator], actual)
        if note is not None:
            run.fail(at, expected, actual, note)

    return run_number


def _one_of(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    if not any(run.holds(kind, part, actual, at) for part in expected["one-of"]):
        run.fail(at, expected, actual, f"one of {show(expected['one-of'])}")


def _not(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    if run.holds(kind, expected["not"], actual, at):
        run.fail(at, expected, actual, f"anything but {show(expected['not'])}")


def _all(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    for part in expected["all"]:
        run.check(kind, part, actual, at)


def _absent(run: Matching, _kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    present = expected["present"] if "present" in expected else not expected["absent"]
    if present and actual is None:
        run.fail(at, expected, actual, "a value")
    elif not present and actual is not None:
        run.fail(at, expected, actual, "no value")


def _count(run: Matching, _kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    if actual is None or isinstance(actual, (list, tuple, dict)):
        run.check(_COUNT, expected["count"], len(actual or ()), at)
    else:
        run.fail(at, expected, actual, "something that can be counted")


def _same_as(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    found, other = follow(run.root, expected["same-as"])
    if not found:
        run.fail(at, expected, actual, f"the same as {expected['same-as']}, which was not observed")
    elif not run.holds(kind, other, actual, at):
        run.fail(at, expected, actual, f"the same as {expected['same-as']}, which is {show(other)}")


def follow(root: Any, path: str) -> tuple[bool, Any]:
    """The value at a path like ``messages[1].dsn.envid``, elements counted from 1; (False, None) if there is none."""
    here = root
    for name, index in _STEP.findall(path):
        if name and isinstance(here, Mapping) and name in here:
            here = here[name]
        elif index and isinstance(here, (list, tuple)) and 0 < int(index) <= len(here):
            here = here[int(index) - 1]
        else:
            return False, None
    return True, here


def _first_of(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    first_of(run, expected["first-of"], actual, at, lambda part: lambda trial: trial.check(kind, part, actual, at))


def first_of(
    run: Matching,
    branches: Sequence[Mapping[str, Any]],
    actual: Any,
    at: Location,
    attempt: Callable[[Any], Callable[[Matching], None]],
) -> None:
    """The first branch that holds grades; a branch graded ``deviation`` leaves a deviation behind."""
    for branch in branches:
        found = run.attempt(attempt(branch["is"]))
        if all(deviation for _, deviation in found):
            run.found.extend(found)
            if branch["grade"] == "deviation":
                wanted = branches[0]["is"]
                note = f"{show(wanted)}; {branch.get('why', 'this is a graded deviation')}"
                seen = "(no value)" if actual is None else show(actual)
                run.found.append((Mismatch(at.path, at.line, show(wanted), seen, note), True))
            return
    tried = [branch["is"] for branch in branches]
    run.fail(at, tried, actual, f"one of the {len(tried)} graded alternatives {show(tried)}")


# -- lists ------------------------------------------------------------------------------------------------------


def _elements(run: Matching, expected: Mapping[str, Any], actual: Any, at: Location) -> Sequence[Any] | None:
    if isinstance(actual, (list, tuple)):
        return actual
    run.fail(at, expected, actual, "a list")
    return None


def _includes(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    elements, item = _elements(run, expected, actual, at), kind.item or ANY
    for index, want in enumerate(expected["includes"] if elements is not None else ()):
        where = Location(f"{at.path}.includes[{index + 1}]", at.line)
        if not any(run.holds(item, want, got, where) for got in elements or ()):
            run.fail(where, want, list(elements or ()), f"an element {show(want)}")


def _excludes(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    elements, item = _elements(run, expected, actual, at), kind.item or ANY
    for index, want in enumerate(expected["excludes"] if elements is not None else ()):
        where = Location(f"{at.path}.excludes[{index + 1}]", at.line)
        for got in elements or ():
            if run.holds(item, want, got, where):
                run.fail(where, want, got, f"no element {show(want)}")


def _only(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    elements, item, wanted = _elements(run, expected, actual, at), kind.item or ANY, expected["only"]
    if elements is None:
        return
    where = Location(f"{at.path}.only", at.line)
    for want in wanted:
        if not any(run.holds(item, want, got, where) for got in elements):
            run.fail(where, want, list(elements), f"an element {show(want)}")
    for got in elements:
        if not any(run.holds(item, want, got, where) for want in wanted):
            run.fail(where, wanted, got, f"only {show(wanted)}")


def _items(run: Matching, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    item, each = kind.item or ANY, expected.get("each")
    elements = _elements(run, expected, actual, at)
    if elements is None:
        return
    if each is not None:
        where = at.key(expected, "each")
        for index, got in enumerate(elements):
            run.check(item, each, got, Location(f"{where.path}[{index + 1}]", where.line))
    if "items" in expected:
        where = at.key(expected, "items")
        if expected.get("order") == "any":
            _any_order(run, item, expected["items"], elements, where)
        else:
            run.sequence(kind, expected["items"], elements, where)


def _any_order(run: Matching, item: FieldKind, wanted: Sequence[Any], actual: Sequence[Any], at: Location) -> None:
    spots = [at.element(wanted, index) for index in range(len(wanted))]
    costs = [[_cost(run.trial(item, want, got, spots[i])) for got in actual] for i, want in enumerate(wanted)]
    partner = best_pairs(costs, len(actual))
    for index, want in enumerate(wanted):
        other = partner[index]
        if other is None:
            run.fail(spots[index], want, None, f"{len(wanted)} elements, there are {len(actual)}")
        else:
            run.check(item, want, actual[other], spots[index])
    extra = [got for index, got in enumerate(actual) if index not in partner]
    if extra:
        run.too_many(wanted, extra, len(actual), at)


def _cost(found: Sequence[tuple[Mismatch, bool]]) -> int:
    return sum(1 for _, deviation in found if not deviation)


RUN: dict[str, Run] = {
    "items": _items,
    "includes": _includes,
    "excludes": _excludes,
    "only": _only,
    **{operator: _text(operator) for operator in TEXT_OPERATORS},
    "one-of": _one_of,
    "not": _not,
    "all": _all,
    **{operator: _number(operator) for operator in ("lt", "le", "gt", "ge")},
    "count": _count,
    "absent": _absent,
    "present": _absent,
    "same-as": _same_as,
    "first-of": _first_of,
}


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
