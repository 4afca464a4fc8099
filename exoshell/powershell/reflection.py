"""``$object.PSObject``: the properties of an object as objects."""

from __future__ import annotations

from typing import Any

from exoshell.powershell.conversions import text_of, type_name_of
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["Properties", "reflected"]


class Properties(list[Any]):
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
        {"Properties": Properties(value), "TypeNames": [type_name_of(value)]}, "System.Management.Automation.PSObject"
    )
    made.methods["Copy"] = lambda: PsObject(
        HashTable(dict(value if isinstance(value, HashTable) else value.properties)), type_name_of(value)
    )
    return made
