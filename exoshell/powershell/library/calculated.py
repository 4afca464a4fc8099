"""Properties by name, by wildcard, or calculated: ``@{Name='x'; Expression={…}}``."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from typing import Any

from exoshell.powershell import properties
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.cells import Column
from exoshell.powershell.conversions import text_of
from exoshell.powershell.errors import ParameterError
from exoshell.powershell.host import Invocation
from exoshell.powershell.values import HashTable

__all__ = ["calculated", "columns_for", "names_like"]

_KEYS = {"name": "n", "label": "n", "l": "n", "n": "n", "expression": "e", "e": "e", "width": "w", "w": "w",
         "align": "a", "alignment": "a", "a": "a", "formatstring": "f", "format": "f", "f": "f",
         "ascending": "", "descending": ""}  # fmt: skip


def names_like(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Those that one of the patterns fits, without case."""
    folded = [each.casefold() for each in patterns]
    return [name for name in names if any(fnmatch.fnmatchcase(name.casefold(), each) for each in folded)]


def calculated(invocation: Invocation, value: Any, wanted: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Name and value of each. A name that is not there has no value. Raises ParameterError."""
    for each in wanted:
        if isinstance(each, ScriptBlock | HashTable):
            column = _column(invocation, each)
            yield column.name, column.read(value)
        elif "*" in (name := text_of(each)) or "?" in name:
            for one in names_like(properties.names(value), [name]):
                yield one, properties.get(value, one)
        else:
            spelled = next((one for one in properties.names(value) if one.casefold() == name.casefold()), name)
            yield spelled, properties.get(value, name)


def columns_for(invocation: Invocation, objects: list[Any], wanted: list[Any]) -> list[Column]:
    """The columns of Format-Table and Format-List; wildcards by the first object. Raises ParameterError."""
    columns: list[Column] = []
    for each in wanted:
        if isinstance(each, ScriptBlock | HashTable):
            columns.append(_column(invocation, each))
            continue
        name = text_of(each)
        known = properties.names(objects[0]) if objects else []
        if "*" in name or "?" in name:
            spelled = names_like(known, [name])
        else:
            spelled = [next((one for one in known if one.casefold() == name.casefold()), name)]
        columns += [_plain(one) for one in spelled]
    return columns


def _plain(name: str) -> Column:
    return Column(name, lambda value: properties.get(value, name))


def _column(invocation: Invocation, given: Any) -> Column:
    if isinstance(given, ScriptBlock):
        return Column(str(given).strip("{} "), lambda value: _run(invocation, given, value))
    keys: dict[str, Any] = {}
    for key, value in given.items():
        short = _KEYS.get(str(key).casefold())
        if short is None:
            raise ParameterError(
                f"The {key} key is not valid.", error_id="DictionaryKeyUnknown", category="InvalidArgument"
            )
        keys[short] = value
    expression = keys.get("e", keys.get("n"))
    if expression is None:
        raise ParameterError(
            "The Expression key is missing.", error_id="DictionaryKeyMissing", category="InvalidArgument"
        )
    name = text_of(keys["n"]) if "n" in keys else text_of(expression).strip()
    width = int(keys["w"]) if "w" in keys else None
    return Column(
        name, lambda value: _run(invocation, expression, value), width, text_of(keys.get("a", "")).casefold(),
        text_of(keys.get("f", "")),
    )  # fmt: skip


def _run(invocation: Invocation, expression: Any, value: Any) -> Any:
    if not isinstance(expression, ScriptBlock):
        return properties.get(value, text_of(expression))
    found = invocation.session.call_with(expression, value)
    return None if not found else found[0] if len(found) == 1 else found
