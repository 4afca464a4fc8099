"""What a statement does: assignments, conditions, loops, functions, errors caught and thrown."""

from __future__ import annotations

from typing import Any, Final

from fakeeop.exchange.powershell.blocks import Break, Continue, Exit, Return, ScriptBlock, WayOut
from fakeeop.exchange.powershell.calls import Calls
from fakeeop.exchange.powershell.conversions import items_of, number_of, text_of, truth
from fakeeop.exchange.powershell.errors import PsError, Unsupported
from fakeeop.exchange.powershell.expressions import block_of, one_of
from fakeeop.exchange.powershell.operators import binary, equal, wildcard
from fakeeop.exchange.powershell.syntax import Node
from fakeeop.exchange.powershell.values import PsObject

__all__ = ["Statements"]

_PIPES: Final = ("pipeline", "pipeline_chain")
_SILENT: Final = (
    *("post_increment_expression", "post_decrement_expression", "pre_increment_expression", "pre_decrement_expression"),
)


class Statements(Calls):
    """Mixed into the interpreter. ``trying`` counts the try blocks that are open."""

    trying: int
    left: int

    def outputs(self, node: Node) -> list[Any]:
        """What a statement puts out. Raises PsError; counts against the limit of steps."""
        self.left -= 1
        if self.left < 0:
            raise Unsupported("a script that takes so many steps (is there an endless loop?)", node.position)
        method = getattr(self, f"_do_{node.kind}", None)
        if method is not None:
            return list(method(node))
        return items_of(self.value(node))

    def _do_program(self, node: Node) -> list[Any]:
        return [one for each in node.parts for one in self.outputs(each)]

    _do_statement_list = _do_script_block_body = _do_script_block = _do_program

    def _do_statement_block(self, node: Node) -> list[Any]:
        return self._each(node.parts)

    def _do_empty_statement(self, _node: Node) -> list[Any]:
        return []

    def _each(self, nodes: tuple[Node, ...]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            try:
                found += self.statement(node)
            except WayOut as why:
                raise type(why)([*found, *why.values]) from None
        return found

    def statement(self, node: Node) -> list[Any]:
        """One statement: an error of a command ends it, and the script goes on, as in PowerShell."""
        if node.kind in ("statement_list", "script_block_body", "named_block"):
            return self._each(node.parts)
        try:
            return self.outputs(node)
        except PsError as why:
            stop = text_of(self.scopes.get("ErrorActionPreference")).lower() == "stop"
            if self.trying or stop or isinstance(why, Unsupported) or why.error_id == "Thrown":
                raise
            why.position = why.position or node.position
            self.speaking.tell(why)
            return []

    # ---- simple

    def _do_pipeline(self, node: Node) -> list[Any]:
        first = node.parts[0] if node.parts else None
        if first is None:
            return []
        if first.kind == "assignment_expression":
            return self._assignment(first)
        if first.kind in _SILENT:
            self.value(first)
            return []
        if first.kind == "pipeline_chain":
            return self.piped(first)
        return self.piped(node)

    def _do_pipeline_chain(self, node: Node) -> list[Any]:
        return self.piped(node)

    def _do_command(self, node: Node) -> list[Any]:
        return self.command(node, None)

    def _do_assignment_expression(self, node: Node) -> list[Any]:
        return self._assignment(node)

    def _assignment(self, node: Node) -> list[Any]:
        self._assigned(node)
        return []

    def _assigned(self, node: Node) -> Any:
        target, operator, source = node.parts[0], node.children[1], node.parts[-1]
        value = self.result(source)
        sign = operator.word.strip()
        if sign != "=":
            value = binary(sign.removesuffix("="), self.value(target), value, operator.position, self._matched)
        self.assign(target, value)
        return value

    def result(self, node: Node) -> Any:
        """What a pipeline is worth where its value is asked for: an expression as it is, also a list of one or none;
        of commands and other statements what they put out.
        """
        sole = node
        while sole.kind in _PIPES and len(sole.parts) == 1:
            sole = sole.parts[0]
        if sole.kind == "assignment_expression":
            return self._assigned(sole)
        if sole.kind in _PIPES or hasattr(self, f"_do_{sole.kind}"):
            return one_of(self.outputs(node))
        return self.value(sole)

    # ---- conditions and loops

    def _condition(self, node: Node | None) -> bool:
        return node is not None and truth(self.result(node))

    def _do_if_statement(self, node: Node) -> list[Any]:
        condition, block = node.first("pipeline"), node.first("statement_block")
        if self._condition(condition) and block is not None:
            return self.outputs(block)
        clauses = node.first("elseif_clauses")
        for each in clauses.of("elseif_clause") if clauses is not None else ():
            if self._condition(each.first("pipeline")):
                return self.outputs(each.parts[-1])
        last = node.first("else_clause")
        return self.outputs(last.parts[-1]) if last is not None else []

    def _do_foreach_statement(self, node: Node) -> list[Any]:
        variable, items, block = node.parts[0], node.parts[1], node.parts[-1]
        found: list[Any] = []
        for each in self.outputs(items):
            self.assign(variable, each)
            if not self._round(block, found):
                break
        return found

    def _do_for_statement(self, node: Node) -> list[Any]:
        start, condition, step = (node.first(f"for_{each}") for each in ("initializer", "condition", "iterator"))
        found: list[Any] = []
        if start is not None:
            self._each(start.parts)
        while condition is None or self._condition(condition.parts[0]):
            if not self._round(node.parts[-1], found):
                break
            if step is not None:
                self._each(step.parts)
        return found

    def _do_while_statement(self, node: Node) -> list[Any]:
        condition = node.first("while_condition")
        found: list[Any] = []
        while condition is not None and self._condition(condition.parts[0]):
            if not self._round(node.parts[-1], found):
                break
        return found

    def _do_do_statement(self, node: Node) -> list[Any]:
        block, condition = node.first("statement_block"), node.first("while_condition")
        until = any(not each.named and each.word.lower() == "until" for each in node.children)
        found: list[Any] = []
        while block is not None and self._round(block, found):
            if condition is None or self._condition(condition.parts[0]) is until:
                break
        return found

    def _round(self, block: Node, found: list[Any]) -> bool:
        """One round of a loop; False if it is to end."""
        self.left -= 1
        try:
            found += self.outputs(block)
        except Continue as why:
            found += why.values
        except Break as why:
            found += why.values
            return False
        return True

    def _do_switch_statement(self, node: Node) -> list[Any]:
        condition, body = node.first("switch_condition"), node.first("switch_body")
        flags = node.first("switch_parameters")
        words = flags.word.lower() if flags is not None else ""
        clauses = body.first("switch_clauses") if body is not None else None
        listed = list(clauses.of("switch_clause")) if clauses is not None else []
        found: list[Any] = []
        try:
            for item in self.outputs(condition.parts[0]) if condition is not None else ():
                self._switched(item, listed, words, found)
        except Break as why:
            found += why.values
        return found

    def _switched(self, item: Any, clauses: list[Node], flags: str, found: list[Any]) -> None:
        self.scopes.put("_", item)
        taken = False
        for clause in clauses:
            wanted = clause.parts[0]
            default = wanted.word.lower() == "default"
            if (default and not taken) or (not default and self._fits(item, wanted, flags)):
                taken = True
                try:
                    found += self.outputs(clause.parts[-1])
                except Continue as why:
                    found += why.values
                    return

    def _fits(self, item: Any, wanted: Node, flags: str) -> bool:
        inner = wanted.children[0] if wanted.children else wanted
        value = inner.word.strip("'\"") if inner is wanted else self.value(inner)
        if isinstance(value, ScriptBlock):
            return truth(one_of(self.call_block(value, {"_": item, "PSItem": item})))
        if "-wildcard" in flags:
            return bool(wildcard(text_of(value)).match(text_of(item)))
        if "-regex" in flags:
            return bool(binary("-match", item, value, wanted.position, self._matched))
        return equal(item, value)

    # ---- ways out

    def _do_flow_control_statement(self, node: Node) -> list[Any]:
        word = node.children[0].word.lower()
        given = [one for each in node.parts for one in self.outputs(each)]
        if word == "return":
            raise Return(given)
        if word == "exit":
            raise Exit(int(number_of(one_of(given) or 0, node.position)))
        if word == "throw":
            self._throw(one_of(given), node)
        raise Break([]) if word == "break" else Continue([])

    def _throw(self, what: Any, node: Node) -> None:
        if isinstance(what, PsObject) and isinstance(what.inner, PsError):
            raise what.inner
        if what is None:
            caught = self.scopes.get("_")
            if isinstance(caught, PsObject) and isinstance(caught.inner, PsError):
                raise caught.inner
        message = text_of(what) if what is not None else "ScriptHalted"
        raise PsError(message, error_id="Thrown", category="OperationStopped", target=what, position=node.position)

    def _do_try_statement(self, node: Node) -> list[Any]:
        block, clauses, last = node.first("statement_block"), node.first("catch_clauses"), node.first("finally_clause")
        found: list[Any] = []
        try:
            found += self._tried(block, list(clauses.of("catch_clause")) if clauses is not None else [])
        finally:
            if last is not None:
                found += self.outputs(last.parts[-1])
        return found

    def _tried(self, block: Node | None, clauses: list[Node]) -> list[Any]:
        self.trying += bool(clauses)
        try:
            return self.outputs(block) if block is not None else []
        except Unsupported:
            raise
        except PsError as why:
            clause = next((each for each in clauses if self._catches(each, why)), None)
            if clause is None:
                raise
            caught = why
        finally:
            self.trying -= bool(clauses)
        self.speaking.note(caught)
        before = self.scopes.get("_")
        record = self.speaking.record(caught)
        self.scopes.put("_", record)
        self.scopes.put("PSItem", record)
        try:
            return self.outputs(clause.parts[-1])
        finally:
            self.scopes.put("_", before)

    @staticmethod
    def _catches(clause: Node, error: PsError) -> bool:
        """By the last word of a type's name; ``[Exception]`` and none catch everything."""
        listed = clause.first("catch_type_list")
        if listed is None:
            return True
        names = [each.word.strip("[]").rpartition(".")[2].lower() for each in listed.parts]
        mine = {
            "exception",
            "runtimeexception",
            "systemexception",
            type(error).__name__.lower(),
            error.error_id.lower(),
            *(each.rpartition(".")[2].lower() for each in getattr(error, "types", ())),
        }
        return any(name in mine or name.removesuffix("exception") in mine for name in names)

    # ---- functions

    def _do_function_statement(self, node: Node) -> list[Any]:
        name = node.first("function_name")
        if name is None or node.word.split(None, 1)[0].lower() == "filter":
            raise Unsupported("filter", node.position)
        self.functions[name.word.lower()] = block_of(node)
        return []

    def _do_trap_statement(self, node: Node) -> list[Any]:
        raise Unsupported("trap", node.position)

    def _do_class_statement(self, node: Node) -> list[Any]:
        raise Unsupported("class", node.position)

    def _do_param_block(self, _node: Node) -> list[Any]:
        return []
