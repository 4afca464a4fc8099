"""Waiting for the journal, with a deadline: in a thread, and in any loop of asyncio without blocking it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container

from attrs import frozen

from fakeeop.journal.memory import Journal

__all__ = ["Awaited", "wait_in_loop"]


@frozen
class Awaited:
    """At least so many copies of messages, so many ended sessions, at most so many open ones.

    ``earlier``: ids of sessions that do not count.
    """

    messages: int | None = None
    sessions: int | None = None
    open: int | None = None
    earlier: Container[str] = ()

    def holds(self, journal: Journal) -> bool:
        """True if the journal has it all."""
        return (
            (self.messages is None or journal.remembered >= self.messages)
            and (self.open is None or journal.sessions_started - journal.sessions_ended <= self.open)
            and (self.sessions is None or self._ended(journal) >= self.sessions)
        )

    def _ended(self, journal: Journal) -> int:
        return sum(each.ended is not None and each.id not in self.earlier for each in journal.session_records())

    def missing(self, journal: Journal, timeout: float) -> str:
        """What was waited for, and what there is."""
        now = {
            "messages": journal.remembered,
            "sessions": self._ended(journal),
            "open": journal.sessions_started - journal.sessions_ended,
        }
        words = {"messages": "messages", "sessions": "ended sessions", "open": "open sessions at most"}
        wanted = {name: getattr(self, name) for name in words if getattr(self, name) is not None}
        expected = ", ".join(f"{count} {words[name]}" for name, count in wanted.items())
        found = ", ".join(f"{now[name]} {words[name].removesuffix(' at most')}" for name in wanted)
        return f"expected {expected} within {timeout:g} s; there are {found}"


async def wait_in_loop(journal: Journal, holds: Callable[[Journal], bool], timeout: float) -> bool:
    """``Journal.wait`` for a coroutine of another loop than the emulator's; no thread is needed."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def told() -> None:  # in the emulator's thread
        try:
            loop.call_soon_threadsafe(changed.set)
        except RuntimeError:  # that loop is closed: nobody waits any more
            return

    done = journal.watch(told)
    try:
        async with asyncio.timeout(timeout):
            while not holds(journal):
                await changed.wait()
                changed.clear()
        return True
    except TimeoutError:
        return holds(journal)
    finally:
        done()
