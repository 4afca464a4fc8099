"""The knobs as the rest of the program asks for them, made from the fields of ``Behaviour``, where each is declared."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from attrs import Attribute, fields

from fakeeop.model.behaviour import Behaviour

__all__ = ["KNOBS", "Change", "Knob", "KnobSide", "knob_key"]


class KnobSide(NamedTuple):
    """One answer: the value, what it means, where it comes from (``own`` = our assumption)."""

    value: str
    meaning: str
    sources: tuple[str, ...]


class Change(NamedTuple):
    """From ``since`` on the knob has ``value``."""

    since: date
    value: str
    source: str
    confidence: str


class Knob(NamedTuple):
    """One open question. ``name`` is for tenant files, ``field`` for ``Behaviour``; the first side is the default.

    ``changes`` is empty for a knob that no date sets. Otherwise ``first`` held before the first change, ``what`` says
    what changed, and after the last one it is as today.
    """

    name: str
    field: str
    conflict: str  # its number in docs/attribution.md
    question: str
    sides: tuple[KnobSide, ...]
    what: str
    first: str
    changes: tuple[Change, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values, the default first."""
        return tuple(side.value for side in self.sides)

    @property
    def default(self) -> str:
        """What holds when the tenant file says nothing."""
        return self.sides[0].value

    def value_on(self, day: date) -> str:
        """What held on ``day``."""
        found = self.first if self.changes else self.default
        for change in self.changes:
            if change.since <= day:
                found = change.value
        return found


def knob_key(name: str) -> str:
    """The compared form of a knob's name: case, ``_`` and ``-`` do not count."""
    return name.lower().replace("_", "").replace("-", "")


def _knob(declared: Attribute[str]) -> Knob:
    told = declared.metadata
    return Knob(
        name="".join(word[:1].upper() + word[1:] for word in declared.name.split("_")),
        field=declared.name,
        conflict=told["conflict"],
        question=told["question"],
        sides=tuple(KnobSide(value, meaning, tuple(sources.split(", "))) for value, meaning, sources in told["sides"]),
        what=told["what"],
        first=told["first"],
        changes=tuple(Change(date.fromisoformat(since), *rest) for since, *rest in told["since"]),
    )


KNOBS: tuple[Knob, ...] = tuple(_knob(declared) for declared in fields(Behaviour))
