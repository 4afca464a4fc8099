"""Waiting for what an MTA does, with a deadline: for the lines that it logs, and for files to come or go.

Lines are read from a pipe by a thread. The pipe has no name, for a program that logs to its standard output, or one,
for a program that opens its log by name. The kernel tells of changes in a folder (inotify, Linux): nobody looks again
and again.
"""

from __future__ import annotations

import ctypes
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from harness.errors import HarnessError

__all__ = ["FolderWatch", "LineFeed"]

_MARK: Final = "harness: everything before this is taken "
_CHANGES: Final = 0x40 | 0x80 | 0x100 | 0x200  # IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE of inotify(7)


class LineFeed:
    """``descriptor`` is the end that the program writes to; close ours with ``started`` once it has it. With ``named``,
    a pipe is made there, or one that is there is used, and ``ended`` is what closes ours.

    ``take`` gets each line without its end. It, and what ``wait`` is given, run under one lock, so that they may share
    data. The feed ends when every process that holds the pipe has ended.
    """

    def __init__(self, take: Callable[[str], None], named: Path | None = None) -> None:
        self._take = take
        self._changed = threading.Condition()
        self._ended = False
        self._asked = self._marked = 0
        self._read, self.descriptor = os.pipe() if named is None else _named(named)
        self._thread = threading.Thread(target=self._run, name="mta-log", daemon=True)
        self._thread.start()

    def started(self) -> None:
        """The program has been started, or could not be: our copy of its end is closed."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Return when it holds, when nothing more can come, or when the time is over: does it hold?"""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or holds(), seconds)
            return holds()

    def caught_up(self, seconds: float) -> bool:
        """Wait until everything is taken that was written so far. Our end must be open still."""
        self._asked += 1
        number = self._asked
        os.write(self.descriptor, f"{_MARK}{number}\n".encode())
        return self.wait(lambda: self._marked >= number, seconds)

    def ended(self, seconds: float) -> bool:
        """Wait until nothing more can come."""
        self.started()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with os.fdopen(self._read, encoding="utf-8", errors="backslashreplace") as stream:
                for line in stream:
                    with self._changed:
                        if line.startswith(_MARK):
                            self._marked = int(line.removeprefix(_MARK))
                        else:
                            self._take(line.rstrip("\r\n"))
                        self._changed.notify_all()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()


def _named(path: Path) -> tuple[int, int]:
    """Both ends of a pipe with a name; nobody waits for the other one to be opened."""
    if not path.exists():
        os.mkfifo(path)
    read = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write = os.open(path, os.O_WRONLY)
    os.set_blocking(read, True)
    return read, write


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
