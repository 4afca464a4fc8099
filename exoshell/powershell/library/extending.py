"""Add-Member, Get-Unique, Get-Random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from exoshell.powershell.conversions import flat_items, number_of, text_of
from exoshell.powershell.errors import ParameterError, Unsupported
from exoshell.powershell.host import Command, Invocation, Parameter
from exoshell.powershell.library.surroundings import INPUT, made, objects_of
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["commands"]

_MAX = 2**31 - 1


def _add_member(invocation: Invocation) -> Iterator[Any]:
    kind = text_of(invocation.get("MemberType", "NoteProperty"))
    if kind.casefold() != "noteproperty":
        raise Unsupported(f"Add-Member -MemberType {kind}", invocation.position)
    name = invocation.get("NotePropertyName", invocation.get("Name"))
    members = name if isinstance(name, HashTable) else invocation.get("NotePropertyMembers")
    new = dict(members) if isinstance(members, HashTable) else {}
    if name is not None and name is not members:
        new[text_of(name)] = invocation.get("NotePropertyValue", invocation.get("Value"))
    for each in objects_of(invocation):
        if not isinstance(each, PsObject):
            raise Unsupported(f"Add-Member to a {type(each).__name__}", invocation.position)
        for key, value in new.items():
            if key in each.properties and not invocation.get("Force"):
                raise ParameterError(
                    f'Cannot add a member with the name "{key}" because a member with that name already exists. To'
                    " overwrite the member anyway, add the Force parameter to your command.",
                    error_id="MemberAlreadyExists,Microsoft.PowerShell.Commands.AddMemberCommand",
                    category="InvalidOperation",
                )
            each.properties[key] = value
        if invocation.get("PassThru"):
            yield each


def _unique(invocation: Invocation) -> Iterator[Any]:
    """Of neighbours that are equal the first."""
    for _, run in groupby(flat_items(objects_of(invocation)), key=text_of):
        yield next(run)


def _random(invocation: Invocation) -> Iterator[Any]:
    seed = invocation.get("SetSeed")
    source = random.Random(seed) if seed is not None else random.SystemRandom()  # noqa: S311  as asked for
    found = list(flat_items(objects_of(invocation)))
    if found or invocation.has_input:
        yield from source.sample(found, max(min(invocation.get("Count", 1), len(found)), 0))
        return
    low, high = (number_of(each) for each in (invocation.get("Minimum", 0), invocation.get("Maximum", _MAX)))
    if high <= low:
        raise ParameterError(
            f"The Minimum value ({text_of(low)}) cannot be greater than or equal to the Maximum value"
            f" ({text_of(high)}).",
            error_id="MinGreaterThanOrEqualMax", category="InvalidArgument",
        )  # fmt: skip
    yield source.randrange(int(low), int(high))


def commands() -> tuple[Command, ...]:
    """The family."""
    family = "objects"
    return (
        made("Add-Member", _add_member, (Parameter("NotePropertyName", "object", position=0),
             Parameter("NotePropertyValue", "object", position=1, nullable=True), Parameter("MemberType"),
             Parameter("Name"), Parameter("Value", "object", nullable=True),
             Parameter("NotePropertyMembers", "hashtable"), Parameter("PassThru", "switch"),
             Parameter("Force", "switch"), INPUT), "Another property of an object.", family=family,
             examples=("$x | Add-Member -NotePropertyName Site -NotePropertyValue Berlin",)),
        made("Get-Unique", _unique, (Parameter("AsString", "switch"), INPUT), "Of equal neighbours one.",
             aliases=("gu",), family=family),
        made("Get-Random", _random, (Parameter("InputObject", "objects", position=0, from_pipeline="value"),
             Parameter("Minimum", "object"), Parameter("Maximum", "object", position=1), Parameter("Count", "int"),
             Parameter("SetSeed", "int")), "A number, or some of the objects, by chance.", family=family),
    )  # fmt: skip
