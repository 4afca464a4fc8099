"""PowerShell's conversions of any value: to text, to truth, to a number, to what flows; and .NET's names of types.

Casts to named types are in ``casting.py``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting_dates import format_date, format_span
from exoshell.powershell.numbers import INT_MAX, number_text, parsed_number
from exoshell.powershell.values import NOTHING, ArrayList, Char, Flags, HashTable, Position, PsObject

__all__ = [
    "flat_items",
    "items_of",
    "number_of",
    "one_of",
    "sort_key",
    "text_of",
    "truth",
    "type_name_of",
    "written_text",
]

_CUSTOM = "System.Management.Automation.PSCustomObject"


def text_of(value: Any) -> str:
    """As PowerShell puts a value into a string: dates of no culture, lists with spaces between."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return format_date(value, "MM/dd/yyyy HH:mm:ss")
    if isinstance(value, list | tuple | bytes):
        return " ".join(type_name_of(each) if isinstance(each, list) else text_of(each) for each in value)
    return written_text(value)


def written_text(value: Any) -> str:
    """As ``.ToString()``, ``-f`` and Write-Host do: dates of the culture (en-US), lists by their type."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, Flags):
        return value.names
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return format_date(value, "G")
    if isinstance(value, timedelta):
        return format_span(value)
    if type(value) is PsObject:
        return _object_text(value)
    if isinstance(value, list | bytes | HashTable):
        return type_name_of(value)
    return str(value)


def _object_text(value: PsObject) -> str:
    show = value.methods.get("ToString")
    if show is not None:
        return text_of(show())
    if value.type_name == _CUSTOM or value.type_name.startswith("Selected."):
        texts = [(name, type_name_of(each) if isinstance(each, list) else text_of(each))
                 for name, each in value.properties.items()]  # fmt: skip
        return "@{" + "; ".join(f"{name}={text}" for name, text in texts) + "}"
    name = value.properties.get("Name") or value.properties.get("Identity")  # as the objects of Exchange
    return name if isinstance(name, str) else value.type_name


def truth(value: Any) -> bool:
    """``$null``, 0, an empty string, an empty list are false; a list of one is as its element."""
    if isinstance(value, list):
        return truth(value[0]) if len(value) == 1 else bool(value)
    if isinstance(value, PsObject | HashTable | timedelta | Char):
        return True
    return bool(value)


def items_of(value: Any) -> list[Any]:
    """What there is in a value: the elements of a list, nothing for ``$null``, else the value."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | bytes) else [value]


def one_of(values: list[Any]) -> Any:
    """A pipeline's output as a value: the one, a list, or NOTHING."""
    return NOTHING if not values else values[0] if len(values) == 1 else list(values)


def flat_items(values: list[Any]) -> list[Any]:
    """Lists among them taken apart, one level, as the pipeline does; without ``$null``."""
    return [one for each in values for one in items_of(each)]


def number_of(value: Any, position: Position | None = None) -> int | float:
    """A number, or an error in PowerShell's words."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            return parsed_number(value)
        except ValueError as why:
            raise PsError(
                f'Cannot convert value "{value}" to type "System.Int32". Error: "{why}"',
                error_id="InvalidCastFromStringToInteger",
                category="InvalidArgument",
                position=position,
            ) from why
    raise PsError(
        f'Cannot convert the "{text_of(value)}" value of type "{type_name_of(value)}" to type "System.Int32".',
        error_id="ConvertToFinalInvalidCastException",
        category="InvalidArgument",
        position=position,
    )


def sort_key(value: Any) -> tuple[int, Any]:
    """Nothing first, numbers by size, dates by time, versions by their parts, the rest as text without case."""
    if value is None:
        return 0, ""
    if isinstance(value, bool | int | float):
        return 1, value
    if isinstance(value, datetime):
        return 2, value.timestamp()
    if isinstance(value, timedelta):
        return 3, value.total_seconds()
    if isinstance(value, PsObject) and isinstance(value.inner, tuple):
        return 4, value.inner
    return 5, text_of(value).casefold()


def type_name_of(value: Any) -> str:
    """.NET's name of a value's type."""
    if isinstance(value, PsObject | Flags):
        return value.type_name
    if isinstance(value, ArrayList):
        return f"System.Collections.{f'Generic.List`1[{value.element}]' if value.element else 'ArrayList'}"
    if isinstance(value, int) and not isinstance(value, bool) and not -INT_MAX - 1 <= value <= INT_MAX:
        return "System.Int64"
    names = {
        bool: "System.Boolean", int: "System.Int32", float: "System.Double", str: "System.String", Char: "System.Char",
        bytes: "System.Byte[]", datetime: "System.DateTime", timedelta: "System.TimeSpan",
    }  # fmt: skip
    if isinstance(value, HashTable):
        return "System.Collections." + ("Specialized.OrderedDictionary" if value.ordered else "Hashtable")
    found = next((name for kind, name in names.items() if type(value) is kind), "")
    if not found and type(value).__name__ == "ScriptBlock":
        return "System.Management.Automation.ScriptBlock"
    return found or ("System.Object[]" if isinstance(value, list) else "System.Object")
