"""Timers of an event loop that go by an emulator's clock: the loop's own, or one that is advanced by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from fakeeop.model.ports import Clock

__all__ = ["Timer", "Timers"]

_PATIENCE = 30.0  # real seconds that who advances a virtual clock waits for the loop


class Timer(Protocol):
    """Something to come."""

    def cancel(self) -> None:
        """Do not call it any more."""


class Timers:
    """``later`` calls in the loop's thread. With a virtual clock, a caller that advances it waits until that is done.

    ``time`` is the clock to go by: the loop's own, which is cheap to read, or the virtual one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock | None) -> None:
        self._loop = loop
        self._virtual: Callable[[float, Callable[[], None]], Timer] | None = getattr(clock, "call_later", None)
        self.time: Callable[[], float] = loop.time
        self._detach: Callable[[], None] | None = None
        if clock is not None and self._virtual is not None:
            self.time = clock.monotonic
            before_advance = getattr(clock, "before_advance", None)
            self._detach = before_advance(self._settle) if before_advance is not None else None

    def close(self) -> None:
        """The loop is not to be looked after any more."""
        detach, self._detach = self._detach, None
        if detach is not None:
            detach()

    def _settle(self) -> None:
        """Two turns of the loop: what had arrived before has been read then."""
        for _ in range(2):
            self._in_loop(lambda: None)

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call it once, after so many seconds of the clock."""
        if self._virtual is None:
            return self._loop.call_later(seconds, call)
        return self._virtual(seconds, lambda: self._in_loop(call))

    def _in_loop(self, call: Callable[[], None]) -> None:
        try:
            here: Any = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self._loop:
            call()
            return
        if self._loop.is_closed():
            return
        done: Future[None] = Future()

        def run() -> None:
            try:
                call()
            except Exception as why:
                done.set_exception(why)
            else:
                done.set_result(None)

        self._loop.call_soon_threadsafe(run)
        done.result(_PATIENCE)
