"""How a .NET object looks to a script: properties that convert what is put into them, and collections with Add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from exoshell.powershell.errors import NetError
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["Collection", "LiveProperties", "arguments", "boolean", "choice", "live", "number", "text"]

Convert = Callable[[Any], Any]


class LiveProperties(HashTable):
    """What is set goes through the property's conversion, as PowerShell converts to the property's type."""

    def __init__(self, items: Iterable[tuple[str, Any]], conversions: Mapping[str, Convert]) -> None:
        self._conversions = {name.casefold(): convert for name, convert in conversions.items()}
        self._ready = False
        super().__init__(items)
        self._ready = True

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._ready:
            if key not in self:
                raise NetError(
                    f"The property '{key}' cannot be found on this object. Verify that the property exists and can"
                    " be set.",
                    ("System.Management.Automation.PropertyNotFoundException",),
                )
            convert = self._conversions.get(str(key).casefold())
            if convert is None:
                raise NetError(f"'{key}' is a ReadOnly property.")
            value = convert(value)
        super().__setitem__(key, value)


class Collection(list[Any]):
    """A collection of .NET: a list whose ``Add`` converts; ``convert`` makes the elements of one value."""

    def __init__(self, convert: Callable[[Any], list[Any]]) -> None:
        super().__init__()
        self._convert = convert

    def append(self, value: Any) -> None:
        """``Add``. Raises NetError."""
        self.extend(self._convert(value))


def live(type_name: str, *rows: tuple[str, Any, Convert | None], methods: Mapping[str, Any] | None = None) -> PsObject:
    """An object of (property, value, conversion; None: cannot be set) rows."""
    conversions = {name: convert for name, _, convert in rows if convert is not None}
    properties = LiveProperties([(name, value) for name, value, _ in rows], conversions)
    return PsObject(properties, type_name, methods=dict(methods or {}))


def text(value: Any) -> str:
    """To a String."""
    return "" if value is None else str(value)


def number(value: Any) -> int:
    """To an Int32. Raises NetError."""
    try:
        return int(str(value).strip()) if not isinstance(value, bool) else int(value)
    except ValueError:
        raise NetError(
            f'Cannot convert value "{value}" to type "System.Int32". Error: "Input string was not in a correct'
            ' format."',
            ("System.InvalidCastException",),
        ) from None


def boolean(value: Any) -> bool:
    """To a Boolean: $true, $false or a number. Raises NetError."""
    if isinstance(value, bool | int | float):
        return bool(value)
    raise NetError(
        f'Cannot convert value "{value}" to type "System.Boolean". Boolean parameters accept only Boolean values and'
        " numbers, such as $True, $False, 1 or 0.",
        ("System.InvalidCastException",),
    )


def choice(type_name: str, *names: str, flags: bool = False, values: tuple[int, ...] = ()) -> Convert:
    """To one of an enumeration's names, or with ``flags`` several, joined as .NET joins them; ``values`` are the
    numbers of the names, 0, 1, 2… unless given. Raises NetError.
    """
    known = {name.casefold(): name for name in names}
    numbered = dict(zip(values or range(len(names)), names, strict=True))

    def convert(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = _named(value, numbered, flags=flags)
        given = value if isinstance(value, list) else str(value).split(",") if flags else [value]
        found = [known.get(str(each).strip().rpartition("]::")[2].casefold(), "") for each in given]
        if not all(found) or not found:
            raise NetError(
                f'Cannot convert value "{value}" to type "{type_name}". Error: "Unable to match the identifier name'
                f" {value} to a valid enumerator name. Specify one of the following enumerator names and try again:"
                f' {", ".join(names)}"',
                ("System.InvalidCastException",),
            )
        return ", ".join(found)

    return convert


def _named(value: int, numbered: Mapping[int, str], *, flags: bool) -> Any:
    if value in numbered or not flags:
        return numbered.get(value, value)
    found = [name for bit, name in numbered.items() if bit and value & bit]
    return found if sum(bit for bit in numbered if bit and value & bit) == value else value


def arguments(type_name: str, given: list[Any], *counts: int) -> None:
    """Raises NetError unless there is a constructor of so many arguments."""
    if len(given) not in counts:
        raise NetError(f"A constructor was not found. Cannot find an appropriate constructor for type {type_name}.")
