"""What a function or script block declares: its parameters with their attributes, and its begin, process and end."""

from __future__ import annotations

from typing import Any, Final

from exoshell.powershell.blocks import Check, Declared, ScriptBlock
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.host import Parameter
from exoshell.powershell.syntax import Node

__all__ = ["block_of"]

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
    parameter = Parameter(
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
