"""What the grammar needs, put into a script before it reads it; the meaning stays.

* Lists of bare words: ``-SenderIPAddresses 203.0.113.1, 203.0.113.2`` gets quotes around its elements. The grammar
  reads quoted lists; of bare ones it loses elements, or stops. So does the label of ``continue outer``. Only words
  that can be nothing else are touched: an argument of a command that is followed by a comma, and what follows a comma
  outside ``[…]``.
* Bare words with variables in them, as arguments of commands: ``report-$date.csv`` and ``$folder/out_$(1 + 1).csv``.
  They, and signs as in ``Write-Host "a" + "b"``, get double quotes around them, which is what they mean; the grammar
  takes them literally, or calculates. What stands in an expression is left alone: ``$a/$b`` is a division there. So
  each statement is looked at from its beginning: does it begin with a command?
* Method calls as arguments of commands: ``-StartDate (Get-Date).AddDays(-1)`` gets parentheses around it, since the
  grammar takes ``(-1)`` for an argument of its own.
* ``{param($a)$a}`` gets a line end behind the parenthesis, without which the grammar loses what follows.
* Ranges that begin a statement: ``0..$n`` gets parentheses around its first number; it would be the name of a command.

Strings, here-strings and comments are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

from exoshell.powershell.scanning import code, parenthesis_end, passed_over

__all__ = ["expanded_words", "merged", "original", "quoted_lists", "wrapped_calls"]

_WORD: Final = re.compile(rb"[A-Za-z_*?.~\\/0-9:\x80-\xff](?:[^\s,;|&(){}\[\]'\"`$#<>@=]|(?<=[^\s,])[@=](?=[\w.]))*")
_NUMBER: Final = re.compile(rb"[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?:[kmgtpKMGTP][bB]|[lLdD])?\Z")
_JUMP: Final = re.compile(rb"\b(?:break|continue)[ \t]+[A-Za-z_]", re.I)
_JUMPED: Final = re.compile(rb"(?:\A|(?<=[\s;{(]))(?:break|continue)[ \t]+\Z", re.I)
_SUM: Final = re.compile(rb"\d+(?:\.\d+)?(?:[-+*]\d+(?:\.\d+)?)+\Z")  # 1,2+3; a network or a range of addresses is none
_STARTS: Final = b"=;{|(&,\n}"  # what stands before the first word of a statement, or before an expression
_BLANK: Final = b" \t\r"


def quoted_lists(octets: bytes) -> tuple[bytes, list[int]]:
    """The script with quotes, and where in it these were inserted, in order."""
    if b"," not in octets and not _JUMP.search(octets):
        return octets, []
    found: list[bytes] = []
    inserted: list[int] = []
    copied, length, done = 0, 0, 0
    brackets: list[bytes] = []
    for at in code(octets):
        octet = octets[at : at + 1]
        if octet in b"[({":
            brackets.append(octet)
        elif octet in b"])}" and brackets:
            brackets.pop()
        word = _WORD.match(octets, at) if at >= done and _may_begin(octets, at) else None
        if word is None:
            continue
        done = word.end()
        quoted = (
            b"[" not in brackets
            and not _NUMBER.match(word[0])
            and not _SUM.match(word[0])
            and _in_list(octets, at, word.end())
        )
        if quoted or _JUMPED.search(octets, max(at - 40, 0), at):
            found += [octets[copied:at], b"'", word[0], b"'"]
            length += at - copied
            inserted += [length, length + len(word[0]) + 1]
            length += len(word[0]) + 2
            copied = word.end()
    return b"".join([*found, octets[copied:]]), inserted


def original(inserted: list[int], octet: int) -> int:
    """Where an octet of the quoted script stands in the one that was given."""
    return octet - bisect_left(inserted, octet)


def _may_begin(octets: bytes, at: int) -> bool:
    return at > 0 and octets[at - 1 : at] in (b" ", b"\t", b"\n", b"\r", b",")


def _in_list(octets: bytes, start: int, end: int) -> bool:
    """Behind a comma; or an argument with a comma behind it. A word that goes on (``a$b``) is left alone."""
    following = octets[end : end + 1]
    if following and following not in b" \t\r\n,;|)}":
        return False
    before = octets[:start].rstrip(_BLANK + b"\n`")
    if before.endswith(b","):
        return True
    line = octets[:start].rstrip(_BLANK)
    if line.endswith(b"`\n") or line.endswith(b"`\r\n"):
        line = before
    behind = octets[end:].lstrip(_BLANK)
    return behind.startswith(b",") and bool(line) and line[-1:] not in _STARTS


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


_MEMBER: Final = re.compile(rb"\.[A-Za-z_]\w*")
_EMPTY: Final = re.compile(
    rb"\{[ \t]*\}(?=[ \t]+\{)|(?<=\} )\{[ \t]*\}"
)  # beside others the grammar wants something in it
_PARAM: Final = re.compile(rb"(?<![\w$.-])param\s*\(", re.I)
_RANGE: Final = re.compile(rb"-?\d+(?=\.\.[\d$(-])")
_BEFORE: Final = re.compile(rb"(?:\A|[\s;{(}])(?:in|return)\Z", re.I)


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
