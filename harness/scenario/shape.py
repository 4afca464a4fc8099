"""Checks for trees read from YAML: each takes ``(report, value, where, line)`` and adds a Problem for what is wrong.

``where`` is the path as in ``steps[1].submit`` (counted from 1). A value with ``{{…}}`` in it passes every check as
long as variants are not filled in; afterwards it passes where text or a number may stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import Problem
from harness.match.values import duration, show

__all__ = [
    "Check",
    "PathSet",
    "ProblemList",
    "Record",
    "a_date",
    "a_name",
    "anything",
    "checked",
    "either",
    "flag",
    "form",
    "integer",
    "is_template",
    "list_of",
    "mapping",
    "mapping_of",
    "null_or",
    "record",
    "text",
    "time_span",
    "words",
]


class ProblemList:
    """The problems of one file, and the capabilities that its later-to-come words require."""

    __slots__ = ("final", "path", "problems", "requires")

    def __init__(self, path: str, *, final: bool = False) -> None:
        self.path = path
        self.final = final  # True: variants are filled in, so that no name can stand for a list or a mapping any more
        self.problems: list[Problem] = []
        self.requires: dict[str, None] = {}

    def deferred(self, value: object) -> bool:
        """True if the value is a name that a variant may yet fill with anything."""
        return not self.final and is_template(value)

    def add(self, code: str, message: str, where: str, line: int | None, fix: str = "") -> None:
        """Add an error."""
        self.problems.append(Problem(code, message, fix, (where,) if where else (), self.path, line))

    def unknown(self, what: str, word: object, allowed: Collection[str], where: str, line: int | None) -> None:
        """Add an error for a word that is not in a closed set, with a guess at what was meant."""
        message = f"unknown {what} {show(word)}; allowed: {', '.join(allowed)}"
        self.add(f"unknown-{what}".replace(" ", "-"), message, where, line, _guess(word, allowed))

    def wrong(self, wanted: str, value: object, where: str, line: int | None, fix: str = "") -> None:
        """Add an error for a value of the wrong type or form."""
        self.add(
            "wrong-value",
            f"expected {wanted}, found {show(value) if value is not None else 'nothing'}",
            where,
            line,
            fix,
        )

    def sorted(self) -> tuple[Problem, ...]:
        """The problems in line order, each once."""
        return tuple(sorted(dict.fromkeys(self.problems), key=lambda problem: problem.line or 0))


class PathSet(frozenset[str]):
    """Paths in a file, as in ``world.hosts`` and ``steps[2].submit``."""

    def within(self, path: str) -> bool:
        """True if one of them is this path, or is below it."""
        return path in self or any(each.startswith((f"{path}.", f"{path}[")) for each in self)

    def touch(self, path: str) -> bool:
        """True if one of them is this path, below it, or above it; everything is below the empty path."""
        if not path:
            return bool(self)
        return self.within(path) or any(path.startswith((f"{each}.", f"{each}[")) for each in self)


Check = Callable[[ProblemList, Any, str, int | None], None]


def _guess(word: object, allowed: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415  only for a file that is wrong

    near = difflib.get_close_matches(str(word).lower(), list(allowed), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def is_template(value: object) -> bool:
    """True for text with a substitution in it."""
    return isinstance(value, str) and "{{" in value


def anything(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """Everything passes."""


def text(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """Text, also empty."""
    if not isinstance(value, str):
        fix = f'write "{value}"' if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
        report.wrong("text", value, where, line, fix)


def flag(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """True or false, as JSON writes them."""
    if not isinstance(value, bool) and not report.deferred(value):
        report.wrong("true or false", value, where, line)


def integer(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """A whole number, not negative."""
    if (not isinstance(value, int) or isinstance(value, bool) or value < 0) and not is_template(value):
        report.wrong("a whole number", value, where, line)


def time_span(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """``10s``, ``200ms``, ``2m`` or a number of seconds."""
    if is_template(value):
        return
    try:
        duration(value)
    except ValueError:
        report.wrong("a duration", value, where, line, "write 10s, 200ms, 2m or a number of seconds")


def checked(wanted: str, parse: Callable[[str], object]) -> Check:
    """Text that ``parse`` reads without ValueError."""

    def check(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        if is_template(value):
            return
        try:
            if isinstance(value, str):
                parse(value)
                return
            report.wrong(wanted, value, where, line)
        except ValueError as why:
            report.wrong(wanted, value, where, line, str(why))

    return check


def words(what: str, *allowed: str) -> Check:
    """One of a closed set."""
    known = frozenset(allowed)

    def check(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        if not (isinstance(value, str) and value in known) and not is_template(value):
            report.unknown(what, value, allowed, where, line)

    return check


def list_of(item: Check, *, least: int = 0) -> Check:
    """A list, every element checked."""

    def check(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        if report.deferred(value):
            return
        if not isinstance(value, list):
            report.wrong("a list", value, where, line, "write it in [ ]" if isinstance(value, str) else "")
            return
        if len(value) < least:
            report.add("too-short", f"expected at least {least} element{'s' if least > 1 else ''}", where, line)
        for index, element in enumerate(value):
            item(report, element, f"{where}[{index + 1}]", line_of(value, index))

    return check


def mapping(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """A mapping whose content is somebody else's matter."""
    if not isinstance(value, dict) and not report.deferred(value):
        report.wrong("a mapping", value, where, line)


def mapping_of(item: Check, *, key: Check = anything) -> Check:
    """A mapping with free names, every value checked."""

    def check(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        if report.deferred(value):
            return
        if not isinstance(value, dict):
            report.wrong("a mapping", value, where, line)
            return
        for name, element in value.items():
            key(report, name, where, line_of(value, name))
            item(report, element, f"{where}.{name}" if where else name, line_of(value, name))

    return check


def either(by_text: Check, otherwise: Check) -> Check:
    """A text of one form, or something else."""

    def check(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        (by_text if isinstance(value, str) else otherwise)(report, value, where, line)

    return check


class Record:
    """A mapping with a closed set of keys; call it as any check. ``record()`` makes one."""

    __slots__ = ("allowed", "fields", "later", "one_of", "required")

    def __init__(
        self, fields: Mapping[str, Check], required: tuple[str, ...], one_of: tuple[str, ...], later: Mapping[str, str]
    ) -> None:
        self.fields, self.required, self.one_of, self.later = fields, required, one_of, later
        self.allowed = (*fields, *later)

    def __call__(self, report: ProblemList, value: Any, where: str, line: int | None) -> None:
        """Check one value."""
        if report.deferred(value):
            return
        if not isinstance(value, dict):
            wanted = self.required or self.one_of or tuple(self.fields)
            report.wrong(f"a mapping with {', '.join(wanted)}", value, where, line)
            return
        for name, element in value.items():
            inner = self.fields.get(name)
            if inner is not None:
                inner(report, element, f"{where}.{name}" if where else name, line_of(value, name))
            elif name in self.later:
                report.requires[self.later[name]] = None
            elif not report.deferred(name):
                report.unknown("key", name, self.allowed, where, line_of(value, name))
        for name in self.required:
            if name not in value:
                report.add("missing-key", f"the key {name!r} is missing", where, line)
        if self.one_of:
            _exactly_one(report, value, self.one_of, where, line)


def record(
    fields: Mapping[str, Check],
    *,
    required: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    later: Mapping[str, str] | None = None,
) -> Record:
    """A mapping with a closed set of keys.

    ``one_of``: exactly one of these must be there. ``later``: words of the format that this version does not do yet →
    the capability they require (which nobody has, so that the case is ``unsupported`` and not wrong).
    """
    return Record(fields, required, one_of, later or {})


def _exactly_one(
    report: ProblemList, value: Mapping[str, Any], names: tuple[str, ...], where: str, line: int | None
) -> None:
    there = [name for name in names if name in value]
    if len(there) == 1:
        return
    found = f"found {' and '.join(there)}" if there else "found none"
    report.add("one-of", f"exactly one of {', '.join(names)} is needed, {found}", where, line)


def form(pattern: str, wanted: str) -> Check:
    """Text that a regular expression matches as a whole."""
    compiled = re.compile(pattern)

    def parse(value: str) -> None:
        if not compiled.fullmatch(value):
            raise ValueError("")

    return checked(wanted, parse)


def null_or(check: Check) -> Check:
    """Null, or what ``check`` lets pass."""

    def checked_or_null(report: ProblemList, value: Any, where: str, line: int | None) -> None:
        if value is not None:
            check(report, value, where, line)

    return checked_or_null


a_name = form(r"[A-Za-z0-9][A-Za-z0-9_-]*", "a name of letters, digits, '-' and '_'")
a_date = form(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", "a date like 2026-11-24 or 2026-11-24T12:00:00Z")
