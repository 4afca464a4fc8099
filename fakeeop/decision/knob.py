"""What a knob is: an open question of the facts, and its answers."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Knob", "Side", "knob"]


@frozen
class Side:
    """One answer: the value, what it means, where it comes from (``own`` = our assumption)."""

    value: str
    meaning: str
    sources: tuple[str, ...]


@frozen
class Knob:
    """One open question. ``name`` is for tenant files, ``field`` for ``Behaviour``; the first side is the default."""

    name: str
    field: str
    conflict: str  # its number in docs/attribution.md
    question: str
    sides: tuple[Side, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values, the default first."""
        return tuple(side.value for side in self.sides)

    @property
    def default(self) -> str:
        """What holds when the tenant file says nothing."""
        return self.sides[0].value


def knob(field: str, conflict: str, question: str, *sides: tuple[str, str, str]) -> Knob:
    """A knob from its field in ``Behaviour`` and ``(value, meaning, sources)`` for each answer, the default first."""
    name = "".join(word.capitalize() for word in field.split("_"))
    made = tuple(Side(value, meaning, tuple(sources.split(", "))) for value, meaning, sources in sides)
    return Knob(name, field, conflict, question, made)
