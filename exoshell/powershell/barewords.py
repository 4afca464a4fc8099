"""Lists of bare words as the grammar reads them: ``-SenderIPAddresses 203.0.113.1, 203.0.113.2`` gets quotes around its
elements before it is parsed. The grammar reads quoted lists; of bare ones it loses elements, or stops. So does the
label of ``continue outer``.

Only words that can be nothing else are touched: an argument of a command that is followed by a comma, and what follows
a comma outside ``[…]``. Strings, here-strings and comments are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

from exoshell.powershell.scanning import code

__all__ = ["original", "quoted_lists"]

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
