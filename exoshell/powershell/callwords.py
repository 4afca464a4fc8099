"""What the grammar needs, put in before it reads a script; it changes nothing.

* Method calls as arguments of commands: ``-StartDate (Get-Date).AddDays(-1)`` gets them around it, since the grammar
  takes ``(-1)`` for an argument of its own.
* ``{param($a)$a}`` gets a line end behind the parenthesis, without which the grammar loses what follows.
* Ranges that begin a statement: ``0..$n`` gets them around its first number; it would be the name of a command.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

from exoshell.powershell.scanning import code, parenthesis_end, passed_over

__all__ = ["merged", "wrapped_calls"]

_VARIABLE: Final = re.compile(rb"\$(?:\{[^}]*\}|[A-Za-z_][\w:]*|_\b)")
_MEMBER: Final = re.compile(rb"\.[A-Za-z_]\w*")
_EMPTY: Final = re.compile(
    rb"\{[ \t]*\}(?=[ \t]+\{)|(?<=\} )\{[ \t]*\}"
)  # beside others the grammar wants something in it
_PARAM: Final = re.compile(rb"(?<![\w$.-])param\s*\(", re.I)
_RANGE: Final = re.compile(rb"-?\d+(?=\.\.[\d$(-])")
_BEFORE: Final = re.compile(rb"(?:\A|[\s;{(}])(?:in|return)\Z", re.I)
_STARTS: Final = b"=;{|(&,\n}"  # what stands before a statement or an expression; there it is read well
_BLANK: Final = b" \t\r"


def wrapped_calls(octets: bytes) -> tuple[bytes, list[int]]:
    """The script with parentheses, and where in it these were inserted, in order."""
    marks: list[tuple[int, bytes]] = []
    for at in code(octets):
        if octets[at : at + 1] in (b"(", b"$", b"'", b'"') and _is_argument(octets, at):
            end = _call_end(octets, at)
            if end is not None:
                marks += [(at, b"("), (end, b")")]
        first = _RANGE.match(octets, at)
        if first is not None and _begins(octets, at):
            marks += [(at, b"("), (first.end(), b")")]
        declared = _PARAM.match(octets, at)
        if declared is not None:
            end = parenthesis_end(octets, declared.end())
            if octets[end : end + 1] not in (b"", *(bytes([each]) for each in b" \t\r\n;}")):
                marks.append((end, b"\n"))
        if _EMPTY.match(octets, at):
            marks.append((at + 1, b";"))
    marks.sort(key=lambda mark: mark[0])
    found, inserted, copied = [], [], 0
    for number, (place, octet) in enumerate(marks):
        found += [octets[copied:place], octet]
        inserted.append(place + number)
        copied = place
    return b"".join([*found, octets[copied:]]), inserted


def merged(first: list[int], second: list[int]) -> list[int]:
    """The places of both, in the script that the second made of what the first made."""
    free = [place - number for number, place in enumerate(second)]  # where they would stand without each other
    return sorted([*second, *(place + _up_to(free, place) for place in first)])


def _up_to(places: list[int], place: int) -> int:
    return bisect_left(places, place + 1)


def _begins(octets: bytes, at: int) -> bool:
    """Does a statement begin there, or what is assigned?"""
    line = octets[:at].rstrip(_BLANK)
    return not line or line[-1:] in b"=;{|(&\n}" or bool(_BEFORE.search(line[-12:]))


def _is_argument(octets: bytes, at: int) -> bool:
    if octets[at - 1 : at] not in (b" ", b"\t", b"\n") or at == 0:
        return False
    line = octets[:at].rstrip(_BLANK)
    while line.endswith((b"`\n", b"`\r\n")):
        line = line.rstrip(b"\r\n").removesuffix(b"`").rstrip(_BLANK)
    return bool(line) and line[-1:] not in _STARTS


def _call_end(octets: bytes, at: int) -> int | None:
    """Behind ``(…).Name(…)``, ``$name.Name(…)`` or ``'text'.Name(…)`` with all that hangs on it; None if nothing in it
    is called.
    """
    text = passed_over(octets, at)
    if text is not None:
        end = text
    elif octets[at : at + 1] == b"(":
        end = parenthesis_end(octets, at + 1)
    else:
        variable = _VARIABLE.match(octets, at)
        if variable is None:
            return None
        end = variable.end()
    called = False
    while True:
        member = _MEMBER.match(octets, end)
        if member is not None:
            end = member.end()
            if octets[end : end + 1] == b"(":
                called = True
                end = parenthesis_end(octets, end + 1)
        elif octets[end : end + 1] == b"[":
            close = octets.find(b"]", end)
            if close < 0:
                return None
            end = close + 1
        else:
            return (
                end if called and octets[end : end + 1] in (b"", *(bytes([each]) for each in b" \t\r\n,;|)}")) else None
            )
