r"""Bare words with variables in them, as arguments of commands: ``report-$date.csv`` and ``$folder\out_$(1 + 1).csv``.
They, and signs as in ``Write-Host "a" + "b"``, get double quotes around them before a script is parsed, which is what
they mean; the grammar takes them literally, or calculates.

What stands in an expression is left alone: ``$a/$b`` is a division there. So each statement is looked at from its
beginning: does it begin with a command?
"""

from __future__ import annotations

import re
from typing import Final

from exoshell.powershell.scanning import code, parenthesis_end

__all__ = ["expanded_words"]

_KEYWORD: Final = re.compile(
    rb"(?:return|throw|exit|in|else|do|try|finally|begin|process|end|if|elseif|while|until|for|foreach|switch|param|catch"
    rb"|function|filter)(?![\w-])",
    re.I,
)
_COMMAND: Final = re.compile(rb"[A-Za-z_?%\\~\x80-\xff]|&|\.(?=[\s\\/])")
_IN: Final = re.compile(rb"[ \t)]in(?=[ \t\n(])", re.I)
_FIRST: Final = re.compile(rb"[^\s;|(){}=]*")
_BARE: Final = re.compile(rb"[A-Za-z0-9_.*?%~\\/:+=\x80-\xff]")
_VARIABLE: Final = re.compile(rb"\$(?:\{[^}]*\}|[A-Za-z_][\w:]*|_\b)")
_EXPANDS: Final = re.compile(rb"(?<!`)\$[\w({]")
_SIGN: Final = re.compile(rb"[-+*/%](?=[\s;|)}]|\Z)")
_GLUED: Final = b"\\/-$*+="
_ENDS: Final = b" \t\r\n,;|&(){}<>"


def expanded_words(octets: bytes) -> tuple[bytes, list[int]]:
    """The script with quotes, and where in it these were inserted, in order."""
    modes = ["start"]
    marks: list[int] = []
    last = done = 0
    for at in code(octets):
        if octets[at - 2 : at] == b"$(" and at > last + 1:  # in a text
            modes.append("start")
        last = at
        if at < done:
            continue
        octet = octets[at : at + 1]
        if octet in b" \t\r" or octet == b"#" or octets[at : at + 2] == b"<#":
            continue
        if _is_separator(octets, at, modes):
            continue
        if modes[-1] == "start":
            done = _begun(octets, at, modes)
        elif modes[-1] == "command" and octets[at - 1 : at] in (b" ", b"\t", b"\n", b","):
            end = _expandable(octets, at)
            if end:
                marks += [at, end]
                done = end
    return _with_quotes(octets, marks)


def _is_separator(octets: bytes, at: int, modes: list[str]) -> bool:
    """Brackets, ends of statements, assignments; ``modes`` change accordingly."""
    octet = octets[at : at + 1]
    if octet in b"({":
        called = octet == b"(" and at > 0 and octets[at - 1 : at].isalnum()  # of a method, or an attribute
        modes.append("expression" if called else "start")
    elif octet in b")}":
        if len(modes) > 1:
            modes.pop()
    elif _ends_statement(octets, at) or _assigns(octets, at, modes[-1]):
        modes[-1] = "start"
    else:
        return octet == b"\n"
    return True


def _ends_statement(octets: bytes, at: int) -> bool:
    octet = octets[at : at + 1]
    return octet in b";|" or (octet == b"\n" and not octets[:at].rstrip(b" \t\r").endswith(b","))


def _assigns(octets: bytes, at: int, mode: str) -> bool:
    """Also the key of a hash table, which looks like a command; and ``in`` of foreach: its list is a statement."""
    if mode == "expression" and _IN.match(octets, at - 1):
        return True
    return octets[at : at + 1] == b"=" and (mode == "expression" or octets[at - 1 : at] in b" \t")


def _begun(octets: bytes, at: int, modes: list[str]) -> int:
    """What a statement begins with; behind its first word."""
    keyword = _KEYWORD.match(octets, at)
    if keyword is not None:
        return keyword.end()
    if _COMMAND.match(octets, at) is None:
        modes[-1] = "expression"
        return at
    modes[-1] = "command"
    first = _FIRST.match(octets, at)
    return first.end() if first is not None else at


def _expandable(octets: bytes, at: int) -> int:
    """Behind the word that begins there, if there is something to expand in it, and no quotes; or if it is a sign,
    which calculates nothing there; else 0.
    """
    if _SIGN.match(octets, at):
        return at + 1
    variable = _VARIABLE.match(octets, at)
    if variable is not None:
        if octets[variable.end() : variable.end() + 1] not in [bytes([each]) for each in _GLUED]:
            return 0
    elif _BARE.match(octets, at) is None:
        return 0
    end = at
    while end < len(octets):
        octet = octets[end : end + 1]
        if octets[end : end + 2] == b"$(":
            end = parenthesis_end(octets, end + 2)
        elif octets[end : end + 2] == b"${":
            end = octets.find(b"}", end) + 1 or len(octets)
        elif octet in _ENDS:
            break
        elif octet in b"'\"":
            return 0
        else:
            end += 2 if octet == b"`" else 1
    return end if _EXPANDS.search(octets[at:end]) else 0


def _with_quotes(octets: bytes, marks: list[int]) -> tuple[bytes, list[int]]:
    pieces, copied = [], 0
    for place in marks:
        pieces += [octets[copied:place], b'"']
        copied = place
    return b"".join([*pieces, octets[copied:]]), [place + number for number, place in enumerate(marks)]
