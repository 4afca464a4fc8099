"""The values of arguments, converted to what a parameter takes. The texts of errors are PowerShell's own."""

from __future__ import annotations

from typing import Any

from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.casting import cast
from exoshell.powershell.conversions import items_of, number_of, text_of
from exoshell.powershell.errors import ParameterError, PsError
from exoshell.powershell.host import Parameter
from exoshell.powershell.values import HashTable, Position

__all__ = ["converted", "type_of"]


def type_of(parameter: Parameter) -> str:
    """.NET's name of what it takes."""
    names = {
        "int": "System.Int32", "bool": "System.Boolean", "strings": "System.String[]", "datetime": "System.DateTime",
        "hashtable": "System.Collections.Hashtable", "scriptblock": "System.Management.Automation.ScriptBlock",
        "multivalued": "Microsoft.Exchange.Data.MultiValuedProperty", "float": "System.Double",
        "objects": "System.Object[]", "object": "System.Object",
        "credential": "System.Management.Automation.PSCredential",
    }  # fmt: skip
    return names.get(parameter.kind, "System.String")


def converted(parameter: Parameter, value: Any, position: Position) -> Any:
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


def _there(parameter: Parameter, value: Any, position: Position) -> None:
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


def _truth(parameter: Parameter, value: Any, position: Position) -> bool:
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


def _listed(parameter: Parameter, value: Any, position: Position) -> Any:
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


def _refused(parameter: Parameter, value: Any, position: Position, more: str = "") -> ParameterError:
    return ParameterError(
        f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value "
        f'"{text_of(value)}" to type "{type_of(parameter)}".{" " + more if more else ""}',
        error_id="ParameterArgumentTransformationError",
        category="InvalidData",
        position=position,
    )
