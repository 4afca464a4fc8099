"""The interpreter as its parts see it: the variables and whatever else a session holds, and how a node is run or what
it is worth.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from exoshell.powershell.blocks import FlowControl, ScriptBlock
from exoshell.powershell.commands import Registry, Streams
from exoshell.powershell.conversions import items_of, one_of, text_of, truth
from exoshell.powershell.errors import EndlessLoop, PsError, Unsupported
from exoshell.powershell.streams import SessionStreams
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING, HashTable, Position

__all__ = ["PIPES", "SCOPES", "Context", "Language", "Scopes", "Show"]

SCOPES: Final = ("global", "script", "local", "private", "variable", "env")
_ALWAYS: Final = (
    "_",
    "psitem",
    "?",
    "error",
    "matches",
    "args",
    "input",
    "lastexitcode",
    "psboundparameters",
    "pscmdlet",
)

_CONSTANT: Final = {"true": True, "false": False, "null": None}


class Scopes:
    """The innermost scope is the last; ``script`` and ``global`` are the first."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[int, str], str] = {}  # of typed variables, by scope
        self._scopes: list[dict[str, Any]] = [{"erroractionpreference": "Continue", "confirmpreference": "High"}]

    def get(self, name: str) -> Any:
        """The value, ``$null`` if there is none."""
        found = self.held(name)
        return None if found is NOTHING else found

    def held(self, name: str) -> Any:
        """As above; NOTHING where the variable was given that."""
        scope, plain = _parted(name)
        if scope == "env":
            return os.environ.get(plain)
        lower = plain.lower()
        if lower in _CONSTANT:
            return _CONSTANT[lower]
        places = self._scopes[:1] if scope in ("script", "global") else reversed(self._scopes)
        return next((place[lower] for place in places if lower in place), None)

    def known(self, name: str) -> bool:
        """Was it ever set?"""
        scope, plain = _parted(name)
        lower = plain.lower()
        if scope == "env" or lower in _CONSTANT or lower in _ALWAYS:
            return True
        places = self._scopes[:1] if scope in ("script", "global") else self._scopes
        return any(lower in place for place in places)

    def put(self, name: str, value: Any) -> bool:
        """Set it in its scope; False for one that cannot be set."""
        scope, plain = _parted(name)
        lower = plain.lower()
        if lower in _CONSTANT:
            return False
        if scope == "env":
            if text_of(value):
                os.environ[plain] = text_of(value)
            else:
                os.environ.pop(plain, None)
            return True
        self._scopes[0 if scope in ("script", "global") else -1][lower] = value
        return True

    def remove(self, name: str) -> bool:
        """Out of its scope; False if it is not there."""
        scope, plain = _parted(name)
        place = self._scopes[0 if scope in ("script", "global") else -1]
        return place.pop(plain.lower(), NOTHING) is not NOTHING

    def constrain(self, name: str, kind: str) -> None:
        """``[int]$x = …``: whatever it is given later is converted too."""
        scope, plain = _parted(name)
        self._kinds[(0 if scope in ("script", "global") else len(self._scopes) - 1, plain.lower())] = kind

    def kind(self, name: str) -> str:
        """The type that a variable keeps to, empty if to none."""
        scope, plain = _parted(name)
        return self._kinds.get((0 if scope in ("script", "global") else len(self._scopes) - 1, plain.lower()), "")

    def open(self, values: dict[str, Any]) -> None:
        """A function begins."""
        self._scopes.append({name.lower(): value for name, value in values.items()})

    def close(self) -> None:
        """A function ends."""
        self._scopes.pop()
        self._kinds = {key: kind for key, kind in self._kinds.items() if key[0] < len(self._scopes)}

    def names(self) -> list[str]:
        """All that can be seen."""
        return sorted({name for place in self._scopes for name in place})


def _parted(name: str) -> tuple[str, str]:
    scope, colon, plain = name.partition(":")
    return (scope.lower(), plain) if colon else ("", name)


PIPES: Final = ("pipeline", "pipeline_chain")
DEPTH: Final = 400  # calls in calls; each takes some twenty frames of Python's stack
Show = Callable[[list[Any]], None]


@frozen
class Language:
    """What the kinds of nodes mean. ``statements`` put values out, ``expressions`` have a value; ``held`` has those
    that may be worth no object at all, which is NOTHING. ``pipeline`` may show some of its output as it comes.
    """

    statements: Mapping[str, Callable[[Context, Node], list[Any]]]
    expressions: Mapping[str, Callable[[Context, Node], Any]]
    held: Mapping[str, Callable[[Context, Node], Any]]
    pipeline: Callable[[Context, Node, Show | None], list[Any]]


class Context:
    """Everything that a session holds. ``live`` shows what a statement puts out when nobody catches it; ``trying``
    counts the try blocks that are open, ``depth`` the calls, ``left`` the steps that may still be taken; ``label`` is
    that of the loop that follows; ``strict`` is the version of Set-StrictMode, 0: off.
    """

    def __init__(
        self, language: Language, registry: Registry, streams: Streams, now: Callable[[], datetime], steps: int
    ) -> None:
        self.language = language
        self.registry = registry
        self.streams = SessionStreams(streams)
        self.scopes = Scopes()
        self.functions: dict[str, ScriptBlock] = {}
        self.now = now
        self.live: Show | None = None
        self.strict = 0.0
        self._steps = steps
        self.begin()
        self.scopes.put("Error", self.streams.errors)

    def begin(self) -> None:
        """A script begins: nothing is open, and every step is left."""
        self.left = self._steps
        self.depth = 0
        self.trying = 0
        self.label = ""

    # ---- statements

    def outputs(self, node: Node) -> list[Any]:
        """What a statement puts out. Raises PsError; counts against the limit of steps."""
        self._step(node)
        run = self.language.statements.get(node.kind)
        return self.flow(node) if run is None else run(self, node)

    def _step(self, node: Node) -> None:
        self.left -= 1
        if self.left < 0:
            raise EndlessLoop(node.position)

    def each(self, nodes: tuple[Node, ...]) -> list[Any]:
        """Several statements, one after another."""
        found: list[Any] = []
        for node in nodes:
            try:
                found += self.statement(node)
            except FlowControl as why:
                why.values = [*found, *why.values]
                raise
            except PsError as why:
                why.put_out = [*found, *why.put_out]
                raise
        return found

    def statement(self, node: Node) -> list[Any]:
        """One statement: an error of a command ends it, and the script goes on, as in PowerShell."""
        if node.kind in ("statement_list", "script_block_body", "named_block"):
            return self.each(node.parts)
        failures = self.streams.failures
        try:
            found = self._shown(node) if self.live is not None and node.kind in PIPES else self.outputs(node)
        except PsError as why:
            if node.kind in PIPES:
                why.put_out = []
            preference = text_of(self.scopes.get("ErrorActionPreference")).lower()
            stop = preference == "stop"
            if self.trying or stop or why.ends or isinstance(why, Unsupported):
                why.ends = why.ends or stop
                raise
            why.position = why.position or node.position
            (self.streams.note if preference in ("silentlycontinue", "ignore") else self.streams.tell)(why)
            found, why.put_out = why.put_out, []
        if node.kind in PIPES:
            self.scopes.put("global:?", self.streams.failures == failures)
        return found

    def _shown(self, node: Node) -> list[Any]:
        """A pipeline that nobody catches: its output is shown, that of functions and ForEach-Object as it comes."""
        show, self.live = self.live, None
        try:
            self._step(node)
            found = self.language.pipeline(self, node, show)
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

    # ---- values

    def value(self, node: Node) -> Any:
        """The value of an expression. Raises PsError, Unsupported."""
        run = self.language.expressions.get(node.kind)
        if run is None:
            raise Unsupported(f"'{node.word.splitlines()[0][:40] if node.word else node.kind}'", node.position)
        if self.live is None:
            return run(self, node)
        show, self.live = self.live, None  # what is put out in it is a value, and not for the screen
        try:
            return run(self, node)
        finally:
            self.live = show

    def held(self, node: Node) -> Any:
        """The value, NOTHING where there is no object at all: a variable that holds it, a command without output, a
        method that gives nothing.
        """
        run = self.language.held.get(node.kind)
        if run is None:
            return self.value(node)
        show, self.live = self.live, None
        try:
            return run(self, node)
        finally:
            self.live = show

    def flow(self, node: Node) -> list[Any]:
        """What flows from an expression: the elements of a list, ``$null`` too, or nothing."""
        return self.flow_of(self.held(node))

    @staticmethod
    def flow_of(value: Any) -> list[Any]:
        """As above, of its value."""
        return [] if value is NOTHING else [None] if value is None else items_of(value)

    def result(self, node: Node) -> Any:
        """What a pipeline is worth where its value is asked for: an expression as it is, also a list of one or none;
        of commands and other statements what they put out.
        """
        value = self.held_result(node)
        return None if value is NOTHING else value

    def held_result(self, node: Node) -> Any:
        """As above, NOTHING where it put out nothing."""
        sole = node
        while sole.kind in PIPES and len(sole.parts) == 1:
            sole = sole.parts[0]
        if sole.kind in self.language.statements and sole.kind not in self.language.held:
            return one_of(self.captured(node))
        return self.held(sole)

    def holds(self, node: Node | None) -> bool:
        """Is a condition true?"""
        return node is not None and truth(self.result(node))

    def matched(self, found: dict[Any, str]) -> None:
        """``$Matches``."""
        self.scopes.put("matches", HashTable(found))

    def descend(self, position: Position | None) -> None:
        """One call more is open. Raises PsError where they are too many."""
        if self.depth >= DEPTH:
            raise PsError(
                "The script failed due to call depth overflow.",
                error_id="CallDepthOverflow",
                category="InvalidOperation",
                position=position,
                ends=True,
            )
        self.depth += 1
