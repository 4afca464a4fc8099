"""Waiting for files to come or go: the kernel tells of changes (inotify, Linux), nobody looks again and again."""

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

_CHANGES: Final = 0x40 | 0x80 | 0x100 | 0x200  # IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE of inotify(7)


class FolderWatch:
    """A context manager over one or more folders. Raises HarnessError where the kernel has no inotify."""

    def __init__(self, *folders: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._handle = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            watched = [libc.inotify_add_watch(self._handle, os.fsencode(each), _CHANGES) for each in folders]
        except AttributeError as why:
            raise HarnessError("this host cannot watch a folder: no inotify") from why
        if self._handle < 0 or min(watched) < 0:
            raise HarnessError(f"cannot watch {folders[0]}: {os.strerror(ctypes.get_errno())}")

    def __enter__(self) -> FolderWatch:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._handle)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again after every change; False when the time is over and it does not hold."""
        until = time.monotonic() + seconds
        while not holds():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._handle], [], [], left)[0]:
                return holds()
            os.read(self._handle, 65536)
        return True
