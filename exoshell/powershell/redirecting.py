"""Redirections: ``> file``, ``>> file``, ``2>$null``, ``2>&1`` and ``*>$null``."""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field, frozen

from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.host import Streams
from exoshell.powershell.syntax import Node

__all__ = ["Muted", "Redirection", "parted", "redirections_of"]

_WORD: Final = re.compile(r"(?P<stream>[1-6*])?(?P<sign>>>?)\s*(?P<target>.*)", re.DOTALL)
_OUTPUT: Final = ("", "1", "*")


@frozen
class Redirection:
    """``stream``: 1 output, 2 errors, 3 warnings, 4 verbose, 6 the screen, ``*`` all. ``file`` is None for nowhere, and
    for errors among the output (``merged``).
    """

    stream: str
    file: Node | None = None
    append: bool = False
    merged: bool = False

    @property
    def of_output(self) -> bool:
        """Does the output go elsewhere?"""
        return self.stream in _OUTPUT and not self.merged


def parted(elements: list[Node]) -> tuple[list[Node], list[Redirection]]:
    """The arguments of a command, and its redirections. Raises Unsupported."""
    rest: list[Node] = []
    found: list[Redirection] = []
    for each in elements:
        if each.kind in ("redirection", "redirections"):
            found += redirections_of(each)
        elif each.kind == "generic_token" and _WORD.fullmatch(each.word):  # without a blank the grammar takes a word
            found.append(_one(each, None))
        else:
            rest.append(each)
    return rest, found


def redirections_of(node: Node) -> list[Redirection]:
    """Of one node of the grammar. Raises Unsupported."""
    if node.kind == "redirections":
        return [one for each in node.of("redirection") for one in redirections_of(each)]
    name = node.first("redirected_file_name")
    return [_one(node, name.parts[-1] if name is not None and name.parts else None)]


def _one(node: Node, name: Node | None) -> Redirection:
    match = _WORD.fullmatch(node.word.strip())
    if match is None:
        raise Unsupported(f"the redirection {node.word.strip()}", node.position)
    stream, target = match["stream"] or "1", match["target"].strip()
    if target.lower() == "$null":
        return Redirection(stream)
    if target == "&1" and stream == "2":
        return Redirection(stream, merged=True)
    if stream not in _OUTPUT or target.startswith("&") or not target or stream == "*":
        raise Unsupported(f"the redirection {node.word.strip()}", node.position)
    if name is None:
        at = node.start + len(node.word.encode()) - len(target.encode())
        name = Node("generic_token", target, at, node.end, node.source)
        if "$" in target:
            raise Unsupported(f"the redirection {node.word.strip()} without a blank", node.position)
    return Redirection(stream, name, append=match["sign"] == ">>")


@define
class Muted:
    """``Streams`` without those that are redirected; errors that go to the output are kept."""

    streams: Streams
    silent: frozenset[str]
    merged: bool = False
    kept: list[Exception] = field(factory=list)

    def _speaks(self, stream: str) -> bool:
        return not self.silent & {stream, "*"}

    def warning(self, text: str) -> None:
        """Stream 3."""
        if self._speaks("3"):
            self.streams.warning(text)

    def verbose(self, text: str) -> None:
        """Stream 4."""
        if self._speaks("4"):
            self.streams.verbose(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        """Stream 6."""
        if self._speaks("6"):
            self.streams.host(text, newline=newline)

    def error(self, error: Exception) -> None:
        """Stream 2."""
        if self.merged and isinstance(error, PsError):
            self.kept.append(error)
        elif self._speaks("2"):
            self.streams.error(error)

    def confirm(self, question: str, what: str) -> bool:
        """Asked all the same."""
        return self.streams.confirm(question, what)
