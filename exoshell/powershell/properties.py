"""Properties and elements of values: what ``$x.Name`` and ``$x[0]`` mean for each kind; names without case; and
``$x.PSObject``, whose properties are objects.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from exoshell.powershell.conversions import items_of, number_of, text_of, type_name_of
from exoshell.powershell.errors import PsError
from exoshell.powershell.moments import DATE, SPAN, date_property, span_property
from exoshell.powershell.values import NOTHING, ArrayList, Char, HashTable, KeyCollection, Position, PsObject

__all__ = ["PropertyCollection", "get", "has", "index", "looked_up", "names", "put", "put_element", "reflected"]


class PropertyCollection(list[Any]):
    """A list that a name is an index of, too."""

    def __init__(self, value: PsObject | HashTable) -> None:
        self._held = value if isinstance(value, HashTable) else value.properties
        super().__init__(_property(self._held, name) for name in self._held)

    def named(self, name: Any) -> Any:
        """``$null`` if there is none."""
        wanted = text_of(name).casefold()
        return next((each for each in self if text_of(each.properties["Name"]).casefold() == wanted), None)

    def __contains__(self, name: object) -> bool:
        return self.named(name) is not None

    def remove(self, name: Any) -> None:
        """Takes the property from the object."""
        if name in self._held:
            del self._held[name]


def _property(held: HashTable, name: str) -> PsObject:
    value = held[name]
    made = PsObject.of(
        {
            "Name": name,
            "Value": value,
            "MemberType": "NoteProperty",
            "TypeNameOfValue": type_name_of(value),
            "IsSettable": True,
        },
        "System.Management.Automation.PSNoteProperty",
    )

    def put(new: Any) -> None:
        held[name] = new
        made.properties["Value"] = new

    made.methods["set_value"] = put
    return made


def reflected(value: PsObject | HashTable) -> PsObject:
    """What ``.PSObject`` is."""
    made = PsObject.of(
        {"Properties": PropertyCollection(value), "TypeNames": [type_name_of(value)]},
        "System.Management.Automation.PSObject",
    )
    made.methods["Copy"] = lambda: PsObject(
        HashTable(dict(value if isinstance(value, HashTable) else value.properties)), type_name_of(value)
    )
    return made


_TABLE: Final = ("IsReadOnly", "IsFixedSize", "IsSynchronized", "Keys", "Values", "SyncRoot", "Count")


def names(value: Any) -> list[str]:
    """In their order; of a hash table those of the object, which are not its keys, as in Windows PowerShell."""
    if isinstance(value, PsObject):
        return [str(name) for name in value.properties]
    if isinstance(value, HashTable):
        return list(_TABLE)
    if isinstance(value, datetime):
        return list(DATE)
    if isinstance(value, timedelta):
        return list(SPAN)
    return ["Length"] if isinstance(value, str | list | bytes) and not isinstance(value, Char) else []


def get(value: Any, name: str) -> Any:
    """``$null`` where there is none; of a list's elements where the list itself has none."""
    found = looked_up(value, name)
    return None if found is NOTHING else found


def looked_up(value: Any, name: str) -> Any:
    """As above; NOTHING for a list none of whose elements has it."""
    lower = name.lower()
    if value is None:
        return 0 if lower in ("count", "length") else None
    if lower == "psobject" and isinstance(value, HashTable | PsObject):
        return reflected(value)
    if isinstance(value, list):
        return len(value) if lower in ("count", "length") else _of_each(value, name)
    if isinstance(value, HashTable) and name in value:
        return value[name]
    if isinstance(value, PsObject) and name in value.properties:
        return value.properties[name]
    if isinstance(value, bool) and lower == "ispresent":  # of a switch
        return value
    if isinstance(value, str | bytes) and lower == "length" and not isinstance(value, Char):
        return len(value)
    found = None
    if isinstance(value, HashTable):
        found = _of_table(value, lower)
    elif isinstance(value, bytes) and lower == "count":
        found = len(value)
    elif isinstance(value, datetime):
        found = date_property(value, lower)
    elif isinstance(value, timedelta):
        found = span_property(value, lower)
    return 1 if found is None and lower in ("count", "length") else found


def _of_each(value: list[Any], name: str) -> Any:
    found: list[Any] = []
    for each in value:
        if has(each, name):
            one = get(each, name)
            found += one if isinstance(one, list) else [one]
    return NOTHING if not found else found[0] if len(found) == 1 else found


def _of_table(value: HashTable, lower: str) -> Any:
    if lower in ("keys", "values"):
        return KeyCollection(list(value) if lower == "keys" else list(value.values()), value)
    known = {"count": len(value), "isreadonly": False, "isfixedsize": False, "issynchronized": False}
    return "System.Object" if lower == "syncroot" else known.get(lower)


def has(value: Any, name: str) -> bool:
    """Is there such a property?"""
    lower = name.lower()
    if isinstance(value, PsObject):
        return name in value.properties or lower == "psobject"
    if isinstance(value, HashTable):
        return name in value or lower in ("psobject", *map(str.lower, _TABLE))
    if isinstance(value, list):
        return lower in ("count", "length") or any(has(each, name) for each in value)
    return value is not None and lower in map(str.lower, names(value))


def put(value: Any, name: str, new: Any, position: Position) -> None:
    """Set a property. Raises PsError where there is none to set."""
    if isinstance(value, HashTable):
        value[name] = new
        return
    if isinstance(value, PsObject):
        setter = value.methods.get(f"set_{name.lower()}") or value.methods.get(f"set_{name}")
        if setter is not None:
            setter(new)
            return
        if name in value.properties:
            value.properties[name] = new
            return
    raise PsError(
        f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set.",
        error_id="PropertyAssignmentException",
        category="InvalidOperation",
        position=position,
    )


def index(value: Any, at: Any, position: Position) -> Any:
    """``$x[…]``: a number (from the end where it is negative), several numbers, or a key."""
    if value is None:
        raise PsError(
            "Cannot index into a null array.", error_id="NullArray", category="InvalidOperation", position=position
        )
    if isinstance(value, HashTable) and at in value:
        return value[at]
    if isinstance(at, list):
        return [each for one in at for each in items_of(index(value, one, position))]
    if isinstance(value, HashTable):
        keys: list[Any] = list(value)
        if value.ordered and isinstance(at, int) and at not in keys:
            return index(list(value.values()), at, position)
        return None
    if isinstance(value, PropertyCollection) and isinstance(at, str):
        return value.named(at)
    if at is None:
        raise PsError(
            "Index operation failed; the array index evaluated to null.", error_id="NullArrayIndex",
            category="InvalidOperation", position=position,
        )  # fmt: skip
    number = round(number_of(at, position))
    held: Any = value if isinstance(value, list | str | bytes) and not isinstance(value, Char) else [value]
    if not -len(held) <= number < len(held):
        return None
    return Char(held[number]) if isinstance(held, str) else held[number]


def put_element(value: Any, at: Any, new: Any, position: Position) -> None:
    """``$x[…] = …``. Raises PsError."""
    if isinstance(value, HashTable):
        keys: list[Any] = list(value)
        if value.ordered and isinstance(at, int) and at not in keys and 0 <= at < len(value):
            at = keys[at]
        value[at] = new
        return
    if value is None:
        raise PsError(
            "Cannot index into a null array.", error_id="NullArray", category="InvalidOperation", position=position
        )
    number = int(number_of(at, position))
    if not isinstance(value, list) or not -len(value) <= number < len(value):
        raise PsError(
            "Index was outside the bounds of the array.",
            error_id="System.IndexOutOfRangeException",
            category="OperationStopped",
            position=position,
        )
    value[number] = new
    if isinstance(value, ArrayList):
        value.version += 1
