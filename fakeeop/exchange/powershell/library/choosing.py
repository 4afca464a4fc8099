"""Commands that choose among objects: Select-Object, Where-Object, ForEach-Object, Sort-Object and their kin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from fakeeop.exchange.powershell.blocks import ScriptBlock
from fakeeop.exchange.powershell.conversions import cast, items_of, truth
from fakeeop.exchange.powershell.errors import ParameterError, PsError
from fakeeop.exchange.powershell.host import Command, Invocation, Parameter
from fakeeop.exchange.powershell.library.calculated import calculated, names_like
from fakeeop.exchange.powershell.library.objects import (
    has_property,
    property_names,
    property_of,
    sort_key,
    to_text,
    type_name,
)
from fakeeop.exchange.powershell.library.surroundings import INPUT, PROPERTY, made, objects_of
from fakeeop.exchange.powershell.members import call
from fakeeop.exchange.powershell.operators import binary
from fakeeop.exchange.powershell.values import HashTable, PsObject, View

__all__ = ["commands"]

_OPERATORS = ("EQ", "NE", "GT", "GE", "LT", "LE", "Like", "NotLike", "Match", "NotMatch", "Contains", "NotContains",
              "In", "NotIn", "CEQ", "CNE", "CLike", "CMatch", "CContains", "CIn")  # fmt: skip


def _select(invocation: Invocation) -> list[Any]:
    found = list(objects_of(invocation))
    first, last, skip = (invocation.get(name) for name in ("First", "Last", "Skip"))
    if skip:
        found = found[:-skip] if last is not None and first is None else found[skip:]
    if first is not None or last is not None:
        head = found[: first or 0]
        tail = found[max(len(head), len(found) - last) :] if last else []
        found = head + tail
    if invocation.given("Index"):
        found = [found[at] for at in _numbers(invocation, "Index") if 0 <= at < len(found)]
    if invocation.given("Property") or invocation.given("ExcludeProperty"):
        wanted = items_of(invocation.get("Property", ["*"]))
        excluded = [to_text(each) for each in items_of(invocation.get("ExcludeProperty"))]
        found = [_selected(invocation, each, wanted, excluded) for each in found]
    expand = invocation.get("ExpandProperty")
    if expand:
        found = list(chain.from_iterable(_expanded(invocation, each, expand) for each in found))
    if invocation.get("Unique"):
        seen: dict[str, Any] = {}
        for each in found:
            seen.setdefault(to_text(each), each)
        found = list(seen.values())
    return found


def _numbers(invocation: Invocation, name: str) -> list[int]:
    return [cast(each, "int", invocation.position) for each in items_of(invocation.get(name))]


def _selected(invocation: Invocation, value: Any, wanted: list[Any], excluded: list[str]) -> PsObject:
    chosen: list[tuple[str, Any]] = []
    for name, each in calculated(invocation, value, wanted):
        if not names_like([name], excluded):
            chosen.append((name, each))
    return PsObject(HashTable(chosen), f"Selected.{type_name(value)}")


def _expanded(invocation: Invocation, value: Any, name: str) -> list[Any]:
    if not has_property(value, name):
        error = PsError(
            f'Property "{name}" cannot be found.',
            error_id="ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand",
            category="InvalidArgument",
            target=value,
            terminating=False,
        )
        invocation.streams.error(error)
        return []
    return items_of(property_of(value, name))


def _where(invocation: Invocation) -> Iterator[Any]:
    block = invocation.get("FilterScript")
    if isinstance(block, ScriptBlock):
        yield from (each for each in objects_of(invocation) if truth(invocation.session.call_with(block, each)))
        return
    name = to_text(invocation.get("Property", block))
    operator = next((each for each in _OPERATORS if invocation.given(each)), None)
    for each in objects_of(invocation):
        value = property_of(each, name)
        if operator is None:
            holds = truth(value) != bool(invocation.get("Not"))
        else:
            right = invocation.get("Value") if invocation.get(operator) is True else invocation.get(operator)
            holds = truth(binary(f"-{operator.lower()}", value, right, invocation.position, lambda _: None))
        if holds:
            yield each


def _for_each(invocation: Invocation) -> Iterator[Any]:
    given = [each for name in ("Process", "RemainingScripts") for each in items_of(invocation.get(name))]
    blocks = [each for each in given if isinstance(each, ScriptBlock)]
    session = invocation.session
    begin, end = invocation.get("Begin"), invocation.get("End")
    if begin is None and len(blocks) > 1:
        begin, *blocks = blocks
    if end is None and len(blocks) > 1:
        *blocks, end = blocks
    if begin is not None:
        yield from session.call_with(begin, None)
    for each in objects_of(invocation):
        if blocks:
            for block in blocks:
                yield from session.call_with(block, each)
        else:
            yield from _member(invocation, each, to_text(invocation.get("MemberName", given[0] if given else "")))
    if end is not None:
        yield from session.call_with(end, None)


def _member(invocation: Invocation, value: Any, name: str) -> list[Any]:
    if has_property(value, name):
        return items_of(property_of(value, name))
    arguments = items_of(invocation.get("ArgumentList"))
    return items_of(call(value, name, arguments, invocation.position))


def _sort(invocation: Invocation) -> list[Any]:
    found = list(objects_of(invocation))
    wanted = items_of(invocation.get("Property"))
    descending = bool(invocation.get("Descending"))
    for each in reversed(wanted or [None]):
        down = descending
        if isinstance(each, HashTable):
            down = truth(each.get("Descending", down)) and not truth(each.get("Ascending", False))

        def key(value: Any, each: Any = each) -> Any:
            return sort_key(
                value if each is None else next((x for _, x in calculated(invocation, value, [each])), None)
            )

        found.sort(key=key, reverse=down)
    if invocation.get("Unique"):
        seen: dict[Any, Any] = {}
        for value in found:
            seen.setdefault(
                tuple(sort_key(x) for _, x in calculated(invocation, value, wanted)) or sort_key(value), value
            )
        found = list(seen.values())
    for name, part in (
        ("Top", slice(0, invocation.get("Top"))),
        ("Bottom", slice(-(invocation.get("Bottom") or 1), None)),
    ):
        if invocation.given(name):
            found = found[part]
    return found


def _group(invocation: Invocation) -> Iterator[Any]:
    groups: dict[str, list[Any]] = {}
    wanted = items_of(invocation.get("Property"))
    for each in objects_of(invocation):
        values = [value for _, value in calculated(invocation, each, wanted)] if wanted else [each]
        groups.setdefault(", ".join(map(to_text, values)), []).append(each)
    if invocation.get("AsHashTable"):
        yield HashTable(groups)
        return
    for name in sorted(groups, key=str.casefold):
        row = {"Count": len(groups[name]), "Name": name}
        if not invocation.get("NoElement"):
            row["Group"] = groups[name]
        yield PsObject.of(row, "Microsoft.PowerShell.Commands.GroupInfo", View(tuple(row)))


def _measure(invocation: Invocation) -> Iterator[Any]:
    found = objects_of(invocation)
    for name in items_of(invocation.get("Property")) or [None]:
        values = [each if name is None else property_of(each, to_text(name)) for each in found]
        values = [each for each in values if each is not None]
        numbers = [each for each in values if isinstance(each, int | float)]
        asked = {each for each in ("Average", "Sum", "Maximum", "Minimum") if invocation.get(each)}
        if asked & {"Average", "Sum"} and len(numbers) < len(values):
            raise ParameterError("Measure-Object: -Sum and -Average need numbers", error_id="NonNumericInputObject")
        row: dict[str, Any] = {"Count": len(values)}
        row["Average"] = sum(numbers) / len(numbers) if "Average" in asked and numbers else None
        row["Sum"] = sum(numbers) if "Sum" in asked and numbers else None
        row["Maximum"] = max(values, key=sort_key) if "Maximum" in asked and values else None
        row["Minimum"] = min(values, key=sort_key) if "Minimum" in asked and values else None
        row["Property"] = name
        yield PsObject.of(row, "Microsoft.PowerShell.Commands.GenericMeasureInfo")


def _get_member(invocation: Invocation) -> Iterator[Any]:
    seen = set()
    for each in objects_of(invocation):
        kind = type_name(each)
        if kind in seen:
            continue
        seen.add(kind)
        rows = [
            (name, "Property", f"{type_name(property_of(each, name))} {name} {{get;set;}}")
            for name in property_names(each)
        ]
        rows += [(name, "Method", f"{name}()") for name in (each.methods if isinstance(each, PsObject) else ())]
        wanted = to_text(invocation.get("MemberType", "")).casefold()
        for name, member, definition in sorted(rows, key=lambda row: (row[1], row[0].casefold())):
            if (not wanted or member.casefold().startswith(wanted[:8])) and names_like(
                [name], [to_text(x) for x in items_of(invocation.get("Name"))] or ["*"]
            ):
                row = {"Name": name, "MemberType": member, "Definition": definition, "TypeName": kind}
                yield PsObject.of(row, "Microsoft.PowerShell.Commands.MemberDefinition", View(tuple(row)[:3]))


def _compare(invocation: Invocation) -> Iterator[Any]:
    names = [to_text(each) for each in items_of(invocation.get("Property"))]

    def key(value: Any) -> tuple[str, ...]:
        return tuple(to_text(property_of(value, name)).casefold() for name in names) or (to_text(value).casefold(),)

    left = {key(each): each for each in items_of(invocation.get("ReferenceObject"))}
    right = {key(each): each for each in items_of(invocation.get("DifferenceObject")) or invocation.input}
    sides = [("=>", right[each]) for each in right if each not in left]
    sides += [("<=", left[each]) for each in left if each not in right]
    if invocation.get("IncludeEqual"):
        sides = [("==", left[each]) for each in left if each in right] + sides
    for side, value in sides:
        row = {name: property_of(value, name) for name in names} or {"InputObject": value}
        yield PsObject.of({**row, "SideIndicator": side}, "Microsoft.PowerShell.Commands.Comparison")


def commands() -> tuple[Command, ...]:
    """The family."""
    family = "objects"
    switch = [Parameter(name, "switch") for name in ("Average", "Sum", "Maximum", "Minimum")]
    return (
        made("Select-Object", _select, (PROPERTY, Parameter("ExcludeProperty", "strings"),
             Parameter("ExpandProperty"), Parameter("First", "int"), Parameter("Last", "int"), Parameter("Skip", "int"),
             Parameter("Index", "objects"), Parameter("Unique", "switch"), INPUT),
             "Some of the properties, or some of the objects.", aliases=("select",), family=family,
             examples=("Get-InboundConnector | Select-Object Name, Enabled",)),
        made("Where-Object", _where, (Parameter("FilterScript", "object", position=0, aliases=("Property",)),
             Parameter("Value", "object", position=1, nullable=True), Parameter("Not", "switch"),
             *(Parameter(each, "switch") for each in _OPERATORS), INPUT),
             "The objects for which a script block, or a comparison, is true.", aliases=("where", "?"), family=family,
             examples=("Get-InboundConnector | Where-Object Enabled -eq $true",)),
        made("ForEach-Object", _for_each, (Parameter("Process", "objects", position=0),
             Parameter("RemainingScripts", "objects", position=1, remaining=True), Parameter("Begin", "scriptblock"),
             Parameter("End", "scriptblock"), Parameter("MemberName"), Parameter("ArgumentList", "objects"), INPUT),
             "A script block, or a member, for each object.", aliases=("foreach", "%"), family=family,
             examples=("Get-InboundConnector | ForEach-Object { $_.Name }",)),
        made("Sort-Object", _sort, (PROPERTY, Parameter("Descending", "switch"), Parameter("Unique", "switch"),
             Parameter("Top", "int"), Parameter("Bottom", "int"), Parameter("CaseSensitive", "switch"), INPUT),
             "In order.", aliases=("sort",), family=family),
        made("Group-Object", _group, (PROPERTY, Parameter("NoElement", "switch"), Parameter("AsHashTable", "switch"),
             Parameter("AsString", "switch"), INPUT), "In groups of equal values.", aliases=("group",), family=family),
        made("Measure-Object", _measure, (PROPERTY, *switch, INPUT), "Count, sum, average, smallest, largest.",
             aliases=("measure",), family=family, examples=("Get-InboundConnector | Measure-Object",)),
        made("Get-Member", _get_member, (Parameter("Name", "strings", position=0), Parameter("MemberType"), INPUT),
             "The properties and methods of objects.", aliases=("gm",), family=family),
        made("Compare-Object", _compare, (Parameter("ReferenceObject", "objects", mandatory=True, position=0),
             Parameter("DifferenceObject", "objects", position=1), Parameter("Property", "strings"),
             Parameter("IncludeEqual", "switch"), INPUT), "What only one of two lists has.",
             aliases=("compare", "diff"), family=family),
    )  # fmt: skip
