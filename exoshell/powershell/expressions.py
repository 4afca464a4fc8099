"""What an expression is worth, and assignments: to variables, properties, elements, several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell import methods, properties, statics
from exoshell.powershell.blocks import ScriptBlock, block_of
from exoshell.powershell.context import SCOPES, Context
from exoshell.powershell.conversions import (
    cast,
    is_known,
    is_list_type,
    items_of,
    listed,
    number_of,
    one_of,
    text_of,
    truth,
)
from exoshell.powershell.errors import NetError, PsError, Unsupported, guarded
from exoshell.powershell.formats import limit_enumeration
from exoshell.powershell.functions import called_with_blocks
from exoshell.powershell.operators import binary
from exoshell.powershell.scanning import FOREACH
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING, Position, PsObject

__all__ = ["EXPRESSIONS", "HELD", "argument_values", "assign", "member_name", "new_object"]

_BINARY: Final = (
    *("logical_expression", "bitwise_expression", "comparison_expression", "additive_expression"),
    *("multiplicative_expression", "format_expression"),
)
_STRICT_MEMBERS: Final = 2.0  # Set-StrictMode -Version: from here on properties must be there, too


def _variable(context: Context, node: Node) -> Any:
    name = _name_of(node)
    drive = name.partition(":")[0].lower() if ":" in name else "local"
    if drive not in SCOPES:
        raise Unsupported(f"${drive}:", node.position)
    if context.strict and not context.scopes.known(name):
        raise PsError(
            f"The variable '${name}' cannot be retrieved because it has not been set.",
            error_id="VariableIsUndefined",
            category="InvalidOperation",
            target=name,
            position=node.position,
        )
    return context.scopes.get(name)


def _type_literal(_context: Context, node: Node) -> Any:
    raise Unsupported(f"the type {node.word} as a value", node.position)


def _script_block_expression(_context: Context, node: Node) -> ScriptBlock:
    return block_of(node)


def _parenthesized_expression(context: Context, node: Node) -> Any:
    inner = node.parts
    return context.result(inner[0]) if inner else None


def _sub_expression(context: Context, node: Node) -> Any:
    return _plain(context.held(node))


def _binary(context: Context, node: Node) -> Any:
    left = context.value(node.children[0])
    for operator, right in zip(node.children[1::2], node.children[2::2], strict=False):
        word = operator.word.lower()
        if word == "-and" and not truth(left):
            left = False
        elif word == "-or" and truth(left):
            left = True
        elif word in ("-is", "-isnot", "-as") and right.kind == "type_literal":
            left = binary(word, left, _type_name(right), operator.position, context.matched)
        else:
            left = binary(word, left, context.value(right), operator.position, context.matched)
    return left


def _expression_with_unary_operator(context: Context, node: Node) -> Any:
    if len(node.children) == 1:
        return context.value(node.children[0])
    operator, operand = node.children[0], node.children[-1]
    word = operator.word.lower()
    if word in ("!", "-not"):
        return not truth(context.value(operand))
    if word in ("-", "+"):
        number = number_of(context.value(operand), operand.position)
        return -number if word == "-" else number
    if word == ",":
        return [context.value(operand)]
    if word == "-bnot":
        return ~int(number_of(context.value(operand), operand.position))
    if word in ("-join", "-split"):
        items = [text_of(each) for each in items_of(context.value(operand))]
        return "".join(items) if word == "-join" else [part for each in items for part in each.split()]
    if word in ("++", "--"):
        by = 1 if word == "++" else -1
        return _stepped(context, operand, by) + by
    raise Unsupported(f"the operator {operator.word}", operator.position)


def _pre_increment_expression(context: Context, node: Node) -> Any:
    return _stepped(context, node.parts[-1], 1) + 1


def _pre_decrement_expression(context: Context, node: Node) -> Any:
    return _stepped(context, node.parts[-1], -1) - 1


def _post_increment_expression(context: Context, node: Node) -> Any:
    return _stepped(context, node.parts[0], 1)


def _post_decrement_expression(context: Context, node: Node) -> Any:
    return _stepped(context, node.parts[0], -1)


def _stepped(context: Context, node: Node, by: int) -> int | float:
    """What it was before."""
    before = number_of(context.value(node), node.position)
    assign(context, node, before + by)
    return before


def _cast_expression(context: Context, node: Node) -> Any:
    kind, operand = node.parts
    value, name = context.value(operand), _type_name(kind)
    made = context.registry.type(name)
    if made is None or is_known(name):
        return cast(value, name, kind.position)
    return value if value is None or isinstance(value, PsObject) else made([value])


def _member_access(context: Context, node: Node) -> Any:
    return _plain(_accessed(context, node))


def _accessed(context: Context, node: Node) -> Any:
    target, name = node.parts[0], member_name(context, node.parts[1])
    if any(not each.named and each.word == "::" for each in node.children):
        kind = _type_name(target)
        own = context.registry.static(kind, name)
        return own.get() if own is not None else statics.static(kind, name, None, node.position, context.now())
    value = context.value(target)
    if context.strict >= _STRICT_MEMBERS and not properties.has(value, name):
        raise PsError(
            f"The property '{name}' cannot be found on this object. Verify that the property exists.",
            error_id="PropertyNotFoundStrict",
            category="NotSpecified",
            position=node.position,
        )
    return properties.looked_up(value, name)


def _invokation_expression(context: Context, node: Node) -> Any:
    target, name = node.parts[0], member_name(context, node.parts[1])
    arguments = argument_values(context, node.first("argument_list"))
    try:
        if any(not each.named and each.word == "::" for each in node.children):
            return _static_call(context, _type_name(target), name, arguments, node)
        value = context.value(target)
        found = called_with_blocks(context, value, name, arguments, node.position)
        return methods.call(value, name, arguments, node.position) if found is None else found
    except PsError as why:
        why.position = why.position or node.position
        if isinstance(why, NetError):  # an exception of .NET
            why.message = f'Exception calling "{name}" with "{len(arguments)}" argument(s): "{why.message}"'
        raise


def _static_call(context: Context, kind: str, name: str, arguments: list[Any], node: Node) -> Any:
    if name.lower() == "new" and kind.lower().removeprefix("system.") != "string":
        return new_object(context, kind, arguments, node.position)
    place = node.position
    return guarded(name, len(arguments), place, lambda: statics.static(kind, name, arguments, place, context.now()))


def argument_values(context: Context, given: Node | None) -> list[Any]:
    """Of a method's parentheses."""
    found = given.parts if given is not None else ()
    if not found:
        return []
    listed = found[0]
    if listed.kind == "argument_expression_list":
        return [context.value(each) for each in listed.parts]
    return [context.value(each) for each in found]


def member_name(context: Context, node: Node) -> str:
    """What stands behind a dot: a word, or an expression whose value is the name."""
    if node.kind == "member_name" and node.children and node.children[0].kind != "simple_name":
        return text_of(context.value(node.children[0]))
    return "ForEach" if node.word == FOREACH.decode() else node.word


def _element_access(context: Context, node: Node) -> Any:
    target, at = node.parts
    return properties.index(context.value(target), context.value(at), node.position)


def _plain(value: Any) -> Any:
    return None if value is NOTHING else value


def _name_of(variable: Node) -> str:
    return variable.word.lstrip("$@").strip("{}")


def _type_name(literal: Node) -> str:
    """``int[]`` of ``[int[]]``."""
    return literal.word[1:-1].strip() if literal.word.startswith("[") else literal.word


def _held_variable(context: Context, node: Node) -> Any:
    value = context.value(node)
    return context.scopes.held(_name_of(node)) if value is None else value


def _held_in_parentheses(context: Context, node: Node) -> Any:
    return context.held_result(node.parts[0]) if node.parts else NOTHING


def _held_output(context: Context, node: Node) -> Any:
    return one_of([one for each in node.parts for one in context.outputs(each)])


def _no_null(context: Context, node: Node) -> Any:
    """``$null`` of these is not an object."""
    value = context.value(node)
    return NOTHING if value is None else value


def new_object(context: Context, name: str, arguments: list[Any], position: Position) -> Any:
    """``[Type]::new(…)``. Raises Unsupported for a type that is not here."""
    new = context.registry.type(name)
    if new is None and is_list_type(name):
        return listed(name, arguments, position)
    if new is None:
        raise Unsupported(f"the type [{name}]", position)
    return new(arguments)


EXPRESSIONS: Final[dict[str, Callable[[Context, Node], Any]]] = {
    **dict.fromkeys(_BINARY, _binary),
    "cast_expression": _cast_expression,
    "element_access": _element_access,
    "expression_with_unary_operator": _expression_with_unary_operator,
    "invokation_expression": _invokation_expression,
    "member_access": _member_access,
    "parenthesized_expression": _parenthesized_expression,
    "post_decrement_expression": _post_decrement_expression,
    "post_increment_expression": _post_increment_expression,
    "pre_decrement_expression": _pre_decrement_expression,
    "pre_increment_expression": _pre_increment_expression,
    "script_block_expression": _script_block_expression,
    "sub_expression": _sub_expression,
    "type_literal": _type_literal,
    "variable": _variable,
}
HELD: Final[dict[str, Callable[[Context, Node], Any]]] = {
    "cast_expression": _no_null,
    "invokation_expression": _no_null,
    "member_access": _accessed,
    "parenthesized_expression": _held_in_parentheses,
    "sub_expression": _held_output,
    "variable": _held_variable,
}


def assign(context: Context, target: Node, value: Any) -> None:
    """``$x``, ``$x.Name``, ``$x[…]``, ``[type]$x``, ``$x, $y``; a variable may keep NOTHING. Raises PsError,
    Unsupported.
    """
    if value is NOTHING and target.kind != "variable":
        value = None
    if target.kind == "variable":
        name = target.word.lstrip("$").strip("{}")
        kept = context.scopes.kind(name)
        value = cast(None if value is NOTHING else value, kept, target.position) if kept else value
        if name.lower() != "null" and not context.scopes.put(name, value):
            raise PsError(
                f"Cannot overwrite variable {name} because it is read-only or constant.",
                error_id="VariableNotWritable",
                category="WriteError",
                position=target.position,
            )
        if name.lower() == "formatenumerationlimit":
            limit_enumeration(int(cast(value, "int", target.position)))
    elif target.kind == "member_access" and any(each.word == "::" for each in target.children):
        _put_static(context, target, value)
    elif target.kind == "member_access":
        properties.put(context.value(target.parts[0]), member_name(context, target.parts[1]), value, target.position)
    elif target.kind == "element_access":
        held, at = context.value(target.parts[0]), context.value(target.parts[1])
        properties.put_element(held, at, value, target.position)
    elif target.kind in ("cast_expression", "expression_with_unary_operator") and target.parts:
        inner = target if target.kind == "cast_expression" else target.parts[-1]
        if inner.kind != "cast_expression":
            raise PsError(
                "The assignment expression is not valid. The input to an assignment operator must be an object that"
                " is able to accept assignments, such as a variable or a property.",
                error_id="InvalidLeftHandSide",
                category="ParserError",
                position=target.position,
                ends=True,
            )
        kind, variable = inner.parts
        cast_name = kind.word.strip("[]") + ("[]" if kind.word.endswith("[]]") else "")
        assign(context, variable, cast(value, cast_name, kind.position))
        if variable.kind == "variable" and cast_name.lower() != "void":
            context.scopes.constrain(variable.word.lstrip("$").strip("{}"), cast_name)
    elif target.kind == "array_literal_expression":
        items = items_of(value)
        for number, each in enumerate(target.parts):
            last = number == len(target.parts) - 1
            rest = items[number:] if last and len(items) > len(target.parts) else None
            assign(context, each, rest if rest is not None else items[number] if number < len(items) else None)
    else:
        raise Unsupported(f"an assignment to '{target.word[:40]}'", target.position)


def _put_static(context: Context, target: Node, value: Any) -> None:
    kind, name = target.parts[0].word.strip("[]"), member_name(context, target.parts[1])
    held = context.registry.static(kind, name)
    if held is None:
        raise Unsupported(f"an assignment to [{kind}]::{name}", target.position)
    held.put(value)
