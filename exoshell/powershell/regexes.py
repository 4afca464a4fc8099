"""Regular expressions of .NET with Python's: their spelling, the numbers of their groups, ``$1`` in what replaces."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from exoshell.powershell.conversions import items_of, text_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.values import Position

__all__ = ["compiled", "groups_of", "options_of", "replaced"]

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
