"""Content on the wire: up to the lone dot (RFC 5321 section 4.5.2), or counted in octets (RFC 3030).

Both readers take pieces of the stream as they come and have the same interface: ``feed`` takes what belongs to them and
says where the rest begins. Their cost is linear in the content, whatever the pieces. A bare LF or CR is content like
any other octet, it ends nothing and is kept.

What is small stays in memory; ``ContentBuffer`` puts the rest into a spool. What is over the limit is counted and
dropped. A spool that fails (a full disk) drops the content as well; either way ``refusal`` is the key of the reply, and
what still arrives is counted only.
"""

from __future__ import annotations

import re

from fakeeop.errors import StoreError
from fakeeop.model.ports import Content, Spool
from fakeeop.smtp.policy import SessionSettings

__all__ = ["NO_ROOM", "TOO_LARGE", "ChunkReader", "ContentBuffer", "DotReader"]

TOO_LARGE, NO_ROOM = "too-large", "insufficient-storage"

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_LARGE, _TRIES = 8_192, 32
_LONE_DOT = re.compile(rb"\r\n\.(?=\n|\r(?!\n))")
_LONE_DOTS_KEPT = 20


class ContentBuffer:
    """Takes the pieces of a content in order and gives the whole. ``octets`` counts all that came."""

    __slots__ = ("_pieces", "_settings", "_spool", "octets", "refusal")

    def __init__(self, settings: SessionSettings, pieces: list[bytes], octets: int = 0) -> None:
        self.octets = octets
        self.refusal: str | None = None
        self._settings = settings
        self._pieces = pieces
        self._spool: Spool | None = None

    def add(self, piece: bytes) -> None:
        """One more piece."""
        self.octets += len(piece)
        if self.refusal is not None:
            return
        if self.octets <= self._settings.room:
            self._pieces.append(piece)
        elif self.octets > self._settings.size:
            self.refuse(TOO_LARGE)
        else:
            self._store(piece)

    def refuse(self, key: str) -> None:
        """Keep nothing of it."""
        self.refusal = key
        self._pieces = []
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.drop()

    def content(self) -> Content | None:
        """The whole content, once; None if it was refused, perhaps just now."""
        if self._spool is not None:
            try:
                return self._spool.done()
            except StoreError:
                self.refuse(NO_ROOM)
        if self.refusal is not None:
            return None
        pieces = self._pieces
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _store(self, piece: bytes) -> None:
        try:
            if self._spool is None:
                open_spool = self._settings.spool
                assert open_spool is not None  # noqa: S101  without one, ``room`` is ``size``
                self._spool = open_spool()
                for earlier in self._pieces:
                    self._spool.write(earlier)
                self._pieces = []
            self._spool.write(piece)
        except StoreError:
            self.refuse(NO_ROOM)


class DotReader:
    """The content of DATA: dots unstuffed, the CRLF in front of the lone dot kept as part of the content.

    One search for CR LF dot serves both ends: mostly the first one found is the end mark, and then nothing is stuffed.
    """

    __slots__ = (
        "_buffer",
        "_fresh",
        "_held",
        "_pieces",
        "_room",
        "_settings",
        "_virtual",
        "complete",
        "lone_dots",
        "octets",
    )

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._room = settings.room
        self._buffer: ContentBuffer | None = None
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
        return None if self._buffer is None else self._buffer.refusal

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
        if self._buffer is not None:
            return self._buffer.content()
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
        """Remember where in the content a dot stood alone with a line end that does not count: it ends nothing here."""
        for match in _LONE_DOT.finditer(piece):
            at = match.start()
            offset = self.octets + at + 2 - piece.count(_STUFFED, 0, at)
            if len(self.lone_dots) < _LONE_DOTS_KEPT:
                self.lone_dots += (offset,)

    def _large(self, piece: bytes) -> None:
        """Too much to be kept here."""
        buffer = self._buffer
        if buffer is None:
            pieces = self._pieces
            if self._virtual and pieces:
                pieces[0] = pieces[0][self._virtual :]
            elif self._virtual:
                piece = piece[self._virtual :]
            self._buffer = buffer = ContentBuffer(self._settings, pieces, self.octets - len(piece))
        buffer.add(piece)


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

    __slots__ = ("_buffer", "_missing", "complete", "last", "octets", "refusal")

    def __init__(self, octets: int, *, last: bool, into: ContentBuffer | None, refusal: str | None = None) -> None:
        self.octets = octets
        self.last = last
        self.refusal = refusal
        self.complete = octets == 0
        self._missing = octets
        self._buffer = into

    def feed(self, data: bytes, start: int) -> int:
        """Take octets from ``data[start:]``; returns where the rest begins."""
        end = min(start + self._missing, len(data))
        self._missing -= end - start
        self.complete = self._missing == 0
        if self._buffer is not None:
            self._buffer.add(data[start:end])
        return end
