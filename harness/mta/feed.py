"""The lines that an MTA logs, as they come: read from a pipe by a thread, waited for with a deadline."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

__all__ = ["LineFeed"]


class LineFeed:
    """``descriptor`` is the end that the program writes to; close ours with ``started`` once it has it.

    ``take`` gets each line without its end. It, and what ``wait`` is given, run under one lock, so that they may share
    data. The feed ends when every process that holds the pipe has ended.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._changed = threading.Condition()
        self._ended = False
        self._read, self.descriptor = os.pipe()
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

    def ended(self, seconds: float) -> bool:
        """Wait until nothing more can come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with os.fdopen(self._read, encoding="utf-8", errors="backslashreplace") as stream:
                for line in stream:
                    with self._changed:
                        self._take(line.rstrip("\r\n"))
                        self._changed.notify_all()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
