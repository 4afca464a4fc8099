"""A session: scripts run in it one after another, and it remembers variables, functions and errors between them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from exoshell.powershell.binding import COMMON, Argument, bind, script_arguments
from exoshell.powershell.blocks import FlowControl, block_of
from exoshell.powershell.calls import run_command
from exoshell.powershell.commands import Command, Param, Registry, Streams
from exoshell.powershell.context import Context, Language
from exoshell.powershell.errors import PsError
from exoshell.powershell.expressions import EXPRESSIONS, HELD
from exoshell.powershell.formats import limit_enumeration
from exoshell.powershell.functions import automatic, cmdlet_of, converted_argument, default_of, preferences
from exoshell.powershell.literals import LITERALS
from exoshell.powershell.loops import LOOPS
from exoshell.powershell.statements import STATEMENTS, assigned, pipeline
from exoshell.powershell.syntax import Node, incomplete, parse
from exoshell.powershell.values import HashTable, Position

__all__ = ["Interpreter"]

STEPS = 1_000_000  # statements of one run
_FRAMES = 12_000  # of Python: what context.DEPTH calls need
_LANGUAGE = Language(
    {**STATEMENTS, **LOOPS},
    {**EXPRESSIONS, **LITERALS},
    {**HELD, "assignment_expression": assigned},
    pipeline,
)


class Interpreter:
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
        self._context = Context(_LANGUAGE, registry, streams, now, steps)
        limit_enumeration(4)

    # ---- for those who have a script

    def run(
        self, text: str, path: str = "", arguments: Iterable[Any] = (), emit: Callable[[list[Any]], None] | None = None
    ) -> list[Any]:
        """The output of a script; ``emit`` gets that of each statement of it as it comes.

        Raises PsError for what ends the script, ``blocks.Exit`` for ``exit``.
        """
        with _deep_stack():
            return self._run_all(parse(text, path), list(arguments), emit)

    def _run_all(self, program: Node, arguments: list[Any], emit: Callable[[list[Any]], None] | None) -> list[Any]:
        context = self._context
        context.begin()
        for name, value in automatic(program.source.path).items():
            context.scopes.put(name, value)
        context.scopes.put("args", arguments)
        _parameters(context, program, arguments)
        found: list[Any] = []

        def show(values: list[Any]) -> None:
            values = [each for each in values if each is not None]
            found.extend(values)
            if emit is not None and values:
                emit(values)

        context.live = show
        try:
            for statement in _statements(program):
                show(context.statement(statement))
        except FlowControl as why:
            show(why.values)
        finally:
            context.live = None
        return found

    def is_complete(self, text: str) -> bool:
        """False while a prompt has to ask for more lines."""
        return not incomplete(text)

    def complete(self, text: str) -> list[str]:
        """What the last word of ``text`` may become: commands, parameters, their values, variables."""
        word = re.split(r"[\s|;({=,]", text)[-1]
        lower = word.lower()
        if word.startswith("$"):
            return [f"${name}" for name in self._context.scopes.names() if name.startswith(lower[1:])]
        statement = re.split(r"[|;({=]", text)[-1].split()
        registry = self._context.registry
        begun = statement and (len(statement) > 1 or text[-1:] == " ")
        command = registry.command(statement[0]) if begun else None
        if command is None:
            return [each.name for each in registry if each.name.lower().startswith(lower)]
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

    def call(self, name: str, *arguments: Any, **named: Any) -> list[Any]:
        """Run a command by its name from Python."""
        place = Position(0, 0)
        given = [Argument("", each, place) for each in arguments]
        return run_command(
            self._context, name, [*given, *(Argument(key, value, place) for key, value in named.items())], place
        )


def _parameters(context: Context, program: Node, arguments: list[Any]) -> None:
    """``param(…)`` of a script."""
    if program.first("param_block") is None:
        return
    block = block_of(program)
    own = tuple(evolve(each.parameter, nullable=True) for each in block.parameters)  # checked below
    rest = () if block.advanced else (Param("args", "objects", position=len(own), remaining=True, whole=True),)
    command = Command(program.source.path or "script", lambda _: (), (*own, *rest), supports_what_if=block.what_if)
    place = program.position
    bound = bind(command, script_arguments(arguments, place), place, None)
    given = {
        each.name: converted_argument(context, each, bound.values[each.name], place)
        for each in block.parameters
        if each.name in bound.values
    }
    for each in block.parameters:
        context.scopes.put(each.name, given[each.name] if each.name in given else default_of(context, each))
    for name, value in preferences(bound.common).items():
        context.scopes.put(name, value)
    context.scopes.put("args", bound.values.get("args", []))
    context.scopes.put("PSBoundParameters", HashTable(given))
    context.scopes.put("PSCmdlet", cmdlet_of(context, command, block, bound.common, place))


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Room for functions that call themselves. Raises PsError for what is nested even deeper."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    except RecursionError:
        raise PsError(
            "The script failed because it is nested too deeply.", error_id="InsufficientExecutionStack",
            category="InvalidOperation",
        ) from None  # fmt: skip
    finally:
        sys.setrecursionlimit(before)


def _statements(program: Node) -> list[Node]:
    """The statements of a script, one by one."""
    found: list[Node] = []
    for each in program.parts:
        found += each.parts if each.kind in ("statement_list", "script_block_body") else [each]
    return found
