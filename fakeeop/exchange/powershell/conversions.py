"""PowerShell's conversions between values: to text, to truth, to numbers, to named types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fakeeop.exchange.powershell.errors import PsError, Unsupported
from fakeeop.exchange.powershell.parsed import address, version
from fakeeop.exchange.powershell.values import HashTable, Position, PsObject

__all__ = ["Char", "cast", "is_list_type", "items_of", "number_of", "text_of", "truth", "type_name_of"]

_TYPES = {
    **{"string": "string", "string[]": "string[]", "int": "int", "int32": "int", "long": "int", "int64": "int"},
    **{"double": "double", "float": "double", "single": "double", "decimal": "double", "bool": "bool"},
    **{"boolean": "bool", "switch": "bool", "byte[]": "byte[]", "char[]": "char[]", "array": "object[]"},
    **{"object[]": "object[]", "object": "object", "psobject": "object", "datetime": "datetime", "int[]": "int[]"},
    **{"hashtable": "hashtable", "pscustomobject": "pscustomobject", "psobject[]": "object[]", "void": "void"},
    **{"ordered": "ordered", "scriptblock": "object", "char": "char", "byte": "int", "guid": "string"},
    **{"uri": "string", "version": "version", "ipaddress": "ipaddress", "net.ipaddress": "ipaddress"},
}  # fmt: skip


class Char(str):
    """``[char]``: a text of one letter, whose number ``[int]`` gives."""

    __slots__ = ()


def text_of(value: Any) -> str:
    """As PowerShell puts a value into a string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    if isinstance(value, list | tuple):
        return " ".join(text_of(each) for each in value)
    if isinstance(value, HashTable):
        return "System.Collections.Hashtable"
    if isinstance(value, PsObject):
        show = value.methods.get("ToString")
        if show is not None:
            return text_of(show())
        inner = "; ".join(f"{name}={text_of(each)}" for name, each in value.properties.items())
        return f"@{{{inner}}}" if value.inner is None else value.type_name
    return str(value)


def truth(value: Any) -> bool:
    """``$null``, 0, an empty string, an empty list are false; a list of one is as its element."""
    if isinstance(value, list):
        return truth(value[0]) if len(value) == 1 else bool(value)
    if isinstance(value, PsObject | HashTable):
        return True
    return bool(value)


def items_of(value: Any) -> list[Any]:
    """What flows from a value: the elements of a list, nothing for ``$null``, else the value."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def number_of(value: Any, position: Position | None = None) -> int | float:
    """A number, or an error in PowerShell's words."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    text = text_of(value).strip()
    try:
        if text.lower().startswith("0x"):
            return int(text, 16)
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError as why:
        raise PsError(
            f'Cannot convert value "{text}" to type "System.Int32". Error: "Input string was not in a correct format."',
            error_id="InvalidCastFromStringToInteger",
            category="InvalidArgument",
            position=position,
        ) from why


def is_list_type(name: str) -> bool:
    """An ArrayList, or a List of anything."""
    plain = name.lower().removeprefix("system.")
    return plain == "collections.arraylist" or plain.startswith("collections.generic.list[")


def cast(value: Any, type_name: str, position: Position | None = None) -> Any:
    """``[type]value``. Raises PsError, Unsupported."""
    kind = _TYPES.get(type_name.lower().removeprefix("system.").removeprefix("management.automation."))
    if kind is None and is_list_type(type_name):
        return list(items_of(value))
    if kind is None:
        raise Unsupported(f"the type [{type_name}]", position)
    if kind == "void":
        return None
    if kind in ("string", "object", "bool", "double", "int", "datetime", "char"):
        return _one(value, kind, position)
    if kind == "hashtable":
        return value if isinstance(value, HashTable) else HashTable(value)
    if kind in ("pscustomobject", "ordered"):
        made = value if isinstance(value, Mapping) else HashTable()
        return HashTable(made, ordered=True) if kind == "ordered" else PsObject(HashTable(made, ordered=True))
    if kind in ("version", "ipaddress"):
        return _parsed(value, kind, position)
    if kind == "byte[]":
        return _octets(value, position)
    if kind == "char[]":
        return [Char(each) for each in text_of(value)]
    items = items_of(value)
    inner = {"string[]": "string", "int[]": "int"}.get(kind)
    return items if inner is None else [_one(each, inner, position) for each in items]


def _one(value: Any, kind: str, position: Position | None) -> Any:
    if kind == "string":
        return text_of(value)
    if kind == "char":
        return Char(chr(value) if isinstance(value, int) else text_of(value))
    if kind == "bool":
        return truth(value)
    if kind == "int":
        if isinstance(value, Char):
            return ord(value)
        try:
            return round(number_of(value, position))  # to the even one, as .NET rounds
        except (OverflowError, ValueError) as why:
            raise PsError(
                f'Cannot convert value "{text_of(value)}" to type "System.Int32". Error: "Value was either too large'
                ' or too small for an Int32."',
                error_id="InvalidCastIConvertible",
                category="InvalidArgument",
                position=position,
            ) from why
    if kind == "double":
        return float(number_of(value, position))
    return _moment(value, position) if kind == "datetime" else value


def _parsed(value: Any, kind: str, position: Position | None) -> Any:
    name, read = ("System.Version", version) if kind == "version" else ("System.Net.IPAddress", address)
    if value is None or (isinstance(value, PsObject) and value.type_name == name):
        return value
    try:
        return read(text_of(value))
    except ValueError as why:
        raise PsError(
            f'Cannot convert value "{text_of(value)}" to type "{name}". Error: "{why}"',
            error_id="InvalidCastParseTargetInvocation",
            category="InvalidArgument",
            position=position,
        ) from why


def _octets(value: Any, position: Position | None) -> Any:
    if value is None or isinstance(value, bytes):  # nothing stays nothing, as in .NET
        return value
    try:
        return bytes(int(number_of(each, position)) for each in items_of(value))
    except (ValueError, OverflowError) as why:
        raise PsError(
            f'Cannot convert value "{text_of(value)[:40]}" to type "System.Byte". Error: "Value was either too large or'
            ' too small for an unsigned byte."',
            error_id="InvalidCastIConvertible",
            category="InvalidArgument",
            position=position,
        ) from why


def _moment(value: Any, position: Position | None) -> datetime:
    if isinstance(value, datetime):
        return value
    text = text_of(value).strip()
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d %b %Y", "%B %d, %Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError as why:
        raise PsError(
            f'Cannot convert value "{text}" to type "System.DateTime". Error: "String was not recognized as a valid '
            'DateTime."',
            error_id="InvalidCastParseTargetInvocation",
            category="InvalidArgument",
            position=position,
        ) from why
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def type_name_of(value: Any) -> str:
    """.NET's name of a value's type."""
    if isinstance(value, PsObject):
        return value.type_name
    names = {
        bool: "System.Boolean", int: "System.Int32", float: "System.Double", str: "System.String",
        list: "System.Object[]", bytes: "System.Byte[]", datetime: "System.DateTime",
        HashTable: "System.Collections.Hashtable",
    }  # fmt: skip
    return names.get(type(value), "System.Object")
