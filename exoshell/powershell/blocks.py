"""Script blocks: what they declare, how the values of their parameters are checked, and the ways out of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from exoshell.powershell.commands import Param
from exoshell.powershell.conversions import items_of, number_of, text_of, truth
from exoshell.powershell.errors import ParameterError, Unsupported
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import Position

__all__ = [
    "Break",
    "Check",
    "Continue",
    "Declared",
    "Exit",
    "FlowControl",
    "Jump",
    "Return",
    "ScriptBlock",
    "block_of",
    "checked",
]


@frozen
class Check:
    """``[ValidateSet('a', 'b')]``: the attribute's name in lower case, and its values."""

    name: str
    values: tuple[Any, ...]


@frozen(eq=False)
class Declared:
    """A parameter of a block. ``allowed``: null, empty (text), none (list); ``by_property`` supplements the binder's
    ``from_pipeline`` value; ``advanced``: it has a ``[Parameter()]``.
    """

    parameter: Param
    default: Node | None = None
    type_name: str = ""
    checks: tuple[Check, ...] = ()
    allowed: frozenset[str] = frozenset()
    by_property: bool = False
    advanced: bool = False

    @property
    def name(self) -> str:
        """Without ``$``."""
        return self.parameter.name


@frozen(eq=False)
class ScriptBlock:
    """``{ … }``: its parameters and its body; ``text`` as it was written. ``advanced``: it takes the common parameters
    and no others than its own; ``what_if``: it has -WhatIf and -Confirm.
    """

    text: str
    body: Node | None
    parameters: tuple[Declared, ...] = field(default=())
    begin: Node | None = None
    process: Node | None = None
    end: Node | None = None
    advanced: bool = False
    what_if: bool = False
    high_impact: bool = False

    def __str__(self) -> str:
        return self.text


class FlowControl(Exception):
    """Ends blocks; ``values`` is what they have put out so far."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__()
        self.values = values


class Jump(FlowControl):
    """``break`` and ``continue``; ``label`` of the loop that is meant, empty for the innermost."""

    def __init__(self, values: list[Any], label: str = "") -> None:
        super().__init__(values)
        self.label = label


class Break(Jump):
    """``break``."""


class Continue(Jump):
    """``continue``."""


class Return(FlowControl):
    """``return``, with what it gives."""


class Exit(Exception):
    """``exit``, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


_CHECKS: Final = {
    *("validateset", "validatenotnull", "validatenotnullorempty", "validaterange", "validatepattern"),
    *("validatelength", "validatecount", "validatescript"),
}
_ALLOWANCES: Final = {"allownull": "null", "allowemptystring": "empty", "allowemptycollection": "none"}
_NO_MEANING: Final = {"helpmessage", "dontshow", "helpuri", "positionalbinding", "defaultparametersetname"}
_FLAGS: Final = ("mandatory", "valuefrompipeline", "valuefrompipelinebypropertyname", "valuefromremainingarguments")


def block_of(node: Node) -> ScriptBlock:
    """A script block, or the body of a function, with its parameters. Raises Unsupported for what it declares and is
    not known here, since a check that is passed over would change what the script does.
    """
    if node.kind == "function_statement" and node.children[0].word.lower() == "workflow":
        raise Unsupported("workflow", node.position)
    script = node.first("script_block") or node
    declared = script.first("param_block") or node.first("param_block")
    given = declared or node.first("function_parameter_declaration")
    listed = given.first("parameter_list") if given is not None else None
    binding = _binding(declared)
    parameters = tuple(
        _declared(each, number)
        for number, each in enumerate(listed.of("script_parameter") if listed is not None else ())
    )
    body = script.first("script_block_body") or (script.first("statement_list") if script.kind == "program" else None)
    named = {each.first("block_name").word.lower(): each for each in _named_blocks(body)}  # type: ignore[union-attr]  # each has one
    if "dynamicparam" in named:
        raise Unsupported("dynamicparam", named["dynamicparam"].position)
    a_filter = any(not each.named or each.kind == "filter" for each in node.of("filter"))
    return ScriptBlock(
        node.word.strip().removeprefix("{").removesuffix("}"),
        None if named or a_filter else body,
        parameters,
        named.get("begin"),
        body if a_filter else named.get("process"),
        named.get("end"),
        advanced=binding is not None or any(each.advanced for each in parameters),
        what_if=bool(binding and binding.get("supportsshouldprocess")),
        high_impact=bool(binding and str(binding.get("confirmimpact", "")).lower() == "high"),
    )


def _named_blocks(body: Node | None) -> list[Node]:
    listed = body.first("named_block_list") if body is not None else None
    return list(listed.of("named_block")) if listed is not None else []


def _binding(declared: Node | None) -> dict[str, Any] | None:
    """The arguments of ``[CmdletBinding()]``; None without it."""
    attributes = declared.first("attribute_list") if declared is not None else None
    found: dict[str, Any] | None = None
    for each in attributes.of("attribute") if attributes is not None else ():
        name = _name(each)
        if name == "cmdletbinding":
            found = dict(_named_arguments(each))
            _known(each, found, ("supportsshouldprocess", "confirmimpact"))
        elif name not in ("outputtype", "alias", "diagnostics.codeanalysis.suppressmessageattribute"):
            raise Unsupported(f"the attribute {each.word}", each.position)
    return found


def _declared(node: Node, number: int) -> Declared:
    variable, default = node.first("variable"), node.first("script_parameter_default")
    attributes = node.first("attribute_list")
    words: dict[str, Any] = {}
    aliases: list[str] = []
    checks: list[Check] = []
    allowed: list[str] = []
    type_name = ""
    for each in attributes.of("attribute") if attributes is not None else ():
        kind = each.first("type_literal")
        name = _name(each)
        if kind is not None:
            type_name = kind.word[1:-1].strip()
        elif name == "parameter":
            given = dict(_named_arguments(each))
            _known(each, given, (*_FLAGS, "position"))
            words = {**words, "parameter": True, **given}
        elif name == "alias":
            aliases += map(str, _plain_arguments(each))
        elif name in _CHECKS:
            checks.append(Check(name, tuple(_plain_arguments(each))))
        elif name in _ALLOWANCES:
            allowed.append(_ALLOWANCES[name])
        else:
            raise Unsupported(f"the attribute {each.word}", each.position)
    parameter = Param(
        variable.word.lstrip("$").strip("{}") if variable is not None else "",
        _kind(type_name),
        mandatory=bool(words.get("mandatory")),
        position=None if _kind(type_name) == "switch" else int(words.get("position", number)),
        aliases=tuple(aliases),
        from_pipeline="value"
        if words.get("valuefrompipeline")
        else "property"
        if words.get("valuefrompipelinebypropertyname")
        else "",
        values=next((tuple(map(str, each.values)) for each in checks if each.name == "validateset"), ()),
        remaining=bool(words.get("valuefromremainingarguments")),
        as_written=type_name.lower().removeprefix("system.") in ("string", "string[]"),
    )
    value = default.parts[-1] if default is not None and default.parts else None
    by_name = bool(words.get("valuefrompipelinebypropertyname"))
    return Declared(parameter, value, type_name, tuple(checks), frozenset(allowed), by_name, "parameter" in words)


def _kind(type_name: str) -> Any:
    plain = type_name.lower().removeprefix("system.").removeprefix("management.automation.")
    return {"switch": "switch", "switchparameter": "switch", "bool": "bool", "boolean": "bool"}.get(plain, "object")


def _name(attribute: Node) -> str:
    name = attribute.first("attribute_name")
    plain = name.word.lower() if name is not None else ""
    return plain.removeprefix("system.").removeprefix("management.automation.").removesuffix("attribute")


def _known(attribute: Node, given: dict[str, Any], names: tuple[str, ...]) -> None:
    for each in given:
        if each not in (*names, *_NO_MEANING):
            raise Unsupported(f"{each} in {attribute.word}", attribute.position)


def _arguments(attribute: Node) -> list[Node]:
    given = attribute.first("attribute_arguments")
    return list(given.of("attribute_argument")) if given is not None else []


def _named_arguments(attribute: Node) -> list[tuple[str, Any]]:
    """``Mandatory``, ``Mandatory=$true``, ``Position=0``; names in lower case."""
    found = []
    for each in _arguments(attribute):
        name = each.first("simple_name")
        if name is None:
            raise Unsupported(f"{each.word} in {attribute.word}", each.position)
        value = each.parts[-1]
        found.append((name.word.lower(), True if value is name else _literal(value)))
    return found


def _plain_arguments(attribute: Node) -> list[Any]:
    found: list[Any] = []
    for each in _arguments(attribute):
        if each.first("simple_name") is not None:
            raise Unsupported(f"{each.word} in {attribute.word}", each.position)
        found += [_literal(one) for one in each.parts]
    return found


def _literal(node: Node) -> Any:
    """A value that can be read without running anything. Raises Unsupported for any other."""
    if node.kind == "script_block_expression":
        return block_of(node)
    word = node.word.strip()
    constant = {"$true": True, "$false": False, "$null": None}
    if word.lower() in constant:
        return constant[word.lower()]
    if node.kind == "string_literal" and not node.first("expandable_here_string_literal"):
        return word[1:-1].replace("''", "'") if word.startswith("'") else word[1:-1].replace('""', '"')
    try:
        return int(word) if word.lstrip("+-").isdigit() else float(word)
    except ValueError:
        raise Unsupported(f"{word} in an attribute", node.position) from None


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
