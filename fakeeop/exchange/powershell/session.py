"""A session: scripts run in it one after another, and it remembers variables, functions and errors between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from fakeeop.exchange.powershell.binding import COMMON, Argument
from fakeeop.exchange.powershell.blocks import Return, ScriptBlock
from fakeeop.exchange.powershell.errors import Unsupported
from fakeeop.exchange.powershell.expressions import block_of
from fakeeop.exchange.powershell.host import Registry, Streams
from fakeeop.exchange.powershell.scopes import Scopes
from fakeeop.exchange.powershell.speaking import Recorder, Speaking
from fakeeop.exchange.powershell.statements import Statements
from fakeeop.exchange.powershell.syntax import Node, incomplete, parse

__all__ = ["Recorder", "Session"]

STEPS = 1_000_000  # statements of one run


class Session(Statements):
    """``registry`` has the commands, ``streams`` show what is said, ``now`` is the clock (aware UTC).

    Errors of commands end their statement and are shown, as in PowerShell; what is thrown, and what is not supported,
    ends the run and is raised.
    """

    def __init__(
        self,
        registry: Registry,
        streams: Streams,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        steps: int = STEPS,
    ) -> None:
        self.registry = registry
        self.speaking = Speaking(streams)
        self.scopes = Scopes()
        self.functions: dict[str, ScriptBlock] = {}
        self.now = now
        self.trying = 0
        self.left = steps
        self._steps = steps
        self.scopes.put("Error", self.speaking.errors)

    # ---- for those who have a script

    def run(
        self, text: str, path: str = "", arguments: Iterable[Any] = (), emit: Callable[[list[Any]], None] | None = None
    ) -> list[Any]:
        """The output of a script; ``emit`` gets that of each statement of it as it comes.

        Raises PsError for what ends the script, ``blocks.Exit`` for ``exit``.
        """
        program = parse(text, path)
        self.left = self._steps
        self.trying = 0
        self.scopes.put("args", list(arguments))
        self._parameters(program, list(arguments))
        found: list[Any] = []
        try:
            for statement in _statements(program):
                output = self.statement(statement)
                found += output
                if emit is not None and output:
                    emit(output)
        except Return as why:
            found += why.values
            if emit is not None and why.values:
                emit(why.values)
        return found

    def is_complete(self, text: str) -> bool:
        """False while a prompt has to ask for more lines."""
        return not incomplete(text)

    def complete(self, text: str) -> list[str]:
        """What the last word of ``text`` may become: commands, parameters, their values, variables."""
        word = re.split(r"[\s|;({=,]", text)[-1]
        lower = word.lower()
        if word.startswith("$"):
            return [f"${name}" for name in self.scopes.names() if name.startswith(lower[1:])]
        statement = re.split(r"[|;({=]", text)[-1].split()
        command = (
            self.registry.command(statement[0]) if statement and (len(statement) > 1 or text[-1:] == " ") else None
        )
        if command is None:
            return [each.name for each in self.registry if each.name.lower().startswith(lower)]
        if word.startswith("-"):
            names = [each.name for each in (*command.parameters, *COMMON)]
            return [f"-{name}" for name in names if name.lower().startswith(lower[1:])]
        before = statement[-2 if word else -1].lstrip("-") if len(statement) > 1 else ""
        parameter = command.parameter(before)
        values = parameter.values if parameter is not None else ()
        if parameter is not None and parameter.kind == "bool":
            values = ("$true", "$false")
        return [each for each in values if each.lower().startswith(lower)]

    # ---- for commands

    def call_block(self, block: ScriptBlock, arguments: dict[str, Any], items: list[Any] | None = None) -> list[Any]:
        """Run a block in a scope of its own: ``arguments`` are its variables, ``items`` what comes down a pipeline."""
        self.scopes.open({**arguments, **({} if items is None else {"input": items})})
        try:
            if block.body is None and (block.begin or block.process or block.end):
                return self._in_parts(block, items)
            return self._each(block.body.parts) if block.body is not None else []
        except Return as why:
            return why.values
        finally:
            self.scopes.close()

    def call_with(self, block: ScriptBlock, item: Any) -> list[Any]:
        """Run a block for one object, in the scope of who asks, as ForEach-Object and Where-Object do."""
        before = self.scopes.get("_")
        self.scopes.put("_", item)
        self.scopes.put("PSItem", item)
        try:
            return self._each(block.body.parts) if block.body is not None else []
        except Return as why:
            return why.values
        finally:
            self.scopes.put("_", before)

    def call(self, name: str, *arguments: Any, **named: Any) -> list[Any]:
        """Run a command by its name from Python."""
        from fakeeop.exchange.powershell.values import Position  # noqa: PLC0415  only here

        place = Position(0, 0)
        given = [Argument("", each, place) for each in arguments]
        return self.run_command(name, [*given, *(Argument(key, value, place) for key, value in named.items())], place)

    def new_object(self, name: str, arguments: list[Any], node: Node) -> Any:
        """``[Type]::new(…)`` and New-Object. Raises Unsupported for a type that is not here."""
        new = self.registry.type(name)
        if new is None:
            raise Unsupported(f"the type [{name}]", node.position)
        return new(arguments)

    # ---- inside

    def _in_parts(self, block: ScriptBlock, items: list[Any] | None) -> list[Any]:
        found = self._each(block.begin.parts[1:]) if block.begin is not None else []
        if block.process is not None:
            for each in items if items is not None else [None]:
                self.scopes.put("_", each)
                found += self._each(block.process.parts[1:])
        if block.end is not None:
            found += self._each(block.end.parts[1:])
        return found

    def _parameters(self, program: Node, arguments: list[Any]) -> None:
        """``param(…)`` of a script: by position."""
        if program.first("param_block") is None:
            return
        for number, (name, default, kind) in enumerate(block_of(program).parameters):
            value = arguments[number] if number < len(arguments) else None if default is None else self.value(default)
            self.scopes.put(name, self._typed(value, kind, program.position) if value is not None else None)


def _statements(program: Node) -> list[Node]:
    """The statements of a script, one by one."""
    found: list[Node] = []
    for each in program.parts:
        found += each.parts if each.kind in ("statement_list", "script_block_body") else [each]
    return found
