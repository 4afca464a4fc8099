"""What a statement does: pipelines, assignments, conditions, errors that are thrown and caught, functions, and the
ways out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.blocks import Break, Continue, Exit, FlowControl, Return, block_of
from exoshell.powershell.calls import piped, run_command_node
from exoshell.powershell.context import Context, Show
from exoshell.powershell.conversions import number_of, one_of, text_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.expressions import assign
from exoshell.powershell.operators import binary
from exoshell.powershell.streams import type_names
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING, PsObject

__all__ = ["STATEMENTS", "assigned", "pipeline"]


_SILENT: Final = (
    *("post_increment_expression", "post_decrement_expression", "pre_increment_expression", "pre_decrement_expression"),
)


def _program(context: Context, node: Node) -> list[Any]:
    return [one for each in node.parts for one in context.outputs(each)]


def _block(context: Context, node: Node) -> list[Any]:
    return context.each(node.parts)


def pipeline(context: Context, node: Node, tail: Show | None = None) -> list[Any]:
    """Its output, except what ``tail`` was given of it."""
    first = node.parts[0] if node.parts else None
    if first is None:
        return []
    if first.kind == "assignment_expression":
        return _assignment(context, first)
    if first.kind in _SILENT:
        context.value(first)
        return []
    if first.kind == "pipeline_chain":
        return piped(context, first, tail=tail)
    return piped(context, node, tail=tail)


def _assignment(context: Context, node: Node) -> list[Any]:
    assigned(context, node)
    return []


def assigned(context: Context, node: Node) -> Any:
    """Do an assignment; the value that was assigned."""
    target, operator, source = node.parts[0], node.children[1], node.parts[-1]
    value = context.held_result(source)
    sign = operator.word.strip()
    if sign != "=":
        value = None if value is NOTHING else value
        value = binary(sign.removesuffix("="), context.value(target), value, operator.position, context.matched)
    assign(context, target, value)
    return value


def _if_statement(context: Context, node: Node) -> list[Any]:
    condition, block = node.first("pipeline"), node.first("statement_block")
    if context.holds(condition) and block is not None:
        return context.outputs(block)
    clauses = node.first("elseif_clauses")
    for each in clauses.of("elseif_clause") if clauses is not None else ():
        if context.holds(each.first("pipeline")):
            return context.outputs(each.parts[-1])
    last = node.first("else_clause")
    return context.outputs(last.parts[-1]) if last is not None else []


def _flow_control_statement(context: Context, node: Node) -> list[Any]:
    word = node.children[0].word.lower()
    given = [one for each in node.parts for one in context.captured(each)]
    if word == "return":
        raise Return(given)
    if word == "exit":
        raise Exit(int(number_of(one_of(given) or 0, node.position)))
    value = one_of(given) if given else None
    if word == "throw":
        _throw(context, value, node)
    label = text_of(value).lstrip(":").lower()
    raise Break([], label) if word == "break" else Continue([], label)


def _function_statement(context: Context, node: Node) -> list[Any]:
    name = node.first("function_name")
    if name is None:
        raise Unsupported("a function without a name", node.position)
    context.functions[name.word.lower()] = block_of(node)
    return []


def _nothing(_context: Context, _node: Node) -> list[Any]:
    return []


def _unsupported(_context: Context, node: Node) -> list[Any]:
    raise Unsupported(node.kind.removesuffix("_statement"), node.position)


def _throw(context: Context, what: Any, node: Node) -> None:
    thrown = context.scopes.get("_") if what is None else what
    if isinstance(thrown, PsObject) and isinstance(thrown.inner, PsError):
        thrown.inner.ends = True
        thrown.inner.position = thrown.inner.position or node.position
        raise thrown.inner
    message = text_of(what) if what is not None else "ScriptHalted"
    raise PsError(
        message, error_id=message, category="OperationStopped", target=what, position=node.position, ends=True
    )


def _try_statement(context: Context, node: Node) -> list[Any]:
    block, clauses, last = node.first("statement_block"), node.first("catch_clauses"), node.first("finally_clause")
    listed = list(clauses.of("catch_clause")) if clauses is not None else []
    try:
        found = _tried(context, block, listed)
    except FlowControl as why:
        why.values = _shown_or(context, why.values)
        why.values = [*why.values, *_at_last(context, last)]
        raise
    except PsError as why:
        why.put_out = _shown_or(context, why.put_out)
        why.put_out = [*why.put_out, *_at_last(context, last)]
        raise
    return [*_shown_or(context, found), *_at_last(context, last)]


def _shown_or(context: Context, values: list[Any]) -> list[Any]:
    """Shown before ``finally`` shows anything; or as they are, where somebody catches them."""
    if context.live is None:
        return values
    context.live(values)
    return []


def _at_last(context: Context, clause: Node | None) -> list[Any]:
    return context.outputs(clause.parts[-1]) if clause is not None else []


def _tried(context: Context, block: Node | None, clauses: list[Node]) -> list[Any]:
    context.trying += bool(clauses)
    try:
        return context.outputs(block) if block is not None else []
    except Unsupported:
        raise
    except PsError as why:
        clause = next((each for each in clauses if _catches(each, why)), None)
        if clause is None:
            raise
        caught, before_it = why, why.put_out
        why.put_out = []
    finally:
        context.trying -= bool(clauses)
    return [*before_it, *_caught(context, clause, caught, before_it)]


def _caught(context: Context, clause: Node, error: PsError, put_out: list[Any]) -> list[Any]:
    context.streams.note(error)
    before = context.scopes.get("_"), context.scopes.get("PSItem")
    record = context.streams.record(error)
    context.scopes.put("_", record)
    context.scopes.put("PSItem", record)
    try:
        return context.outputs(clause.parts[-1])
    except FlowControl as why:
        why.values = [*put_out, *why.values]
        raise
    except PsError as why:
        why.put_out = [*put_out, *why.put_out]
        raise
    finally:
        context.scopes.put("_", before[0])
        context.scopes.put("PSItem", before[1])


def _catches(clause: Node, error: PsError) -> bool:
    """By the last word of a type's name; ``[Exception]`` and none catch everything."""
    listed = clause.first("catch_type_list")
    if listed is None:
        return True
    names = [each.word.strip("[]").rpartition(".")[2].lower() for each in listed.parts]
    mine = {"systemexception", *(each.rpartition(".")[2].lower() for each in type_names(error))}
    return any(name in mine for name in names)


STATEMENTS: Final[dict[str, Callable[[Context, Node], list[Any]]]] = {
    "assignment_expression": _assignment,
    "class_statement": _unsupported,
    "command": run_command_node,
    "empty_statement": _nothing,
    "flow_control_statement": _flow_control_statement,
    "function_statement": _function_statement,
    "if_statement": _if_statement,
    "param_block": _nothing,
    "pipeline": pipeline,
    "pipeline_chain": piped,
    "program": _program,
    "script_block": _program,
    "script_block_body": _program,
    "statement_block": _block,
    "statement_list": _program,
    "trap_statement": _unsupported,
    "try_statement": _try_statement,
}
