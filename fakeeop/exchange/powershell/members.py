"""Properties and methods of values: what ``$x.Name`` and ``$x.Name(…)`` mean for each kind; names without case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fakeeop.exchange.powershell.conversions import items_of, number_of, text_of
from fakeeop.exchange.powershell.errors import PsError
from fakeeop.exchange.powershell.formatting_dates import format_date
from fakeeop.exchange.powershell.reflection import Properties, reflected
from fakeeop.exchange.powershell.values import HashTable, Position, PsObject

__all__ = ["call", "get", "has", "index", "put"]


def get(value: Any, name: str, position: Position) -> Any:
    """A property; ``$null`` where there is none; of a list's elements where the list itself has none."""
    lower = name.lower()
    if value is None:
        return 0 if lower in ("count", "length") else None
    if lower == "psobject" and isinstance(value, HashTable | PsObject):
        return reflected(value)
    if isinstance(value, bool) and lower == "ispresent":  # of a switch
        return value
    if isinstance(value, HashTable):
        if name in value:
            return value[name]
        special: dict[str, Callable[[], Any]] = {
            "keys": lambda: list(value),
            "values": lambda: list(value.values()),
            "count": lambda: len(value),
        }
        return special[lower]() if lower in special else None
    if isinstance(value, PsObject):
        found = value.properties.get(name)
        return found if found is not None or lower != "count" else 1
    if isinstance(value, list):
        if lower in ("count", "length"):
            return len(value)
        found = [get(each, name, position) for each in value]
        kept = [each for each in found if each is not None]
        return None if not kept else kept[0] if len(kept) == 1 else [one for each in kept for one in items_of(each)]
    if isinstance(value, str):
        return len(value) if lower == "length" else 1 if lower == "count" else None
    if isinstance(value, bytes):
        return len(value) if lower in ("length", "count") else None
    if isinstance(value, datetime):
        return _of_date(value, lower)
    if isinstance(value, timedelta):
        return _of_span(value, lower)
    return 1 if lower == "count" else None


def has(value: Any, name: str) -> bool:
    """For Set-StrictMode: is there such a property?"""
    lower = name.lower()
    if isinstance(value, PsObject):
        return name in value.properties or lower in ("psobject", "count")
    if isinstance(value, HashTable):
        return name in value or lower in ("psobject", "count", "keys", "values")
    if isinstance(value, list):
        return lower in ("count", "length") or any(has(each, name) for each in value)
    return value is not None and get(value, name, Position(0, 0)) is not None


def put(value: Any, name: str, new: Any, position: Position) -> None:
    """Set a property. Raises PsError where there is none to set."""
    if isinstance(value, HashTable):
        value[name] = new
        return
    if isinstance(value, PsObject):
        setter = value.methods.get(f"set_{name.lower()}") or value.methods.get(f"set_{name}")
        if setter is not None:
            setter(new)
            return
        if name in value.properties:
            value.properties[name] = new
            return
    raise PsError(
        f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set.",
        error_id="PropertyAssignmentException",
        category="InvalidOperation",
        position=position,
    )


def index(value: Any, at: Any, position: Position) -> Any:
    """``$x[…]``: a number (from the end where it is negative), several numbers, or a key."""
    if value is None:
        raise PsError(
            "Cannot index into a null array.", error_id="NullArray", category="InvalidOperation", position=position
        )
    if isinstance(value, HashTable):
        keys: list[Any] = list(value) if value.ordered else []
        if keys and isinstance(at, int) and at not in keys:
            return index(list(value.values()), at, position)
        return value.get(at)
    if isinstance(value, Properties) and isinstance(at, str):
        return value.named(at)
    if isinstance(at, list):
        return [each for one in at for each in items_of(index(value, one, position))]
    number = int(number_of(at, position))
    items: Any = value if isinstance(value, list | str | bytes) else [value]
    return items[number] if -len(items) <= number < len(items) else None


def call(value: Any, name: str, arguments: list[Any], position: Position) -> Any:
    """A method. Raises PsError, in PowerShell's words, if there is none."""
    if value is None:
        raise PsError(
            "You cannot call a method on a null-valued expression.",
            error_id="InvokeMethodOnNull",
            category="InvalidOperation",
            position=position,
        )
    method = _method(value, name.lower())
    if method is None and isinstance(value, list) and value:
        return [call(each, name, arguments, position) for each in value]
    if method is None:
        raise PsError(
            f"Method invocation failed because [{_type(value)}] does not contain a method named '{name}'.",
            error_id="MethodNotFound",
            category="InvalidOperation",
            position=position,
        )
    try:
        return method(*arguments)
    except TypeError as why:
        raise PsError(
            f'Cannot find an overload for "{name}" and the argument count: "{len(arguments)}".',
            error_id="MethodCountCouldNotFindBest",
            category="NotSpecified",
            position=position,
        ) from why


def _type(value: Any) -> str:
    from fakeeop.exchange.powershell.conversions import type_name_of  # noqa: PLC0415  only for an error

    return type_name_of(value)


def _method(value: Any, name: str) -> Callable[..., Any] | None:
    if isinstance(value, PsObject):
        found = next((method for key, method in value.methods.items() if key.lower() == name), None)
        if found is not None:
            return found  # type: ignore[no-any-return]  # methods are callables
    if name == "gettype":
        return lambda: PsObject.of({"Name": _type(value).rpartition(".")[2], "FullName": _type(value)})
    if isinstance(value, str):
        return _STRING.get(name) and (lambda *given: _STRING[name](value, *given))
    if isinstance(value, list):
        return _LIST.get(name) and (lambda *given: _LIST[name](value, *given))
    if isinstance(value, HashTable):
        return _TABLE.get(name) and (lambda *given: _TABLE[name](value, *given))
    if isinstance(value, datetime):
        return _DATE.get(name) and (lambda *given: _DATE[name](value, *given))
    if name == "tostring":
        return lambda form="": _number_text(value, form)
    if name == "equals":
        return lambda other: value == other
    return None


def _number_text(value: Any, form: str) -> str:
    from fakeeop.exchange.powershell.formats import formatted  # noqa: PLC0415  they need each other's conversions

    return formatted(f"{{0:{form}}}", [value], Position(0, 0)) if form else text_of(value)


_STRING: Final[dict[str, Callable[..., Any]]] = {
    "trim": lambda s, *given: s.strip("".join(given) or None),
    "trimstart": lambda s, *given: s.lstrip("".join(given) or None),
    "trimend": lambda s, *given: s.rstrip("".join(given) or None),
    "tolower": lambda s: s.lower(),
    "toupper": lambda s: s.upper(),
    "tolowerinvariant": lambda s: s.lower(),
    "toupperinvariant": lambda s: s.upper(),
    "split": lambda s, *marks: _split(s, marks),
    "replace": lambda s, old, new: s.replace(text_of(old), text_of(new)),
    "contains": lambda s, part: text_of(part) in s,
    "startswith": lambda s, part, how="": _cased(s, how).startswith(_cased(part, how)),
    "endswith": lambda s, part, how="": _cased(s, how).endswith(_cased(part, how)),
    "substring": lambda s, start, length=None: _part(s, int(number_of(start)), length),
    "indexof": lambda s, part: s.find(text_of(part)),
    "lastindexof": lambda s, part: s.rfind(text_of(part)),
    "padleft": lambda s, width, fill=" ": s.rjust(width, fill),
    "padright": lambda s, width, fill=" ": s.ljust(width, fill),
    "insert": lambda s, at, part: s[:at] + text_of(part) + s[at:],
    "remove": lambda s, at, count=None: s[:at] + ("" if count is None else s[at + count :]),
    "tochararray": list,
    "tostring": lambda s: s,
    "equals": lambda s, other, how="": _cased(s, how) == _cased(other, how),
    "compareto": lambda s, other: (s > other) - (s < other),
    "normalize": lambda s: s,
}
_LIST: Final[dict[str, Callable[..., Any]]] = {
    "contains": lambda items, one: one in items,
    "indexof": lambda items, one: items.index(one) if one in items else -1,
    "add": lambda items, one: items.append(one),
    "addrange": lambda items, more: items.extend(more),
    "remove": lambda items, one: items.remove(one) if one in items else None,
    "clear": lambda items: items.clear(),
    "toarray": list,
    "tostring": lambda _items: "System.Object[]",
    "getenumerator": lambda items: items,
}
_TABLE: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda table, key, value: _add(table, key, value),
    "remove": lambda table, key: table.pop(key, None) and None,
    "containskey": lambda table, key: key in table,
    "contains": lambda table, key: key in table,
    "containsvalue": lambda table, value: value in table.values(),
    "clear": lambda table: table.clear(),
    "clone": HashTable,
    "getenumerator": lambda table: [
        PsObject.of({"Name": key, "Key": key, "Value": value}, "System.Collections.DictionaryEntry")
        for key, value in table.items()
    ],
    "tostring": lambda _table: "System.Collections.Hashtable",
}
_DATE: Final[dict[str, Callable[..., Any]]] = {
    "adddays": lambda date, count: date + timedelta(days=number_of(count)),
    "addhours": lambda date, count: date + timedelta(hours=number_of(count)),
    "addminutes": lambda date, count: date + timedelta(minutes=number_of(count)),
    "addseconds": lambda date, count: date + timedelta(seconds=number_of(count)),
    "addmonths": lambda date, count: _months(date, int(number_of(count))),
    "addyears": lambda date, count: _months(date, 12 * int(number_of(count))),
    "tostring": lambda date, form="G": format_date(date, form),
    "toshortdatestring": lambda date: format_date(date, "d"),
    "tolongdatestring": lambda date: format_date(date, "D"),
    "toshorttimestring": lambda date: format_date(date, "t"),
    "touniversaltime": lambda date: date.astimezone(UTC),
    "tolocaltime": lambda date: date.astimezone(),
    "equals": lambda date, other: date == other,
}


def _split(text: str, marks: tuple[Any, ...]) -> list[str]:
    """At each of the characters of one mark; blanks where none is given."""
    if not marks:
        return text.split()
    letters = "".join(text_of(each) for each in items_of(marks[0]))
    parts = [text]
    only_full = len(marks) > 1 and text_of(marks[1]).lower() == "removeemptyentries"
    for letter in dict.fromkeys(letters):
        parts = [piece for part in parts for piece in part.split(letter)]
    return [each for each in parts if each or not only_full]


def _part(text: str, start: int, length: Any) -> str:
    end = len(text) if length is None else start + int(number_of(length))
    if not 0 <= start <= end <= len(text):
        raise IndexError("Index and length must refer to a location within the string.")
    return text[start:end]


def _cased(value: Any, how: Any) -> str:
    """By a StringComparison, if one is given."""
    return text_of(value).casefold() if text_of(how).lower().endswith("ignorecase") else text_of(value)


def _add(table: HashTable, key: Any, value: Any) -> None:
    if key in table:
        raise PsError(
            f"Item has already been added. Key in dictionary: '{text_of(key)}'  Key being added: '{text_of(key)}'",
            error_id="ArgumentException",
        )
    table[key] = value


def _months(date: datetime, count: int) -> datetime:
    month = date.month - 1 + count
    year, month = date.year + month // 12, month % 12 + 1
    last = [31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return date.replace(year=year, month=month, day=min(date.day, last[month - 1]))


def _of_date(date: datetime, name: str) -> Any:
    if name in ("year", "month", "day", "hour", "minute", "second"):
        return getattr(date, name)
    if name == "date":
        return date.replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"dayofweek": f"{date:%A}", "dayofyear": date.timetuple().tm_yday, "millisecond": date.microsecond // 1000}
    return named.get(name)


def _of_span(span: timedelta, name: str) -> Any:
    seconds = span.total_seconds()
    units = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
    if name.startswith("total") and name[5:] in units:
        return seconds / units[name[5:]]
    parts = {
        "days": span.days,
        "hours": span.seconds // 3600,
        "minutes": span.seconds // 60 % 60,
        "seconds": span.seconds % 60,
    }
    return parts.get(name)
