"""The checks that a function declares for its parameters, in PowerShell's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from exoshell.powershell.blocks import Check, Declared, ScriptBlock
from exoshell.powershell.conversions import items_of, number_of, text_of, truth
from exoshell.powershell.errors import ParameterError
from exoshell.powershell.values import Position

__all__ = ["checked"]

CallBlock = Callable[[ScriptBlock, dict[str, Any]], list[Any]]


def checked(declared: Declared, value: Any, position: Position, call: CallBlock) -> None:
    """Raises ParameterError if the value is not allowed; ``call`` runs the block of ValidateScript."""
    _there(declared, value, position)
    for check in declared.checks:
        if check.name == "validatecount":
            why = _counted(check, items_of(value))
        elif check.name.startswith("validatenotnull"):
            missing = value is None or (check.name.endswith("empty") and value in ("", []))
            why = "The argument is null or empty. Provide an argument that is not null or empty, and then try the" \
                  " command again." if missing else ""  # fmt: skip
        else:
            why = next((told for each in items_of(value) if (told := _of_one(check, each, call))), "")
        if why:
            raise ParameterError(
                f"Cannot validate argument on parameter '{declared.name}'. {why}",
                error_id="ParameterArgumentValidationError",
                category="InvalidData",
                position=position,
            )


def _there(declared: Declared, value: Any, position: Position) -> None:
    """A mandatory parameter takes neither nothing nor an empty text or list, unless it says so."""
    if not declared.parameter.mandatory:
        return
    for is_so, name, what in (
        (value is None, "null", "it is null"),
        (value == "" and isinstance(value, str), "empty", "it is an empty string"),
        (value == [] and isinstance(value, list), "none", "it is an empty collection"),
    ):
        if is_so and name not in declared.allowed:
            raise ParameterError(
                f"Cannot bind argument to parameter '{declared.name}' because {what}.",
                error_id="ParameterArgumentValidationErrorEmptyStringNotAllowed"
                if name == "empty"
                else "ParameterArgumentValidationErrorNullNotAllowed",
                category="InvalidData",
                position=position,
            )


def _counted(check: Check, items: list[Any]) -> str:
    low, high = (int(number_of(each)) for each in check.values)
    if low <= len(items) <= high:
        return ""
    return (
        f"The number of provided arguments, ({len(items)}), is not between the minimum and maximum number of allowed"
        f" arguments ({low}, {high})."
    )


def _of_one(check: Check, value: Any, call: CallBlock) -> str:
    text = text_of(value)
    if check.name == "validateset":
        known = [text_of(each) for each in check.values]
        if text.casefold() in (each.casefold() for each in known):
            return ""
        return (
            f'The argument "{text}" does not belong to the set "{",".join(known)}" specified by the ValidateSet'
            " attribute. Supply an argument that is in the set and then try the command again."
        )
    if check.name == "validatepattern":
        if re.search(text_of(check.values[0]), text, re.I):
            return ""
        return (
            f'The argument "{text}" does not match the "{check.values[0]}" pattern. Supply an argument that matches'
            f' "{check.values[0]}" and try the command again.'
        )
    if check.name == "validatelength":
        low, high = check.values
        return "" if low <= len(text) <= high else f'The character length of the argument "{text}" is {len(text)}; it' \
                                                   f" has to be {low} to {high}."  # fmt: skip
    if check.name == "validaterange":
        low, high = check.values
        number = number_of(value)
        if low <= number <= high:
            return ""
        side = (
            f"greater than the maximum allowed range of {high}"
            if number > high
            else f"less than the minimum allowed range of {low}"
        )
        return f"The {text} argument is {side}. Supply an argument that is within the range and then try again."
    block = check.values[0]
    found = call(block, {"_": value, "PSItem": value}) if isinstance(block, ScriptBlock) else []
    if found and truth(found):
        return ""
    return (
        f'The "{text_of(block)}" validation script for the argument with value "{text}" did not return a result of'
        " True. Determine why the validation script failed, and then try the command again."
    )
