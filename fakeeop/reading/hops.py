"""The hops of a message as Message Header Analyzer shows them: fields of Received, delays, percentages.

Its algorithm, as described in facts wire §6; the numbers in comments are the steps there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from attrs import evolve, frozen

from fakeeop.reading.hop_dates import moment_of, parted

__all__ = ["Hop", "fields_of", "hops_of", "span_text", "total_text"]

_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]{0,9}:(.*)", re.S)
_SHORT_NUMBER = re.compile(r"\d{1,2}\Z")  # a folded time (12:34:56) looks like a field of this name
_WORDS = ("from", "by", "with", "id", "for", "via")
_POSTFIX = re.compile(r"\(Postfix, from userid \d{1,20}\)", re.I)
_QMAIL = re.compile(r"\(qmail \d{1,20} invoked [^()]{0,200}\)", re.I)
_ENCODED = 10_000  # characters of a field that may hold encoded words: the library takes its time for long ones


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
    if "=?" not in value or len(value) > _ENCODED:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):  # no such charset, broken base64: as it came
        return value


def _parsed(number: int, value: str) -> Hop:
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
    return Hop(number, found["from"], by, found["with"], found["id"], found["for"], found["via"], moment, text)


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
