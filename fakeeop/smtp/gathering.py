"""The content of one message while it arrives: in memory as long as it is small, then in a spool.

What is over the limit is counted and dropped. A spool that fails (a full disk) drops the content as well; either way
``refusal`` is the key of the reply, and what still arrives is counted only.
"""

from __future__ import annotations

from fakeeop.errors import StoreError
from fakeeop.model.ports import Content, Spool
from fakeeop.smtp.policy import Settings

__all__ = ["NO_ROOM", "TOO_LARGE", "Gathering"]

TOO_LARGE, NO_ROOM = "too-large", "insufficient-storage"


class Gathering:
    """Takes the pieces of a content in order and gives the whole. ``octets`` counts all that came."""

    __slots__ = ("_pieces", "_settings", "_spool", "octets", "refusal")

    def __init__(self, settings: Settings, pieces: list[bytes], octets: int = 0) -> None:
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
