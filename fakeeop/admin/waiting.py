"""Waiting for the journal in the loop that writes it: woken by its events, never by a clock but at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fakeeop.journal.memory import Journal

__all__ = ["Waiters"]


class Waiters:
    """All who wait. ``close`` wakes them for good."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Return when ``holds()``, after ``timeout`` seconds, or when the server closes; says whether it holds."""
        if holds() or self._closed:
            return holds()
        event = asyncio.Event()
        end_watch = self._journal.watch(event.set)
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout):
                while not holds() and not self._closed:
                    event.clear()
                    await event.wait()
        except TimeoutError:
            pass
        finally:
            end_watch()
            self._waiting.discard(event)
        return holds()

    def close(self) -> None:
        """The server goes: nobody waits any longer."""
        self._closed = True
        self.wake()

    def wake(self) -> None:
        """Look again: something changed that the journal does not tell."""
        for event in self._waiting:
            event.set()
