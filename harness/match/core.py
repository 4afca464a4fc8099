"""The matcher engine: an expected tree against an actual tree; every difference becomes a Mismatch.

An expected value is a scalar, a list, or a mapping: of fields (a record) or with one operator (``kinds.OPERATORS``).
``FieldKind`` tells how a field's plain values compare. Nothing here raises for a difference, nor stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.match.domain import compare_scalar, first_hunk
from harness.match.headers import match_headers
from harness.match.kinds import ANY, FieldKind, operator_of
from harness.match.operators import RUN
from harness.match.values import Location, address_key, show
from harness.model.result import Matched, Mismatch

__all__ = ["Matching", "match"]


def match(kind: FieldKind, expected: Any, actual: Any, path: str, line: int | None, root: Any = None) -> Matched:
    """Match one tree. ``root`` is what the paths of ``same-as`` start from (default: ``actual``)."""
    matching = Matching(actual if root is None else root)
    matching.check(kind, expected, actual, Location(path, line))
    return matching.result()


class Matching:
    """One evaluation. ``found`` pairs each mismatch with True if it is only a deviation."""

    __slots__ = ("found", "root")

    def __init__(self, root: Any) -> None:
        self.root = root
        self.found: list[tuple[Mismatch, bool]] = []

    def result(self) -> Matched:
        """Everything found so far."""
        return Matched(
            tuple(mismatch for mismatch, deviation in self.found if not deviation),
            tuple(mismatch for mismatch, deviation in self.found if deviation),
        )

    def check(self, kind: FieldKind, expected: Any, actual: Any, at: Location) -> None:
        """Match one value of a kind; differences are appended to ``found``."""
        if isinstance(expected, dict):
            operator = operator_of(expected, kind)
            if operator is not None:
                RUN[operator](self, kind, expected, actual, at)
            else:
                _RECORDS.get(kind.name, Matching._record)(self, kind, expected, actual, at)
        elif isinstance(expected, list):
            self.sequence(kind, expected, actual, at)
        else:
            note = compare_scalar(kind.name, expected, actual)
            if note is not None:
                detail = first_hunk(expected, actual) if kind.name == "body" and _texts(expected, actual) else ""
                self.fail(at, expected, actual, note, detail)

    def fail(self, at: Location, expected: Any, actual: Any, note: str, detail: str = "") -> None:
        """Record a difference; ``note`` continues "expected …"."""
        seen = "(no value)" if actual is None else show(actual)
        self.found.append((Mismatch(at.path, at.line, show(expected), seen, note, detail=detail), False))

    def attempt(self, check: Callable[[Matching], None]) -> list[tuple[Mismatch, bool]]:
        """What ``check`` would find, without recording it."""
        kept, self.found = self.found, []
        try:
            check(self)
            return self.found
        finally:
            self.found = kept

    def trial(self, kind: FieldKind, expected: Any, actual: Any, at: Location) -> list[tuple[Mismatch, bool]]:
        """What matching one value would find, without recording it."""
        return self.attempt(lambda run: run.check(kind, expected, actual, at))

    def holds(self, kind: FieldKind, expected: Any, actual: Any, at: Location) -> bool:
        """True if it matches; deviations count as holding."""
        return all(deviation for _, deviation in self.trial(kind, expected, actual, at))

    # -- records ------------------------------------------------------------------------------------------------

    def _record(self, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
        if not isinstance(actual, Mapping):
            self.fail(at, expected, actual, f"a record with {', '.join(expected)}")
            return
        for key, value in expected.items():
            if key != "only-fields":
                field = kind.fields.get(key, ANY)
                seen = actual.get("duration" if field.name == "within" else key)
                self.check(field, value, seen, at.key(expected, key))
        if expected.get("only-fields") is True:
            extra = {key: value for key, value in actual.items() if key not in expected and value is not None}
            if extra:
                self.fail(at.key(expected, "only-fields"), list(expected), extra, "no other fields")

    def _certificate(self, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
        self._record(kind, expected, {"chain": "absent"} if actual is None else actual, at)

    def _addresses(self, kind: FieldKind, expected: Mapping[str, Any], actual: Any, at: Location) -> None:
        item = kind.item or ANY
        seen = {address_key(key): value for key, value in actual.items()} if isinstance(actual, Mapping) else {}
        for key, value in expected.items():
            where = at.key(expected, key)
            if address_key(key) in seen:
                self.check(item, value, seen[address_key(key)], where)
            elif not (isinstance(value, dict) and value.get("absent") is True):
                self.fail(where, value, list(seen) or None, f"something to be seen of {key}")

    # -- lists --------------------------------------------------------------------------------------------------

    def sequence(self, kind: FieldKind, expected: Sequence[Any], actual: Any, at: Location) -> None:
        """Match a list element by element: same length, same order."""
        if not isinstance(actual, (list, tuple)):
            self.fail(at, expected, actual, f"a list of {len(expected)}")
            return
        item = kind.item or ANY
        for index, (want, got) in enumerate(zip(expected, actual, strict=False)):
            self.check(item, want, got, at.element(expected, index))
        note = f"{len(expected)} elements, there are {len(actual)}"
        for index in range(len(actual), len(expected)):
            self.fail(at.element(expected, index), expected[index], None, note)
        if len(actual) > len(expected):
            self.too_many(expected, list(actual[len(expected) :]), len(actual), at)

    def too_many(self, expected: Sequence[Any], extra: list[Any], count: int, at: Location) -> None:
        """Record the elements that nothing was expected for."""
        words = f"{len(expected)} element{'s' if len(expected) > 1 else ''}" if expected else "none"
        self.fail(at, expected, extra if len(extra) > 1 else extra[0], f"{words}, there are {count}; too many")


_RECORDS = {"certificate": Matching._certificate, "addresses": Matching._addresses, "headers": match_headers}


def _texts(expected: object, actual: object) -> bool:
    return isinstance(expected, str) and isinstance(actual, str)
