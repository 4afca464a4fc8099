"""What the grammar does not read, in a form that it reads: one octet for one, so that positions stay.

* what follows ``param(…)`` or a clause of ``switch`` on the same line: a line end for the blank,
* ``ForEach-Object { … } { … } { … }``: commas between the blocks,
* ``.foreach(``, which is no keyword there.

What stands in strings and comments stays.
"""

from __future__ import annotations

import bisect
import re
from typing import Final

from exoshell.powershell.scanning import passed_over

__all__ = ["FOREACH", "mended"]

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
