"""What a command does, in lines, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator

from exoshell.powershell.host import Command, Parameter

__all__ = ["help_lines", "syntax_of"]


def syntax_of(command: Command) -> str:
    """``Name [-Parameter <kind>] …``."""
    return " ".join([command.name, *map(_syntax, command.parameters)])


def _syntax(parameter: Parameter) -> str:
    name = f"-{parameter.name}"
    if parameter.kind == "switch":
        return f"[{name}]"
    name = f"[{name}]" if parameter.position is not None else name
    values = " | ".join(parameter.values)
    text = f"{name} {{{values}}}" if values else f"{name} <{parameter.kind}>"
    return text if parameter.mandatory else f"[{text}]"


def help_lines(command: Command) -> Iterator[str]:
    """Name, synopsis, syntax, parameters, examples."""
    yield from ("", "NAME", f"    {command.name}", "", "SYNOPSIS", f"    {command.about}", "")
    if command.lab:
        yield from ("    The service has no such cmdlet.", "")
    if command.aliases:
        yield from ("ALIASES", f"    {', '.join(command.aliases)}", "")
    yield from ("SYNTAX", f"    {syntax_of(command)}", "")
    told = [each for each in command.parameters if each.about]
    if told:
        yield "PARAMETERS"
        yield from (f"    -{each.name}: {each.about}" for each in told)
        yield ""
    if command.examples:
        yield "EXAMPLES"
        yield from (f"    PS> {each}" for each in command.examples)
        yield ""
