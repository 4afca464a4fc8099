"""Loops and ``switch``: foreach, for, while, do, with labels, break and continue."""

from __future__ import annotations

from typing import Any, Final

from exoshell.powershell.blocks import Break, Continue, Jump, ScriptBlock
from exoshell.powershell.calls import Calls
from exoshell.powershell.conversions import changed, items_of, text_of, truth, version_of
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.operators import binary, equal, wildcard
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING

__all__ = ["Loops"]

_FLAGS: Final = ("-regex", "-wildcard", "-exact", "-casesensitive")


class Loops(Calls):
    """Mixed into the interpreter. ``label``: of the loop that follows; ``left``: how many steps are left."""

    left: int
    label: str

    def captured(self, node: Node) -> list[Any]:
        """The output of a statement as values."""
        raise NotImplementedError

    def _condition(self, node: Node | None) -> bool:
        return node is not None and truth(self.result(node))

    def _do_foreach_statement(self, node: Node) -> list[Any]:
        if node.parts[0].kind != "variable":
            raise Unsupported(f"foreach {node.parts[0].word}", node.position)
        variable, items, block = node.parts[0], node.parts[1], node.parts[-1]
        found: list[Any] = []
        label = self._own_label()
        source = self.result(items)
        version = version_of(source)
        for each in items_of(source):
            self.assign(variable, each)
            if not self._round(block, found, label):
                break
            if version_of(source) != version:
                raise changed(items.position)
        return found

    def _do_for_statement(self, node: Node) -> list[Any]:
        start, condition, step = (node.first(f"for_{each}") for each in ("initializer", "condition", "iterator"))
        found: list[Any] = []
        label = self._own_label()
        if start is not None:
            self._each(start.parts)
        while condition is None or self._condition(condition.parts[0]):
            if not self._round(node.parts[-1], found, label):
                break
            if step is not None:
                self._each(step.parts)
        return found

    def _do_while_statement(self, node: Node) -> list[Any]:
        condition = node.first("while_condition")
        found: list[Any] = []
        label = self._own_label()
        while condition is not None and self._condition(condition.parts[0]):
            if not self._round(node.parts[-1], found, label):
                break
        return found

    def _do_do_statement(self, node: Node) -> list[Any]:
        block, condition = node.first("statement_block"), node.first("while_condition")
        until = any(not each.named and each.word.lower() == "until" for each in node.children)
        found: list[Any] = []
        label = self._own_label()
        while block is not None and self._round(block, found, label):
            if condition is None or self._condition(condition.parts[0]) is until:
                break
        return found

    def _do_label(self, node: Node) -> list[Any]:
        """Of the loop that follows."""
        self.label = node.word.lstrip(":").lower()
        return []

    def _own_label(self) -> str:
        label, self.label = self.label, ""
        return label

    def _round(self, block: Node, found: list[Any], label: str) -> bool:
        """One round of a loop; False if it is to end."""
        self.left -= 1
        try:
            found += self.outputs(block)
        except Jump as why:
            found += why.values
            if why.label not in ("", label):
                raise type(why)(found, why.label) from None
            return isinstance(why, Continue)
        return True

    # ---- switch

    def _do_switch_statement(self, node: Node) -> list[Any]:
        condition, body = node.first("switch_condition"), node.first("switch_body")
        flags = self._flags(node.first("switch_parameters"))
        clauses = body.first("switch_clauses") if body is not None else None
        listed = list(clauses.of("switch_clause")) if clauses is not None else []
        found: list[Any] = []
        label = self._own_label()
        before = self.scopes.get("_"), self.scopes.get("PSItem")
        try:
            for item in self._switched_on(condition):
                self._switched(item, listed, flags, found, label)
        except Break as why:
            found += why.values
            if why.label not in ("", label):
                raise Break(found, why.label) from None
        finally:
            self.scopes.put("_", before[0])
            self.scopes.put("PSItem", before[1])
        return found

    @staticmethod
    def _flags(node: Node | None) -> tuple[str, ...]:
        """Their full names. Raises Unsupported."""
        found = []
        for word in node.word.lower().split() if node is not None else ():
            near = [each for each in _FLAGS if each.startswith(word)]
            if len(near) != 1:
                raise Unsupported(f"switch {word}", node.position if node is not None else None)
            found += near
        return tuple(found)

    def _switched_on(self, condition: Node | None) -> list[Any]:
        if condition is None or not condition.parts:
            return []
        word = condition.word.strip()
        if word.lower().startswith("-f") and not word.startswith("("):
            raise Unsupported("switch -File", condition.position)
        value = self.held_result(condition.parts[0])
        return [] if value is NOTHING else [None] if value is None else items_of(value)

    def _switched(self, item: Any, clauses: list[Node], flags: tuple[str, ...], found: list[Any], label: str) -> None:
        """The clauses that fit; ``default`` if none does, wherever it stands."""
        default = next((each for each in clauses if each.parts[0].word.lower() == "default"), None)
        taken = False
        self._set_item(item)
        for clause in [each for each in clauses if each is not default]:
            if not self._fits(item, clause.parts[0], flags):
                continue
            taken = True
            if not self._taken(clause, found, label):
                return
            self._set_item(item)
        if default is not None and not taken:
            self._taken(default, found, label)

    def _set_item(self, item: Any) -> None:
        self.scopes.put("_", item)
        self.scopes.put("PSItem", item)

    def _taken(self, clause: Node, found: list[Any], label: str) -> bool:
        """False after ``continue``: the next item."""
        try:
            found += self.outputs(clause.parts[-1])
        except Continue as why:
            found += why.values
            if why.label not in ("", label):
                raise Continue(found, why.label) from None
            return False
        return True

    def _fits(self, item: Any, wanted: Node, flags: tuple[str, ...]) -> bool:
        inner = wanted.children[0] if wanted.children else wanted
        value = inner.word.strip("'\"") if inner is wanted else self.value(inner)
        cased = "-casesensitive" in flags
        if isinstance(value, ScriptBlock):
            return truth(self.call_block(value, {"_": item, "PSItem": item}))
        if "-wildcard" in flags:
            return bool(wildcard(text_of(value), cased=cased).match(text_of(item)))
        if "-regex" in flags:
            return bool(binary("-cmatch" if cased else "-match", text_of(item), value, wanted.position, self._matched))
        return equal(item, value, cased=cased)
