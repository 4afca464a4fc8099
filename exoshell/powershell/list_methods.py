"""Methods of lists: those that every array has, and those of ArrayList and List[T], which grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.casting import cast
from exoshell.powershell.conversions import items_of, number_of, sort_key, type_name_of
from exoshell.powershell.values import ArrayList

__all__ = ["ARRAY_METHODS", "LIST_METHODS"]


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
