"""PowerShell's conversions of any value: to text, to truth, to a number, to what flows, to a named type, and .NET's
names of types. Numbers are read and written as Windows PowerShell 5.1 does: doubles have 15 digits there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.moments import format_date, format_span, parsed_date, parsed_span
from exoshell.powershell.objects import address, guid, uri, version
from exoshell.powershell.values import NOTHING, ArrayList, Char, Flags, HashTable, KeyCollection, Position, PsObject

__all__ = [
    "INT_MAX",
    "cast",
    "changed",
    "fixed",
    "flat_items",
    "is_known",
    "is_list_type",
    "items_of",
    "listed",
    "new_list",
    "number_of",
    "number_text",
    "one_of",
    "parsed_number",
    "plain_type",
    "rounded",
    "sort_key",
    "text_of",
    "truth",
    "type_name_of",
    "version_of",
    "written_text",
]

INT_MAX: Final = 2**31 - 1
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}
_NUMBER: Final = re.compile(r"([-+]?)(0x[0-9a-f]+|(?=[\d.])[\d,]*(?:\.\d*)?(?:e[-+]?\d+)?)([kmgtp]b)?", re.I | re.ASCII)
_WIDE: Final = Context(prec=500)


def parsed_number(text: str) -> int | float:
    """Of a text: signs, ``0x1F``, ``1,234``, ``1e3``, ``2MB``; an empty one is 0. Raises ValueError."""
    text = text.strip()
    if not text:
        return 0
    found = _NUMBER.fullmatch(text)
    if found is None or not any(each.isdigit() for each in found[2]):
        raise ValueError("Input string was not in a correct format.")
    sign = -1 if found[1] == "-" else 1
    digits = found[2].lower().replace(",", "")
    size = _SIZES.get((found[3] or "").lower(), 1)
    if digits.startswith("0x"):
        return sign * int(digits, 16) * size
    return sign * (int(digits) if digits.isdigit() else float(digits)) * size


def number_text(value: int | float) -> str:
    """``3``, ``0.3``, ``1E+15``."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    text = format(value, ".15g").replace("e", "E")
    return "0" if text == "-0" else text


def fixed(number: float, digits: int) -> str:
    """With so many digits behind the point; halves are rounded away from zero, as the .NET Framework does."""
    exact = Decimal(number if isinstance(number, int) else format(number, ".15g"))
    found = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _WIDE)
    return f"{abs(found) if found == 0 else found:f}"


def rounded(number: float, digits: int = 0, *, away: bool = False) -> float:
    """``[math]::Round``: to the even neighbour, or away from zero."""
    scaled = Decimal(repr(number * 10**digits)) if digits else Decimal(repr(number))
    found = scaled.quantize(Decimal(1), ROUND_HALF_UP, _WIDE) if away else Decimal(round(scaled))
    return float(found / 10**digits) if digits else int(found)


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


def version_of(source: Any) -> int | None:
    """How often a collection was changed; None for one that may change while it is gone through."""
    if isinstance(source, KeyCollection):
        return source.table.version
    return source.version if isinstance(source, ArrayList) else None


def changed(position: Position) -> PsError:
    """What was gone through has changed meanwhile."""
    return PsError(
        "Collection was modified; enumeration operation may not execute.",
        error_id="System.InvalidOperationException",
        category="OperationStopped",
        position=position,
    )


_INTEGERS: Final = {
    "int32": 32, "int": 32, "int64": 64, "long": 64, "int16": 16, "short": 16, "sbyte": 8, "byte": -8, "uint16": -16,
    "ushort": -16, "uint32": -32, "uint": -32, "uint64": -64, "ulong": -64,
}  # fmt: skip  # bits; below 0: without a sign
_DOUBLES: Final = ("double", "float", "single", "decimal")
_TABLES: Final = ("hashtable", "collections.hashtable", "ordered", "pscustomobject", "collections.idictionary")
_AS_IT_IS: Final = ("object", "psobject")
_TRUTHS: Final = ("bool", "boolean", "switch", "switchparameter")
_PLAIN: Final = (*_DOUBLES, *_AS_IT_IS, *_TRUTHS, "string", "scriptblock", "datetime", "void", "char", "array")
_READ: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "version": ("System.Version", version),
    "ipaddress": ("System.Net.IPAddress", address),
    "net.ipaddress": ("System.Net.IPAddress", address),
    "guid": ("System.Guid", guid),
    "uri": ("System.Uri", uri),
    "timespan": ("System.TimeSpan", parsed_span),
}


def plain_type(name: str) -> str:
    """In lower case, without ``System.``, ``System.Management.Automation.`` and brackets."""
    plain = name.strip().lower()
    if plain.startswith("[") and plain.endswith("]"):
        plain = plain[1:-1]
    return plain.removeprefix("system.").removeprefix("management.automation.")


def is_list_type(name: str) -> bool:
    """An ArrayList, or a List of anything."""
    plain = plain_type(name)
    return plain in ("collections.arraylist", "arraylist") or plain.startswith("collections.generic.list[")


def is_known(name: str) -> bool:
    """Is it one of the types of this module?"""
    plain = plain_type(name)
    return plain.endswith("[]") or is_list_type(plain) or plain in (*_TABLES, *_INTEGERS, *_READ, *_PLAIN)


def new_list(name: str, items: list[Any], position: Position | None = None) -> ArrayList:
    """Of such a type. Raises PsError for an element that is not a T."""
    plain = plain_type(name)
    element = plain.partition("[")[2].removesuffix("]") if "[" in plain else ""
    element = "object" if element in ("psobject", "pscustomobject") else element
    return ArrayList([cast(each, element, position) if element else each for each in items], element)


def listed(name: str, arguments: list[Any], position: Position | None = None) -> ArrayList:
    """``New-Object List[string]``: its one argument is another list, or a number: room to begin with."""
    if len(arguments) == 1 and isinstance(arguments[0], int):
        arguments = []
    return new_list(name, [one for each in arguments for one in items_of(each)], position)


def cast(value: Any, type_name: str, position: Position | None = None) -> Any:
    """``[type]value``. Raises PsError, Unsupported."""
    kind = plain_type(type_name)
    if is_list_type(kind):
        return value if isinstance(value, ArrayList) else new_list(kind, items_of(value), position)
    if kind in ("array", "object[]", "psobject[]", "pscustomobject[]"):
        return value if value is None or isinstance(value, list) else [value]
    if kind == "byte[]":
        return _octets(value, position)
    if kind == "char[]":
        return [Char(each) for each in text_of(value)]
    if kind.endswith("[]"):
        return None if value is None else [cast(each, kind[:-2], position) for each in items_of(value)]
    if kind in _TABLES:
        return _table(value, kind, position)
    if kind in _INTEGERS:
        return _integer(value, _INTEGERS[kind], kind, position)
    if kind in _READ:
        return _read(value, *_READ[kind], position)
    return _single(value, kind, type_name, position)


def _single(value: Any, kind: str, type_name: str, position: Position | None) -> Any:
    if kind == "string":
        return text_of(value)
    if kind in _AS_IT_IS or (kind == "scriptblock" and not isinstance(value, str)):
        return value
    if kind in _TRUTHS:
        return truth(value)
    if kind in _DOUBLES:
        return float(number_of(value, position))
    if kind == "datetime":
        return _moment(value, position)
    if kind == "void":
        return None
    if kind == "char":
        text = chr(value) if isinstance(value, int) and 0 <= value < 65536 else text_of(value)
        if len(text) != 1:
            raise _wrong(value, "System.Char", "String must be exactly one character long.", position)
        return Char(text)
    raise Unsupported(f"the type [{type_name.strip('[]')}]", position)


def _table(value: Any, kind: str, position: Position | None) -> Any:
    if kind == "pscustomobject":
        return PsObject(HashTable(value, ordered=True)) if isinstance(value, HashTable) else value
    if value is None and kind != "ordered":
        return None
    if not isinstance(value, HashTable):
        raise _wrong(value, "System.Collections.Hashtable", "", position)
    return HashTable(value, ordered=True) if kind == "ordered" else value


def _integer(value: Any, bits: int, kind: str, position: Position | None) -> int:
    size = abs(bits)
    name = {"byte": "Byte", "sbyte": "SByte"}.get(kind, f"{'U' if bits < 0 else ''}Int{size}")
    low, high = (0, 2**size - 1) if bits < 0 else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)
    if isinstance(value, Char):
        return ord(value)
    try:
        number = round(number_of(value, position))  # to the even one, as .NET rounds
        if low <= number <= high:
            return number
    except (OverflowError, ValueError):
        pass
    words = f"Value was either too large or too small for {'an' if name[0] in 'IS' else 'a'} {name}."
    raise _wrong(value, f"System.{name}", words, position, "InvalidCastIConvertible")


def _read(value: Any, name: str, read: Callable[[str], Any], position: Position | None) -> Any:
    if value is None or type_name_of(value) == name:
        return value
    try:
        return read(text_of(value))
    except (ValueError, OverflowError) as why:
        raise _wrong(value, name, str(why), position) from why


def _moment(value: Any, position: Position | None) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, timedelta):
        raise _wrong(value, "System.DateTime", "", position)
    try:
        return parsed_date(text_of(value))
    except ValueError as why:
        words = "String was not recognized as a valid DateTime."
        raise _wrong(value, "System.DateTime", words, position) from why


def _octets(value: Any, position: Position | None) -> Any:
    if value is None or isinstance(value, bytes):  # nothing stays nothing, as in .NET
        return value
    return bytes(_integer(each, -8, "byte", position) for each in items_of(value))


def _wrong(
    value: Any, name: str, words: str, position: Position | None, error_id: str = "InvalidCastParseTargetInvocation"
) -> PsError:
    more = f' Error: "{words}"' if words else ""
    return PsError(
        f'Cannot convert value "{text_of(value)[:200]}" to type "{name}".{more}',
        error_id=error_id,
        category="InvalidArgument",
        position=position,
    )
