"""From the arguments of a call to an ``Invocation``: names cut short, positions, switches, conversions, pipeline input.

The texts of errors are PowerShell's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from attrs import field, frozen

from exoshell.powershell import properties
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.commands import Command, Param
from exoshell.powershell.conversions import cast, items_of, number_of, text_of
from exoshell.powershell.errors import ParameterError, PsError
from exoshell.powershell.values import HashTable, Position

__all__ = ["COMMON", "Argument", "Bound", "bind", "converted", "script_arguments", "type_of", "with_defaults"]


def type_of(parameter: Param) -> str:
    """.NET's name of what it takes."""
    names = {
        "int": "System.Int32", "bool": "System.Boolean", "strings": "System.String[]", "datetime": "System.DateTime",
        "hashtable": "System.Collections.Hashtable", "scriptblock": "System.Management.Automation.ScriptBlock",
        "multivalued": "Microsoft.Exchange.Data.MultiValuedProperty", "float": "System.Double",
        "objects": "System.Object[]", "object": "System.Object",
        "credential": "System.Management.Automation.PSCredential",
    }  # fmt: skip
    return names.get(parameter.kind, "System.String")


def converted(parameter: Param, value: Any, position: Position) -> Any:
    """By the kind of the parameter. Raises ParameterError."""
    kind = parameter.kind
    if parameter.mandatory and not parameter.nullable:
        _there(parameter, value, position)
    if value is None:
        if kind in ("switch", "bool"):
            return False
        if kind == "datetime" and not parameter.nullable:
            raise _refused(parameter, value, position)
        return 0 if kind in ("int", "float") and not parameter.nullable else None
    if kind == "switch":
        return _truth(parameter, value, position)
    if kind == "bool":
        return _truth(parameter, value, position)
    try:
        if kind in ("int", "float"):
            return cast(value, "int" if kind == "int" else "double", position)
        if kind == "datetime":
            return cast(value, "datetime", position)
    except PsError as why:
        raise _refused(parameter, value, position) from why
    if kind in ("strings",):
        return [text_of(each) for each in items_of(value)]
    if kind == "multivalued":
        return value if isinstance(value, HashTable) else [text_of(each) for each in items_of(value)]
    if kind == "objects":
        return items_of(value)
    if kind == "scriptblock" and not isinstance(value, ScriptBlock):
        raise _refused(parameter, value, position)
    if kind == "hashtable" and not isinstance(value, HashTable):
        raise _refused(parameter, value, position)
    if kind == "enum":
        return _listed(parameter, value, position)
    if kind == "string":
        if isinstance(value, list):
            if len(value) != 1:
                raise _refused(parameter, value, position, "Specified method is not supported.")
            return text_of(value[0])
        return text_of(value)
    return value


def _there(parameter: Param, value: Any, position: Position) -> None:
    """A mandatory parameter takes neither nothing nor an empty text or list."""
    if value is None and parameter.kind != "string":
        what, code = "it is null", "Null"
    elif value is None or (isinstance(value, str) and not value):
        what, code = "it is an empty string", "EmptyString"
    elif isinstance(value, list) and not value:
        what, code = "it is an empty array", "EmptyArray"
    else:
        return
    raise ParameterError(
        f"Cannot bind argument to parameter '{parameter.name}' because {what}.",
        error_id=f"ParameterArgumentValidationError{code}NotAllowed",
        category="InvalidData",
        position=position,
    )


def _truth(parameter: Param, value: Any, position: Position) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    words = (
        f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value "
        f'"{text_of(value)}" to type "System.Boolean". Boolean parameters accept only Boolean values and numbers, '
        "such as $True, $False, 1 or 0."
    )
    raise ParameterError(
        words, error_id="ParameterArgumentTransformationError", category="InvalidData", position=position
    )


def _listed(parameter: Param, value: Any, position: Position) -> Any:
    known = {each.casefold(): each for each in parameter.values}
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(parameter.values):
        return parameter.values[int(number_of(value))]
    found = [known.get(part.strip().casefold()) for part in text_of(value).split(",")]
    if None in found or not found:
        raise ParameterError(
            f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value "
            f'"{text_of(value)}" to one of: {", ".join(parameter.values)}.',
            error_id="ParameterArgumentTransformationError",
            category="InvalidData",
            position=position,
        )
    return ",".join(each for each in found if each)


def _refused(parameter: Param, value: Any, position: Position, more: str = "") -> ParameterError:
    return ParameterError(
        f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value "
        f'"{text_of(value)}" to type "{type_of(parameter)}".{" " + more if more else ""}',
        error_id="ParameterArgumentTransformationError",
        category="InvalidData",
        position=position,
    )


_ACTIONS: Final = ("SilentlyContinue", "Stop", "Continue", "Ignore")
COMMON: Final = (
    Param("ErrorAction", "enum", aliases=("ea",), values=_ACTIONS),
    Param("WarningAction", "enum", aliases=("wa",), values=_ACTIONS),
    Param("InformationAction", "enum", aliases=("infa",), values=_ACTIONS),
    Param("ErrorVariable", aliases=("ev",)),
    Param("OutVariable", aliases=("ov",)),
    Param("Verbose", "switch", aliases=("vb",)),
    Param("Debug", "switch", aliases=("db",)),
)
_ASKING: Final = (Param("WhatIf", "switch", aliases=("wi",)), Param("Confirm", "switch", aliases=("cf",)))
_TEXTS: Final = ("string", "strings", "multivalued")
_NAME: Final = re.compile(r"-([A-Za-z_]\w*)(?::(.*))?", re.DOTALL)


@frozen
class Argument:
    """``name`` as it was written without the dash, empty for one by position; ``given`` False: a name alone;
    ``text``: a number as it was written, which is what a parameter of type String gets (``-Comment 007``).
    """

    name: str
    value: Any
    position: Position
    given: bool = True
    text: str = ""

    def value_for(self, parameter: Param) -> Any:
        """By what the parameter takes."""
        return self.text if self.text and (parameter.as_written or parameter.kind in _TEXTS) else self.value


@frozen
class Bound:
    """``values`` of the command's own parameters, ``common`` of the others, both by their full names."""

    values: dict[str, Any]
    common: dict[str, Any] = field(factory=dict)


def bind(command: Command, arguments: list[Argument], position: Position, items: list[Any] | None) -> Bound:
    """``items``: what came down the pipeline, None if the command does not stand behind one. Raises ParameterError."""
    values: dict[str, Any] = {}
    common: dict[str, Any] = {}
    own = command.parameters
    general = (*COMMON, *(_ASKING if command.supports_what_if else ()))
    names = {each.name for each in own}
    loose: list[Argument] = []
    queue = list(arguments)
    while queue:
        each = queue.pop(0)
        if not each.name:
            loose.append(each)
            continue
        parameter = _named(command, (*own, *general), each)
        held = values if parameter.name in names else common
        if parameter.name in held:
            raise ParameterError(
                f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once.",
                error_id="ParameterAlreadyBound",
                category="InvalidArgument",
                position=each.position,
            )
        if not each.given and parameter.kind != "switch":
            if not queue or queue[0].name:
                raise ParameterError(
                    f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type "
                    f"'{type_of(parameter)}' and try again.",
                    error_id="MissingArgument",
                    category="InvalidArgument",
                    position=each.position,
                )
            following = queue.pop(0)
            each = Argument(each.name, following.value, each.position, text=following.text)
        held[parameter.name] = converted(parameter, each.value_for(parameter) if each.given else True, each.position)
    _by_position(command, loose, values)
    _from_pipeline(command, values, items, position)
    _all_there(command, values, position, nothing_came=items == [])
    return Bound(values, common)


def with_defaults(command: Command, arguments: list[Argument], defaults: Any, position: Position) -> list[Argument]:
    """``$PSDefaultParameterValues``: ``Name:Parameter`` → value, for what is not given; wildcards in both."""
    if not isinstance(defaults, HashTable) or not defaults:
        return arguments
    every = (*command.parameters, *COMMON, *(_ASKING if command.supports_what_if else ()))
    try:
        found = bind(command, arguments, position, [])
        given = {*found.values, *found.common}
    except ParameterError:  # perhaps a mandatory one is missing that has a default
        given = {_named(command, every, each).name for each in arguments if each.name}
    more = []
    for key, value in defaults.items():
        name, _, wanted = text_of(key).partition(":")
        if not fnmatchcase(command.name.casefold(), name.strip().casefold()):
            continue
        for each in every:
            if each.name not in given and fnmatchcase(each.name.casefold(), wanted.strip().casefold()):
                given.add(each.name)
                more.append(Argument(each.name, value, position))
    return [*arguments, *more]


def script_arguments(given: list[Any], position: Position) -> list[Argument]:
    """The words of a command line: ``-Name value``, ``-Switch``, ``-Switch:$false``, and what is bound by position."""
    found = []
    for each in given:
        name = _NAME.fullmatch(each) if isinstance(each, str) else None
        if name is None:
            found.append(Argument("", each, position))
        elif name[2] is None:
            found.append(Argument(name[1], None, position, given=False))
        else:
            value = {"$true": True, "$false": False, "$null": None}.get(name[2].lower(), name[2])
            found.append(Argument(name[1], value, position))
    return found


def _named(command: Command, parameters: tuple[Param, ...], argument: Argument) -> Param:
    wanted = argument.name.casefold()
    for each in parameters:
        if wanted == each.name.casefold() or wanted in (alias.casefold() for alias in each.aliases):
            return each
    near = [each for each in parameters if each.name.casefold().startswith(wanted)]
    if len(near) == 1:
        return near[0]
    if near:
        possible = " ".join(f"-{each.name}" for each in near)
        raise ParameterError(
            f"Parameter cannot be processed because the parameter name '{argument.name}' is ambiguous. Possible "
            f"matches include: {possible}.",
            error_id=f"AmbiguousParameter,{command.name}",
            category="InvalidArgument",
            position=argument.position,
        )
    raise ParameterError(
        f"A parameter cannot be found that matches parameter name '{argument.name}'.",
        error_id=f"NamedParameterNotFound,{command.name}",
        category="InvalidArgument",
        position=argument.position,
    )


def _by_position(command: Command, loose: list[Argument], values: dict[str, Any]) -> None:
    free = sorted(
        (each for each in command.parameters if each.position is not None and each.name not in values),
        key=lambda each: each.position or 0,
    )
    rest = next((each for each in command.parameters if each.remaining and each.name not in values), None)
    while loose and free:
        parameter = free.pop(0)
        if parameter.remaining:
            break
        argument = loose.pop(0)
        values[parameter.name] = converted(parameter, argument.value_for(parameter), argument.position)
    if loose and rest is not None:
        every = [each.value for each in loose]
        if not rest.whole:
            every = [one for each in every for one in items_of(each)]
        values[rest.name] = converted(rest, every, loose[0].position)
    elif loose:
        raise ParameterError(
            f"A positional parameter cannot be found that accepts argument '{text_of(loose[0].value)}'.",
            error_id=f"PositionalParameterNotFound,{command.name}",
            category="InvalidArgument",
            position=loose[0].position,
        )


def _from_pipeline(command: Command, values: dict[str, Any], items: list[Any] | None, position: Position) -> None:
    """A mandatory parameter that takes it counts as given; the command reads the objects itself."""
    if not items:
        return
    for each in command.parameters:
        if each.name in values or not each.from_pipeline or not each.mandatory:
            continue
        if any(one is None for one in items) and not each.nullable:
            raise ParameterError(
                f"Cannot bind argument to parameter '{each.name}' because it is null.",
                error_id="ParameterArgumentValidationErrorNullNotAllowed",
                category="InvalidData",
                position=position,
            )
        first = items[0]
        if each.from_pipeline == "property":
            found = properties.get(first, each.name)
            values[each.name] = first if found is None else found
        else:
            values[each.name] = first if len(items) == 1 else list(items)


def _all_there(command: Command, values: Mapping[str, Any], position: Position, *, nothing_came: bool) -> None:
    """Behind an empty pipeline nothing is missing that it could have brought: the command has nothing to do."""
    missing = [
        each.name
        for each in command.parameters
        if each.mandatory and each.name not in values and not (nothing_came and each.from_pipeline)
    ]
    if missing:
        raise ParameterError(
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.",
            error_id=f"MissingMandatoryParameter,{command.name}",
            category="InvalidArgument",
            position=position,
        )
