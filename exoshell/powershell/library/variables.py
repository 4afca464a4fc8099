"""Commands on what a session holds: Set-, Get- and Remove-Variable, and Invoke-Command with a script block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exoshell.powershell.binding import Argument
from exoshell.powershell.conversions import items_of, text_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.host import Command, Invocation, Parameter
from exoshell.powershell.library.surroundings import made, objects_of
from exoshell.powershell.values import PsObject, View

__all__ = ["commands"]


def _name(invocation: Invocation, name: Any) -> str:
    """With its scope in front. Raises Unsupported."""
    scope = text_of(invocation.get("Scope", "")).casefold()
    if scope not in ("", "local", "script", "global"):
        raise Unsupported(f"-Scope {scope}", invocation.position)
    plain = text_of(name)
    if any(mark in plain for mark in "*?["):
        raise Unsupported("variables by wildcards", invocation.position)
    return f"{scope}:{plain}" if scope in ("script", "global") else plain


def _set(invocation: Invocation) -> None:
    value = invocation.get("Value")
    if not invocation.given("Value") and invocation.has_input:
        value = invocation.input[0] if len(invocation.input) == 1 else invocation.input
    for each in items_of(invocation.get("Name")):
        if not invocation.session.scopes.put(_name(invocation, each), value):
            raise PsError(
                f"Cannot overwrite variable {text_of(each)} because it is read-only or constant.",
                error_id="VariableNotWritable", category="WriteError",
            )  # fmt: skip


def _get(invocation: Invocation) -> Iterator[Any]:
    scopes = invocation.session.scopes
    for each in items_of(invocation.get("Name")):
        name = _name(invocation, each)
        if not scopes.known(name):
            invocation.streams.error(_missing(text_of(each)))
        elif invocation.get("ValueOnly"):
            yield scopes.get(name)
        else:
            row = {"Name": text_of(each), "Value": scopes.get(name)}
            yield PsObject.of(row, "System.Management.Automation.PSVariable", View(("Name", "Value")))


def _remove(invocation: Invocation) -> None:
    for each in items_of(invocation.get("Name")):
        if not invocation.session.scopes.remove(_name(invocation, each)):
            invocation.streams.error(_missing(text_of(each)))


def _missing(name: str) -> PsError:
    return PsError(
        f"Cannot find a variable with the name '{name}'.", error_id="VariableNotFound", category="ObjectNotFound",
        target=name, terminating=False,
    )  # fmt: skip


def _invoke(invocation: Invocation) -> list[Any]:
    given = [Argument("", each, invocation.position) for each in items_of(invocation.get("ArgumentList"))]
    items = objects_of(invocation) if invocation.has_input else None
    found = invocation.session.function("", invocation.get("ScriptBlock"), given, invocation.position, items)
    return list(found)


def commands() -> tuple[Command, ...]:
    """The family."""
    family = "system"
    names = Parameter("Name", "strings", mandatory=True, position=0)
    scope, force = Parameter("Scope", "object"), Parameter("Force", "switch")
    return (
        made("Set-Variable", _set, (names, Parameter("Value", "object", position=1, nullable=True,
             from_pipeline="value"), scope, force), "Gives a variable a value.", aliases=("sv", "set"), family=family),
        made("Get-Variable", _get, (names, Parameter("ValueOnly", "switch"), scope), "A variable as an object.",
             aliases=("gv",), family=family),
        made("Remove-Variable", _remove, (names, scope, force), "Takes a variable away.", aliases=("rv",),
             family=family),
        made("Invoke-Command", _invoke, (Parameter("ScriptBlock", "scriptblock", mandatory=True, position=0),
             Parameter("ArgumentList", "objects", aliases=("Args",)),
             Parameter("InputObject", "object", from_pipeline="value")),
             "Runs a script block, on this machine.", aliases=("icm",), family=family),
    )  # fmt: skip
