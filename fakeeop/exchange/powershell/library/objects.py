"""What every command asks of an object: its properties, its type, its text, its place in an order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from fakeeop.exchange.powershell.formatting_dates import format_date, format_span
from fakeeop.exchange.powershell.values import HashTable, PsObject

__all__ = ["flattened", "has_property", "property_names", "property_of", "sort_key", "to_text", "type_name"]

_TYPES: Final = {
    bool: "System.Boolean",
    int: "System.Int32",
    float: "System.Double",
    str: "System.String",
    bytes: "System.Byte[]",
    list: "System.Object[]",
    datetime: "System.DateTime",
    timedelta: "System.TimeSpan",
    HashTable: "System.Collections.Hashtable",
}
_DATE: Final = ("Date", "Day", "DayOfWeek", "DayOfYear", "Hour", "Minute", "Month", "Second", "Year")
_SPAN: Final = ("Days", "Hours", "Minutes", "Seconds", "Milliseconds", "TotalDays", "TotalHours", "TotalMinutes",
                "TotalSeconds", "TotalMilliseconds")  # fmt: skip


def type_name(value: Any) -> str:
    """The full name of its .NET type."""
    return value.type_name if isinstance(value, PsObject) else _TYPES.get(type(value), "System.Object")


def property_names(value: Any) -> list[str]:
    """In their order."""
    if isinstance(value, PsObject):
        return [str(name) for name in value.properties]
    if isinstance(value, HashTable):
        return [str(name) for name in value]
    if isinstance(value, str):
        return ["Length"]
    if isinstance(value, datetime):
        return list(_DATE)
    if isinstance(value, timedelta):
        return list(_SPAN)
    return ["Length"] if isinstance(value, list | bytes) else []


def has_property(value: Any, name: str) -> bool:
    """Case does not count."""
    if isinstance(value, PsObject):
        return name in value.properties
    return any(name.casefold() == each.casefold() for each in property_names(value))


def property_of(value: Any, name: str) -> Any:
    """None if there is none."""
    if isinstance(value, PsObject):
        return value.properties.get(name)
    if isinstance(value, HashTable):
        return value[name] if name in value else {"count": len(value)}.get(name.casefold())
    if isinstance(value, str | list | bytes):
        return {"length": len(value), "count": len(value)}.get(name.casefold())
    if isinstance(value, datetime):
        return _of_date(value, name.casefold())
    if isinstance(value, timedelta):
        return _of_span(value, name.casefold())
    return None


def _of_date(value: datetime, name: str) -> Any:
    if name == "date":
        return value.replace(hour=0, minute=0, second=0, microsecond=0)
    if name == "dayofweek":
        return format_date(value, "dddd")
    if name == "dayofyear":
        return value.timetuple().tm_yday
    return getattr(value, name) if name in ("day", "hour", "minute", "month", "second", "year") else None


def _of_span(value: timedelta, name: str) -> Any:
    seconds = value.total_seconds()
    totals = {"totaldays": 86400, "totalhours": 3600, "totalminutes": 60, "totalseconds": 1}
    if name in totals:
        return seconds / totals[name]
    whole = abs(value)
    parts = {"days": whole.days, "hours": whole.seconds // 3600, "minutes": whole.seconds // 60 % 60,
             "seconds": whole.seconds % 60, "milliseconds": whole.microseconds // 1000}  # fmt: skip
    return seconds * 1000 if name == "totalmilliseconds" else parts.get(name)


def to_text(value: Any) -> str:
    """What PowerShell makes of it in a string: invariant dates, arrays with spaces between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, datetime):
        return format_date(value, "MM/dd/yyyy HH:mm:ss")
    if isinstance(value, timedelta):
        return format_span(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, list):
        return " ".join(map(to_text, value))
    if isinstance(value, bytes):
        return " ".join(map(str, value))
    if isinstance(value, HashTable):
        return "System.Collections.Hashtable"
    if type(value) is PsObject:
        return _text_of_object(value)
    return str(value)


def _text_of_object(value: PsObject) -> str:
    if value.inner is not None and not isinstance(value.inner, list | dict):
        return str(value.inner)
    if not value.type_name.endswith("PSCustomObject"):
        name = value.properties.get("Name") or value.properties.get("Identity")
        return str(name) if isinstance(name, str) else value.type_name
    return "@{" + "; ".join(f"{name}={to_text(each)}" for name, each in value.properties.items()) + "}"


def sort_key(value: Any) -> tuple[int, Any]:
    """Nothing first, numbers by size, dates by time, the rest as text without case."""
    if value is None:
        return 0, ""
    if isinstance(value, bool | int | float):
        return 1, value
    if isinstance(value, datetime):
        return 2, value.timestamp()
    if isinstance(value, timedelta):
        return 3, value.total_seconds()
    return 4, to_text(value).casefold()


def flattened(values: list[Any]) -> Iterator[Any]:
    """Arrays among them taken apart, one level, as the pipeline does."""
    for each in values:
        if isinstance(each, list):
            yield from each
        else:
            yield each
