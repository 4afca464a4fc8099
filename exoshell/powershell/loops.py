"""Loops and ``switch``: foreach, for, while, do, with labels, break and continue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.blocks import Break, Continue, Jump, ScriptBlock
from exoshell.powershell.context import Context
from exoshell.powershell.conversions import changed, items_of, text_of, truth, version_of
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.expressions import assign
from exoshell.powershell.functions import call_block
from exoshell.powershell.operators import binary, equal, wildcard
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING

__all__ = ["LOOPS"]

_FLAGS: Final = ("-regex", "-wildcard", "-exact", "-casesensitive")


def _foreach_statement(context: Context, node: Node) -> list[Any]:
    if node.parts[0].kind != "variable":
        raise Unsupported(f"foreach {node.parts[0].word}", node.position)
    variable, items, block = node.parts[0], node.parts[1], node.parts[-1]
    found: list[Any] = []
    label = _own_label(context)
    source = context.result(items)
    version = version_of(source)
    for each in items_of(source):
        assign(context, variable, each)
        if not _round(context, block, found, label):
            break
        if version_of(source) != version:
            raise changed(items.position)
    return found


def _for_statement(context: Context, node: Node) -> list[Any]:
    start, condition, step = (node.first(f"for_{each}") for each in ("initializer", "condition", "iterator"))
    found: list[Any] = []
    label = _own_label(context)
    if start is not None:
        context.each(start.parts)
    while condition is None or context.holds(condition.parts[0]):
        if not _round(context, node.parts[-1], found, label):
            break
        if step is not None:
            context.each(step.parts)
    return found


def _while_statement(context: Context, node: Node) -> list[Any]:
    condition = node.first("while_condition")
    found: list[Any] = []
    label = _own_label(context)
    while condition is not None and context.holds(condition.parts[0]):
        if not _round(context, node.parts[-1], found, label):
            break
    return found


def _do_statement(context: Context, node: Node) -> list[Any]:
    block, condition = node.first("statement_block"), node.first("while_condition")
    until = any(not each.named and each.word.lower() == "until" for each in node.children)
    found: list[Any] = []
    label = _own_label(context)
    while block is not None and _round(context, block, found, label):
        if condition is None or context.holds(condition.parts[0]) is until:
            break
    return found


def _label(context: Context, node: Node) -> list[Any]:
    """Of the loop that follows."""
    context.label = node.word.lstrip(":").lower()
    return []


def _own_label(context: Context) -> str:
    label, context.label = context.label, ""
    return label


def _round(context: Context, block: Node, found: list[Any], label: str) -> bool:
    """One round of a loop; False if it is to end."""
    context.left -= 1
    try:
        found += context.outputs(block)
    except Jump as why:
        found += why.values
        if why.label not in ("", label):
            raise type(why)(found, why.label) from None
        return isinstance(why, Continue)
    return True


def _switch_statement(context: Context, node: Node) -> list[Any]:
    condition, body = node.first("switch_condition"), node.first("switch_body")
    flags = _flags(node.first("switch_parameters"))
    clauses = body.first("switch_clauses") if body is not None else None
    listed = list(clauses.of("switch_clause")) if clauses is not None else []
    found: list[Any] = []
    label = _own_label(context)
    before = context.scopes.get("_"), context.scopes.get("PSItem")
    try:
        for item in _switched_on(context, condition):
            _switched(context, item, listed, flags, found, label)
    except Break as why:
        found += why.values
        if why.label not in ("", label):
            raise Break(found, why.label) from None
    finally:
        context.scopes.put("_", before[0])
        context.scopes.put("PSItem", before[1])
    return found


def _flags(node: Node | None) -> tuple[str, ...]:
    """Their full names. Raises Unsupported."""
    found = []
    for word in node.word.lower().split() if node is not None else ():
        near = [each for each in _FLAGS if each.startswith(word)]
        if len(near) != 1:
            raise Unsupported(f"switch {word}", node.position if node is not None else None)
        found += near
    return tuple(found)


def _switched_on(context: Context, condition: Node | None) -> list[Any]:
    if condition is None or not condition.parts:
        return []
    word = condition.word.strip()
    if word.lower().startswith("-f") and not word.startswith("("):
        raise Unsupported("switch -File", condition.position)
    value = context.held_result(condition.parts[0])
    return [] if value is NOTHING else [None] if value is None else items_of(value)


def _switched(
    context: Context, item: Any, clauses: list[Node], flags: tuple[str, ...], found: list[Any], label: str
) -> None:
    """The clauses that fit; ``default`` if none does, wherever it stands."""
    default = next((each for each in clauses if each.parts[0].word.lower() == "default"), None)
    taken = False
    _set_item(context, item)
    for clause in [each for each in clauses if each is not default]:
        if not _fits(context, item, clause.parts[0], flags):
            continue
        taken = True
        if not _taken(context, clause, found, label):
            return
        _set_item(context, item)
    if default is not None and not taken:
        _taken(context, default, found, label)


def _set_item(context: Context, item: Any) -> None:
    context.scopes.put("_", item)
    context.scopes.put("PSItem", item)


def _taken(context: Context, clause: Node, found: list[Any], label: str) -> bool:
    """False after ``continue``: the next item."""
    try:
        found += context.outputs(clause.parts[-1])
    except Continue as why:
        found += why.values
        if why.label not in ("", label):
            raise Continue(found, why.label) from None
        return False
    return True


def _fits(context: Context, item: Any, wanted: Node, flags: tuple[str, ...]) -> bool:
    inner = wanted.children[0] if wanted.children else wanted
    value = inner.word.strip("'\"") if inner is wanted else context.value(inner)
    cased = "-casesensitive" in flags
    if isinstance(value, ScriptBlock):
        return truth(call_block(context, value, {"_": item, "PSItem": item}))
    if "-wildcard" in flags:
        return bool(wildcard(text_of(value), cased=cased).match(text_of(item)))
    if "-regex" in flags:
        return bool(binary("-cmatch" if cased else "-match", text_of(item), value, wanted.position, context.matched))
    return equal(item, value, cased=cased)


LOOPS: Final[dict[str, Callable[[Context, Node], list[Any]]]] = {
    "do_statement": _do_statement,
    "for_statement": _for_statement,
    "foreach_statement": _foreach_statement,
    "label": _label,
    "switch_statement": _switch_statement,
    "while_statement": _while_statement,
}
