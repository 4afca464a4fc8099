"""Commands that choose among objects: Select-Object, Where-Object, ForEach-Object, Sort-Object, Get-Member; and
properties by name, by wildcard, or calculated: ``@{Name='x'; Expression={…}}``.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from exoshell.powershell import properties
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.conversions import cast, flat_items, items_of, sort_key, text_of, truth, type_name_of
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.formats import Column
from exoshell.powershell.functions import call_with
from exoshell.powershell.library.host import INPUT, PROPERTY, made, objects_of
from exoshell.powershell.methods import call
from exoshell.powershell.operators import binary
from exoshell.powershell.values import FormatView, HashTable, PsObject

__all__ = ["calculated", "columns_for", "commands", "names_like"]

_KEYS = {"name": "n", "label": "n", "l": "n", "n": "n", "expression": "e", "e": "e", "width": "w", "w": "w",
         "align": "a", "alignment": "a", "a": "a", "formatstring": "f", "format": "f", "f": "f",
         "ascending": "", "descending": ""}  # fmt: skip


def names_like(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Those that one of the patterns fits, without case."""
    folded = [each.casefold() for each in patterns]
    return [name for name in names if any(fnmatch.fnmatchcase(name.casefold(), each) for each in folded)]


def calculated(invocation: Invocation, value: Any, wanted: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Name and value of each. A name that is not there has no value. Raises ParameterError."""
    for each in wanted:
        if isinstance(each, ScriptBlock | HashTable):
            column = _column(invocation, each)
            yield column.name, column.read(value)
        elif "*" in (name := text_of(each)) or "?" in name:
            for one in names_like(properties.names(value), [name]):
                yield one, properties.get(value, one)
        else:
            spelled = next((one for one in properties.names(value) if one.casefold() == name.casefold()), name)
            yield spelled, properties.get(value, name)


def columns_for(invocation: Invocation, objects: list[Any], wanted: list[Any]) -> list[Column]:
    """The columns of Format-Table and Format-List; wildcards by the first object. Raises ParameterError."""
    columns: list[Column] = []
    for each in wanted:
        if isinstance(each, ScriptBlock | HashTable):
            columns.append(_column(invocation, each))
            continue
        name = text_of(each)
        known = properties.names(objects[0]) if objects else []
        if "*" in name or "?" in name:
            spelled = names_like(known, [name])
        else:
            spelled = [next((one for one in known if one.casefold() == name.casefold()), name)]
        columns += [_plain(one) for one in spelled]
    return columns


def _plain(name: str) -> Column:
    return Column(name, lambda value: properties.get(value, name))


def _column(invocation: Invocation, given: Any) -> Column:
    if isinstance(given, ScriptBlock):
        return Column(str(given).strip("{} "), lambda value: _run(invocation, given, value))
    keys: dict[str, Any] = {}
    for key, value in given.items():
        short = _KEYS.get(str(key).casefold())
        if short is None:
            raise ParameterError(
                f"The {key} key is not valid.", error_id="DictionaryKeyUnknown", category="InvalidArgument"
            )
        keys[short] = value
    expression = keys.get("e", keys.get("n"))
    if expression is None:
        raise ParameterError(
            "The Expression key is missing.", error_id="DictionaryKeyMissing", category="InvalidArgument"
        )
    name = text_of(keys["n"]) if "n" in keys else text_of(expression).strip()
    width = int(keys["w"]) if "w" in keys else None
    return Column(
        name, lambda value: _run(invocation, expression, value), width, text_of(keys.get("a", "")).casefold(),
        text_of(keys.get("f", "")),
    )  # fmt: skip


def _run(invocation: Invocation, expression: Any, value: Any) -> Any:
    if not isinstance(expression, ScriptBlock):
        return properties.get(value, text_of(expression))
    found = call_with(invocation.context, expression, value)
    return None if not found else found[0] if len(found) == 1 else found


_OPERATORS = ("EQ", "NE", "GT", "GE", "LT", "LE", "Like", "NotLike", "Match", "NotMatch", "Contains", "NotContains",
              "In", "NotIn", "CEQ", "CNE", "CGT", "CGE", "CLT", "CLE", "CLike", "CNotLike", "CMatch", "CNotMatch",
              "CContains", "CNotContains", "CIn", "CNotIn", "Is", "IsNot")  # fmt: skip


def _select(invocation: Invocation) -> list[Any]:
    found = list(objects_of(invocation))
    first, last, skip = (invocation.get(name) for name in ("First", "Last", "Skip"))
    if skip:
        found = found[:-skip] if last is not None and first is None else found[skip:]
    if first is not None or last is not None:
        head = found[: first or 0]
        tail = found[max(len(head), len(found) - last) :] if last else []
        found = head + tail
    if invocation.given("SkipLast"):
        found = found[: max(len(found) - invocation.get("SkipLast"), 0)]
    if invocation.given("Index"):
        found = [found[at] for at in _numbers(invocation, "Index") if 0 <= at < len(found)]
    if invocation.given("Property") or invocation.given("ExcludeProperty"):
        wanted = items_of(invocation.get("Property", ["*"]))
        excluded = [text_of(each) for each in items_of(invocation.get("ExcludeProperty"))]
        found = [_selected(invocation, each, wanted, excluded) for each in found]
    expand = invocation.get("ExpandProperty")
    if expand and invocation.given("Property"):
        raise Unsupported("Select-Object with -Property and -ExpandProperty", invocation.position)
    if expand:
        found = list(chain.from_iterable(_expanded(invocation, each, expand) for each in found))
    if invocation.get("Unique"):
        seen: dict[str, Any] = {}
        for each in found:
            seen.setdefault(text_of(each), each)
        found = list(seen.values())
    return found


def _numbers(invocation: Invocation, name: str) -> list[int]:
    return [cast(each, "int", invocation.position) for each in items_of(invocation.get(name))]


def _selected(invocation: Invocation, value: Any, wanted: list[Any], excluded: list[str]) -> PsObject:
    chosen: list[tuple[str, Any]] = []
    for name, each in calculated(invocation, value, wanted):
        if not names_like([name], excluded):
            chosen.append((name, each))
    return PsObject(HashTable(chosen), f"Selected.{type_name_of(value)}")


def _expanded(invocation: Invocation, value: Any, name: str) -> list[Any]:
    if not properties.has(value, name):
        error = PsError(
            f'Property "{name}" cannot be found.',
            error_id="ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand",
            category="InvalidArgument",
            target=value,
            terminating=False,
        )
        invocation.streams.error(error)
        return []
    expanded = properties.get(value, name)
    return [None] if expanded is None else items_of(expanded)


def _where(invocation: Invocation) -> Iterator[Any]:
    block = invocation.get("FilterScript")
    if isinstance(block, ScriptBlock):
        yield from (each for each in objects_of(invocation) if truth(call_with(invocation.context, block, each)))
        return
    name = text_of(invocation.get("Property", block))
    operator = next((each for each in _OPERATORS if invocation.given(each)), None)
    if operator is not None and (not name or not invocation.given("Value")):
        raise ParameterError(
            "The specified operator requires both the -Property and -Value parameters. Provide values for both"
            " parameters, and then try the command again.",
            error_id="ValueNotSpecifiedForWhereObject,Microsoft.PowerShell.Commands.WhereObjectCommand",
            category="InvalidArgument",
        )
    for each in objects_of(invocation):
        value = properties.get(each, name)
        if operator is None:
            holds = truth(value) != bool(invocation.get("Not"))
        else:
            right = _type(invocation.get("Value")) if operator in ("Is", "IsNot") else invocation.get("Value")
            holds = truth(binary(f"-{operator.lower()}", value, right, invocation.position, lambda _: None))
        if holds:
            yield each


def _type(given: Any) -> str:
    return text_of(given).strip("[]")


def _for_each(invocation: Invocation) -> Iterator[Any]:
    given = [each for name in ("Process", "RemainingScripts") for each in items_of(invocation.get(name))]
    blocks = [each for each in given if isinstance(each, ScriptBlock)]
    context = invocation.context
    begin, end = invocation.get("Begin"), invocation.get("End")
    if begin is None and len(blocks) > 1:  # two are begin and process, of three and more the last is end
        begin, *blocks = blocks
    if end is None and len(blocks) > 1:
        *blocks, end = blocks
    if begin is not None:
        yield from call_with(context, begin, None)
    for each in objects_of(invocation):
        if blocks:
            for block in blocks:
                yield from call_with(context, block, each)
        else:
            yield from _member(invocation, each, text_of(invocation.get("MemberName", given[0] if given else "")))
    if end is not None:
        yield from call_with(context, end, None)


def _member(invocation: Invocation, value: Any, name: str) -> list[Any]:
    arguments = items_of(invocation.get("ArgumentList"))
    if value is None:
        return []
    if properties.has(value, name) and not arguments:
        found = properties.get(value, name)
        return [None] if found is None else items_of(found)
    try:
        return items_of(call(value, name, arguments, invocation.position))
    except PsError as why:
        if why.error_id != "MethodNotFound" or isinstance(value, HashTable):
            raise
        return [None]  # neither property nor method: nothing, as $_.Name


def _sort(invocation: Invocation) -> list[Any]:
    found = flat_items(objects_of(invocation))
    wanted = items_of(invocation.get("Property"))
    cased = bool(invocation.get("CaseSensitive"))
    descending = bool(invocation.get("Descending"))
    for each in reversed(wanted or [None]):
        down = descending
        if isinstance(each, HashTable):
            down = truth(each["Descending"]) if "Descending" in each else down
            down = not truth(each["Ascending"]) if "Ascending" in each else down

        def key(value: Any, each: Any = each) -> Any:
            held = value if each is None else next((x for _, x in calculated(invocation, value, [each])), None)
            found = sort_key(held)
            return (*found, text_of(held).swapcase()) if cased and isinstance(held, str) else found

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


def _kinds_of(member: str) -> tuple[str, ...]:
    """The words of -MemberType that mean it."""
    return (member, "all", "methods" if member == "method" else "properties")


def _get_member(invocation: Invocation) -> Iterator[Any]:
    seen = set()
    for each in objects_of(invocation):
        kind = type_name_of(each)
        if kind in seen:
            continue
        seen.add(kind)
        custom = kind.endswith("PSCustomObject") or kind.startswith("Selected.")
        rows = [
            (
                name,
                "NoteProperty" if custom else "Property",
                f"{type_name_of(properties.get(each, name))} {name} {{get;set;}}",
            )
            for name in properties.names(each)
        ]
        rows += [(name, "Method", f"{name}()") for name in (each.methods if isinstance(each, PsObject) else ())]
        wanted = text_of(invocation.get("MemberType", "")).casefold()
        for name, member, definition in sorted(rows, key=lambda row: (row[1], row[0].casefold())):
            if (not wanted or wanted in _kinds_of(member.casefold())) and names_like(
                [name], [text_of(x) for x in items_of(invocation.get("Name"))] or ["*"]
            ):
                row = {"Name": name, "MemberType": member, "Definition": definition, "TypeName": kind}
                yield PsObject.of(row, "Microsoft.PowerShell.Commands.MemberDefinition", FormatView(tuple(row)[:3]))


def commands() -> tuple[Command, ...]:
    """The family."""
    family = "objects"
    return (
        made("Select-Object", _select, (PROPERTY, Param("ExcludeProperty", "strings"),
             Param("ExpandProperty"), *(Param(each, "int") for each in ("First", "Last", "Skip", "SkipLast")),
             Param("Index", "objects"), Param("Unique", "switch"), INPUT),
             "Some of the properties, or some of the objects.", aliases=("select",), family=family,
             examples=("Get-InboundConnector | Select-Object Name, Enabled",)),
        made("Where-Object", _where, (Param("FilterScript", "object", position=0, aliases=("Property",)),
             Param("Value", "object", position=1, nullable=True), Param("Not", "switch"),
             *(Param(each, "switch") for each in _OPERATORS), INPUT),
             "The objects for which a script block, or a comparison, is true.", aliases=("where", "?"), family=family,
             examples=("Get-InboundConnector | Where-Object Enabled -eq $true",)),
        made("ForEach-Object", _for_each, (Param("Process", "objects", position=0),
             Param("RemainingScripts", "objects", position=1, remaining=True), Param("Begin", "scriptblock"),
             Param("End", "scriptblock"), Param("MemberName"), Param("ArgumentList", "objects"), INPUT),
             "A script block, or a member, for each object.", aliases=("foreach", "%"), family=family,
             examples=("Get-InboundConnector | ForEach-Object { $_.Name }",)),
        made("Sort-Object", _sort, (PROPERTY, Param("Descending", "switch"), Param("Unique", "switch"),
             Param("Top", "int"), Param("Bottom", "int"), Param("CaseSensitive", "switch"), INPUT),
             "In order.", aliases=("sort",), family=family),
        made("Get-Member", _get_member, (Param("Name", "strings", position=0), Param("MemberType"), INPUT),
             "The properties and methods of objects.", aliases=("gm",), family=family),
    )  # fmt: skip
