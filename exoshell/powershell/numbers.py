"""Numbers and their texts, as Windows PowerShell 5.1 reads and writes them: doubles have 15 digits there."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

__all__ = ["INT_MAX", "fixed", "number_text", "parsed_number", "rounded"]

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
