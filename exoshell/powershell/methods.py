"""Methods of values: what ``$x.Name(…)`` means for each kind; names without case. In texts case counts, unless a
StringComparison says otherwise. Every array has some methods, ArrayList and List[T], which grow, have more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from exoshell.powershell.conversions import cast, items_of, number_of, sort_key, text_of, type_name_of, written_text
from exoshell.powershell.errors import PsError, Unsupported, guarded
from exoshell.powershell.formats import form_of
from exoshell.powershell.moments import DATE_METHODS, SPAN_METHODS
from exoshell.powershell.values import ArrayList, Char, HashTable, KeyCollection, Position, PsObject

__all__ = ["ARRAY_METHODS", "LIST_METHODS", "TEXT_METHODS", "call"]

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


def _fixed(_items: list[Any], *_given: Any) -> None:
    raise ValueError("Collection was of a fixed size.")


def _changed(items: list[Any]) -> None:
    if isinstance(items, ArrayList):
        items.version += 1


def _element(items: list[Any], value: Any) -> Any:
    element = items.element if isinstance(items, ArrayList) else ""
    return cast(value, element) if element else value


def _add(items: list[Any], value: Any) -> int | None:
    """Of an ArrayList: where it is; that of a List gives nothing."""
    items.append(_element(items, value))
    _changed(items)
    return len(items) - 1 if isinstance(items, ArrayList) and not items.element else None


def _add_range(items: list[Any], more: Any) -> None:
    items.extend(_element(items, each) for each in items_of(more))
    _changed(items)


def _insert(items: list[Any], at: Any, value: Any) -> None:
    number = int(number_of(at))
    if not 0 <= number <= len(items):
        raise ValueError("Insertion index was out of range. Must be non-negative and less than or equal to size.")
    items.insert(number, _element(items, value))
    _changed(items)


def _remove(items: list[Any], value: Any) -> bool | None:
    found = value in items
    if found:
        items.remove(value)
        _changed(items)
    return found if isinstance(items, ArrayList) and items.element else None


def _remove_at(items: list[Any], at: Any) -> None:
    number = int(number_of(at))
    if not 0 <= number < len(items):
        raise ValueError("Index was out of range. Must be non-negative and less than the size of the collection.")
    del items[number]
    _changed(items)


def _clear(items: list[Any]) -> None:
    items.clear()
    _changed(items)


def _sort(items: list[Any]) -> None:
    items.sort(key=sort_key)
    _changed(items)


def _reverse(items: list[Any]) -> None:
    items.reverse()
    _changed(items)


def _index_of(items: list[Any], value: Any) -> int:
    return items.index(value) if value in items else -1


ARRAY_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "contains": lambda items, one: one in items,
    "indexof": _index_of,
    **dict.fromkeys(("add", "insert", "remove", "removeat"), _fixed),
    "clone": list,
    "getenumerator": lambda items: items,
    "tostring": type_name_of,
    "getlength": lambda items, _dimension: len(items),
    "getupperbound": lambda items, _dimension: len(items) - 1,
}
LIST_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "contains": lambda items, one: one in items,
    "indexof": _index_of,
    "add": _add,
    "addrange": _add_range,
    "insert": _insert,
    "remove": _remove,
    "removeat": _remove_at,
    "clear": _clear,
    "sort": _sort,
    "reverse": _reverse,
    "toarray": list,
    "clone": lambda items: ArrayList(items, getattr(items, "element", "")),
    "getenumerator": lambda items: items,
    "tostring": type_name_of,
}


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
        return ARRAY_METHODS if type(value) in (list, KeyCollection) else LIST_METHODS
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


def _later(table: HashTable, key: Any, value: Any) -> None:
    if key in table:
        spelled = next(each for each in table if written_text(each).casefold() == written_text(key).casefold())
        raise ValueError(
            f"Item has already been added. Key in dictionary: '{text_of(spelled)}'  Key being added: '{text_of(key)}'"
        )
    table[key] = value


def _entries(table: HashTable) -> KeyCollection:
    kind = "System.Collections.DictionaryEntry"
    return KeyCollection(
        [PsObject.of({"Name": key, "Key": key, "Value": value}, kind) for key, value in table.items()], table
    )


def _of_date(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """Its arguments converted: numbers, except the formats of ToString, and dates and spans."""

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
    "add": _later,
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
