"""Message headers: name → matcher. A name that occurs more than once needs one value that matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.match.kinds import ANY, FieldKind, operator_of
from harness.match.operators import first_of
from harness.match.values import Location, show

if TYPE_CHECKING:
    from harness.match.core import Matching

__all__ = ["match_headers"]

_COUNT = FieldKind("number")
_HEADER = FieldKind("header")
_WHOLE = FieldKind("list", item=_HEADER)
_LIST_OPERATORS = frozenset({"items", "includes", "excludes", "only"})


def match_headers(run: Matching, _kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
    """``actual`` is a list of [name, value] pairs, unfolded; names compare without case."""
    values: dict[str, list[str]] = {}
    for name, value in actual or ():
        values.setdefault(name.lower(), []).append(value)
    for name, matcher in expected.items():
        _header(run, matcher, values.get(name.lower(), []), at.key(expected, name))


def _header(run: Matching, matcher: Any, values: list[str], at: Location) -> None:
    operator = operator_of(matcher, ANY) if isinstance(matcher, dict) else None
    if operator == "count":
        run.check(_COUNT, matcher["count"], len(values), at)
    elif operator in ("absent", "present"):
        run.check(ANY, matcher, values or None, at)
    elif operator == "all":
        for part in matcher["all"]:
            _header(run, part, values, at)
    elif operator == "not":
        if not any(not deviation for _, deviation in run.attempt(_again(matcher["not"], values, at))):
            run.fail(at, matcher, values, f"no header that matches {show(matcher['not'])}")
    elif operator == "first-of":
        first_of(run, matcher["first-of"], values, at, lambda branch: _again(branch, values, at))
    elif isinstance(matcher, list) or operator in _LIST_OPERATORS:
        run.check(_WHOLE, matcher, values, at)
    else:
        _one_of_them(run, matcher, values, at)


def _again(matcher: Any, values: list[str], at: Location) -> Callable[[Matching], None]:
    return lambda run: _header(run, matcher, values, at)


def _one_of_them(run: Matching, matcher: Any, values: list[str], at: Location) -> None:
    if len(values) == 1:
        run.check(_HEADER, matcher, values[0], at)
    elif not values:
        run.fail(at, matcher, None, f"a header {show(matcher)}, there is none of this name")
    elif not any(run.holds(_HEADER, matcher, value, at) for value in values):
        run.fail(at, matcher, values, f"one of the {len(values)} headers of this name to match {show(matcher)}")
