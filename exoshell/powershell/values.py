"""What flows through a pipeline: plain Python values, hash tables, objects with properties.

A PowerShell string is ``str``, a number ``int`` or ``float``, ``$true`` is ``True``, ``$null`` is ``None``, an array is
``list`` (its size is fixed; ``ArrayList`` is one that grows), a date ``datetime``, a hash table ``HashTable``, a script
block ``ScriptBlock`` (of the interpreter). What a command is worth that put nothing out is ``NOTHING``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Final

from attrs import define, field, frozen

__all__ = [
    "NOTHING",
    "ArrayList",
    "AutomationNull",
    "Char",
    "Flags",
    "FormatView",
    "HashTable",
    "KeyCollection",
    "Position",
    "PsObject",
]


@frozen
class Position:
    """Where something stands in a script: 1-based line and column, and the text of that line."""

    line: int
    column: int
    text: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.path or 'At line'}:{self.line} char:{self.column}"


class AutomationNull:
    """PowerShell's AutomationNull: ``$null`` wherever a value is asked for, and no object at all down a pipeline."""

    def __bool__(self) -> bool:
        """It is as ``$null``."""
        return False


NOTHING: Final = AutomationNull()


class Char(str):
    """``[char]``: a text of one letter, whose number ``[int]`` gives."""

    __slots__ = ()


class Flags(int):
    """A value of an enumeration that is joined with ``-bor``: a number with its names."""

    names: str
    type_name: str

    def __new__(cls, number: int, names: str, type_name: str) -> Flags:
        """``names`` as .NET writes them."""
        made = super().__new__(cls, number)
        made.names, made.type_name = names, type_name
        return made


class ArrayList(list[Any]):
    """``ArrayList``, or ``List[T]`` with T as ``element``: a list that grows. ``version`` counts its changes."""

    def __init__(self, items: Iterable[Any] = (), element: str = "") -> None:
        super().__init__(items)
        self.element = element
        self.version = 0


class HashTable(MutableMapping[str, Any]):
    """``@{…}``: keys are compared without case and keep their spelling and order."""

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), *, ordered: bool = False) -> None:
        self.ordered = ordered
        self.version = 0  # counts its changes
        self._items: dict[str, tuple[Any, Any]] = {}
        for key, value in items.items() if isinstance(items, Mapping) else items:
            self[key] = value

    def __getitem__(self, key: Any) -> Any:
        return self._items[_folded(key)][1]

    def __setitem__(self, key: Any, value: Any) -> None:
        held = self._items.get(_folded(key))
        self.version += 1
        self._items[_folded(key)] = (held[0] if held else key, value)

    def __delitem__(self, key: Any) -> None:
        del self._items[_folded(key)]
        self.version += 1

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return _folded(key) in self._items

    def __repr__(self) -> str:
        return "@{" + "; ".join(f"{key}={value!r}" for key, value in self.items()) + "}"


class KeyCollection(list[Any]):
    """``.Keys``, ``.Values`` or ``.GetEnumerator()`` of a ``table``: it may not change while they are gone through."""

    def __init__(self, items: Iterable[Any], table: HashTable) -> None:
        super().__init__(items)
        self.table = table


def _folded(key: Any) -> Any:
    """Lists and tables are keys by who they are, as in .NET."""
    if isinstance(key, str):
        return key.casefold()
    return key if isinstance(key, Hashable) else ("by reference", id(key))


@frozen
class FormatView:
    """How objects of a type are shown when nobody asks: ``columns`` for a table, or all properties as a list."""

    columns: tuple[str, ...] = ()
    as_list: bool = False


@define
class PsObject:
    """An object with named properties, in order; names are compared without case.

    ``type_name`` is .NET's or Exchange's (``Microsoft.Exchange.Data.Directory…``), for ``Get-Member`` and views.
    ``methods``: name → a callable that gets the arguments. ``inner`` is the live object behind it, if there is one.
    """

    properties: HashTable = field(factory=HashTable)
    type_name: str = "System.Management.Automation.PSCustomObject"
    view: FormatView = FormatView()
    methods: dict[str, Any] = field(factory=dict)
    inner: Any = None

    @classmethod
    def of(cls, properties: Mapping[str, Any], type_name: str = "", view: FormatView | None = None) -> PsObject:
        """From a mapping, in its order."""
        made = cls(HashTable(properties))
        if type_name:
            made.type_name = type_name
        if view is not None:
            made.view = view
        return made
