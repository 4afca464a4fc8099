"""Content on the wire: up to the lone dot (RFC 5321 section 4.5.2), or counted in octets (RFC 3030).

Both readers take pieces of the stream as they come and have the same face: ``feed`` takes what belongs to them and
says where the rest begins. Their cost is linear in the content, whatever the pieces. A bare LF or CR is content like
any other octet, it ends nothing and is kept. What is small is kept here; ``fakeeop.smtp.gathering`` takes the rest.
"""

from __future__ import annotations

import re

from fakeeop.model.ports import Content
from fakeeop.smtp.gathering import Gathering
from fakeeop.smtp.policy import Settings

__all__ = ["ChunkReader", "DotReader"]

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_LARGE, _TRIES = 8_192, 32
_LONE_DOT = re.compile(rb"\r\n\.(?=\n|\r(?!\n))")
_LONE_DOTS_KEPT = 20


class DotReader:
    """The content of DATA: dots unstuffed, the CRLF in front of the lone dot kept as part of the content.

    One search for CR LF dot serves both ends: mostly the first one found is the end mark, and then nothing is stuffed.
    """

    __slots__ = (
        "_fresh",
        "_gathering",
        "_held",
        "_pieces",
        "_room",
        "_settings",
        "_virtual",
        "complete",
        "lone_dots",
        "octets",
    )

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._room = settings.room
        self._gathering: Gathering | None = None
        self.complete = False
        self.lone_dots: tuple[int, ...] = ()  # where a dot stood between CR LF and a bare LF or CR
        self.octets = 0
        self._fresh = True
        self._held = b""
        self._virtual = 0  # octets at the beginning that are not part of the content
        self._pieces: list[bytes] = []

    @property
    def refusal(self) -> str | None:
        """The reply key if the content cannot be taken: over the limit, stuffing not counted (RFC 1870), or no room."""
        return None if self._gathering is None else self._gathering.refusal

    def feed(self, data: bytes, start: int) -> int:
        """Take content from ``data[start:]``; returns where the rest begins (``len(data)`` while incomplete)."""
        size = len(data)
        if self._fresh:
            self._fresh = False
            if data.startswith(b".", start):  # a dot at once: put the line end there that came before DATA
                self._held = b"\r\n"
                self._virtual = 2
                self.octets = -2
        shift = 0
        if self._held:
            shift = len(self._held) - start
            data = self._held + data[start:]
            start = 0
        dot = data.find(_STUFFED, start) if size - start <= _LARGE else _find_stuffed(data, start)
        if dot >= 0:
            end = dot if data.startswith(_END, dot) else data.find(_END, dot)
            if end >= 0:
                self.complete = True
                self._keep(data[start : end + 2], end != dot)
                return end + len(_END) - shift
        cut = len(data) - _overlap(data, start)
        self._held = data[cut:]
        self._keep(data[start:cut], dot >= 0)
        return size

    def content(self) -> Content | None:
        """The whole content, after ``complete``; None if it was refused, perhaps just now."""
        if self._gathering is not None:
            return self._gathering.content()
        pieces = self._pieces
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return whole[self._virtual :]

    def _keep(self, piece: bytes, stuffed: bool) -> None:
        """Unstuff and keep; ``piece`` never begins or ends inside a line end, so no dot can be missed."""
        if stuffed:
            if _LONE_DOT.search(piece):
                self._note_lone_dots(piece)
            piece = piece.replace(_STUFFED, b"\r\n")
        self.octets += len(piece)
        if self.octets > self._room:
            self._large(piece)
        elif piece:
            self._pieces.append(piece)

    def _note_lone_dots(self, piece: bytes) -> None:
        """Remember where in the content a dot stood alone with a line end that is none: it ends nothing here."""
        for match in _LONE_DOT.finditer(piece):
            at = match.start()
            offset = self.octets + at + 2 - piece.count(_STUFFED, 0, at)
            if len(self.lone_dots) < _LONE_DOTS_KEPT:
                self.lone_dots += (offset,)

    def _large(self, piece: bytes) -> None:
        """Too much to be kept here."""
        gathering = self._gathering
        if gathering is None:
            pieces = self._pieces
            if self._virtual and pieces:
                pieces[0] = pieces[0][self._virtual :]
            elif self._virtual:
                piece = piece[self._virtual :]
            self._gathering = gathering = Gathering(self._settings, pieces, self.octets - len(piece))
        gathering.add(piece)


def _find_stuffed(data: bytes, start: int) -> int:
    """``data.find(_STUFFED, start)``, quicker where dots are rare, as in base64: one octet is found much faster."""
    dot = start + 1
    for _ in range(_TRIES):
        dot = data.find(b".", dot + 1)
        if dot < 0:
            return -1
        if data.startswith(b"\r\n", dot - 2):
            return dot - 2
    return data.find(_STUFFED, dot - 1)


def _overlap(data: bytes, start: int) -> int:
    """How many octets at the end of ``data[start:]`` could be the beginning of the end mark."""
    for length in (4, 3, 2, 1):
        if data.endswith(_END[:length], start):
            return length
    return 0


class ChunkReader:
    """The octets of one BDAT chunk. ``refusal`` is the reply key of a chunk that was refused beforehand."""

    __slots__ = ("_gathering", "_missing", "complete", "last", "octets", "refusal")

    def __init__(self, octets: int, *, last: bool, into: Gathering | None, refusal: str | None = None) -> None:
        self.octets = octets
        self.last = last
        self.refusal = refusal
        self.complete = octets == 0
        self._missing = octets
        self._gathering = into

    def feed(self, data: bytes, start: int) -> int:
        """Take octets from ``data[start:]``; returns where the rest begins."""
        end = min(start + self._missing, len(data))
        self._missing -= end - start
        self.complete = self._missing == 0
        if self._gathering is not None:
            self._gathering.add(data[start:end])
        return end
