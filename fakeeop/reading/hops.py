"""The hops of a message as Message Header Analyzer shows them: fields of Received, delays, percentages.

Its algorithm, as described in facts wire §6; the numbers in comments are the steps there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from attrs import evolve, frozen

__all__ = ["ReceivedHop", "fields_of", "hops_of", "moment_of", "parted", "span_text", "total_text"]

_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]{0,9}:(.*)", re.S)
_SHORT_NUMBER = re.compile(r"\d{1,2}\Z")  # a folded time (12:34:56) looks like a field of this name
_WORDS = ("from", "by", "with", "id", "for", "via")
_POSTFIX = re.compile(r"\(Postfix, from userid \d{1,20}\)", re.I)
_QMAIL = re.compile(r"\(qmail \d{1,20} invoked [^()]{0,200}\)", re.I)
_ENCODED = 10_000  # characters of a field that may hold encoded words: the library takes its time for long ones
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


@frozen
class ReceivedHop:
    """One Received field. ``number`` counts from the oldest, 1-based; ``seconds`` passed since the last dated hop.

    ``delay`` is its text; ``percent`` its share of all positive delays, 0 to 100; None where there is no delay.
    """

    number: int
    sender: str
    by: str
    protocol: str
    id: str
    recipient: str
    via: str
    date: datetime | None
    raw: str
    seconds: float | None = None
    delay: str = ""
    percent: float | None = None


def fields_of(text: str) -> list[tuple[str, str]]:
    """(name, value) in order, unfolded with one blank, RFC 2047 decoded; up to the first empty line (1)."""
    found: list[tuple[str, list[str]]] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            if found:
                break
            continue
        match = None if line[0] in " \t" else _FIELD.match(line)
        if match is not None and not _SHORT_NUMBER.match(match[1]):
            found.append((match[1], [match[2].strip()]))
        elif found:
            found[-1][1].append(line.strip())
    return [(name, _decoded(" ".join(parts).strip())) for name, parts in found]


def hops_of(fields: Sequence[tuple[str, str]]) -> tuple[ReceivedHop, ...]:
    """The hops, the oldest first, with their delays (2 to 6)."""
    received = [value for name, value in fields if name.lower() == "received"]
    hops = [_parsed(number, value) for number, value in enumerate(reversed(received), 1)]
    return _delayed(hops)


def total_text(hops: Sequence[ReceivedHop]) -> str:
    """Last dated less first dated hop; empty if they are equal, or if there are fewer than two (7)."""
    dates = [each.date for each in hops if each.date is not None]
    if len(dates) < 2 or dates[0] == dates[-1]:
        return ""
    return span_text(dates[-1] - dates[0])


def span_text(span: timedelta) -> str:
    """``1 minute 31 seconds``, ``-1 second``, ``0 seconds`` under one second; no hours, no part that is nothing (6)."""
    seconds = span.total_seconds()
    if -1 < seconds < 1:
        return "0 seconds"
    minutes, rest = divmod(int(abs(seconds)), 60)
    parts = [_counted(minutes, "minute")] * bool(minutes) + [_counted(rest, "second")] * bool(rest)
    return ("-" if seconds < 0 else "") + " ".join(parts)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _decoded(value: str) -> str:
    if "=?" not in value or len(value) > _ENCODED:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):  # no such charset, broken base64: as it came
        return value


def _parsed(number: int, value: str) -> ReceivedHop:
    text = " ".join(value.split("\n")).strip()
    before, date = parted(text)
    before, taken = _without_special(before)
    fields: dict[str, list[list[str]]] = {name: [] for name in _WORDS}  # each time a word opens it: its tokens
    tokens: list[str] | None = None
    for token in before.split():  # (4)
        if token.lower() in _WORDS:
            tokens = []
            fields[token.lower()].append(tokens)
        elif tokens is not None:
            tokens.append(token)
    found = {name: "; ".join(" ".join(each) for each in times if each) for name, times in fields.items()}
    by = "; ".join(each for each in (found["by"], taken) if each)
    moment = moment_of(date)
    return ReceivedHop(number, found["from"], by, found["with"], found["id"], found["for"], found["via"], moment, text)


def _without_special(text: str) -> tuple[str, str]:
    """``by … (Postfix, from userid N)`` and what ``(qmail N invoked from …)`` holds are taken out: the By (3)."""
    match = _POSTFIX.search(text)
    if match is not None:
        start = f" {text}".lower().rfind(" by ", 0, match.start() + 1)
        if start >= 0:
            return text[:start] + text[match.end() :], text[start + len("by ") : match.end()]
    match = _QMAIL.search(text)
    if match is not None:
        return text[: match.start()] + text[match.end() :], match[0].strip("()")
    return text, ""


def _delayed(hops: Sequence[ReceivedHop]) -> tuple[ReceivedHop, ...]:
    """Two passes: the sum of positive differences, then each one's share of it (6)."""
    differences: list[timedelta | None] = []
    before: datetime | None = None
    for hop in hops:
        differences.append(hop.date - before if hop.date is not None and before is not None else None)
        before = hop.date or before
    positive = sum(each.total_seconds() for each in differences if each is not None and each > timedelta(0))
    found = []
    for hop, span in zip(hops, differences, strict=True):
        if span is None:
            found.append(hop)
            continue
        seconds = span.total_seconds()
        percent = 100 * seconds / positive if seconds > 0 else None
        found.append(evolve(hop, seconds=seconds, delay=span_text(span), percent=percent))
    return tuple(found)


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
    """Aware, UTC; None if it is not a date. Milliseconds are cut out and added back, what is finer is not looked at.

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
