"""Dates and time spans, written as .NET writes them and read as it reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

__all__ = [
    "DATE",
    "DATE_METHODS",
    "SPAN",
    "SPAN_METHODS",
    "date_property",
    "exact_date",
    "format_date",
    "format_span",
    "parsed_date",
    "parsed_span",
    "span_property",
    "unix_format",
]

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


DATE: Final = ("DateTime", "Date", "Day", "DayOfWeek", "DayOfYear", "Hour", "Kind", "Millisecond", "Minute", "Month",
               "Second", "Ticks", "TimeOfDay", "Year")  # fmt: skip
SPAN: Final = ("Days", "Hours", "Minutes", "Seconds", "Milliseconds", "Ticks", "TotalDays", "TotalHours",
               "TotalMinutes", "TotalSeconds", "TotalMilliseconds")  # fmt: skip
_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TOTALS: Final = {"totaldays": 86400, "totalhours": 3600, "totalminutes": 60, "totalseconds": 1}
_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME: Final = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY: Final = r"(?:(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*,?\s+)?"
_TIME: Final = (
    r"(?:(?:\s+|\s*T)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>\.\d{1,7})?)?"
    r"(?:\s*(?P<half>[ap]m))?(?:\s*(?P<zone>Z|GMT|[-+]\d{2}:?\d{2}))?)?"
)
_FORMS: Final = tuple(
    re.compile(_DAY + form + _TIME, re.I | re.ASCII)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
        rf"(?P<day>\d{{1,2}})[-\s]+{_NAME}[-,\s]+(?P<year>\d{{4}}|\d{{2}})",
        rf"{_NAME}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})",
    )
)
_SPAN: Final = re.compile(r"(-)?(?:(\d+)[.:](?=\d+:\d+:)|(\d+)\Z)?(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?)?")


def parsed_date(text: str) -> datetime:
    """As .NET reads it in the culture en-US; without a zone it is UTC here. Raises ValueError."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        raise ValueError("String was not recognized as a valid DateTime.")
    parts = found.groupdict()
    month = _NAMES.index(parts["name"].lower()) + 1 if parts.get("name") else int(parts["month"])
    year = int(parts["year"])
    year += 0 if year > 99 else 2000 if year < 30 else 1900
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("String was not recognized as a valid DateTime.")
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    micro = int(float(parts["part"] or 0) * 1_000_000)
    made = datetime(
        year, month, int(parts["day"]), hour, int(parts["minute"] or 0), int(parts["second"] or 0), micro, UTC
    )
    zone = parts["zone"]
    if not zone:
        return made
    if zone.upper() not in ("Z", "GMT"):
        digits = zone.replace(":", "")
        made -= timedelta(hours=int(digits[1:3]), minutes=int(digits[3:])) * (-1 if zone[0] == "-" else 1)
    return made.astimezone()


_EXACT: Final = {"yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
                 "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S",
                 "tt": "%p", "fff": "%f"}  # fmt: skip


def exact_date(text: str, form: str) -> datetime:
    """By one format of .NET's. Raises ValueError, also for a format that is not read here."""
    pieces = []
    for token in re.findall(r"([A-Za-z])(\1*)|([^A-Za-z])", form):
        word = token[0] + token[1]
        if word and word not in _EXACT and word != "T":
            raise ValueError(f"the format {form} is not read here.")
        pieces.append(_EXACT.get(word, word) if word else token[2].replace("%", "%%"))
    try:
        return datetime.strptime(text, "".join(pieces)).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("String was not recognized as a valid DateTime.") from None


def parsed_span(text: str) -> timedelta:
    """``[-][d.]hh:mm[:ss[.fffffff]]``, or days alone. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or not text.strip("- "):
        raise ValueError("String was not recognized as a valid TimeSpan.")
    hours, minutes, seconds = (int(found[number] or 0) for number in (4, 5, 6))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise OverflowError("The TimeSpan could not be parsed because at least one of the components is out of range.")
    made = timedelta(int(found[2] or found[3] or 0), seconds + float(found[7] or 0), 0, 0, minutes, hours)
    return -made if found[1] else made


def date_property(date: datetime, name: str) -> Any:
    """By its name in lower case; None if there is none."""
    if name in ("year", "month", "day", "hour", "minute", "second"):
        return getattr(date, name)
    if name == "ticks":
        return 10 * ((date.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND)
    midnight = date.replace(hour=0, minute=0, second=0, microsecond=0)
    more: dict[str, Any] = {
        "date": midnight, "timeofday": date - midnight, "dayofweek": format_date(date, "dddd"),
        "dayofyear": date.timetuple().tm_yday, "millisecond": date.microsecond // 1000,
        "kind": "Utc" if date.tzinfo is UTC else "Local", "datetime": format_date(date, "F"),
    }  # fmt: skip
    return more.get(name)


def span_property(span: timedelta, name: str) -> Any:
    """As above; the parts of a negative span are negative."""
    seconds = span.total_seconds()
    if name in _TOTALS:
        return seconds / _TOTALS[name]
    sign, whole = (-1, -span) if span < timedelta(0) else (1, span)
    more = {"days": whole.days, "hours": whole.seconds // 3600, "minutes": whole.seconds // 60 % 60,
            "seconds": whole.seconds % 60, "milliseconds": whole.microseconds // 1000,
            "ticks": 10 * (whole // _MICROSECOND)}  # fmt: skip
    if name == "totalmilliseconds":
        return seconds * 1000
    return sign * more[name] if name in more else None


def _months(date: datetime, count: int) -> datetime:
    month = date.month - 1 + count
    year, month = date.year + month // 12, month % 12 + 1
    last = [31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return date.replace(year=year, month=month, day=min(date.day, last[month - 1]))


def _sign(one: Any, two: Any) -> int:
    return int(one > two) - int(one < two)


def _steps(**parts: float) -> Callable[[datetime, float], datetime]:
    return lambda date, count: date + timedelta(**{name: size * count for name, size in parts.items()})


# The arguments are numbers, dates and spans already, but for the formats.
DATE_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "adddays": _steps(days=1), "addhours": _steps(hours=1), "addminutes": _steps(minutes=1),
    "addseconds": _steps(seconds=1), "addmilliseconds": _steps(milliseconds=1), "addticks": _steps(microseconds=0.1),
    "addmonths": lambda date, count: _months(date, int(count)),
    "addyears": lambda date, count: _months(date, 12 * int(count)),
    "add": lambda date, span: date + span,
    "subtract": lambda date, other: date - other,
    "compareto": _sign,
    "equals": lambda date, other: date == other,
    "tostring": lambda date, form="G": format_date(date, form or "G"),
    "toshortdatestring": lambda date: format_date(date, "d"),
    "tolongdatestring": lambda date: format_date(date, "D"),
    "toshorttimestring": lambda date: format_date(date, "t"),
    "tolongtimestring": lambda date: format_date(date, "T"),
    "touniversaltime": lambda date: date.astimezone(UTC),
    "tolocaltime": lambda date: date.astimezone(),
    "isdaylightsavingtime": lambda date: bool(date.dst()),
}  # fmt: skip
SPAN_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda span, other: span + other,
    "subtract": lambda span, other: span - other,
    "negate": lambda span: -span,
    "duration": abs,
    "compareto": _sign,
    "equals": lambda span, other: span == other,
    "tostring": lambda span, form="": format_span(span, form),
}
