"""Dates of Received fields as Message Header Analyzer reads them (facts wire §6, steps 2 and 5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["moment_of", "parted"]

_LONGEST = 200  # characters of a date with its comments
_WEEKDAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?\b", re.I)
_DATED_WEEKDAY = re.compile(_WEEKDAY.pattern + r",? (?=\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))", re.I)
_ISO = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})\b")
_MILLISECONDS = re.compile(r"(\d{1,2}:\d{2}:\d{2})\.(\d{1,9})\d*")
_CLOCK = r"(?:[T ]\s?(\d{1,2}):(\d{2}):(\d{2})(?: ([AP])M\b)?)?"
_AMERICAN = re.compile(r"\b(\d{1,2})([/-])(\d{1,2})\2(\d{4})\b" + _CLOCK, re.I)
_ISO_TIME = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)" + _CLOCK, re.I)
_TIME = re.compile(r"\d:\d")


def parted(text: str) -> tuple[str, str]:
    """What stands before the date, and the date: after the last ``;``, or from a weekday or an ISO date on.

    A weekday with a date behind it goes first: ``sun.example`` is the name of a host.
    """
    before, semicolon, date = text.rpartition(";")
    if semicolon:
        return before, date.strip()
    for sign in (_DATED_WEEKDAY, _WEEKDAY, _ISO):
        match = sign.search(text)
        if match is not None and moment_of(text[match.start() :]) is not None:
            return text[: match.start()], text[match.start() :]
    return text, ""


def moment_of(text: str) -> datetime | None:
    """Aware, UTC; None if it is no date. Milliseconds are cut out and added back, what is finer is not looked at.

    Without ``+hhmm`` it is UTC; so a zone by name, such as EST, counts as UTC.
    """
    if len(text) > _LONGEST:
        return None
    fraction = timedelta(0)
    match = _MILLISECONDS.search(text)
    if match is not None:
        fraction = timedelta(milliseconds=int(f"{match[2]:0<3}"[:3]))
        text = text[: match.start()] + match[1] + text[match.end() :]
    try:
        return _local(text) - _offset(text) + fraction
    except (ValueError, TypeError, IndexError, OverflowError):  # what the library says of other texts
        return None


def _local(text: str) -> datetime:
    """The time on the clock there, as if it were UTC. Raises what the library raises."""
    american = _AMERICAN.search(text)
    if american is not None:
        month, _, day, year, *clock = american.groups()
        return datetime(int(year), int(month), int(day), *_clock(*clock), tzinfo=UTC)
    iso = _ISO_TIME.search(text)
    if iso is not None:
        year, month, day, *clock = iso.groups()
        return datetime(int(year), int(month), int(day), *_clock(*clock), tzinfo=UTC)
    return parsedate_to_datetime(text if _TIME.search(text) else f"{text} 00:00:00").replace(tzinfo=UTC)


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    """Midnight where there is none; ``half`` is A or P of AM and PM."""
    found = int(hour or 0)
    if half is not None:
        found = found % 12 + (12 if half.upper() == "P" else 0)
    return found, int(minute or 0), int(second or 0)


def _offset(text: str) -> timedelta:
    """``+hhmm`` or ``+hh:mm`` behind the time of day; nothing is UTC."""
    colon = text.find(":")  # a date has signs before it, and may have no time
    found = _OFFSET.search(text, colon) if colon >= 0 else None
    if found is None:
        return timedelta(0)
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -span if found[1] == "-" else span
