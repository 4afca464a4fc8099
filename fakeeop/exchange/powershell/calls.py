"""Pipelines: commands found by name, their arguments bound, their output passed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from fakeeop.exchange.powershell.binding import Argument, Bound, bind
from fakeeop.exchange.powershell.blocks import ScriptBlock
from fakeeop.exchange.powershell.conversions import items_of, text_of
from fakeeop.exchange.powershell.errors import ParameterError, PsError, Unsupported
from fakeeop.exchange.powershell.functions import Functions
from fakeeop.exchange.powershell.host import Command, Invocation
from fakeeop.exchange.powershell.syntax import Node, parse
from fakeeop.exchange.powershell.values import HashTable, Position

__all__ = ["Calls", "Show"]

Show = Callable[[list[Any]], None]
_RANGE: Final = re.compile(r"(-?\d+)\.\.([^.].*)")
_CONFIRM: Final = {"none": False, "low": True}  # $ConfirmPreference, where it says so for every command
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[kmgt]b)", re.I)
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}
_QUIET = ("silentlycontinue", "ignore")


class Calls(Functions):
    """Mixed into the interpreter."""

    functions: dict[str, ScriptBlock]

    def piped(self, node: Node, items: list[Any] | None = None, tail: Show | None = None) -> list[Any]:
        """The output of a chain of commands, or of an expression that begins it; ``tail`` may be given some of it."""
        flow = items
        for number, each in enumerate(node.parts):
            if each.kind == "command":
                flow = self.command(each, flow, tail if number == len(node.parts) - 1 else None)
            elif number == 0:
                flow = items_of(self.value(each))
            elif each.kind == "redirections":
                flow = _redirected(flow or [], _to_nowhere(each))
            else:
                raise PsError(
                    "Expressions are only allowed as the first element of a pipeline.",
                    error_id="ExpressionsMustBeFirstInPipeline",
                    category="ParserError",
                    position=each.position,
                )
        return flow or []

    def command(self, node: Node, items: list[Any] | None, tail: Show | None = None) -> list[Any]:
        """One command. Raises PsError, Unsupported."""
        name_node = node.first("command_name", "command_name_expr")
        operator = node.first("command_invokation_operator")
        given = node.first("command_elements")
        elements = _elements(given) if given is not None else []
        arguments, quiet = self._arguments_of(elements)
        if operator is not None:
            return self._invoked(operator, node, arguments, items)
        name = name_node.word if name_node is not None else ""
        ends = _RANGE.fullmatch(name)
        if ends is not None and not arguments:  # the grammar takes 1..$n for the name of a command
            return items_of(self.outputs(parse(f"({ends[1]})..({ends[2]})")))
        if ends is not None and node.word.startswith(name):  # ... and 1..3 -join ',' for arguments
            return items_of(self.outputs(parse(f"(({ends[1]})..({ends[2]})){node.word.removeprefix(name)}")))
        size = _SIZES.get(name[-2:].lower(), 1)
        if _NUMBER.fullmatch(name) and not arguments and items is None:  # as above: 2MB
            return [float(name[:-2]) * size if "." in name else int(name[:-2]) * size]
        return _redirected(self.run_command(name, arguments, node.position, items, None if quiet else tail), quiet)

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
            show, self.live = self.live, tail
            try:
                return self.function(name, function, arguments, position, items)
            finally:
                self.live = show
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
            confirm=common.get("Confirm", _CONFIRM.get(text_of(self.scopes.get("ConfirmPreference")).lower())),
            verbose=verbose,
            session=self,
        )
        try:
            output = command.run(invocation) or ()
            if tail is not None and command.name == "ForEach-Object" and not common.get("OutVariable"):
                for each in output:
                    tail([each])
                output = ()
            found = list(output)
        except PsError as why:
            why.position = why.position or position
            self._kept(common, why)
            if action in _QUIET and not isinstance(why, Unsupported | ParameterError):
                self.speaking.note(why)
                return []
            why.ends = why.ends or (text_of(common.get("ErrorAction")).lower() == "stop")
            raise
        self._kept(common, *streams.errors)
        variable = common.get("OutVariable")
        if variable:
            self.scopes.put(text_of(variable).lstrip("+"), found)
        return found

    def _kept(self, common: dict[str, Any], *errors: PsError) -> None:
        name = common.get("ErrorVariable")
        if name:
            self.scopes.put(text_of(name).lstrip("+"), [self.speaking.record(each) for each in errors])

    def _invoked(self, operator: Node, node: Node, arguments: list[Argument], items: list[Any] | None) -> list[Any]:
        """``& { … } arguments`` and ``& 'Name' arguments``."""
        if operator.word.strip() != "&":
            raise Unsupported(f"the operator {operator.word.strip()}", operator.position)
        name_node = node.first("command_name_expr", "command_name")
        target = name_node.children[0] if name_node is not None and name_node.children else name_node
        if target is None:
            raise Unsupported("& without a command", operator.position)
        if target.kind == "path_command_name" and len(target.children) == 1 and target.children[0].kind == "variable":
            target = target.children[0]
        if target.kind == "path_command_name":
            raise Unsupported(f"& {target.word}: only a name, a variable or a block may follow", target.position)
        what = target.word if target.kind == "command_name" else self.value(target)
        if isinstance(what, ScriptBlock):
            return self.function("", what, arguments, node.position, items)
        return self.run_command(text_of(what), arguments, node.position, items)

    # ---- arguments

    def _arguments_of(self, elements: list[Node]) -> tuple[list[Argument], bool]:
        """The arguments, with splatted ones taken apart; True if the output is redirected to nowhere."""
        found: list[Argument] = []
        quiet = False
        for number, node in enumerate(elements):
            if node.kind == "command_parameter":
                found.append(self._name(node, elements, number))
            elif node.kind in ("redirection", "redirections"):
                quiet = _to_nowhere(node) or quiet
            elif node.kind == "variable" and node.word.startswith("@"):
                found += self._splatted(node)
            else:
                found.append(self._positional(node, elements, number))
        return [each for each in found if each.name != "\0"], quiet

    def _name(self, node: Node, elements: list[Node], number: int) -> Argument:
        """``-Name`` alone; ``-Name:value`` has its value beside it."""
        name = node.word.lstrip("-\u2013\u2014").rstrip(":")
        following = elements[number + 1] if number + 1 < len(elements) else None
        text = node.source.text.encode()
        colon = node.word.endswith(":") or text[node.end : node.end + 1] == b":"
        if colon and following is not None and following.start - node.end <= 2:
            return Argument(name, self._word(following), node.position)
        return Argument(name, None, node.position, given=False)

    def _positional(self, node: Node, elements: list[Node], number: int) -> Argument:
        before = elements[number - 1] if number else None
        if before is not None and before.kind == "command_parameter":
            text = node.source.text.encode()
            if before.word.endswith(":") or text[before.end : before.end + 1] == b":":
                return Argument("\0", None, node.position)  # the value of the name before it
        return Argument("", self._word(node), node.position)

    def _word(self, node: Node) -> Any:
        """A bare word is text; ``a,b`` is a list of such."""
        if node.kind == "words":
            return [one for each in node.children for one in items_of(self._word(each))]
        if node.kind == "generic_token":
            return node.word.strip("'\"") if node.word[:1] in "'\"" else node.word
        if node.kind == "argument_list":
            return self._arguments(node)
        return self.value(node)

    def _splatted(self, node: Node) -> list[Argument]:
        held = self.scopes.get(node.word.lstrip("@"))
        if isinstance(held, HashTable):
            return [Argument(text_of(name), value, node.position) for name, value in held.items()]
        return [Argument("", each, node.position) for each in items_of(held)]


def _is_on(preference: Any) -> bool:
    return text_of(preference).lower() in ("continue", "inquire")


def _elements(given: Node) -> list[Node]:
    """The arguments; those that stand side by side with a comma between them are one (``Name,Enabled``)."""
    found: list[Node] = []
    for each in given.parts:
        last = found[-1] if found else None
        joined = last is not None and last.end == each.start and (each.word.startswith(",") or last.word.endswith(","))
        if joined and last is not None and last.kind != "command_parameter":
            words = last.children if last.kind == "words" else _split(last)
            found[-1] = Node("words", last.word + each.word, last.start, each.end, last.source, (*words, *_split(each)))
        else:
            found += [each] if "," not in each.word or each.kind != "generic_token" else [_words(each)]
    return found


def _words(node: Node) -> Node:
    return Node("words", node.word, node.start, node.end, node.source, tuple(_split(node)))


def _split(node: Node) -> list[Node]:
    """A bare word with commas in it, in parts."""
    if node.kind != "generic_token" or "," not in node.word:
        return [node]
    found = []
    at = node.start
    for part in node.word.split(","):
        if part:
            found.append(Node("generic_token", part, at, at + len(part.encode()), node.source))
        at += len(part.encode()) + 1
    return found


def _redirected(output: list[Any], quiet: bool) -> list[Any]:
    return [] if quiet else output


def _to_nowhere(node: Node) -> bool:
    """``> $null``: True; ``2>$null``, ``2>&1``: False. Raises Unsupported for a redirection to a file."""
    word = node.word.replace(" ", "").lower()
    if "$null" not in word and "&1" not in word:
        raise Unsupported(f"the redirection {node.word.strip()}", node.position)
    return word in (">$null", "1>$null", "*>$null")
