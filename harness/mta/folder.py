"""Waiting until files are in a folder: the kernel tells of changes (inotify, Linux), nobody looks again and again."""

from __future__ import annotations

import ctypes
import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from harness.errors import HarnessError

__all__ = ["FolderWatch"]

_CREATE: Final = 0x100 | 0x80  # IN_CREATE, IN_MOVED_TO of inotify(7)


class FolderWatch:
    """A context manager. Raises HarnessError where the kernel has no inotify."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._handle = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            watched = libc.inotify_add_watch(self._handle, os.fsencode(path), _CREATE)
        except AttributeError as why:
            raise HarnessError("this host cannot watch a folder: no inotify") from why
        if self._handle < 0 or watched < 0:
            raise HarnessError(f"cannot watch {path}: {os.strerror(ctypes.get_errno())}")

    def __enter__(self) -> FolderWatch:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._handle)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again after every change of the folder; False when the time is over and it does not hold."""
        until = time.monotonic() + seconds
        while not holds():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._handle], [], [], left)[0]:
                return holds()
            os.read(self._handle, 65536)
        return True
