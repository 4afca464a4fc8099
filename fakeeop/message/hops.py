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

__all__ = ["Hop", "fields_of", "hops_of", "span_text", "total_text"]

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:(.*)", re.S)
_SHORT_NUMBER = re.compile(r"\d{1,2}\Z")  # a folded time (12:34:56) looks like a field of this name
_WORDS = ("from", "by", "with", "id", "for", "via")
_WEEKDAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?\b", re.I)
_ISO = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
_POSTFIX = re.compile(r"by .*?\(Postfix, from userid \d+\)", re.I)
_QMAIL = re.compile(r"\(qmail \d+ invoked from [^)]*\)|\(qmail \d+ invoked [^)]*\)", re.I)
_MILLISECONDS = re.compile(r"(\d{1,2}:\d{2}:\d{2})\.(\d{1,6})")
_OFFSET = re.compile(r"[+-]\d{4}\b|\b(?:UTC|GMT|UT|Z|[ECMP][SD]T)\b", re.I)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ([AP]M)", re.I)


@frozen
class Hop:
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
    found: list[tuple[str, str]] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            if found:
                break
            continue
        match = _FIELD.match(line)
        if match is not None and not _SHORT_NUMBER.match(match[1]) and line[0] not in " \t":
            found.append((match[1], match[2].strip()))
        elif found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}".strip())
    return [(name, _decoded(value)) for name, value in found]


def hops_of(fields: Sequence[tuple[str, str]]) -> tuple[Hop, ...]:
    """The hops, the oldest first, with their delays (2 to 6)."""
    received = [value for name, value in fields if name.lower() == "received"]
    hops = [_parsed(number, value) for number, value in enumerate(reversed(received), 1)]
    return _delayed(hops)


def total_text(hops: Sequence[Hop]) -> str:
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
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):  # no such charset, broken base64: as it came
        return value


def _parsed(number: int, value: str) -> Hop:
    text = re.sub(r"\s*\n\s*", " ", value).strip()
    before, date = _parted(text)
    taken = ""
    for special in (_POSTFIX, _QMAIL):  # (3)
        match = special.search(before)
        if match is not None:
            taken = re.sub(r"^by ", "", match[0], flags=re.I)
            before = before[: match.start()] + before[match.end() :]
    found: dict[str, str] = {}
    name = ""
    for token in before.split():  # (4)
        if token.lower() in _WORDS:
            name = token.lower()
            found[name] = f"{found[name]}; " if found.get(name) else found.get(name, "")
        elif name:
            joined = found[name]
            found[name] = f"{joined}{token}" if not joined or joined.endswith("; ") else f"{joined} {token}"
    by = "; ".join(each for each in (found.get("by", ""), taken) if each)
    return Hop(
        number,
        found.get("from", ""),
        by,
        found.get("with", ""),
        found.get("id", ""),
        found.get("for", ""),
        found.get("via", ""),
        _moment(date),
        text,
    )


def _parted(text: str) -> tuple[str, str]:
    """What stands before the date, and the date: after the last ``;``, or from a weekday or an ISO date on (2)."""
    before, semicolon, date = text.rpartition(";")
    if semicolon:
        return before, date.strip()
    for sign in (_WEEKDAY, _ISO):
        match = sign.search(text)
        if match is not None:
            return text[: match.start()], text[match.start() :]
    return text, ""


def _moment(text: str) -> datetime | None:
    """Aware, UTC; None if it is no date. Milliseconds are cut out and added back; no offset means UTC (2, 5)."""
    text = re.sub(r"\(UTC\)|\bUTC\b", "+0000", text, flags=re.I) if not re.search(r"[+-]\d{4}", text) else text
    fraction = 0.0
    match = _MILLISECONDS.search(text)
    if match is not None:
        fraction = float(f"0.{match[2]}")
        text = text[: match.start()] + match[1] + text[match.end() :]
    try:
        found = _read(text)
        if found is None:
            return None
        aware = found.replace(tzinfo=UTC) if found.tzinfo is None or not _OFFSET.search(text) else found
        return aware.astimezone(UTC) + timedelta(seconds=fraction)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the library says of other texts
        return None


def _read(text: str) -> datetime | None:
    american = _AMERICAN.search(text)
    if american is not None:
        month, day, year, hour, minute, second = (int(each) for each in american.groups()[:6])
        hour = hour % 12 + (12 if american[7].upper() == "PM" else 0)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    iso = re.search(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2}):(\d{2})\s*([+-]\d{2}:?\d{2}|Z)?", text)
    if iso is not None:
        year, month, day, hour, minute, second = (int(each) for each in iso.groups()[:6])
        naive = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return naive - _offset(iso[7]) if iso[7] and iso[7] != "Z" else naive
    return parsedate_to_datetime(text) if text.strip() else None


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def _delayed(hops: Sequence[Hop]) -> tuple[Hop, ...]:
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
