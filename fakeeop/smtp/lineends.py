"""Where content breaks the rules of RFC 5321 section 2.3.8 and 4.5.3.1.6: bare LF and CR, NUL, long lines.

Offsets are counted in octets from the beginning of the content, dots unstuffed. Nothing here is looked at while a
message comes in, unless a knob asks for a refusal; the journal scans when somebody reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

__all__ = ["MOST", "Framing", "has_bare_line_feed", "scan"]

MOST = 20  # offsets told of each kind
_AROUND = 8  # octets shown on each side
_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE_CR = re.compile(rb"\r(?!\n)")
_NUL = re.compile(rb"\0")
_LONE_DOT = re.compile(rb"(?=((?:\r\n|(?<!\r)\n|\r)\.(?:\r\n|\n|\r(?!\n))))")
_NAMES = {13: "CR", 10: "LF", 46: "."}


@frozen
class Framing:
    """What was found. ``smuggling``: offset and name of each sequence that a careless server takes for the end."""

    bare_lf: tuple[int, ...]
    bare_cr: tuple[int, ...]
    nul: tuple[int, ...]
    smuggling: tuple[tuple[int, str], ...]
    counts: tuple[int, int, int]
    longest_line: int
    eight_bit: bool
    around: tuple[tuple[int, str], ...]

    def tree(self) -> dict[str, object]:
        """As the journal shows it; ``around`` is hex, of eight octets on each side of the first of each kind."""
        return {
            "bare-lf": list(self.bare_lf),
            "bare-cr": list(self.bare_cr),
            "nul": list(self.nul),
            "smuggling": [{"offset": offset, "sequence": name} for offset, name in self.smuggling],
            "counts": dict(zip(("bare-lf", "bare-cr", "nul"), self.counts, strict=True)),
            "longest-line": self.longest_line,
            "8-bit": self.eight_bit,
            "around": {str(offset): shown for offset, shown in self.around},
        }


def scan(content: bytes, lone_dots: tuple[int, ...] = ()) -> Framing:
    """Look at the whole content. ``lone_dots``: where a lone dot between CR LF and a bare LF or CR was unstuffed."""
    bare_lf = _first(_BARE_LF, content)
    bare_cr = _first(_BARE_CR, content)
    nul = _first(_NUL, content)
    pairs = content.count(b"\r\n")
    smuggling = [(offset, "CR LF . bare") for offset in lone_dots]
    for match in _LONE_DOT.finditer(content):
        if len(smuggling) >= MOST:
            break
        if match[1] != b"\r\n.\r\n":
            smuggling.append((match.start(), " ".join(_NAMES[octet] for octet in match[1])))
    firsts = [found[0] for found in (bare_lf, bare_cr, nul) if found] + [offset for offset, _ in smuggling[:1]]
    return Framing(
        bare_lf,
        bare_cr,
        nul,
        tuple(sorted(smuggling)),
        (content.count(b"\n") - pairs, content.count(b"\r") - pairs, content.count(b"\0")),
        _longest(content),
        not content.isascii(),
        tuple((offset, content[max(offset - _AROUND, 0) : offset + _AROUND].hex()) for offset in sorted(set(firsts))),
    )


def has_bare_line_feed(pieces: Iterable[bytes]) -> bool:
    """Is there a LF without CR? A NUL and a long line are let through in any case (assumption; wire §2.3, §2.4)."""
    before = b""
    for piece in pieces:
        if _BARE_LF.search(before + piece):
            return True
        before = b"\r" if piece.endswith(b"\r") else b""
    return False


def _first(pattern: re.Pattern[bytes], content: bytes) -> tuple[int, ...]:
    found: list[int] = []
    for match in pattern.finditer(content):
        if len(found) == MOST:
            break
        found.append(match.start())
    return tuple(found)


def _longest(content: bytes) -> int:
    """The longest line in octets, without its CR LF."""
    longest, start = 0, 0
    while True:
        end = content.find(b"\r\n", start)
        longest = max(longest, (len(content) if end < 0 else end) - start)
        if end < 0:
            return longest
        start = end + 2
