"""What a statement does: assignments, conditions, loops, functions, errors caught and thrown."""

from __future__ import annotations

from typing import Any, Final

from fakeeop.exchange.powershell.blocks import Break, Continue, Exit, Jump, Return, ScriptBlock, WayOut
from fakeeop.exchange.powershell.calls import Calls, Show
from fakeeop.exchange.powershell.conversions import items_of, number_of, text_of, truth
from fakeeop.exchange.powershell.declared import block_of
from fakeeop.exchange.powershell.errors import Endless, PsError, Unsupported
from fakeeop.exchange.powershell.exceptions import type_names
from fakeeop.exchange.powershell.expressions import one_of
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
    label: str

    def outputs(self, node: Node) -> list[Any]:
        """What a statement puts out. Raises PsError; counts against the limit of steps."""
        self._step(node)
        method = getattr(self, f"_do_{node.kind}", None)
        if method is not None:
            return list(method(node))
        return items_of(self.value(node))

    def _step(self, node: Node) -> None:
        self.left -= 1
        if self.left < 0:
            raise Endless(node.position)

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
                why.values = [*found, *why.values]
                raise
            except PsError as why:
                why.put_out = [*found, *why.put_out]
                raise
        return found

    def statement(self, node: Node) -> list[Any]:
        """One statement: an error of a command ends it, and the script goes on, as in PowerShell."""
        if node.kind in ("statement_list", "script_block_body", "named_block"):
            return self._each(node.parts)
        failures = self.speaking.failures
        try:
            found = self._shown(node) if self.live is not None and node.kind in _PIPES else self.outputs(node)
        except PsError as why:
            if node.kind in _PIPES:
                why.put_out = []
            preference = text_of(self.scopes.get("ErrorActionPreference")).lower()
            stop = preference == "stop"
            if self.trying or stop or why.ends or isinstance(why, Unsupported):
                why.ends = why.ends or stop
                raise
            why.position = why.position or node.position
            (self.speaking.note if preference in ("silentlycontinue", "ignore") else self.speaking.tell)(why)
            found, why.put_out = why.put_out, []
        if node.kind in _PIPES:
            self.scopes.put("global:?", self.speaking.failures == failures)
        return found

    def _shown(self, node: Node) -> list[Any]:
        """A pipeline that nobody catches: its output is shown, that of functions and ForEach-Object as it comes."""
        show, self.live = self.live, None
        try:
            self._step(node)
            found = self._do_pipeline(node, show)
        finally:
            self.live = show
        if found and show is not None:
            show(found)
        return []

    def captured(self, node: Node) -> list[Any]:
        """The output of a statement as values."""
        show, self.live = self.live, None
        try:
            return self.outputs(node)
        finally:
            self.live = show

    # ---- simple

    def _do_pipeline(self, node: Node, tail: Show | None = None) -> list[Any]:
        first = node.parts[0] if node.parts else None
        if first is None:
            return []
        if first.kind == "assignment_expression":
            return self._assignment(first)
        if first.kind in _SILENT:
            self.value(first)
            return []
        if first.kind == "pipeline_chain":
            return self.piped(first, tail=tail)
        return self.piped(node, tail=tail)

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
            return one_of(self.captured(node))
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
        if node.parts[0].kind != "variable":
            raise Unsupported(f"foreach {node.parts[0].word}", node.position)
        variable, items, block = node.parts[0], node.parts[1], node.parts[-1]
        found: list[Any] = []
        label = self._own_label()
        for each in self.captured(items):
            self.assign(variable, each)
            if not self._round(block, found, label):
                break
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

    def _do_switch_statement(self, node: Node) -> list[Any]:
        condition, body = node.first("switch_condition"), node.first("switch_body")
        flags = node.first("switch_parameters")
        words = flags.word.lower() if flags is not None else ""
        clauses = body.first("switch_clauses") if body is not None else None
        listed = list(clauses.of("switch_clause")) if clauses is not None else []
        found: list[Any] = []
        try:
            for item in self.captured(condition.parts[0]) if condition is not None else ():
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
        return equal(item, value, cased="-casesensitive" in flags)

    # ---- ways out

    def _do_flow_control_statement(self, node: Node) -> list[Any]:
        word = node.children[0].word.lower()
        given = [one for each in node.parts for one in self.captured(each)]
        if word == "return":
            raise Return(given)
        if word == "exit":
            raise Exit(int(number_of(one_of(given) or 0, node.position)))
        if word == "throw":
            self._throw(one_of(given), node)
        label = text_of(one_of(given)).lstrip(":").lower()
        raise Break([], label) if word == "break" else Continue([], label)

    def _throw(self, what: Any, node: Node) -> None:
        thrown = self.scopes.get("_") if what is None else what
        if isinstance(thrown, PsObject) and isinstance(thrown.inner, PsError):
            thrown.inner.ends = True
            thrown.inner.position = thrown.inner.position or node.position
            raise thrown.inner
        message = text_of(what) if what is not None else "ScriptHalted"
        raise PsError(
            message, error_id="Thrown", category="OperationStopped", target=what, position=node.position, ends=True
        )

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
            caught, before_it = why, why.put_out
            why.put_out = []
        finally:
            self.trying -= bool(clauses)
        self.speaking.note(caught)
        before = self.scopes.get("_")
        record = self.speaking.record(caught)
        self.scopes.put("_", record)
        self.scopes.put("PSItem", record)
        try:
            return [*before_it, *self.outputs(clause.parts[-1])]
        finally:
            self.scopes.put("_", before)

    @staticmethod
    def _catches(clause: Node, error: PsError) -> bool:
        """By the last word of a type's name; ``[Exception]`` and none catch everything."""
        listed = clause.first("catch_type_list")
        if listed is None:
            return True
        names = [each.word.strip("[]").rpartition(".")[2].lower() for each in listed.parts]
        mine = {"systemexception", *(each.rpartition(".")[2].lower() for each in type_names(error))}
        return any(name in mine for name in names)

    # ---- functions

    def _do_function_statement(self, node: Node) -> list[Any]:
        name = node.first("function_name")
        if name is None:
            raise Unsupported("a function without a name", node.position)
        self.functions[name.word.lower()] = block_of(node)
        return []

    def _do_trap_statement(self, node: Node) -> list[Any]:
        raise Unsupported("trap", node.position)

    def _do_class_statement(self, node: Node) -> list[Any]:
        raise Unsupported("class", node.position)

    def _do_param_block(self, _node: Node) -> list[Any]:
        return []
