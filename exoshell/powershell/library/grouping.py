"""Commands that group and count objects, compare them, and give them more members."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from exoshell.powershell import properties
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.conversions import flat_items, items_of, number_of, sort_key, text_of, written_text
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.library.choosing import calculated
from exoshell.powershell.library.host import INPUT, PROPERTY, made, objects_of
from exoshell.powershell.values import FormatView, HashTable, PsObject

__all__ = ["commands", "member_commands"]

_SUMS = ("Average", "Sum", "Maximum", "Minimum")


def _group(invocation: Invocation) -> Iterator[Any]:
    """In the order of their first members (assumption: as Windows PowerShell; PowerShell 7 sorts them)."""
    groups: dict[str, list[Any]] = {}
    values: dict[str, list[Any]] = {}
    wanted = items_of(invocation.get("Property"))
    for each in flat_items(objects_of(invocation)):
        found = [value for _, value in calculated(invocation, each, wanted)] if wanted else [each]
        name = ", ".join(map(written_text, found))
        key = name if invocation.get("CaseSensitive") else name.casefold()
        groups.setdefault(key, []).append(each)
        values.setdefault(key, found)
    if invocation.get("AsHashTable"):
        as_text = bool(invocation.get("AsString")) or len(wanted) > 1
        yield HashTable(
            [(text_of(values[key]) if as_text else values[key][0], members) for key, members in groups.items()]
        )
        return
    for key, members in groups.items():
        row = {"Count": len(members), "Name": ", ".join(map(written_text, values[key]))}
        if not invocation.get("NoElement"):
            row["Group"] = members
        made_of = PsObject.of(row, "Microsoft.PowerShell.Commands.GroupInfo", FormatView(tuple(row)))
        made_of.properties["Values"] = values[key]
        yield made_of


def _measure(invocation: Invocation) -> Iterator[Any]:
    found = [each for each in objects_of(invocation) if each is not None]
    if any(invocation.get(name) for name in ("Line", "Word", "Character")):
        yield _measured_text(invocation, "\n".join(map(text_of, found)) if found else "")
        return
    for name in items_of(invocation.get("Property")) or [None]:
        values = found
        if name is not None:
            values = [properties.get(each, text_of(name)) for each in found if properties.has(each, text_of(name))]
            values = [each for each in values if each is not None]
            if found and not values:
                error = f'The property "{text_of(name)}" cannot be found in the input for any objects.'
                invocation.streams.error(
                    PsError(error, error_id="GenericMeasurePropertyNotFound,Microsoft.PowerShell.Commands"
                            ".MeasureObjectCommand", category="InvalidArgument", terminating=False)
                )  # fmt: skip
                continue
        yield _measured(invocation, values, name)


def _measured(invocation: Invocation, values: list[Any], name: Any) -> PsObject:
    asked = {each for each in _SUMS if invocation.get(each)}
    numbers = _numbers(invocation, values) if asked & {"Average", "Sum"} else []
    row: dict[str, Any] = {"Count": len(values)}
    row["Average"] = sum(numbers) / len(numbers) if "Average" in asked and numbers else None
    row["Sum"] = sum(numbers) if "Sum" in asked and numbers else None
    row["Maximum"] = max(values, key=sort_key) if "Maximum" in asked and values else None
    row["Minimum"] = min(values, key=sort_key) if "Minimum" in asked and values else None
    row["Property"] = name
    return PsObject.of(row, "Microsoft.PowerShell.Commands.GenericMeasureInfo")


def _numbers(invocation: Invocation, values: list[Any]) -> list[float]:
    """Texts of numbers count, as those of Import-Csv; for each other an error is told."""
    found = []
    for each in values:
        try:
            if isinstance(each, bool) or not isinstance(each, int | float | str):
                raise PsError("")
            found.append(number_of(each))
        except PsError:
            error = f'Input object "{text_of(each)}" is not numeric.'
            invocation.streams.error(
                PsError(error, error_id="NonNumericInputObject,Microsoft.PowerShell.Commands.MeasureObjectCommand",
                        category="InvalidType", target=each, terminating=False)
            )  # fmt: skip
    return found


def _measured_text(invocation: Invocation, text: str) -> PsObject:
    counts = {"Lines": ("Line", len(text.splitlines())), "Words": ("Word", len(text.split())),
              "Characters": ("Character", len(text.replace("\n", "")))}  # fmt: skip
    row: dict[str, Any] = {name: count if invocation.get(asked) else None for name, (asked, count) in counts.items()}
    return PsObject.of({**row, "Property": None}, "Microsoft.PowerShell.Commands.TextMeasureInfo")


def _compare(invocation: Invocation) -> Iterator[Any]:
    names = [text_of(each) for each in items_of(invocation.get("Property"))]

    def key(value: Any) -> tuple[str, ...]:
        texts = [text_of(properties.get(value, name)) for name in names] or [text_of(value)]
        return tuple(texts if invocation.get("CaseSensitive") else map(str.casefold, texts))

    left = items_of(invocation.get("ReferenceObject"))
    right = items_of(invocation.get("DifferenceObject")) if invocation.given("DifferenceObject") else invocation.input
    if not right:
        raise ParameterError(
            "Cannot bind argument to parameter 'DifferenceObject' because it is null.",
            error_id="ParameterArgumentValidationErrorNullNotAllowed",
            category="InvalidData",
        )
    rest, same, only = list(right), [], []
    for each in left:
        mate = next((other for other in rest if key(other) == key(each)), None)
        if mate is None:
            only.append(("<=", each))
        else:
            rest.pop(next(at for at, other in enumerate(rest) if other is mate))
            same.append(("==", each))
    sides = [*(same if invocation.get("IncludeEqual") or invocation.get("ExcludeDifferent") else [])]
    if not invocation.get("ExcludeDifferent"):
        sides += [*(("=>", each) for each in rest), *only]
    for side, value in sides:
        if invocation.get("PassThru"):
            yield value
            continue
        row = {name: properties.get(value, name) for name in names} or {"InputObject": value}
        yield PsObject.of({**row, "SideIndicator": side}, "Microsoft.PowerShell.Commands.Comparison")


def commands() -> tuple[Command, ...]:
    """The family."""
    family = "objects"
    sums = [Param(name, "switch") for name in (*_SUMS, "Line", "Word", "Character")]
    return (
        made("Group-Object", _group, (PROPERTY, Param("NoElement", "switch"), Param("AsHashTable", "switch"),
             Param("AsString", "switch"), Param("CaseSensitive", "switch"), INPUT),
             "In groups of equal values.", aliases=("group",), family=family),
        made("Measure-Object", _measure, (PROPERTY, *sums, INPUT), "Count, sum, average, smallest, largest.",
             aliases=("measure",), family=family, examples=("Get-InboundConnector | Measure-Object",)),
        made("Compare-Object", _compare, (Param("ReferenceObject", "objects", mandatory=True, position=0),
             Param("DifferenceObject", "objects", position=1), Param("Property", "strings"),
             *(Param(each, "switch") for each in ("IncludeEqual", "ExcludeDifferent", "PassThru", "CaseSensitive")),
             INPUT), "What only one of two lists has.", aliases=("compare", "diff"), family=family),
    )  # fmt: skip


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


def member_commands() -> tuple[Command, ...]:
    """The family."""
    family = "objects"
    return (
        made("Add-Member", _add_member, (Param("NotePropertyName", "object", position=0),
             Param("NotePropertyValue", "object", position=1, nullable=True), Param("MemberType"),
             Param("Name"), Param("Value", "object", nullable=True),
             Param("NotePropertyMembers", "hashtable"), Param("PassThru", "switch"),
             Param("Force", "switch"), INPUT), "Another property of an object.", family=family,
             examples=("$x | Add-Member -NotePropertyName Site -NotePropertyValue Berlin",)),
        made("Get-Unique", _unique, (Param("AsString", "switch"), INPUT), "Of equal neighbours one.",
             aliases=("gu",), family=family),
        made("Get-Random", _random, (Param("InputObject", "objects", position=0, from_pipeline="value"),
             Param("Minimum", "object"), Param("Maximum", "object", position=1), Param("Count", "int"),
             Param("SetSeed", "int")), "A number, or some of the objects, by chance.", family=family),
    )  # fmt: skip
