"""Plain values compared, one function a kind: None if the value holds, else what was expected, after "expected …"."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

from harness.match.values import (
    address_key,
    duration,
    glob_pattern,
    network,
    parse_reply,
    reply_pattern,
    show,
)

__all__ = ["SCALARS", "TEXT_OPERATORS", "compare_number", "compare_scalar", "first_hunk"]

Compare = Callable[[Any, Any], str | None]


def _same_type(expected: object, actual: object) -> bool:
    numbers = (int, float)
    if isinstance(expected, numbers) and isinstance(actual, numbers):
        return isinstance(expected, bool) == isinstance(actual, bool)
    return isinstance(expected, str) == isinstance(actual, str)


def _equal(expected: Any, actual: Any) -> str | None:
    if expected is None:
        return None if actual is None else "no value"
    if actual is None:
        return f"{show(expected)}, there is no value"
    if not _same_type(expected, actual):
        return f"{show(expected)} ({_type(expected)}), the observed value is {_type(actual)}"
    return None if expected == actual else f"exactly {show(expected)}"


def _type(value: object) -> str:
    words = ((bool, "a flag"), (str, "text"), ((int, float), "a number"), (dict, "a record"), (list, "a list"))
    return next((word for kind, word in words if isinstance(value, kind)), type(value).__name__)


def _reply(expected: Any, actual: Any) -> str | None:
    if expected is None or not isinstance(actual, str):
        return _equal(expected, actual) if expected is None or actual is not None else "a reply, none was seen"
    pattern = reply_pattern(str(expected))
    reply = parse_reply(actual)
    if len(reply.code) != 3 or any(want not in ("x", got) for want, got in zip(pattern.code, reply.code, strict=True)):
        return f"the code to be {pattern.code}"
    if pattern.status and pattern.status != reply.status:
        return f"the enhanced status to be {pattern.status}"
    if pattern.text is None:
        return None
    glob = glob_pattern(pattern.text)
    if glob.fullmatch(reply.text) or (not pattern.status and glob.fullmatch(reply.whole)):
        return None
    return "the text to match"


def _address(expected: Any, actual: Any) -> str | None:
    if not (isinstance(expected, str) and isinstance(actual, str)):
        return _equal(expected, actual)
    return None if address_key(expected) == address_key(actual) else f"the address {expected}"


def _address_range(expected: Any, actual: Any) -> str | None:
    if not (isinstance(expected, str) and isinstance(actual, str)):
        return _equal(expected, actual)
    try:
        inside, outside = network(actual), network(expected)
    except ValueError:
        return _equal(expected, actual)
    holds = inside.version == outside.version and inside.subnet_of(outside)  # type: ignore[arg-type]  # same version
    return None if holds else f"an address in {expected}"


def _within(expected: Any, actual: Any) -> str | None:
    if actual is None:
        return f"an end within {show(expected)}, the time was not measured"
    return None if duration(actual) <= duration(expected) else f"an end within {show(expected)}"


def _eventually(expected: Any, actual: Any) -> str | None:  # noqa: ARG001  one signature
    """A time to wait, not something to compare."""
    return None


def _header(expected: Any, actual: Any) -> str | None:
    """Header values are always text: ``-1`` in a scenario stands for ``"-1"``."""
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        expected = str(expected)
    return _equal(expected, actual)


def _body(expected: Any, actual: Any) -> str | None:
    if not (isinstance(expected, str) and isinstance(actual, str)):
        return _equal(expected, actual)
    return None if _lines(expected) == _lines(actual) else "exactly this text"


def _one_or_many(expected: Any, actual: Any) -> str | None:
    if isinstance(actual, (list, tuple)):
        return None if expected in actual else f"{show(expected)} among them"
    return _equal(expected, actual)


def _lines(text: str) -> str:
    """Line ends compared as LF, the last one left out: YAML blocks cannot say CRLF."""
    return text.replace("\r\n", "\n").removesuffix("\n")


SCALARS: dict[str, Compare] = {
    "reply": _reply,
    "address": _address,
    "address-range": _address_range,
    "within": _within,
    "eventually": _eventually,
    "header": _header,
    "body": _body,
    "one-or-many": _one_or_many,
}


def compare_scalar(kind: str, expected: Any, actual: Any) -> str | None:
    """The comparison of a kind; kinds without their own compare for equality, same type."""
    return SCALARS.get(kind, _equal)(expected, actual)


def _contains(expected: str, actual: str) -> bool:
    return expected in actual


def _matches(expected: str, actual: str) -> bool:
    import re  # noqa: PLC0415  re caches compiled patterns itself; only this operator needs it

    return re.fullmatch(expected, actual) is not None


TEXT_OPERATORS: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "contains": ("text that contains", _contains),
    "starts-with": ("text that starts with", lambda expected, actual: actual.startswith(expected)),
    "ends-with": ("text that ends with", lambda expected, actual: actual.endswith(expected)),
    "glob": (
        "text that matches the glob",
        lambda expected, actual: glob_pattern(expected).fullmatch(actual) is not None,
    ),
    "matches": ("text that matches the regular expression", _matches),
}
_NUMBER_OPERATORS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "lt": ("less than", lambda expected, actual: actual < expected),
    "le": ("at most", lambda expected, actual: actual <= expected),
    "gt": ("more than", lambda expected, actual: actual > expected),
    "ge": ("at least", lambda expected, actual: actual >= expected),
}


def compare_number(operator: str, expected: Any, actual: Any) -> str | None:
    """``lt le gt ge`` over numbers and durations."""
    words, holds = _NUMBER_OPERATORS[operator]
    try:
        limit = expected if isinstance(expected, (int, float)) else duration(expected)
        value = actual if isinstance(actual, (int, float)) and not isinstance(actual, bool) else duration(actual)
    except ValueError:
        return f"a number {words} {show(expected)}"
    return None if holds(limit, value) else f"{words} {show(expected)}"


def first_hunk(expected: str, actual: str) -> str:
    """The first hunk of a unified diff of two texts; empty for one-line texts."""
    left, right = _lines(expected).split("\n"), _lines(actual).split("\n")
    if len(left) < 2 and len(right) < 2:
        return ""
    return "\n".join(_until_second(difflib.unified_diff(left, right, "expected", "actual", lineterm="", n=2)))


def _until_second(lines: Iterable[str]) -> Iterable[str]:
    hunks = 0
    for line in lines:
        hunks += line.startswith("@@")
        if hunks > 1:
            return
        yield line
