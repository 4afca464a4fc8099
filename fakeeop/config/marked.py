"""YAML or JSON text → plain Python data that remembers its line numbers.

A restricted YAML: scalars are JSON's (``on``, ``NO``, ``12:30`` and ``0550`` stay strings), no anchors, no aliases, no
tags, no duplicate keys, one document. The containers are ordinary ``dict`` and ``list`` with line marks added, so that
code that does not care for lines never meets them.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml

from fakeeop.config.parameters.kinds import OWN
from fakeeop.errors import ConfigError, Problem

__all__ = ["MarkedDict", "MarkedList", "line_of", "load_marked", "load_tree", "read_text", "read_tree"]

_INT = re.compile(r"-?(?:0|[1-9]\d{0,99})\Z", re.ASCII)  # longer ones stay text: int() refuses them
_FLOAT = re.compile(r"-?(?:0|[1-9]\d*)(?=[.eE])(?:\.\d+)?(?:[eE][-+]?\d+)?\Z", re.ASCII)
_SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_DEEPEST = 500
_BRACKET = re.compile(r"[\[\]{}]")
_ONE_LINE_NESTING = re.compile(r"(?:[-?:][ \t]+){500}")  # "- - - - ..."
_TAGS = frozenset(("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"))
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class MarkedDict(dict[str, Any]):
    """A mapping; ``line`` is where it starts, ``lines[key]`` where each key stands (from 1)."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class MarkedList(list[Any]):
    """A sequence; ``line`` is where it starts, ``lines[index]`` where each element stands (from 1)."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def line_of(container: object, key: str | int | None = None) -> int | None:
    """The line of a container, or of one key or index in it; None for data that carries no marks."""
    if isinstance(container, MarkedDict):
        return container.lines.get(key, container.line) if isinstance(key, str) else container.line
    if isinstance(container, MarkedList):
        if isinstance(key, int) and key < len(container.lines):
            return container.lines[key]
        return container.line
    return None


def read_text(data: bytes, path: str) -> str:
    """Decode a text file as Windows and Unix tools write them: UTF-8, or UTF-16 with a byte order mark."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = data[: why.start].count(b"\n") + 1
        problem = Problem(
            "not-text", f"not UTF-8 text: {why.reason} at byte {why.start}", "save it as UTF-8", (), path, line
        )
        raise ConfigError((problem,)) from why


def read_tree(path: str) -> Any:
    """The marked data of one file. Raises ConfigError: not text, not YAML or JSON; OSError, ValueError: unreadable."""
    return load_marked(read_text(Path(path).read_bytes(), path), path)


def load_tree(path: Path | str) -> Any:
    """The data of a tenant file with the marks of its lines, under no rules yet. Raises ConfigError."""
    try:
        return read_tree(str(path))
    except (OSError, ValueError) as why:
        reason = getattr(why, "strerror", None) or str(why)
        fix = "check the path and its permissions"
        problem = Problem("unreadable", f"cannot be read: {reason}", fix, (), str(path), source=OWN)
        raise ConfigError((problem,)) from why


def load_marked(text: str, path: str = "<input>") -> Any:
    """Parse one YAML or JSON document. Raises ConfigError with the line of the fault."""
    if text.lstrip().startswith(("{", "[")):  # JSON: three things that it allows and YAML does not
        text = _SURROGATE_PAIR.sub(_astral, text.replace("\t", "  ").replace("\x7f", "\\x7f"))
    if _too_deep(text):
        raise ConfigError((Problem("syntax", "the data is nested too deeply", "flatten it", (), path),))
    try:
        node = yaml.compose(text, Loader=_LOADER)
        return None if node is None else _convert(node, path, set())
    except yaml.YAMLError as why:
        raise ConfigError((_syntax_problem(why, path, text),)) from why
    except RecursionError as why:
        raise ConfigError((Problem("syntax", "the data is nested too deeply", "flatten it", (), path),)) from why
    except UnicodeEncodeError as why:
        line = text[: why.start].count("\n") + 1
        raise ConfigError((Problem("not-text", f"not text: {why.reason}", "", (), path, line),)) from why


def _too_deep(text: str) -> bool:
    """True if libyaml, which recurses without a limit, would overrun the stack. Brackets in quotes count: no matter."""
    if text.count("[") + text.count("{") > _DEEPEST:
        depth = 0
        for bracket in _BRACKET.findall(text):
            depth += 1 if bracket in "[{" else -1
            if depth > _DEEPEST:
                return True
    return _ONE_LINE_NESTING.search(text) is not None


def _astral(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


# What people write who think of PowerShell, and YAML reads as something else: first character → what to do.
_FIXES = {
    "*": "put it in quotes: '*' and '*.contoso.com' are YAML aliases without them",
    "@": "write a YAML list, [a, b], instead of @(a, b)",
    "%": "put it in quotes",
    "`": "put it in quotes; YAML needs no line continuation",
    "\t": "indent with spaces: YAML allows no tab",
}


def _syntax_problem(why: yaml.YAMLError, path: str, text: str) -> Problem:
    mark = getattr(why, "problem_mark", None) or getattr(why, "context_mark", None)
    message = str(getattr(why, "problem", None) or why)
    context = getattr(why, "context", None)
    if context:
        message = f"{context}: {message}"
    if mark is None:
        return Problem("syntax", message, "", (), path)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    at = line[max(mark.column - 1, 0) : mark.column + 1]  # libyaml points at the character or behind it
    fix = next((fix for sign, fix in _FIXES.items() if sign in at), "")
    return Problem("syntax", f"{message} (column {mark.column + 1})", fix, (), path, mark.line + 1)


def _convert(node: yaml.Node, path: str, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise ConfigError((Problem("alias", "anchors and aliases are not used here", "write it out", (), path, line),))
    seen.add(id(node))
    if node.tag not in _TAGS:
        fix = f"take {node.tag} out, or put the value in quotes"
        raise ConfigError((Problem("tag", f"the tag {node.tag} is not used here", fix, (), path, line),))
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else _plain(node.value)
    if isinstance(node, yaml.SequenceNode):
        items = MarkedList(line)
        for child in node.value:
            items.append(_convert(child, path, seen))
            items.lines.append(child.start_mark.line + 1)
        return items
    mapping = MarkedDict(line)
    for key_node, child in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError((Problem("key", "a key must be plain text", "", (), path, key_line),))
        key = key_node.value
        if key in mapping:
            first = mapping.lines[key]
            message = f"the key {key!r} occurs twice (first on line {first})"
            raise ConfigError((Problem("duplicate-key", message, "remove one", (), path, key_line),))
        mapping[key] = _convert(child, path, seen)
        mapping.lines[key] = key_line
    return mapping


def _plain(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
