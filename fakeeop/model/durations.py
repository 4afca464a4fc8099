"""Spans of time as people write them."""

from __future__ import annotations

import re

__all__ = ["seconds"]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s*)+")
_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?")  # as Exchange prints it


def seconds(value: object) -> float:
    """``30s``, ``200ms``, ``1h30m``, ``00:05:00``, or a number of seconds. Raises ValueError.

    >>> seconds("1h30m")
    5400.0
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a time span")
    if isinstance(value, int | float):
        if not 0 <= value < 1e9:
            raise ValueError(f"{value!r} is not a number of seconds")
        return float(value)
    text = value.strip().lower()
    if _WHOLE.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    span = _TIME_SPAN.fullmatch(text)
    if span:
        days, hours, minutes, rest = (int(part or 0) for part in span.groups())
        return float(days * 86_400 + hours * 3_600 + minutes * 60 + rest)
    try:
        return seconds(float(text))
    except ValueError:
        raise ValueError(f"{value!r} is not a time span: write 30s, 5m, 1h30m or a number of seconds") from None
