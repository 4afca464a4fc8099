"""Methods of texts. Case counts in them, unless a StringComparison says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.conversions import items_of, number_of, text_of
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.values import Char

__all__ = ["TEXT_METHODS"]

_WORDS: Final = ("removeemptyentries", "none", "0", "1")


def _number(value: Any) -> int:
    return round(number_of(value))


def _split(text: str, *given: Any) -> list[str]:
    """At each of the letters of one or more texts, as in the .NET Framework; at whole texts where a list of such comes
    with options. A number is how many parts there may be.
    """
    marks, rest = _marks(given)
    options = [text_of(each).lower() for each in rest if text_of(each).lower() in _WORDS[:2]]
    counts = [_number(each) for each in rest if text_of(each).lower() not in _WORDS[:2]]
    if len(options) + len(counts) != len(rest) or len(options) > 1 or len(counts) > 1:
        raise Unsupported(".Split() with these arguments")
    whole = bool(options) and isinstance(given[0], list) and any(len(text_of(each)) > 1 for each in given[0])
    wanted = [each for each in marks if each] if whole else list(dict.fromkeys("".join(marks)))
    parts = _parted(text, wanted, counts[0] if counts else 0, full="removeemptyentries" in options)
    return [each for each in parts if each or "removeemptyentries" not in options]


def _marks(given: tuple[Any, ...]) -> tuple[list[str], list[Any]]:
    """The separators and the other arguments; ``.Split('a', 'b')`` has two separators (params char[])."""
    if not given:
        return [], []
    rest = list(given[1:])
    more = []
    while rest and isinstance(rest[0], str) and rest[0].lower() not in _WORDS[:2] and not rest[0].isdigit():
        more.append(text_of(rest.pop(0)))
    return [*(text_of(each) for each in items_of(given[0])), *more], rest


def _parted(text: str, marks: list[str], count: int, *, full: bool) -> list[str]:
    found: list[str] = []
    begin = at = 0
    while at < len(text) and (not count or len([each for each in found if each or not full]) < count - 1):
        mark = next((each for each in marks if text.startswith(each, at)), "") if marks else _blank(text[at])
        if not mark:
            at += 1
            continue
        found.append(text[begin:at])
        at += len(mark)
        begin = at
    return [*found, text[begin:]]


def _blank(letter: str) -> str:
    return letter if letter.isspace() else ""


def _trimmed(cut: Callable[[str, str | None], str]) -> Callable[..., str]:
    return lambda text, *letters: cut(text, "".join(text_of(x) for each in letters for x in items_of(each)) or None)


def _part(text: str, start: Any, length: Any = None) -> str:
    begin = _number(start)
    end = len(text) if length is None else begin + _number(length)
    if not 0 <= begin <= end <= len(text):
        raise IndexError("Index and length must refer to a location within the string.")
    return text[begin:end]


def _cased(value: Any, how: Any = "") -> str:
    """By a StringComparison, if one is given."""
    return text_of(value).casefold() if text_of(how).lower().endswith("ignorecase") else text_of(value)


def _ends(test: Callable[[str, str], bool]) -> Callable[..., bool]:
    def run(text: str, part: Any, how: Any = "", culture: Any = None) -> bool:
        if isinstance(how, bool):
            how = "IgnoreCase" if how else ""
        elif culture is not None:
            raise TypeError
        return test(_cased(text, how), _cased(part, how))

    return run


def _found(last: bool) -> Callable[..., int]:
    def run(text: str, part: Any, *more: Any) -> int:
        hows = [each for each in more if isinstance(each, str)]
        numbers = [_number(each) for each in more if not isinstance(each, str)]
        if len(hows) > 1 or len(numbers) > 1 or (last and numbers):
            raise Unsupported(".IndexOf() with these arguments")
        text, part = _cased(text, *hows), _cased(part, *hows)
        return text.rfind(part) if last else text.find(part, *numbers)

    return run


def _between(text: str, at: Any) -> int:
    number = _number(at)
    if not 0 <= number <= len(text):
        raise IndexError("Specified argument was out of the range of valid values.")
    return number


def _removed(text: str, at: Any, count: Any = None) -> str:
    begin = _between(text, at)
    return text[:begin] + ("" if count is None else text[_between(text, begin + _number(count)) :])


def _compared(text: str, other: Any) -> int:
    """As the culture orders: small letters before large ones of the same word (assumption for other characters)."""
    one, two = (text.casefold(), text.swapcase()), (text_of(other).casefold(), text_of(other).swapcase())
    return int(one > two) - int(one < two)


def _padded(fill: Callable[[str, int, str], str]) -> Callable[..., str]:
    return lambda text, width, letter=" ": fill(text, _number(width), text_of(letter))


def _replaced(text: str, old: Any, new: Any) -> str:
    if not text_of(old):
        raise ValueError("String cannot be of zero length.")
    return text.replace(text_of(old), text_of(new))


TEXT_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "trim": _trimmed(str.strip),
    "trimstart": _trimmed(str.lstrip),
    "trimend": _trimmed(str.rstrip),
    "tolower": str.lower,
    "toupper": str.upper,
    "tolowerinvariant": str.lower,
    "toupperinvariant": str.upper,
    "split": _split,
    "replace": _replaced,
    "contains": lambda text, part: text_of(part) in text,
    "startswith": _ends(str.startswith),
    "endswith": _ends(str.endswith),
    "substring": _part,
    "indexof": _found(last=False),
    "lastindexof": _found(last=True),
    "padleft": _padded(str.rjust),
    "padright": _padded(str.ljust),
    "insert": lambda text, at, part: text[: _between(text, at)] + text_of(part) + text[_between(text, at) :],
    "remove": _removed,
    "tochararray": lambda text: [Char(each) for each in text],
    "getenumerator": lambda text: [Char(each) for each in text],
    "chars": lambda text, at: Char(text[_between(text, at)]),
    "tostring": lambda text: text,
    "equals": lambda text, other, how="": _cased(text, how) == _cased(other, how),
    "compareto": _compared,
}
