"""Where in a script code stands, and where texts and comments do; and what the grammar does not read, in a form that it
reads: one octet for one, so that positions stay.

* what follows ``param(…)`` or a clause of ``switch`` on the same line: a line end for the blank,
* ``ForEach-Object { … } { … } { … }``: commas between the blocks,
* ``.foreach(``, which is not a keyword there.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from typing import Final

__all__ = ["FOREACH", "code", "mended", "parenthesis_end", "passed_over"]

_PLAIN: Final = (
    rb"<#.*?#>"
    rb"|(?:(?<=\s)|(?<=[;{}()|])|\A)#[^\n]*"
    rb"|@'[ \t\r]*\n.*?\n'@"
)
_LITERAL: Final = re.compile(rb"'(?:[^']|'')*'")
_UNREAD: Final = re.compile(_PLAIN + rb"|'(?:[^']|'')*'", re.DOTALL)
_PASSED: Final = re.compile(_PLAIN + rb'|@"[ \t\r]*\n.*?\n"@' + rb"|'(?:[^']|'')*'", re.DOTALL)
_HERE: Final = re.compile(rb'@"[ \t\r]*\n')


def code(octets: bytes) -> Iterator[int]:
    """The places of code, also that of ``$(…)`` in texts; of a text or comment the first octet only."""
    frames: list[tuple[str, int]] = [("code", 0)]  # what is open, and how many parentheses in it
    at = 0
    while at < len(octets):
        kind, depth = frames[-1]
        if kind == "code":
            yield at
            at = _in_code(octets, at, frames, depth)
        elif octets[at : at + 1] == b"`" or (kind == "text" and octets[at : at + 2] == b'""'):
            at += 2
        elif octets[at : at + 2] == b"$(":
            frames.append(("code", 0))
            at += 2
        elif kind == "text" and octets[at : at + 1] == b'"':
            frames.pop()
            at += 1
        elif kind == "here" and octets[at : at + 3] == b'\n"@':
            frames.pop()
            at += 3
        else:
            at += 1


def _in_code(octets: bytes, at: int, frames: list[tuple[str, int]], depth: int) -> int:
    """Behind what stands there; what it opens or closes is noted."""
    here = _HERE.match(octets, at)
    if here is not None:
        frames.append(("here", 0))
        return here.end() - 1  # an empty one ends at this line end
    unread = _UNREAD.match(octets, at)
    if unread is not None:
        return unread.end()
    octet = octets[at : at + 1]
    if octet == b'"':
        frames.append(("text", 0))
    elif octet == b"(":
        frames[-1] = ("code", depth + 1)
    elif octet == b")" and depth:
        frames[-1] = ("code", depth - 1)
    elif octet == b")" and len(frames) > 1:
        frames.pop()
    return at + (2 if octet == b"`" else 1)


def passed_over(octets: bytes, at: int) -> int | None:
    """Behind the comment or string that begins there; None if none does."""
    passed = _PASSED.match(octets, at)
    if passed is not None:
        return passed.end()
    return _string_end(octets, at) if octets[at : at + 1] == b'"' else None


def _string_end(octets: bytes, at: int) -> int:
    """Behind the string in double quotes that begins there, with the strings in its ``$(…)``."""
    at += 1
    while at < len(octets):
        if octets[at : at + 1] == b"`" or octets[at : at + 2] == b'""':
            at += 2
        elif octets[at : at + 1] == b'"':
            return at + 1
        elif octets[at : at + 2] == b"$(":
            at = parenthesis_end(octets, at + 2)
        else:
            at += 1
    return len(octets)


def parenthesis_end(octets: bytes, at: int) -> int:
    """Behind the parenthesis that is open there."""
    depth = 1
    while at < len(octets) and depth:
        octet = octets[at : at + 1]
        if octet == b'"':
            at = _string_end(octets, at)
            continue
        literal = _LITERAL.match(octets, at)
        if literal is not None:
            at = literal.end()
            continue
        depth += {b"(": 1, b")": -1}.get(octet, 0)
        at += 1
    return at


FOREACH: Final = b"f0reach"  # in place of the method's name
_PARAM: Final = re.compile(rb"\bparam\s*\(", re.I)
_CLAUSE: Final = re.compile(rb"\} (?=(?:default|'[^'\n]*'|\"[^\"\n]*\"|-?\d+|\{[^{}\n]*\})\s*\{)", re.I)
_BLOCKS: Final = re.compile(
    rb"(?:(?<![\w-])foreach-object|(?<=\|)\s*%|(?<=\|)\s*foreach)\s+(?:-process\s+)?(?=\{)", re.I
)
_MEMBER: Final = re.compile(rb"\.(foreach)(?=\s*\()", re.I)
_BLANKS: Final = re.compile(rb"[ \t]+(?=\{)")


def mended(octets: bytes) -> bytes:
    """Of the same length."""
    found = bytearray(octets)
    passed = _passed(octets)
    for match in _CLAUSE.finditer(octets):
        if not _within(match.start(), passed):
            found[match.start() + 1] = 0x0A
    for match in _MEMBER.finditer(octets):
        if not _within(match.start(), passed):
            found[match.start(1) : match.end(1)] = FOREACH
    for match in _BLOCKS.finditer(octets):
        if not _within(match.start(), passed):
            _separate(found, octets, match.end())
    for match in _PARAM.finditer(octets):
        if _within(match.start(), passed):
            continue
        at = _behind(octets, match.end(), b"(", b")")
        if found[at : at + 1] == b" ":
            found[at] = 0x0A
    return bytes(found)


def _separate(found: bytearray, octets: bytes, at: int) -> None:
    """Commas between the blocks that begin there."""
    while octets[at : at + 1] == b"{":
        at = _behind(octets, at + 1, b"{", b"}")
        blanks = _BLANKS.match(octets, at)
        if blanks is None:
            return
        found[at] = 0x2C
        at = blanks.end()


def _behind(octets: bytes, at: int, begin: bytes, end: bytes) -> int:
    """Behind the bracket that is open there; at the end of the script if it is never closed."""
    depth = 1
    while at < len(octets) and depth:
        behind = passed_over(octets, at)
        if behind is not None:
            at = behind
            continue
        octet = octets[at : at + 1]
        depth += (octet == begin) - (octet == end)
        at += 1
    return at


def _passed(octets: bytes) -> list[tuple[int, int]]:
    """Strings and comments, in order."""
    found = []
    at = 0
    while at < len(octets):
        behind = passed_over(octets, at)
        if behind is not None:
            found.append((at, behind))
        at = at + 1 if behind is None else behind
    return found


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    number = bisect.bisect_right(spans, (at, len(spans) and spans[-1][1] + 1)) - 1
    return number >= 0 and spans[number][0] <= at < spans[number][1]
