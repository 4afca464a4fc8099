"""The clocks, as ``fakeeop.model.ports.Clock`` wants them: the machine's, and one that is moved by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

__all__ = ["SystemClock", "VirtualClock"]


class SystemClock:
    """Time of the machine."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)  # no frame of ours: it is asked for several times a message


class VirtualTimer:
    """What ``VirtualClock.call_later`` gives."""

    __slots__ = ("call", "cancelled", "when")

    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when = when
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """It will not be called."""
        self.cancelled = True


class VirtualClock:
    """Time that stands still until ``advance``. Every time-out and delay of an emulator that uses it waits for that.

    ``start`` is the wall clock at the beginning, by default that of the machine, so that certificates are valid.

    >>> clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(90)
    >>> clock.now().isoformat(), clock.monotonic()
    ('2026-01-01T00:01:30+00:00', 90.0)
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime.now(UTC)
        self._seconds = 0.0
        self._numbers = count()
        self._timers: list[tuple[float, int, VirtualTimer]] = []
        self._lock = threading.Lock()
        self._advancing = threading.Lock()
        self._settlers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return self._start + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return self._seconds

    def call_later(self, seconds: float, call: Callable[[], None]) -> VirtualTimer:
        """Have ``call`` called, by the thread that advances, once so much time has passed."""
        timer = VirtualTimer(self._seconds + max(0.0, seconds), call)
        with self._lock:
            heappush(self._timers, (timer.when, next(self._numbers), timer))
        return timer

    def before_advance(self, settle: Callable[[], None]) -> Callable[[], None]:
        """Have ``settle`` called each time before time passes; what is returned ends that."""
        self._settlers.append(settle)
        return lambda: self._settlers.remove(settle)

    def advance(self, seconds: float) -> None:
        """Let time pass. What is due on the way is called at its own moment, in order, before this returns.

        What emulators have been sent before is taken note of first.

        Raises ValueError for a negative time, RuntimeError while another thread advances it.
        """
        if seconds < 0:
            raise ValueError("time does not run backwards")
        if not self._advancing.acquire(blocking=False):
            raise RuntimeError("somebody else is advancing this clock")
        try:
            for settle in tuple(self._settlers):
                settle()
            target = self._seconds + seconds
            while (timer := self._due(target)) is not None:
                self._seconds = max(self._seconds, timer.when)
                if not timer.cancelled:
                    timer.call()
            self._seconds = target
        finally:
            self._advancing.release()

    def _due(self, target: float) -> VirtualTimer | None:
        with self._lock:
            if self._timers and self._timers[0][0] <= target:
                return heappop(self._timers)[2]
        return None
