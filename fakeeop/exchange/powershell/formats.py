"""The operator ``-f``: .NET's composite formats, those that scripts use."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from fakeeop.exchange.powershell.conversions import number_of, text_of
from fakeeop.exchange.powershell.errors import PsError, Unsupported
from fakeeop.exchange.powershell.formatting_dates import format_date
from fakeeop.exchange.powershell.values import Position

__all__ = ["formatted"]

_WIDEST = 10_000
_DIGITS = 99  # .NET's limit
_ITEM = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}")


def formatted(text: str, values: list[Any], position: Position) -> str:
    """``'{0:n2} of {1,-5}' -f …``. Raises PsError for an index without a value."""

    def of(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        number = int(match[1])
        if number >= len(values):
            raise PsError(
                "Error formatting a string: Index (zero based) must be greater than or equal to zero and less than the "
                "size of the argument list..",
                error_id="FormatError",
                category="InvalidOperation",
                position=position,
            )
        shown = _shown(values[number], match[3] or "", position)
        width = int(match[2] or 0)
        if abs(width) > _WIDEST:
            raise _wrong(f"the width {width}", position)
        return shown.ljust(-width) if width < 0 else shown.rjust(width)

    return _ITEM.sub(of, text)


def _shown(value: Any, form: str, position: Position) -> str:
    if not form:
        return text_of(value)
    if isinstance(value, datetime):
        return format_date(value, form)
    number, digits = number_of(value, position), form[1:]
    kind = form[0].lower()
    if digits.isdigit() and int(digits) > _DIGITS:
        raise _wrong(f"{digits} digits", position)
    if kind == "n" and (not digits or digits.isdigit()):
        return f"{number:,.{int(digits or 2)}f}"
    if kind == "f" and (not digits or digits.isdigit()):
        return f"{number:.{int(digits or 2)}f}"
    if kind == "d" and (not digits or digits.isdigit()):
        return f"{int(number):0{int(digits or 1)}d}"
    if kind == "p" and (not digits or digits.isdigit()):
        return f"{number * 100:,.{int(digits or 2)}f}%"
    if kind == "x" and (not digits or digits.isdigit()):
        return f"{int(number):0{int(digits or 1)}{'X' if form[0] == 'X' else 'x'}}"
    if set(form) <= {"0", ".", "#", ","}:
        return _custom(number, form)
    raise Unsupported(f"the format {{:{form}}}", position)


def _wrong(what: str, position: Position) -> PsError:
    return PsError(
        f"Error formatting a string: {what}: Input string was not in a correct format..",
        error_id="FormatError",
        category="InvalidOperation",
        position=position,
    )


def _custom(number: float, form: str) -> str:
    """``0.00``, ``#,##0.##``: zeros are there always, the others where there is something."""
    whole, _, rest = form.partition(".")
    text = f"{abs(number):.{len(rest)}f}"
    before, _, after = text.partition(".")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        before = re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", before)
    kept = rest.rindex("0") + 1 if "0" in rest else 0
    after = after[:kept] + after[kept:].rstrip("0")
    return ("-" if number < 0 else "") + before + (f".{after}" if after else "")
