"""One value as text: the operator ``-f`` and ``.ToString('N2')``, .NET's formats, those that scripts use, in the
culture en-US; and a cell of a table or a list.

Assumptions: per cent are written without a blank (``45.00%``), as on Windows 8 and later.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from exoshell.powershell.conversions import fixed, number_text, text_of, written_text
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.moments import format_date, format_span
from exoshell.powershell.values import HashTable, Position, PsObject

__all__ = ["Column", "cell", "form_of", "formatted", "formed", "limit_enumeration"]

_WIDEST: Final = 10_000
_DIGITS: Final = 99  # .NET's limit
_ITEM: Final = re.compile(r"\{\{|\}\}|\{(\d+)(?:,\s*(-?\d+))?\s*(?::((?:[^{}]|\{\{|\}\}(?!\}))*))?\}|[{}]")
_CUSTOM: Final = re.compile(r"[0#,.%]+")


def formatted(text: str, values: list[Any], position: Position) -> str:
    """``'{0:n2} of {1,-5}' -f …``. Raises PsError for an index without a value, and for braces that form no item."""

    def of(match: re.Match[str]) -> str:
        if match[1] is None:
            if len(match[0]) == 1:
                raise _wrong("Input string was not in a correct format.", position)
            return match[0][0]
        number = int(match[1])
        if number >= len(values):
            raise _wrong(
                "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
                position,
            )
        shown = form_of(values[number], match[3] or "", position)
        width = int(match[2] or 0)
        if abs(width) > _WIDEST:
            raise _wrong(f"the width {width}: Input string was not in a correct format.", position)
        return shown.ljust(-width) if width < 0 else shown.rjust(width)

    return _ITEM.sub(of, text)


def form_of(value: Any, form: str, position: Position) -> str:
    """A value by a format; what has no formats, like a text, as it is. Raises PsError, Unsupported."""
    if not form or isinstance(value, bool | str | list | bytes):
        return written_text(value)
    try:
        if isinstance(value, datetime):
            return format_date(value, form)
        if isinstance(value, timedelta):
            return format_span(value, form)
        if isinstance(value, int | float):
            return _number(value, form, position)
        show = value.methods.get("ToString") if isinstance(value, PsObject) else None
        return str(show(form)) if show is not None and value.type_name == "System.Guid" else written_text(value)
    except (ValueError, LookupError) as why:
        raise _wrong("Input string was not in a correct format.", position) from why


def _number(number: float, form: str, position: Position) -> str:
    kind, digits = form[0].lower(), form[1:]
    if digits.isdigit() and int(digits) > _DIGITS:
        raise _wrong(f"{digits} digits: Input string was not in a correct format.", position)
    if not digits or digits.isdigit():
        found = _standard(number, kind, digits, upper=form[0].isupper())
        if found is not None:
            return found
    if _CUSTOM.fullmatch(form) and form.count("%") <= 1 and form.count(".") <= 1:
        return _custom(number, form)
    raise Unsupported(f"the format {{:{form}}}", position)


def _standard(number: float, kind: str, digits: str, *, upper: bool) -> str | None:
    count = int(digits or 2)
    if kind == "n":
        return _grouped(fixed(number, count))
    if kind == "f":
        return fixed(number, count)
    if kind == "p":
        return _grouped(fixed(number * 100, count)) + "%"
    if kind == "c":
        text = _grouped(fixed(number, count))
        return f"(${text[1:]})" if text.startswith("-") else f"${text}"
    if kind in "dx":
        if not isinstance(number, int):
            raise ValueError("Format specifier was invalid.")
        if kind == "d":
            return ("-" if number < 0 else "") + str(abs(number)).zfill(int(digits or 1))
        return format(number if number >= 0 else number + 2**32, "X" if upper else "x").zfill(int(digits or 1))
    if kind in "gr" and not digits:
        return number_text(number)
    return None


def _grouped(text: str) -> str:
    whole, point, rest = text.partition(".")
    return re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", whole) + point + rest


def _wrong(what: str, position: Position) -> PsError:
    return PsError(
        f"Error formatting a string: {what}.", error_id="FormatError", category="InvalidOperation", position=position
    )


def _custom(number: float, form: str) -> str:
    """``0.00``, ``#,##0.##``, ``0%``: zeros are there always, the others where there is something."""
    sign = "%" if form.endswith("%") else ""
    if "%" in form.removesuffix("%"):
        raise ValueError(form)
    whole, _, rest = form.removesuffix("%").partition(".")
    text = fixed(number * 100 if sign else number, len(rest))
    before, _, after = text.lstrip("-").partition(".")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        before = _grouped(before)
    kept = rest.rindex("0") + 1 if "0" in rest else 0
    after = after[:kept] + after[kept:].rstrip("0")
    return ("-" if text.startswith("-") else "") + before + (f".{after}" if after else "") + sign


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
