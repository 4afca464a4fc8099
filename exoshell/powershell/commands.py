"""What a command is to the interpreter, and the interpreter to a command. Commands are plain functions.

A command declares its parameters; the binder (``binding``) turns what a script says into an ``Invocation``; the
function gives the objects that go down the pipeline. A command that takes pipeline input is called once, with all of it
in ``invocation.input``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attrs import Factory, define, field, frozen

from exoshell.powershell.errors import PsError
from exoshell.powershell.values import Position, PsObject

if TYPE_CHECKING:
    from exoshell.powershell.context import Context

__all__ = ["Command", "Invocation", "Kind", "Param", "Registry", "StaticProperty", "Streams"]

Kind = Literal[
    "string", "int", "float", "bool", "switch", "datetime", "timespan", "strings", "hashtable", "scriptblock", "object",
    "objects", "securestring", "credential", "multivalued", "enum", "bytes",
]  # fmt: skip


@frozen
class Param:
    """``kind``: ``strings`` is an array of String, ``multivalued`` Exchange's MultiValuedProperty (a list, or a hash
    table with Add and Remove), ``bool`` takes ``$true`` and ``$false`` (also 1, 0) only, ``enum`` one of ``values``.

    ``position`` is 0-based, None: by name only. ``from_pipeline``: "value" takes the object itself, "property" its
    property of that name (or of an alias).
    """

    name: str
    kind: Kind = "string"
    mandatory: bool = False
    position: int | None = None
    aliases: tuple[str, ...] = ()
    from_pipeline: Literal["", "value", "property"] = ""
    values: tuple[str, ...] = ()
    nullable: bool = False  # $null and an empty string may be given
    remaining: bool = False  # takes every argument that is left
    whole: bool = False  # ... lists among them as they are
    as_written: bool = False  # takes texts: a number is the text that was written
    about: str = ""


class Streams(Protocol):
    """Where a command speaks besides its output."""

    def warning(self, text: str) -> None:
        """``WARNING: text``."""

    def verbose(self, text: str) -> None:
        """Shown with -Verbose."""

    def host(self, text: str, *, newline: bool = True) -> None:
        """Write-Host: to the screen, not into the pipeline."""

    def error(self, error: Exception) -> None:
        """A non-terminating PsError: shown and noted in $Error; raised instead where -ErrorAction is Stop."""

    def confirm(self, question: str, what: str) -> bool:
        """Ask: true to go on. Without a terminal: an error that names -Confirm:$false."""


@define
class Invocation:
    """One call. ``bound``: canonical parameter name → converted value, only of parameters that were given.

    ``what_if`` and ``confirm`` are the common parameters as they are in force (None: not given); ``verbose`` and
    ``information`` likewise.
    """

    command: Command
    bound: dict[str, Any]
    streams: Streams
    position: Position
    input: list[Any] = field(factory=list)
    has_input: bool = False  # it stands behind a pipe, even if nothing came
    what_if: bool = False
    confirm: bool | None = None
    verbose: bool = False
    information: bool = False
    _context: Context | None = None

    @property
    def context(self) -> Context:
        """For commands that run script blocks or set variables. Raises PsError where no interpreter called them."""
        if self._context is None:
            raise PsError(f"{self.command.name} runs in a script only")
        return self._context

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a parameter, or ``default`` if it was not given."""
        return self.bound.get(name, default)

    def given(self, name: str) -> bool:
        """Was it given?"""
        return name in self.bound

    def should_process(self, target: str, action: str, *, high_impact: bool = False) -> bool:
        """ShouldProcess: False with -WhatIf (after saying so), asks with -Confirm, or if ``high_impact`` and not
        -Confirm:$false.
        """
        if self.what_if:
            self.streams.host(f'What if: Performing the operation "{action}" on target "{target}".')
            return False
        if self.confirm is True or (high_impact and self.confirm is not False):
            return self.streams.confirm(f'Performing the operation "{action}" on target "{target}".', action)
        return True


Run = Callable[[Invocation], Iterable[Any] | None]


@frozen
class Command:
    """``run`` gives what goes down the pipeline; it may be a generator. ``supports_what_if`` adds -WhatIf and -Confirm.

    ``example`` is one line that works against the sample tenant where that is possible; ``family`` groups the help.
    """

    name: str
    run: Run
    parameters: tuple[Param, ...] = ()
    about: str = ""
    examples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    family: str = ""
    supports_what_if: bool = False
    lab: bool = False  # the service has no such cmdlet

    def parameter(self, name: str) -> Param | None:
        """By its exact name or alias, without case; abbreviations are the binder's."""
        wanted = name.casefold()
        for each in self.parameters:
            if wanted == each.name.casefold() or wanted in (alias.casefold() for alias in each.aliases):
                return each
        return None


NewObject = Callable[[list[Any]], PsObject]


@frozen
class StaticProperty:
    """``[Type]::Property`` that can be set: what it is, and what takes a new value."""

    get: Callable[[], Any]
    put: Callable[[Any], None]


@define
class Registry:
    """Commands by name and alias, types and what is static of them by name; all without case."""

    _commands: dict[str, Command] = Factory(dict)
    _types: dict[str, NewObject] = Factory(dict)
    _statics: dict[str, StaticProperty] = Factory(dict)

    def add(self, *commands: Command) -> None:
        """Take commands in; a later one of the same name replaces the earlier."""
        for each in commands:
            for name in (each.name, *each.aliases):
                self._commands[name.casefold()] = each

    def add_type(self, name: str, new: NewObject) -> None:
        """A type for New-Object, ``[Name]::new()`` and casts; with or without ``System.``."""
        self._types[name.casefold().removeprefix("system.")] = new

    def add_static(self, type_name: str, name: str, static: StaticProperty) -> None:
        """A static property that can be set."""
        self._statics[_static_key(type_name, name)] = static

    def static(self, type_name: str, name: str) -> StaticProperty | None:
        """None if there is none that can be set."""
        return self._statics.get(_static_key(type_name, name))

    def command(self, name: str) -> Command | None:
        """None if there is none."""
        return self._commands.get(name.casefold())

    def type(self, name: str) -> NewObject | None:
        """None if there is none."""
        return self._types.get(name.casefold().removeprefix("system."))

    def __iter__(self) -> Iterator[Command]:
        """Each command once, by name."""
        return iter(sorted(dict.fromkeys(self._commands.values()), key=lambda each: each.name.casefold()))

    def types(self) -> Mapping[str, NewObject]:
        """All of them."""
        return dict(self._types)


def _static_key(type_name: str, name: str) -> str:
    return f"{type_name.strip('[]')}::{name}".casefold().removeprefix("system.")
