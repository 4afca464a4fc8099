"""Dates and spans of time as .NET writes them, in the culture en-US: standard formats (``g``) and custom ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["format_date", "format_span", "unix_format"]

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December")  # fmt: skip
_STANDARD: Final = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, MMMM d, yyyy h:mm:ss tt",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
    "FileDate": "yyyyMMdd",
    "FileDateTime": "yyyyMMddTHHmmssffff",
    "FileDateUniversal": "yyyyMMdd'Z'",
    "FileDateTimeUniversal": "yyyyMMddTHHmmssffff'Z'",
}
_UNIVERSAL: Final = frozenset({"r", "R", "u", "U", "FileDateUniversal", "FileDateTimeUniversal"})
_TOKEN: Final = re.compile(
    r"'([^']*)'|\"([^\"]*)\"|\\(.)|%|(y+|M+|d+|h+|H+|m+|s+|f+|F+|t+|z+|K|g+)", re.DOTALL
)  # fmt: skip

_SPAN_TOKEN: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"|\\(.)|%|(d+|hh?|mm?|ss?|f{1,7})|.", re.DOTALL)


def format_date(moment: datetime, form: str) -> str:
    """Raises ValueError: a format of one letter that .NET does not have."""
    standard = _STANDARD.get(form)
    if standard is None and len(form) == 1:
        raise ValueError("Input string was not in a correct format.")
    if form in _UNIVERSAL and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return _TOKEN.sub(lambda found: _piece(found, moment), standard or form)


def _piece(found: re.Match[str], moment: datetime) -> str:
    if found[4] is None:
        return found[1] or found[2] or found[3] or ""
    token = found[4]
    letter, count = token[0], len(token)
    if letter in "fF":
        digits = f"{moment.microsecond:06d}0"[: min(count, 7)]
        return digits.rstrip("0") if letter == "F" else digits
    if letter in "zK":
        return _zone(moment, count if letter == "z" else 0)
    names = {"M": (_MONTHS, moment.month - 1), "d": (_DAYS, moment.weekday())}.get(letter)
    if names is not None and count >= 3:
        name = names[0][names[1]]
        return name[:3] if count == 3 else name
    if letter == "y":
        return f"{moment.year % 100:0{count}d}" if count <= 2 else f"{moment.year:0{count}d}"
    if letter == "t":
        return ("AM" if moment.hour < 12 else "PM")[: min(count, 2)]
    if letter == "g":
        return "A.D."
    value = {"M": moment.month, "d": moment.day, "h": moment.hour % 12 or 12, "H": moment.hour, "m": moment.minute,
             "s": moment.second}[letter]  # fmt: skip
    return f"{value:0{min(count, 2)}d}"


def _zone(moment: datetime, count: int) -> str:
    offset = moment.utcoffset()
    if offset is None:
        return ""
    minutes = int(offset.total_seconds()) // 60
    if count == 0 and moment.tzinfo is UTC:
        return "Z"
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    hours, rest = divmod(minutes, 60)
    return {1: f"{sign}{hours}", 2: f"{sign}{hours:02d}"}.get(count, f"{sign}{hours:02d}:{rest:02d}")


def unix_format(moment: datetime, form: str) -> str:
    """Get-Date -UFormat: the letters of strftime; ``%s`` are seconds since 1970."""
    return moment.strftime(form.replace("%s", str(int(moment.timestamp()))))


def format_span(span: timedelta, form: str = "") -> str:
    """``[-][d.]hh:mm:ss[.fffffff]``; or by a format like ``hh\\:mm``. Raises ValueError."""
    sign = "-" if span < timedelta(0) else ""
    span = abs(span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if form not in ("", "c", "g", "G", "t", "T"):
        parts = {"d": span.days, "h": hours, "m": minutes, "s": seconds}
        return _SPAN_TOKEN.sub(lambda found: _span_piece(found, parts, span.microseconds), form)
    if form in ("g", "G"):
        raise ValueError("Input string was not in a correct format.")
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}0" if span.microseconds else ""
    return f"{sign}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def _span_piece(found: re.Match[str], parts: dict[str, int], micro: int) -> str:
    if found[4]:
        letter, count = found[4][0], len(found[4])
        return f"{micro:06d}0"[:count] if letter == "f" else f"{parts[letter]:0{count}d}"
    if found[0][0] not in "'\"\\%":
        raise ValueError("Input string was not in a correct format.")
    return found[1] or found[2] or found[3] or ""
