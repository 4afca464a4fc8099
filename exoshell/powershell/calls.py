"""Pipelines: commands found by name, their arguments bound, their output passed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.arguments import Arguments, elements_of
from exoshell.powershell.binding import Argument, Bound, bind, with_defaults
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.conversions import changed, items_of, text_of, version_of
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.host import Command, Invocation
from exoshell.powershell.streams import Muted, Redirection, parted, redirections_of
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import ArrayList, Position

__all__ = ["Calls", "Show"]

Show = Callable[[list[Any]], None]
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[kmgt]b)", re.I)
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}
_MEANT: Final = (ValueError, OverflowError, LookupError, ArithmeticError, OSError)  # of Python, in a command
_QUIET = ("silentlycontinue", "ignore")


class Calls(Arguments):
    """Mixed into the interpreter."""

    functions: dict[str, ScriptBlock]

    def piped(self, node: Node, items: list[Any] | None = None, tail: Show | None = None) -> list[Any]:
        """The output of a chain of commands, or of an expression that begins it; ``tail`` may be given some of it."""
        flow, source, version = items, None, None
        for number, each in enumerate(node.parts):
            if each.kind == "command":
                flow = self.command(each, flow, tail if number == len(node.parts) - 1 else None)
                if number == 1 and version_of(source) != version and _goes_through(each):
                    raise changed(each.position)
            elif number == 0:
                source = self.held(each)
                version = version_of(source)
                flow = self.flow_of(source)
            elif each.kind == "redirections":
                kept = list(flow or [])
                flow = self._redirected(redirections_of(each), lambda _, kept=kept: kept, None, each.position)  # type: ignore[misc]  # the default binds
            else:
                raise PsError(
                    "Expressions are only allowed as the first element of a pipeline.",
                    error_id="ExpressionsMustBeFirstInPipeline",
                    category="ParserError",
                    position=each.position,
                    ends=True,
                )
        return flow or []

    def command(self, node: Node, items: list[Any] | None, tail: Show | None = None) -> list[Any]:
        """One command. Raises PsError, Unsupported."""
        name_node = node.first("command_name", "command_name_expr")
        operator = node.first("command_invokation_operator")
        given = node.first("command_elements")
        elements, redirections = parted(elements_of(given) if given is not None else [])
        arguments = self._arguments_of(elements)
        if operator is not None:
            return self._redirected(
                redirections,
                lambda rest: self._invoked(operator, node, arguments, items, rest),
                tail,
                node.position,
            )
        name = name_node.word if name_node is not None else ""
        if name.lower() == "using":
            raise Unsupported("using", node.position)
        size = _SIZES.get(name[-2:].lower(), 1)
        if _NUMBER.fullmatch(name) and not arguments and items is None:  # as above: 2MB
            return [float(name[:-2]) * size if "." in name else int(name[:-2]) * size]
        return self._redirected(
            redirections,
            lambda rest: self.run_command(name, arguments, node.position, items, rest),
            tail,
            node.position,
        )

    def _redirected(
        self,
        redirections: list[Redirection],
        run: Callable[[Show | None], list[Any]],
        tail: Show | None,
        position: Position,
    ) -> list[Any]:
        """What ``run`` puts out and says, to where it is to go."""
        if not redirections:
            return run(tail)
        silent = frozenset(each.stream for each in redirections if each.file is None and not each.merged)
        before = self.speaking.streams
        muted = Muted(before, silent, merged=any(each.merged for each in redirections))
        self.speaking.streams = muted
        try:
            found = run(None)
        except ParameterError:
            raise
        except PsError as why:
            if isinstance(why, Unsupported) or why.ends or not (muted.merged or silent & {"2", "*"}):
                raise
            why.position = why.position or position
            self.speaking.tell(why)
            found = why.put_out
        finally:
            self.speaking.streams = before
        found = [*found, *(self.speaking.record(each) for each in muted.kept if isinstance(each, PsError))]
        for each in redirections:
            if each.file is not None:
                path = Argument("FilePath", text_of(self._word(each.file)), position)
                append = Argument("Append", each.append, position)
                self.run_command("Out-File", [path, append], position, found)
        return [] if any(each.of_output for each in redirections) else found

    def run_command(
        self,
        name: str,
        arguments: list[Argument],
        position: Position,
        items: list[Any] | None = None,
        tail: Show | None = None,
    ) -> list[Any]:
        """By name: a function of the script, or a command of the registry."""
        function = self.functions.get(name.lower())
        if function is not None:
            return self._with_tail(tail, lambda: self.function(name, function, arguments, position, items))
        if name.lower().endswith(".ps1"):
            return self._with_tail(tail, lambda: self.script(name, arguments, position, items, dot=False))
        command = self.registry.command(name)
        if command is None:
            raise PsError(
                f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable "
                "program. Check the spelling of the name, or if a path was included, verify that the path is correct "
                "and try again.",
                error_id="CommandNotFoundException",
                category="ObjectNotFound",
                target=name,
                position=position,
            )
        arguments = with_defaults(command, arguments, self.scopes.get("PSDefaultParameterValues"), position)
        return self._cmdlet(command, bind(command, arguments, position, items), position, items, tail)

    def _cmdlet(
        self, command: Command, bound: Bound, position: Position, items: list[Any] | None, tail: Show | None
    ) -> list[Any]:
        common = bound.common
        action = text_of(common.get("ErrorAction") or self.scopes.get("ErrorActionPreference") or "Continue").lower()
        warning = text_of(common.get("WarningAction") or self.scopes.get("WarningPreference"))
        verbose = bool(common.get("Verbose", _is_on(self.scopes.get("VerbosePreference"))))
        streams = self.speaking.of(action, warning, position, verbose=verbose)
        invocation = Invocation(
            *(command, bound.values, streams, position, list(items or []), items is not None),
            what_if=bool(common.get("WhatIf", self.scopes.get("WhatIfPreference"))),
            confirm=common.get("Confirm", self.confirms()),
            verbose=verbose,
            information=_is_on(common.get("InformationAction") or self.scopes.get("InformationPreference")),
            session=self,
        )
        try:
            found = self._output_of(invocation, tail if not common.get("OutVariable") else None)
        except PsError as why:
            why.position = why.position or position
            self._kept(common, why)
            if action in _QUIET and not isinstance(why, Unsupported | ParameterError):
                self.speaking.note(why)
                return []
            why.ends = why.ends or (text_of(common.get("ErrorAction")).lower() == "stop")
            raise
        self._kept(common, *streams.errors)
        self._remembered(common.get("OutVariable"), found)
        return found

    def _output_of(self, invocation: Invocation, tail: Show | None) -> list[Any]:
        """What a command gives; that of ForEach-Object is shown as it comes, if to anybody."""
        try:
            output = invocation.command.run(invocation) or ()
            if tail is not None and invocation.command.name == "ForEach-Object":
                for each in output:
                    tail([each])
                return []
            return list(output)
        except _MEANT as why:
            reason = (why.strerror if isinstance(why, OSError) else None) or str(why) or type(why).__name__
            raise PsError(
                f"{invocation.command.name}: {reason}", error_id=f"{type(why).__name__},{invocation.command.name}"
            ) from why

    def _kept(self, common: dict[str, Any], *errors: PsError) -> None:
        self._remembered(common.get("ErrorVariable"), [self.speaking.record(each) for each in errors])

    def _remembered(self, variable: Any, values: list[Any]) -> None:
        """``-OutVariable name``; ``+name`` adds to what it holds."""
        name = text_of(variable)
        if name:
            before = items_of(self.scopes.get(name[1:])) if name.startswith("+") else []
            self.scopes.put(name.lstrip("+"), ArrayList([*before, *values]))

    def _invoked(
        self, operator: Node, node: Node, arguments: list[Argument], items: list[Any] | None, tail: Show | None = None
    ) -> list[Any]:
        """``& { … } arguments`` and ``& 'Name' arguments``; with a dot: in this scope."""
        dot = operator.word.strip() == "."
        name_node = node.first("command_name_expr", "command_name")
        target = name_node.children[0] if name_node is not None and name_node.children else name_node
        if target is None:
            raise Unsupported("& without a command", operator.position)
        if target.kind == "path_command_name" and [each.kind for each in target.children] == ["variable"]:
            target = target.children[0]
        what = self._target(target)
        if isinstance(what, ScriptBlock) and dot:
            if what.parameters or arguments or items is not None or what.body is None:
                raise Unsupported("a dot before a script block with parameters", operator.position)
            return self._with_tail(tail, lambda: self.here(what))
        if isinstance(what, ScriptBlock):
            return self._with_tail(tail, lambda: self.function("", what, arguments, node.position, items))
        name = text_of(what)
        if dot and not name.lower().endswith(".ps1"):
            raise Unsupported("a dot before what is no script", operator.position)
        if dot:
            return self._with_tail(tail, lambda: self.script(name, arguments, node.position, items, dot=True))
        return self.run_command(name, arguments, node.position, items, tail)

    def _target(self, node: Node) -> Any:
        """What ``&`` runs: a word, a variable in a path, or the value of an expression."""
        if node.kind == "command_name":
            return node.word
        if node.kind != "path_command_name":
            return self.value(node)
        text = "".join(text_of(self.value(each)) if each.kind == "variable" else each.word for each in node.children)
        return text or node.word

    def _with_tail(self, tail: Show | None, run: Callable[[], list[Any]]) -> list[Any]:
        show, self.live = self.live, tail
        try:
            return run()
        finally:
            self.live = show


def _goes_through(command: Node) -> bool:
    """Does it work on one object before it gets the next?"""
    name = command.first("command_name")
    return name is not None and name.word.lower() in ("foreach-object", "foreach", "%")


def _is_on(preference: Any) -> bool:
    return text_of(preference).lower() in ("continue", "inquire")
