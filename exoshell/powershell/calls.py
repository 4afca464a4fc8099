"""Pipelines: commands found by name, their arguments read and bound, their output passed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.binding import Argument, Bound, bind, with_defaults
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.commands import Command, Invocation
from exoshell.powershell.context import Context, Show
from exoshell.powershell.conversions import changed, items_of, text_of, version_of
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.expressions import argument_values
from exoshell.powershell.functions import call_function, confirms, run_here, run_script
from exoshell.powershell.literals import unescaped
from exoshell.powershell.streams import RedirectedStreams, Redirection, parted, redirections_of
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import ArrayList, HashTable, Position

__all__ = ["elements_of", "piped", "run_command", "run_command_node"]

_EXPANDS: Final = re.compile(r"(?<!`)\$[\w({]")
_QUOTED: Final = re.compile(r"'([^']*)'")


def _arguments_of(context: Context, elements: list[Node]) -> list[Argument]:
    """The arguments, with splatted ones taken apart."""
    found: list[Argument] = []
    for number, node in enumerate(elements):
        if node.kind == "command_parameter":
            found.append(_name(context, node, elements, number))
        elif node.kind == "variable" and node.word.startswith("@"):
            found += _splatted(context, node)
        else:
            found.append(_positional(context, node, elements, number))
    return [each for each in found if each.name != "\0"]


def _name(context: Context, node: Node, elements: list[Node], number: int) -> Argument:
    """``-Name`` alone; with ``-Name:value`` the value follows it."""
    name = node.word.lstrip("-\u2013\u2014").rstrip(":")
    following = elements[number + 1] if number + 1 < len(elements) else None
    text = node.source.text.encode()
    colon = node.word.endswith(":") or text[node.end : node.end + 1] == b":"
    if colon and following is not None and following.start - node.end <= 2:
        return Argument(name, _word(context, following), node.position, text=_number(following))
    return Argument(name, None, node.position, given=False)


def _positional(context: Context, node: Node, elements: list[Node], number: int) -> Argument:
    before = elements[number - 1] if number else None
    if before is not None and before.kind == "command_parameter":
        text = node.source.text.encode()
        if before.word.endswith(":") or text[before.end : before.end + 1] == b":":
            return Argument("\0", None, node.position)  # the value of the name before it
    return Argument("", _word(context, node), node.position, text=_number(node))


def _word(context: Context, node: Node) -> Any:
    """A bare word is text; ``a,b`` is a list of such."""
    if node.kind == "words":
        return [one for each in node.children for one in items_of(_word(context, each))]
    if node.kind == "generic_token":
        return _bare(node)
    if node.kind == "argument_list":
        return argument_values(context, node)
    return context.value(node)


def _splatted(context: Context, node: Node) -> list[Argument]:
    held = context.scopes.get(node.word.lstrip("@"))
    if isinstance(held, HashTable):
        return [Argument(text_of(name), value, node.position) for name, value in held.items()]
    return [Argument("", each, node.position) for each in items_of(held)]


def elements_of(given: Node) -> list[Node]:
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


def _number(node: Node) -> str:
    return node.word if node.kind in ("integer_literal", "real_literal") else ""


def _bare(node: Node) -> str:
    """A word without its quotes and backticks. Raises Unsupported where something in it would have to be expanded."""
    word = node.word
    if word[:1] in "'\"":
        return word.strip("'\"")
    if '"' in word or ("'" in word and ("$" in word or "`" in word)) or _EXPANDS.search(word):
        raise Unsupported(f"the word {word}; write it in double quotes", node.position)
    return unescaped(_QUOTED.sub(r"\1", word))


_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[kmgt]b)", re.I)
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}
_MEANT: Final = (ValueError, OverflowError, LookupError, ArithmeticError, OSError)  # of Python, in a command
_QUIET = ("silentlycontinue", "ignore")


def piped(context: Context, node: Node, items: list[Any] | None = None, tail: Show | None = None) -> list[Any]:
    """The output of a chain of commands, or of an expression that begins it; ``tail`` may be given some of it."""
    flow, source, version = items, None, None
    for number, each in enumerate(node.parts):
        if each.kind == "command":
            flow = run_command_node(context, each, flow, tail if number == len(node.parts) - 1 else None)
            if number == 1 and version_of(source) != version and _goes_through(each):
                raise changed(each.position)
        elif number == 0:
            source = context.held(each)
            version = version_of(source)
            flow = context.flow_of(source)
        elif each.kind == "redirections":
            kept = list(flow or [])
            flow = _redirected(context, redirections_of(each), lambda _, kept=kept: kept, None, each.position)  # type: ignore[misc]  # the default binds
        else:
            raise PsError(
                "Expressions are only allowed as the first element of a pipeline.",
                error_id="ExpressionsMustBeFirstInPipeline",
                category="ParserError",
                position=each.position,
                ends=True,
            )
    return flow or []


def run_command_node(
    context: Context, node: Node, items: list[Any] | None = None, tail: Show | None = None
) -> list[Any]:
    """One command. Raises PsError, Unsupported."""
    name_node = node.first("command_name", "command_name_expr")
    operator = node.first("command_invokation_operator")
    given = node.first("command_elements")
    elements, redirections = parted(elements_of(given) if given is not None else [])
    arguments = _arguments_of(context, elements)
    if operator is not None:
        return _redirected(
            context,
            redirections,
            lambda rest: _invoked(context, operator, node, arguments, items, rest),
            tail,
            node.position,
        )
    name = name_node.word if name_node is not None else ""
    if name.lower() == "using":
        raise Unsupported("using", node.position)
    size = _SIZES.get(name[-2:].lower(), 1)
    if _NUMBER.fullmatch(name) and not arguments and items is None:  # as above: 2MB
        return [float(name[:-2]) * size if "." in name else int(name[:-2]) * size]
    return _redirected(
        context,
        redirections,
        lambda rest: run_command(context, name, arguments, node.position, items, rest),
        tail,
        node.position,
    )


def _redirected(
    context: Context,
    redirections: list[Redirection],
    run: Callable[[Show | None], list[Any]],
    tail: Show | None,
    position: Position,
) -> list[Any]:
    """What ``run`` puts out and says, to where it is to go."""
    if not redirections:
        return run(tail)
    silent = frozenset(each.stream for each in redirections if each.file is None and not each.merged)
    before = context.streams.target
    muted = RedirectedStreams(before, silent, merged=any(each.merged for each in redirections))
    context.streams.target = muted
    try:
        found = run(None)
    except ParameterError:
        raise
    except PsError as why:
        if isinstance(why, Unsupported) or why.ends or not (muted.merged or silent & {"2", "*"}):
            raise
        why.position = why.position or position
        context.streams.tell(why)
        found = why.put_out
    finally:
        context.streams.target = before
    found = [*found, *(context.streams.record(each) for each in muted.kept if isinstance(each, PsError))]
    for each in redirections:
        if each.file is not None:
            path = Argument("FilePath", text_of(_word(context, each.file)), position)
            append = Argument("Append", each.append, position)
            run_command(context, "Out-File", [path, append], position, found)
    return [] if any(each.of_output for each in redirections) else found


def run_command(
    context: Context,
    name: str,
    arguments: list[Argument],
    position: Position,
    items: list[Any] | None = None,
    tail: Show | None = None,
) -> list[Any]:
    """By name: a function of the script, or a command of the registry."""
    function = context.functions.get(name.lower())
    if function is not None:
        return _with_tail(context, tail, lambda: call_function(context, name, function, arguments, position, items))
    if name.lower().endswith(".ps1"):
        return _with_tail(context, tail, lambda: run_script(context, name, arguments, position, items, dot=False))
    command = context.registry.command(name)
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
    arguments = with_defaults(command, arguments, context.scopes.get("PSDefaultParameterValues"), position)
    return _cmdlet(context, command, bind(command, arguments, position, items), position, items, tail)


def _cmdlet(
    context: Context, command: Command, bound: Bound, position: Position, items: list[Any] | None, tail: Show | None
) -> list[Any]:
    common = bound.common
    action = text_of(common.get("ErrorAction") or context.scopes.get("ErrorActionPreference") or "Continue").lower()
    warning = text_of(common.get("WarningAction") or context.scopes.get("WarningPreference"))
    verbose = bool(common.get("Verbose", _is_on(context.scopes.get("VerbosePreference"))))
    streams = context.streams.of(action, warning, position, verbose=verbose)
    invocation = Invocation(
        *(command, bound.values, streams, position, list(items or []), items is not None),
        what_if=bool(common.get("WhatIf", context.scopes.get("WhatIfPreference"))),
        confirm=common.get("Confirm", confirms(context)),
        verbose=verbose,
        information=_is_on(common.get("InformationAction") or context.scopes.get("InformationPreference")),
        context=context,
    )
    try:
        found = _output_of(invocation, tail if not common.get("OutVariable") else None)
    except PsError as why:
        why.position = why.position or position
        _kept(context, common, why)
        if action in _QUIET and not isinstance(why, Unsupported | ParameterError):
            context.streams.note(why)
            return []
        why.ends = why.ends or (text_of(common.get("ErrorAction")).lower() == "stop")
        raise
    _kept(context, common, *streams.errors)
    _remembered(context, common.get("OutVariable"), found)
    return found


def _output_of(invocation: Invocation, tail: Show | None) -> list[Any]:
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


def _kept(context: Context, common: dict[str, Any], *errors: PsError) -> None:
    _remembered(context, common.get("ErrorVariable"), [context.streams.record(each) for each in errors])


def _remembered(context: Context, variable: Any, values: list[Any]) -> None:
    """``-OutVariable name``; ``+name`` adds to what it holds."""
    name = text_of(variable)
    if name:
        before = items_of(context.scopes.get(name[1:])) if name.startswith("+") else []
        context.scopes.put(name.lstrip("+"), ArrayList([*before, *values]))


def _invoked(
    context: Context,
    operator: Node,
    node: Node,
    arguments: list[Argument],
    items: list[Any] | None,
    tail: Show | None = None,
) -> list[Any]:
    """``& { … } arguments`` and ``& 'Name' arguments``; with a dot: in this scope."""
    dot = operator.word.strip() == "."
    name_node = node.first("command_name_expr", "command_name")
    target = name_node.children[0] if name_node is not None and name_node.children else name_node
    if target is None:
        raise Unsupported("& without a command", operator.position)
    if target.kind == "path_command_name" and [each.kind for each in target.children] == ["variable"]:
        target = target.children[0]
    what = _target(context, target)
    if isinstance(what, ScriptBlock) and dot:
        if what.parameters or arguments or items is not None or what.body is None:
            raise Unsupported("a dot before a script block with parameters", operator.position)
        return _with_tail(context, tail, lambda: run_here(context, what))
    if isinstance(what, ScriptBlock):
        return _with_tail(context, tail, lambda: call_function(context, "", what, arguments, node.position, items))
    name = text_of(what)
    if dot and not name.lower().endswith(".ps1"):
        raise Unsupported("a dot before what is not a script", operator.position)
    if dot:
        return _with_tail(context, tail, lambda: run_script(context, name, arguments, node.position, items, dot=True))
    return run_command(context, name, arguments, node.position, items, tail)


def _target(context: Context, node: Node) -> Any:
    """What ``&`` runs: a word, a variable in a path, or the value of an expression."""
    if node.kind == "command_name":
        return node.word
    if node.kind != "path_command_name":
        return context.value(node)
    text = "".join(text_of(context.value(each)) if each.kind == "variable" else each.word for each in node.children)
    return text or node.word


def _with_tail(context: Context, tail: Show | None, run: Callable[[], list[Any]]) -> list[Any]:
    show, context.live = context.live, tail
    try:
        return run()
    finally:
        context.live = show


def _goes_through(command: Node) -> bool:
    """Does it work on one object before it gets the next?"""
    name = command.first("command_name")
    return name is not None and name.word.lower() in ("foreach-object", "foreach", "%")


def _is_on(preference: Any) -> bool:
    return text_of(preference).lower() in ("continue", "inquire")
