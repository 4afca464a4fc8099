"""What a statement does: pipelines, assignments, conditions, functions, and the ways out."""

from __future__ import annotations

from typing import Any, Final

from exoshell.powershell.blocks import Break, Continue, Exit, Return, WayOut, block_of
from exoshell.powershell.calls import Show
from exoshell.powershell.catching import Catching
from exoshell.powershell.conversions import number_of, one_of, text_of
from exoshell.powershell.errors import Endless, PsError, Unsupported
from exoshell.powershell.operators import binary
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING

__all__ = ["Statements"]

_PIPES: Final = ("pipeline", "pipeline_chain")
_SILENT: Final = (
    *("post_increment_expression", "post_decrement_expression", "pre_increment_expression", "pre_decrement_expression"),
)


class Statements(Catching):
    """Mixed into the interpreter."""

    def outputs(self, node: Node) -> list[Any]:
        """What a statement puts out. Raises PsError; counts against the limit of steps."""
        self._step(node)
        method = getattr(self, f"_do_{node.kind}", None)
        if method is not None:
            return list(method(node))
        return self.flow(node)

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
        value = self.held_result(source)
        sign = operator.word.strip()
        if sign != "=":
            value = None if value is NOTHING else value
            value = binary(sign.removesuffix("="), self.value(target), value, operator.position, self._matched)
        self.assign(target, value)
        return value

    def result(self, node: Node) -> Any:
        """What a pipeline is worth where its value is asked for: an expression as it is, also a list of one or none;
        of commands and other statements what they put out.
        """
        value = self.held_result(node)
        return None if value is NOTHING else value

    def held_result(self, node: Node) -> Any:
        """As above, NOTHING where it put out nothing."""
        sole = node
        while sole.kind in _PIPES and len(sole.parts) == 1:
            sole = sole.parts[0]
        if sole.kind == "assignment_expression":
            return self._assigned(sole)
        if sole.kind in _PIPES or hasattr(self, f"_do_{sole.kind}"):
            return one_of(self.captured(node))
        return self.held(sole)

    # ---- conditions

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

    # ---- ways out

    def _do_flow_control_statement(self, node: Node) -> list[Any]:
        word = node.children[0].word.lower()
        given = [one for each in node.parts for one in self.captured(each)]
        if word == "return":
            raise Return(given)
        if word == "exit":
            raise Exit(int(number_of(one_of(given) or 0, node.position)))
        value = one_of(given) if given else None
        if word == "throw":
            self._throw(value, node)
        label = text_of(value).lstrip(":").lower()
        raise Break([], label) if word == "break" else Continue([], label)

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
