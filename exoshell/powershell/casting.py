"""Casts: ``[int]'5'``, ``[datetime]'2026-01-15'``, ``[string[]]$x``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from exoshell.powershell.conversions import items_of, number_of, text_of, truth, type_name_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.moments import parsed_date, parsed_span
from exoshell.powershell.parsed import address, guid, uri, version
from exoshell.powershell.values import ArrayList, Char, HashTable, Position, PsObject

__all__ = ["cast", "is_known", "is_list_type", "listed", "new_list", "plain_type"]

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
    """Of such a type. Raises PsError for an element that is no T."""
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
