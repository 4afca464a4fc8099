"""What is gathered for the next transactions of the journal, and when it is enough. Everything happens in the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from fakeeop.journal.records import Pending, SessionRecord
from fakeeop.journal.reports import ReportRecord
from fakeeop.journal.sql.writer import Writer
from fakeeop.journal.sql.writing import Group

__all__ = ["GroupCommit", "running_loop"]

_SOON = 0.1  # seconds that an ended session waits for company
_GATHER = 0.002  # seconds that a message waits for company, if there is somebody who may send it
_COMPANY, _WAITS = 8, 3  # a wait that brought so many messages is worth another, but no more than three


class GroupCommit:
    """Gives groups to ``writer``; ``written`` hears of each. ``all_wait``: no open session could send more."""

    def __init__(self, writer: Writer, written: Callable[[Group], None], all_wait: Callable[[], bool]) -> None:
        self._writer = writer
        self._written = written
        self._all_wait = all_wait
        self._loop: asyncio.AbstractEventLoop | None = None
        self._group: Group | None = None
        self._aside: Group | None = None  # nobody waits for it

    def message(self, pending: Pending) -> None:
        """Copies that belong together. More may be put into them until ``complete``."""
        group = self._group
        if group is None:
            group = self._group = self._new()
            if self._loop is not None:
                self._loop.call_later(_GATHER, self._wait_on, group, 0, 1)
        group.pendings.append(pending)

    def complete(self) -> None:
        """The last ones are."""
        if self._loop is None:
            self.flush()
        elif self._group is not None and self._all_wait():
            self._loop.call_soon(self._flush, self._group)

    def session(self, record: SessionRecord) -> None:
        """One that has ended."""
        self._put_aside().sessions.append(record)

    def report(self, record: ReportRecord) -> None:
        """One that was made."""
        self._put_aside().reports.append(record)

    def flush(self) -> None:
        """Have all of it written now. In the loop's thread, if there is a loop."""
        group, self._group = self._group, None
        if group is not None:
            self._writer.put(group)
        if self._aside is not None:
            self._flush_aside(self._aside)

    def flush_from_anywhere(self) -> None:
        """Only the loop may touch what is gathered."""
        loop = self._loop
        if loop is None or not loop.is_running() or loop is running_loop():
            self.flush()
            return
        done = threading.Event()

        def flush() -> None:
            self.flush()
            done.set()

        loop.call_soon_threadsafe(flush)
        if not done.wait(10.0):  # it has ended since
            self.flush()

    # ---- inside

    def _new(self) -> Group:
        self._loop = loop = running_loop()

        def tell(group: Group) -> None:
            if loop is None or loop.is_closed():
                self._written(group)
            else:
                loop.call_soon_threadsafe(self._written, group)

        return Group(tell=tell)

    def _wait_on(self, group: Group, before: int, waits: int) -> None:
        """At the end of a wait. The more messages share a commit, the less each of them costs."""
        count = len(group.pendings)
        if self._group is group and self._loop is not None and waits < _WAITS and count - before >= _COMPANY:
            self._loop.call_later(_GATHER, self._wait_on, group, count, waits + 1)
        else:
            self._flush(group)

    def _flush(self, group: Group) -> None:
        if self._group is group:
            self._group = None
            self._writer.put(group)

    def _put_aside(self) -> Group:
        """Large transactions: small ones would write the same pages again and again."""
        group = self._aside
        if group is None:
            group = self._aside = self._new()
            if self._loop is not None:
                self._loop.call_later(_SOON, self._flush_aside, group)
        return group

    def _flush_aside(self, group: Group) -> None:
        if self._aside is group:
            self._aside = None
            self._writer.put(group)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """That of this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
