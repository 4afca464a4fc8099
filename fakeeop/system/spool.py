"""Room on the disk for large messages: files that nobody can see, gone with the process however it ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from fakeeop.errors import StoreError

__all__ = ["FileSpool", "SpoolFolder"]

_BUFFER = 131_072  # octets gathered before a write, so that a client of small writes costs no call each
_PIECE = 262_144  # octets read at once


class FileSpool:
    """``Spool``, and afterwards the ``StoredContent``: one temporary file without a name in ``folder``.

    None is the system's folder for temporary files. The file goes when nobody refers to it any more. Writing blocks:
    the loop reads from nobody while the disk is busy, which is what keeps a fast client from filling the memory.
    Raises StoreError if there is no room, or no more open files are allowed.
    """

    __slots__ = ("_file", "_lock", "_octets")

    def __init__(self, folder: Path | None = None) -> None:
        import tempfile  # noqa: PLC0415  few need it: start-up time

        try:
            self._file: Any = tempfile.TemporaryFile("w+b", _BUFFER, prefix="fakeeop-", dir=folder)  # noqa: SIM115  it outlives the call
        except OSError as why:
            raise _no_room(folder, why) from why
        self._octets = 0
        self._lock = threading.Lock()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.drop()

    def __len__(self) -> int:
        return self._octets

    # ---- Spool

    def write(self, piece: bytes) -> None:
        """The next octets."""
        try:
            self._file.write(piece)
        except OSError as why:
            raise _no_room(None, why) from why
        self._octets += len(piece)

    def done(self) -> FileSpool:
        """That was all."""
        try:
            self._file.flush()
        except OSError as why:
            raise _no_room(None, why) from why
        return self

    def drop(self) -> None:
        """Forget it."""
        with suppress(OSError):  # what was never written cannot be flushed on a full disk; it is closed all the same
            self._file.close()

    # ---- StoredContent

    def read(self, start: int, octets: int) -> bytes:
        """``octets`` from ``start`` on. May be called from any thread."""
        try:
            with self._lock:
                self._file.seek(start)
                found: bytes = self._file.read(octets)
                return found
        except (OSError, ValueError) as why:
            raise StoreError(f"a spooled message cannot be read: {why}") from why

    def pieces(self) -> Iterator[bytes]:
        """The whole, piece by piece."""
        for start in range(0, self._octets, _PIECE):
            yield self.read(start, _PIECE)


class SpoolFolder:
    """Opens spools in one folder (None: the system's for temporary files). Raises StoreError if it cannot be used."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None and not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise StoreError(f"{folder}: large messages cannot be spooled there: not a folder, or not writable")
        self.folder = folder

    def __call__(self) -> FileSpool:
        """A new one."""
        return FileSpool(self.folder)


def _no_room(folder: Path | None, why: OSError) -> StoreError:
    where = f"{folder}: " if folder is not None else ""
    return StoreError(f"{where}no room for a large message: {why.strerror or why}")
