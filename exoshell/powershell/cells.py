"""One value on the screen: in a table or a list."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from attrs import frozen

from exoshell.powershell.conversions import text_of, written_text
from exoshell.powershell.formats import form_of
from exoshell.powershell.values import HashTable, Position, PsObject

__all__ = ["Column", "cell", "formed", "limit_enumeration"]

_LIMIT: Final = ContextVar("FormatEnumerationLimit", default=4)


@frozen
class Column:
    """``read`` gives its value of an object. ``align``: left, right, center, or "" for what the values ask for."""

    name: str
    read: Callable[[Any], Any]
    width: int | None = None
    align: str = ""
    form: str = ""


def cell(value: Any) -> str:
    """A value in a table or a list: ``{a, b}``, dates of the culture."""
    if isinstance(value, list):
        return _braces([written_text(each) for each in value])
    if isinstance(value, bytes):
        return _braces([str(each) for each in value])
    if isinstance(value, HashTable):
        return _braces([f"[{text_of(key)}, {text_of(each)}]" for key, each in value.items()])
    inner = getattr(value, "inner", None)
    if isinstance(value, PsObject) and isinstance(inner, list):
        return _braces([written_text(each) for each in inner])
    return written_text(value)


def _braces(texts: list[str]) -> str:
    limit = _LIMIT.get()
    shown = texts if limit < 0 else texts[:limit]
    return "{" + ", ".join(shown) + ("…" if len(texts) > len(shown) else "") + "}"


def limit_enumeration(number: int) -> None:
    """``$FormatEnumerationLimit``: so many elements of a list are shown, below 0 all."""
    _LIMIT.set(number)


def formed(column: Column, value: Any) -> str:
    """What a column shows of an object, by its FormatString."""
    found = column.read(value)
    return form_of(found, column.form, Position(0, 0)) if column.form and found is not None else cell(found)
