"""PowerShell's binary operators: case does not count unless one begins with ``c``; a list on the left is filtered.

Regular expressions of .NET are Python's here: their spelling, the numbers of their groups, ``$1`` in what replaces.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.conversions import (
    cast,
    is_list_type,
    items_of,
    number_of,
    plain_type,
    text_of,
    truth,
    type_name_of,
)
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.formats import formatted
from exoshell.powershell.objects import numbers_of
from exoshell.powershell.values import ArrayList, Char, HashTable, Position, PsObject

__all__ = ["binary", "compiled", "equal", "groups_of", "options_of", "replaced", "wildcard"]

_SPELLING: Final = re.compile(r"\\(.)(\{\w+\}|<\w+>)?|\(\?<(\w+)>|\(\?'(\w+)'", re.DOTALL)
_MARK: Final = re.compile(r"\$(\d+|\{\w+\}|[$&])")
_OPTIONS: Final = {"none": 0, "ignorecase": re.I, "multiline": re.M, "singleline": re.S, "cultureinvariant": 0,
                   "compiled": 0, "ignorepatternwhitespace": re.X}  # fmt: skip


def compiled(text: str, flags: int, position: Position | None = None) -> re.Pattern[str]:
    """Raises PsError; Unsupported for what .NET knows and Python does not."""
    spelled = _SPELLING.sub(partial(_spelled, text, position), text)
    try:
        return re.compile(spelled, flags)
    except re.error as why:
        raise PsError(
            f'parsing "{text}" - {why}',
            error_id="InvalidRegularExpression",
            category="InvalidArgument",
            position=position,
        ) from why


def _spelled(text: str, position: Position | None, found: re.Match[str]) -> str:
    if found[1] is None:
        return f"(?P<{found[3] or found[4]}>"
    letter, rest = found[1], found[2] or ""
    if letter in "pP" and rest:
        raise Unsupported(f"\\{letter}{rest} in the pattern {text}", position)
    if letter == "k" and rest.startswith("<"):
        return f"(?P={rest[1:-1]})"
    return {"z": r"\Z", "Z": r"(?=\n?\Z)"}.get(letter, f"\\{letter}") + rest


def options_of(given: Any, position: Position | None = None) -> int:
    """RegexOptions by their names. Raises Unsupported."""
    flags = 0
    for word in [part.strip() for each in items_of(given) for part in text_of(each).split(",")]:
        if word.lower() not in _OPTIONS:
            raise Unsupported(f"the option {word} of a pattern", position)
        flags |= _OPTIONS[word.lower()]
    return flags


def groups_of(found: re.Match[str]) -> dict[Any, tuple[str | None, int]]:
    """By .NET's numbers and names, with their places: those without names are counted first, and those with names have
    no number here.
    """
    named = {number: name for name, number in found.re.groupindex.items()}
    groups: dict[Any, tuple[str | None, int]] = {0: (found[0], found.start())}
    count = 0
    for number in range(1, found.re.groups + 1):
        count += number not in named
        groups[named.get(number, count)] = (found[number], found.start(number))
    return groups


def replaced(pattern: re.Pattern[str], new: str, text: str) -> str:
    """``$1``, ``${name}``, ``$&`` and ``$$`` of .NET; what names no group stays as it is."""
    return pattern.sub(partial(_substituted, new), text)


def _substituted(new: str, found: re.Match[str]) -> str:
    groups = groups_of(found)
    names = list(found.re.groupindex)
    unnamed = found.re.groups - len(names)

    def of(mark: re.Match[str]) -> str:
        name = mark[1].strip("{}")
        if name in ("$", "&"):
            return "$" if name == "$" else found[0]
        key: Any = int(name) if name.isdigit() else name
        if isinstance(key, int) and unnamed < key <= found.re.groups:  # the numbers behind are of those with names
            key = names[key - unnamed - 1]
        return (groups[key][0] or "") if key in groups else mark[0]

    return _MARK.sub(of, new)


_COMPARE: Final = ("eq", "ne", "gt", "ge", "lt", "le", "like", "notlike", "match", "notmatch", "contains")
_COMPARE_MORE: Final = ("notcontains", "in", "notin", "replace", "split", "join", "is", "isnot", "as")
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
    if isinstance(left, datetime | timedelta):
        try:
            return bool(left == cast(right, "datetime" if isinstance(left, datetime) else "timespan"))
        except PsError:
            return False
    if numbers_of(left) is not None:
        try:
            return numbers_of(left) == numbers_of(cast(right, "version"))
        except PsError:
            return False
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
        return _is(left, text_of(right), position) is (name == "is")
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


_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str, "bool": bool, "boolean": bool, "switch": bool, "double": float, "datetime": datetime,
    "timespan": timedelta, "hashtable": HashTable, "collections.hashtable": HashTable, "char": Char,
    "collections.idictionary": HashTable, "array": list, "object[]": list, "byte[]": bytes, "scriptblock": ScriptBlock,
    "collections.ienumerable": (list, str, HashTable, bytes), "collections.icollection": (list, HashTable, bytes),
    "collections.ilist": (list, bytes),
}  # fmt: skip


def _is(value: Any, type_name: str, position: Position) -> bool:
    """Raises Unsupported for a type that is not known here."""
    kind = plain_type(type_name)
    full = plain_type(type_name_of(value))
    if kind == "object":
        return value is not None
    if kind in ("int", "int32", "long", "int64"):
        return full == {"int": "int32", "long": "int64"}.get(kind, kind)
    if kind in ("array", "object[]", "char", "string"):
        wanted = _KINDS[kind]
        return isinstance(value, wanted) and not isinstance(value, ArrayList) and (kind != "string" or full == "string")
    if kind in _KINDS:
        return isinstance(value, _KINDS[kind])
    if kind in ("pscustomobject", "psobject"):
        return full == "pscustomobject" or full.startswith("selected.")
    if isinstance(value, PsObject) or is_list_type(kind):
        return full.replace("`1", "") == kind.replace("`1", "") or full.rpartition(".")[2] == kind
    if kind in ("version", "net.ipaddress", "ipaddress", "guid", "uri", "exception"):
        return False
    raise Unsupported(f"the type [{type_name}] of -is", position)


def _rewritten(name: str, text: str, right: Any, cased: bool, position: Position) -> list[str]:
    words = items_of(right)
    if words and isinstance(words[0], ScriptBlock):
        raise Unsupported(f"-{name} with a script block", position)
    first = text_of(words[0]) if words else ""
    options = text_of(words[2]).lower() if name == "split" and len(words) > 2 else ""
    if options not in ("", "simplematch", "regexmatch"):
        raise Unsupported(f"the option {text_of(words[2])} of -split", position)
    pattern = compiled(re.escape(first) if options == "simplematch" else first, 0 if cased else re.I, position)
    if name == "replace":
        new = text_of(words[1]) if len(words) > 1 else ""
        return [replaced(pattern, new, text)]
    return pattern.split(text, max(int(number_of(words[1])) - 1, 0) if len(words) > 1 else 0)


def _holds(name: str, left: Any, right: Any, cased: bool, position: Position, note: Matches) -> bool:
    if name in ("eq", "ne"):
        return equal(left, right, cased=cased) is (name == "eq")
    if name in ("like", "notlike"):
        return bool(wildcard(text_of(right), cased=cased).match(text_of(left))) is (name == "like")
    if name in ("match", "notmatch"):
        found = compiled(text_of(right), 0 if cased else re.I, position).search(text_of(left))
        if found is not None:
            note({key: each for key, (each, _) in groups_of(found).items() if each is not None})
        return bool(found) is (name == "match")
    one, two = _ordered(left, right, cased, position)
    return bool({"gt": one > two, "ge": one >= two, "lt": one < two, "le": one <= two}[name])


def _ordered(left: Any, right: Any, cased: bool, position: Position) -> tuple[Any, Any]:
    if left is None or right is None:
        return _beside_nothing(left, right)
    if isinstance(left, datetime | timedelta):
        return left, cast(right, "datetime" if isinstance(left, datetime) else "timespan", position)
    if numbers_of(left) is not None:
        return numbers_of(left), numbers_of(cast(right, "version", position))
    if isinstance(left, str):
        return (left.swapcase(), text_of(right).swapcase()) if cased else (left.casefold(), text_of(right).casefold())
    return number_of(left, position), number_of(right, position)


def _beside_nothing(left: Any, right: Any) -> tuple[int, int]:
    """``$null`` is less than anything but a number below 0."""
    other = right if left is None else left
    size = 0 if other is None else -1 if isinstance(other, int | float) and other < 0 else 1
    return (0, size) if left is None else (size, 0)


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
    if name == "-" and isinstance(left, datetime):
        return left - (right if isinstance(right, timedelta) else cast(right, "datetime", position))
    if name == "-" and isinstance(left, timedelta) and isinstance(right, timedelta):
        return left - right
    if isinstance(left, list | HashTable):
        signs = {"-": "Subtraction", "*": "Multiply", "/": "Division", "%": "Modulus"}
        raise PsError(
            f"Method invocation failed because [{type_name_of(left)}] does not contain a method named"
            f" 'op_{signs[name]}'.",
            error_id="MethodNotFound", category="InvalidOperation", position=position,
        )  # fmt: skip
    one, two = number_of(left, position), number_of(right, position)
    if name in ("/", "%") and two == 0:
        if isinstance(one, float) or isinstance(two, float):
            return float("nan") if one == 0 or name == "%" else float("inf") * (1 if one > 0 else -1)
        raise PsError("Attempted to divide by zero.", error_id="DivideByZero", position=position)
    if name == "/":
        return one // two if isinstance(one, int) and isinstance(two, int) and one % two == 0 else one / two
    if name == "%":
        remainder = abs(one) % abs(two)
        return -remainder if one < 0 else remainder
    return _held(one - two if name == "-" else one * two)


def _held(number: int | float) -> int | float:
    """What no Int64 holds is a Double."""
    return float(number) if isinstance(number, int) and not -(2**63) <= number < 2**63 else number


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
        again = next((key for key in right if key in left), None)
        if again is not None:
            raise PsError(
                f"Item has already been added. Key in dictionary: '{text_of(again)}'  Key being added:"
                f" '{text_of(again)}'",
                error_id="ArgumentException", category="OperationStopped", position=position,
            )  # fmt: skip
        return HashTable([*left.items(), *right.items()])
    if isinstance(left, str):
        return str(left) + text_of(right)
    if isinstance(left, datetime | timedelta) and isinstance(right, timedelta):
        return left + right
    return _held(number_of(left, position) + number_of(right, position))
