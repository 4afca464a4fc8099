"""Functions, script blocks and script files: arguments bound as a command's are, their parts run, what they see of
themselves.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from exoshell.powershell import properties
from exoshell.powershell.binding import Argument, bind
from exoshell.powershell.blocks import Declared, Exit, FlowControl, Return, ScriptBlock, block_of, checked
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.context import Context
from exoshell.powershell.conversions import cast, items_of, text_of, truth
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.objects import version
from exoshell.powershell.syntax import Node, parse
from exoshell.powershell.values import HashTable, Position, PsObject

__all__ = [
    "automatic",
    "call_block",
    "call_function",
    "call_with",
    "called_with_blocks",
    "cmdlet_of",
    "confirms",
    "converted_argument",
    "default_of",
    "preferences",
    "run_here",
    "run_script",
]

# Assumption: Windows PowerShell 5.1, since scripts for relays ask for -Encoding Byte, which later ones do not have.
_VERSION: Final = "5.1.22621.4391"


def automatic(path: str) -> dict[str, Any]:
    """Of a script, empty path: of text."""
    file = str(Path(path).resolve()) if path else ""
    command = PsObject.of({"Name": Path(path).name, "Path": file, "Definition": file})
    return {
        "PSVersionTable": HashTable(
            {"PSVersion": version(_VERSION), "PSEdition": "Desktop", "CLRVersion": "4.0.30319.42000"}
        ),
        "PSScriptRoot": str(Path(file).parent) if path else "",
        "PSCommandPath": file,
        "MyInvocation": PsObject.of({"MyCommand": command, "InvocationName": path, "BoundParameters": HashTable()}),
        "Host": PsObject.of({"Name": "fakeeop", "Version": version(_VERSION), "CurrentCulture": "en-US"}),
        "HOME": str(Path.home()),
        "PWD": str(Path.cwd()),
        "PID": os.getpid(),
        "PSCulture": "en-US",
        "PSUICulture": "en-US",
    }


_CONFIRM: Final = {"none": False, "low": True}
_EMPTY: Final = {"switch": False, "bool": False, "boolean": False, "int": 0, "int32": 0, "string": ""}


def call_function(
    context: Context,
    name: str,
    block: ScriptBlock,
    arguments: list[Argument],
    position: Position,
    items: list[Any] | None,
    more: dict[str, Any] | None = None,
) -> list[Any]:
    """Call it with what a script says; ``more`` are other variables that it sees. Raises ParameterError."""
    own = tuple(evolve(each.parameter, nullable=True) for each in block.parameters)  # checked below
    rest = () if block.advanced else (Param("args", "objects", position=len(own), remaining=True, whole=True),)
    command = Command(name, lambda _: (), (*own, *rest), supports_what_if=block.what_if)
    # What comes down the pipeline is bound item by item, below.
    bound = bind(command, arguments, position, None if items is None else [])
    given = {
        each.name: converted_argument(context, each, bound.values[each.name], position)
        for each in block.parameters
        if each.name in bound.values
    }
    variables: dict[str, Any] = {"args": bound.values.get("args", []), "PSBoundParameters": HashTable(given)}
    variables |= preferences(bound.common)
    variables["PSCmdlet"] = cmdlet_of(context, command, block, bound.common, position)
    variables["MyInvocation"] = PsObject.of({"MyCommand": PsObject.of({"Name": name}), "BoundParameters": given})
    context.descend(position)
    try:
        context.scopes.open({**variables, **(more or {})})
        try:
            for each in block.parameters:
                context.scopes.put(each.name, given[each.name] if each.name in given else default_of(context, each))
            return _run(context, name, block, given, items, position)
        finally:
            context.scopes.close()
    finally:
        context.depth -= 1


def call_block(
    context: Context, block: ScriptBlock, arguments: dict[str, Any], items: list[Any] | None = None
) -> list[Any]:
    """Run a block in a scope of its own: ``arguments`` are its variables, ``items`` what comes down a pipeline."""
    context.descend(None)
    context.scopes.open(arguments)
    show, context.live = context.live, None
    try:
        return _run(context, "", block, {}, items, Position(0, 0))
    finally:
        context.live = show
        context.scopes.close()
        context.depth -= 1


def call_with(context: Context, block: ScriptBlock, item: Any) -> list[Any]:
    """Run a block for one object, in the scope of who asks, as ForEach-Object and Where-Object do."""
    before = context.scopes.get("_")
    context.descend(None)
    context.scopes.put("_", item)
    context.scopes.put("PSItem", item)
    show, context.live = context.live, None
    try:
        return context.each(block.body.parts) if block.body is not None else []
    except Return as why:
        return why.values
    finally:
        context.live = show
        context.depth -= 1
        context.scopes.put("_", before)
        context.scopes.put("PSItem", before)


def run_here(context: Context, block: ScriptBlock) -> list[Any]:
    """Run a block in the scope of who asks."""
    try:
        return context.each(block.body.parts) if block.body is not None else []
    except Return as why:
        return why.values


def called_with_blocks(
    context: Context, value: Any, name: str, arguments: list[Any], position: Position
) -> list[Any] | None:
    """``$block.Invoke(…)``, ``$list.Where({…})``, ``$list.ForEach({…})``; None for any other method."""
    lower = name.lower()
    if isinstance(value, ScriptBlock) and lower in ("invoke", "invokereturnasis"):
        return call_function(context, "", value, [Argument("", each, position) for each in arguments], position, None)
    if lower not in ("where", "foreach") or not arguments or not isinstance(arguments[0], ScriptBlock):
        return None
    if len(arguments) > 1:
        raise Unsupported(f".{name}() with more than a script block", position)
    if lower == "foreach":
        return [one for each in items_of(value) for one in call_with(context, arguments[0], each)]
    return [each for each in items_of(value) if truth(call_with(context, arguments[0], each))]


def _run(
    context: Context, name: str, block: ScriptBlock, given: dict[str, Any], items: list[Any] | None, position: Position
) -> list[Any]:
    found: list[Any] = []
    context.scopes.put("input", list(items or []))
    try:
        if block.begin is not None:
            found += _part(context, block.begin)
        for each in items if items is not None else [None]:
            if items is not None and not _came_down(context, name, block, given, each, position):
                continue
            if block.process is not None:
                context.scopes.put("_", each)
                context.scopes.put("PSItem", each)
                found += _process(context, block.process)
        if block.end is not None:
            found += _part(context, block.end)
        return [*found, *(context.each(block.body.parts) if block.body is not None else [])]
    except Return as why:
        return [*found, *why.values]
    except FlowControl as why:
        why.values = [*found, *why.values]
        raise


def _process(context: Context, node: Node) -> list[Any]:
    """``return`` in it goes on with the next object."""
    try:
        return _part(context, node)
    except Return as why:
        return why.values


def _part(context: Context, node: Node) -> list[Any]:
    return context.each(node.parts[1:] if node.kind == "named_block" else node.parts)


def _came_down(
    context: Context, name: str, block: ScriptBlock, given: dict[str, Any], item: Any, position: Position
) -> bool:
    """Its parameters that take pipeline input; False, and an error is told, if one must have it and cannot."""
    for each in block.parameters:
        if each.name in given or not (each.parameter.from_pipeline or each.by_property):
            continue
        value = properties.get(item, each.name) if each.by_property else None
        for alias in each.parameter.aliases:
            value = properties.get(item, alias) if value is None and each.by_property else value
        if value is None and each.parameter.from_pipeline == "value":
            value = item
        if value is not None:
            context.scopes.put(each.name, converted_argument(context, each, value, position))
        elif each.parameter.mandatory:
            error = ParameterError(
                "The input object cannot be bound to any parameters for the command either because the command"
                " does not take pipeline input or the input and its properties do not match any of the parameters"
                " that take pipeline input.",
                error_id=f"InputObjectNotBound,{name}",
                category="InvalidArgument",
                target=item,
                position=position,
            )
            context.streams.tell(error)
            return False
    return True


def confirms(context: Context) -> bool | None:
    """What ``$ConfirmPreference`` says for every command; None: it depends on the command."""
    return _CONFIRM.get(text_of(context.scopes.get("ConfirmPreference")).lower())


def default_of(context: Context, declared: Declared) -> Any:
    """What a parameter is that was not given."""
    if declared.default is not None:
        return _typed(context, context.value(declared.default), declared.type_name, declared.default.position)
    return _EMPTY.get(declared.type_name.lower())


def converted_argument(context: Context, declared: Declared, value: Any, position: Position) -> Any:
    """To its type, and checked. Raises ParameterError."""
    try:
        made = _typed(context, value, declared.type_name, position)
    except Unsupported:
        raise
    except PsError as why:
        raise ParameterError(
            f"Cannot process argument transformation on parameter '{declared.name}'. {why.message}",
            error_id="ParameterArgumentTransformationError",
            category="InvalidData",
            position=position,
        ) from why
    checked(declared, made, position, partial(call_block, context))
    return made


def _typed(context: Context, value: Any, kind: str, position: Position) -> Any:
    plain = kind.lower()
    if not kind or plain == "switch" or plain.endswith("switchparameter"):
        return value
    if isinstance(value, PsObject) and context.registry.type(kind) is not None:
        return value  # an object of .NET as it is
    if value is None and plain not in _EMPTY:
        return None
    return cast(value, kind, position)


def cmdlet_of(
    context: Context, command: Command, block: ScriptBlock, common: dict[str, Any], position: Position
) -> PsObject:
    """``$PSCmdlet``."""
    asking = Invocation(
        *(command, {}, context.streams.of("continue", "", position), position),
        what_if=bool(common.get("WhatIf", context.scopes.get("WhatIfPreference"))),
        confirm=common.get("Confirm", confirms(context)),
    )

    def should_process(*given: Any) -> bool:
        target = text_of(given[0]) if given else ""
        action = text_of(given[1]) if len(given) > 1 else command.name
        return asking.should_process(target, action, high_impact=block.high_impact)

    def throw(record: Any) -> None:
        inner = getattr(record, "inner", None)
        raise inner if isinstance(inner, PsError) else PsError(text_of(record), position=position)

    made = PsObject.of({"ParameterSetName": "__AllParameterSets"}, "System.Management.Automation.PSScriptCmdlet")
    made.methods |= {"ShouldProcess": should_process, "ThrowTerminatingError": throw}
    return made


def preferences(common: dict[str, Any]) -> dict[str, Any]:
    """What the common parameters of a function mean to the commands in it."""
    found: dict[str, Any] = {}
    for name, variable in (
        ("ErrorAction", "ErrorActionPreference"),
        ("WarningAction", "WarningPreference"),
        ("InformationAction", "InformationPreference"),
    ):
        if common.get(name):
            found[variable] = common[name]
    if "Verbose" in common:
        found["VerbosePreference"] = "Continue" if common["Verbose"] else "SilentlyContinue"
    if "Debug" in common:
        found["DebugPreference"] = "Continue" if common["Debug"] else "SilentlyContinue"
    if "WhatIf" in common:
        found["WhatIfPreference"] = common["WhatIf"]
    if "Confirm" in common:
        found["ConfirmPreference"] = "Low" if common["Confirm"] else "None"
    return found


def run_script(
    context: Context, name: str, arguments: list[Argument], position: Position, items: list[Any] | None, *, dot: bool
) -> list[Any]:
    """Run a file; ``dot``: in the scope of who asks. Raises PsError."""
    path = Path(name.replace("\\", "/"))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as why:
        raise PsError(
            f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable"
            f" program: {getattr(why, 'strerror', None) or why}.",
            error_id="CommandNotFoundException",
            category="ObjectNotFound",
            target=name,
            position=position,
        ) from why
    block = block_of(parse(text, str(path)))
    if dot:
        return _sourced(context, block, str(path), arguments, position)
    try:
        return call_function(context, path.name, block, arguments, position, items, automatic(str(path)))
    except Exit as why:
        context.scopes.put("global:LASTEXITCODE", why.code)
        return []


def _sourced(
    context: Context, block: ScriptBlock, path: str, arguments: list[Argument], position: Position
) -> list[Any]:
    if arguments or block.parameters:
        raise Unsupported("parameters of a script that is dot-sourced", position)
    new = automatic(path)
    before = {name: context.scopes.get(name) for name in new}
    for name, value in new.items():
        context.scopes.put(name, value)
    context.descend(position)
    try:
        return context.each(block.body.parts) if block.body is not None else []
    except Return as why:
        return why.values
    finally:
        context.depth -= 1
        for name, value in before.items():
            context.scopes.put(name, value)
