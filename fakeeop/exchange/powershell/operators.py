"""PowerShell's binary operators: case does not count unless one begins with ``c``; a list on the left is filtered."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from fakeeop.exchange.powershell.conversions import cast, items_of, number_of, text_of, truth, type_name_of
from fakeeop.exchange.powershell.errors import PsError, Unsupported
from fakeeop.exchange.powershell.formats import formatted
from fakeeop.exchange.powershell.parsed import numbers_of
from fakeeop.exchange.powershell.values import HashTable, Position

__all__ = ["binary", "equal", "wildcard"]

_COMPARE: Final = ("eq", "ne", "gt", "ge", "lt", "le", "like", "notlike", "match", "notmatch", "contains")
_COMPARE_MORE: Final = ("notcontains", "in", "notin", "replace", "split", "join", "is", "isnot", "as")
_MARK: Final = re.compile(r"\$(\d+|\{\w+\}|[$&])")
_LONGEST: Final = 10_000_000  # characters or elements
Matches = Callable[[dict[Any, str]], None]


def binary(operator: str, left: Any, right: Any, position: Position, note: Matches) -> Any:
    """``left operator right``; ``note`` takes what ``-match`` found. Raises PsError, Unsupported."""
    name = operator.lower().lstrip("-") if operator.startswith("-") and len(operator) > 1 else operator
    if name in ("and", "or", "xor"):
        first, second = truth(left), truth(right)
        return {"and": first and second, "or": first or second, "xor": first != second}[name]
    if name in ("shl", "shr"):
        by = int(number_of(right, position)) & 31  # of an Int32, as .NET shifts
        held = int(number_of(left, position))
        return ((held << by) + 2**31) % 2**32 - 2**31 if name == "shl" else held >> by
    if name in ("band", "bor", "bxor"):
        one, two = int(number_of(left, position)), int(number_of(right, position))
        return {"band": one & two, "bor": one | two, "bxor": one ^ two}[name]
    if name == "f":
        return formatted(text_of(left), right if isinstance(right, list) else [right], position)
    if name in ("+", "-", "*", "/", "%"):
        return _arithmetic(name, left, right, position)
    known = (*_COMPARE, *_COMPARE_MORE)
    cased = name[0] == "c" and name[1:] in known and name not in known
    plain = name[1:] if cased or (name[0] == "i" and name[1:] in known and name not in known) else name
    if plain not in known:
        raise Unsupported(f"the operator {operator}", position)
    return _compared(plain, left, right, cased, position, note)


def equal(left: Any, right: Any, *, cased: bool = False) -> bool:
    """``-eq`` of two single values: the right one is converted to the type of the left one."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, bool):
        return left == truth(right)
    if isinstance(left, int | float):
        try:
            return left == number_of(right)
        except PsError:
            return False
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left == right
    if numbers_of(left) is not None and numbers_of(right) is not None:
        return numbers_of(left) == numbers_of(right)
    if isinstance(left, str | list) or isinstance(right, str):
        one, two = text_of(left), text_of(right)
        return one == two if cased else one.casefold() == two.casefold()
    return left is right or left == right


def wildcard(pattern: str, *, cased: bool = False) -> re.Pattern[str]:
    """``*``, ``?`` and ``[a-c]`` of ``-like``; a backtick takes the meaning of what follows."""
    text = re.sub(r"`(.)", lambda match: f"[{match[1]}]", pattern)
    return re.compile(fnmatch.translate(text), 0 if cased else re.I)


def _compared(name: str, left: Any, right: Any, cased: bool, position: Position, note: Matches) -> Any:
    if name in ("contains", "notcontains"):
        found = any(equal(each, right, cased=cased) for each in items_of(left))
        return found if name == "contains" else not found
    if name in ("in", "notin"):
        found = any(equal(each, left, cased=cased) for each in items_of(right))
        return found if name == "in" else not found
    if name == "join":
        return text_of(right).join(text_of(each) for each in items_of(left))
    if name in ("is", "isnot"):
        wanted = text_of(right).lower().removeprefix("system.")
        same = type_name_of(left).lower().removeprefix("system.") in (
            wanted,
            {"int": "int32", "bool": "boolean"}.get(wanted),
        )
        same = same or (wanted == "object" and left is not None)
        same = same or (wanted in ("array", "object[]") and isinstance(left, list))
        same = same or (wanted == "hashtable" and isinstance(left, HashTable))
        return same if name == "is" else not same
    if name == "as":
        try:
            return cast(left, text_of(right), position)
        except Unsupported:
            raise
        except PsError:
            return None
    if name in ("split", "replace"):
        made = [_rewritten(name, text_of(each), right, cased, position) for each in items_of(left)]
        flat = [part for each in made for part in each]
        return flat if name == "split" or isinstance(left, list) else flat[0] if flat else ""
    if isinstance(left, list):  # the elements for which it holds
        return [each for each in left if _holds(name, each, right, cased, position, note)]
    return _holds(name, left, right, cased, position, note)


def _rewritten(name: str, text: str, right: Any, cased: bool, position: Position) -> list[str]:
    words = items_of(right)
    first = text_of(words[0]) if words else ""
    options = text_of(words[2]).lower() if name == "split" and len(words) > 2 else ""
    if options not in ("", "simplematch", "regexmatch"):
        raise Unsupported(f"the option {text_of(words[2])} of -split", position)
    pattern = _regex(re.escape(first) if options == "simplematch" else first, cased, position)
    if name == "replace":
        new = text_of(words[1]) if len(words) > 1 else ""
        return [pattern.sub(partial(_substituted, new), text)]
    return pattern.split(text, max(int(number_of(words[1])) - 1, 0) if len(words) > 1 else 0)


def _substituted(new: str, found: re.Match[str]) -> str:
    """``$1``, ``${name}``, ``$&`` and ``$$`` of .NET; what names no group stays as it is."""

    def of(mark: re.Match[str]) -> str:
        name = mark[1].strip("{}")
        if name in ("$", "&"):
            return "$" if name == "$" else found[0]
        group: int | str = int(name) if name.isdigit() else name
        known = group <= (found.re.groups) if isinstance(group, int) else group in found.re.groupindex
        return (found[group] or "") if known else mark[0]

    return _MARK.sub(of, new)


def _regex(text: str, cased: bool, position: Position) -> re.Pattern[str]:
    try:
        return re.compile(re.sub(r"\(\?<(\w)", r"(?P<\1", text), 0 if cased else re.I)
    except re.error as why:
        raise PsError(
            f'parsing "{text}" - {why}',
            error_id="InvalidRegularExpression",
            category="InvalidArgument",
            position=position,
        ) from why


def _holds(name: str, left: Any, right: Any, cased: bool, position: Position, note: Matches) -> bool:
    if name in ("eq", "ne"):
        return equal(left, right, cased=cased) is (name == "eq")
    if name in ("like", "notlike"):
        return bool(wildcard(text_of(right), cased=cased).match(text_of(left))) is (name == "like")
    if name in ("match", "notmatch"):
        found = _regex(text_of(right), cased, position).search(text_of(left))
        if found is not None:
            groups = {number: each or "" for number, each in enumerate((found[0], *found.groups()))}
            note({**groups, **{key: each or "" for key, each in found.groupdict().items()}})
        return bool(found) is (name == "match")
    one, two = _ordered(left, right, cased, position)
    return bool({"gt": one > two, "ge": one >= two, "lt": one < two, "le": one <= two}[name])


def _ordered(left: Any, right: Any, cased: bool, position: Position) -> tuple[Any, Any]:
    if isinstance(left, datetime):
        return left, cast(right, "datetime", position)
    if numbers_of(left) is not None:
        return numbers_of(left), numbers_of(cast(right, "version", position))
    if isinstance(left, str):
        return (left, text_of(right)) if cased else (left.casefold(), text_of(right).casefold())
    return number_of(left, position), number_of(right, position)


def _arithmetic(name: str, left: Any, right: Any, position: Position) -> Any:
    if name == "+":
        return _added(left, right, position)
    if name == "*" and isinstance(left, str | list):
        times = int(number_of(right, position))
        if times < 0 or len(left) * times > _LONGEST:
            raise PsError(
                f"{times} times is out of range here.", error_id="ArgumentOutOfRangeException",
                category="LimitsExceeded", position=position,
            )  # fmt: skip
        return left * times
    if name == "-" and isinstance(left, datetime) and isinstance(right, datetime):
        return left - right
    if name == "-" and isinstance(left, datetime | timedelta) and isinstance(right, timedelta):
        return left - right
    one, two = number_of(left, position), number_of(right, position)
    if name in ("/", "%") and two == 0:
        raise PsError("Attempted to divide by zero.", error_id="DivideByZero", position=position)
    if name == "/":
        found = one / two
        return int(found) if isinstance(one, int) and isinstance(two, int) and found.is_integer() else found
    if name == "%":
        remainder = abs(one) % abs(two)
        return -remainder if one < 0 else remainder
    return one - two if name == "-" else one * two


def _added(left: Any, right: Any, position: Position) -> Any:
    if left is None:
        return right
    if isinstance(left, list):
        return [*left, *(right if isinstance(right, list) else [right])]
    if isinstance(left, HashTable):
        if not isinstance(right, HashTable):
            raise PsError(
                "A hash table can only be added to another hash table.",
                error_id="AddHashTableToNonHashTable",
                position=position,
            )
        return HashTable([*left.items(), *right.items()])
    if isinstance(left, str):
        return left + text_of(right)
    if isinstance(left, datetime | timedelta) and isinstance(right, timedelta):
        return left + right
    return number_of(left, position) + number_of(right, position)
