"""Methods of values: what ``$x.Name(…)`` means for each kind; names without case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from exoshell.powershell.casting import cast
from exoshell.powershell.conversions import number_of, text_of, type_name_of, written_text
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.formats import form_of
from exoshell.powershell.guarding import guarded
from exoshell.powershell.list_methods import ARRAY_METHODS, LIST_METHODS
from exoshell.powershell.moments import DATE_METHODS, SPAN_METHODS
from exoshell.powershell.text_methods import TEXT_METHODS
from exoshell.powershell.values import HashTable, Keys, Position, PsObject

__all__ = ["call"]

_SPANS: Final = ("subtract", "compareto", "equals", "add")


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
            f"Method invocation failed because [{type_name_of(value)}] does not contain a method named '{name}'.",
            error_id="MethodNotFound",
            category="InvalidOperation",
            position=position,
        )
    return guarded(name, len(arguments), position, lambda: method(*arguments))


def _method(value: Any, name: str) -> Callable[..., Any] | None:
    if isinstance(value, PsObject):
        found = next((method for key, method in value.methods.items() if key.lower() == name), None)
        if found is not None:
            return found  # type: ignore[no-any-return]  # methods are callables
    if name == "gettype":
        return lambda: _type_of(value)
    table = _methods_of(value)
    if name in table:
        return lambda *given: table[name](value, *given)
    if name == "tostring":
        return lambda form="": form_of(value, text_of(form), Position(0, 0))
    if name == "equals":
        return lambda other: value == other
    if name == "compareto" and isinstance(value, int | float):
        return lambda other: int(value > number_of(other)) - int(value < number_of(other))
    return None


def _methods_of(value: Any) -> dict[str, Callable[..., Any]]:
    if isinstance(value, str):
        return TEXT_METHODS
    if isinstance(value, list):
        return ARRAY_METHODS if type(value) in (list, Keys) else LIST_METHODS
    if isinstance(value, HashTable):
        return _TABLE
    if isinstance(value, datetime):
        return _DATE
    return SPAN_METHODS if isinstance(value, timedelta) else {}


def _type_of(value: Any) -> PsObject:
    full = type_name_of(value)
    if full.startswith("Selected."):
        full = "System.Management.Automation.PSCustomObject"
    return _type(full, "System.Array" if full.endswith("[]") else "System.Object")


def _type(full: str, base: str = "") -> PsObject:
    name = (full.partition("[")[0] if "`" in full else full).rpartition(".")[2]
    row = {"Name": name, "FullName": full, "BaseType": _type(base) if base else None, "IsArray": full.endswith("[]")}
    made = PsObject.of(row, "System.RuntimeType")
    made.methods["ToString"] = lambda: full
    return made


def _add(table: HashTable, key: Any, value: Any) -> None:
    if key in table:
        spelled = next(each for each in table if written_text(each).casefold() == written_text(key).casefold())
        raise ValueError(
            f"Item has already been added. Key in dictionary: '{text_of(spelled)}'  Key being added: '{text_of(key)}'"
        )
    table[key] = value


def _entries(table: HashTable) -> Keys:
    kind = "System.Collections.DictionaryEntry"
    return Keys([PsObject.of({"Name": key, "Key": key, "Value": value}, kind) for key, value in table.items()], table)


def _of_date(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """Its arguments converted: numbers, but for the formats of ToString, and dates and spans."""

    def run(date: datetime, *given: Any) -> Any:
        if name == "tostring":
            if len(given) > 1:
                raise Unsupported(".ToString() with a culture")
            return plain(date, *map(text_of, given))
        if name in _SPANS:
            kept = [each if isinstance(each, timedelta) else cast(each, "datetime") for each in given]
            return plain(date, *kept)
        return plain(date, *(number_of(each) for each in given))

    return run


_DATE: Final = {name: _of_date(name, plain) for name, plain in DATE_METHODS.items()}
_TABLE: Final[dict[str, Callable[..., Any]]] = {
    "add": _add,
    "remove": lambda table, key: table.pop(key, None) and None,
    "containskey": lambda table, key: key in table,
    "contains": lambda table, key: key in table,
    "containsvalue": lambda table, value: value in table.values(),
    "clear": lambda table: table.clear(),
    "clone": lambda table: HashTable(table, ordered=table.ordered),
    "getenumerator": _entries,
    "item": lambda table, key: table.get(key),
    "tostring": type_name_of,
}
