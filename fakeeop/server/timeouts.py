"""Looking now and then for connections that have been silent, slow or there for too long."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from fakeeop.model.limits import Limits
from fakeeop.server.timers import Timer, Timers

__all__ = ["TimeoutWatch", "WatchedConnection"]

LOOK_EVERY = 5.0  # seconds between looks


class WatchedConnection(Protocol):
    """What the listener does with a connection, whether its session has begun or not.

    ``began``, ``seen`` and ``progress`` are times: of the connection, the last octet, the last whole command.
    """

    began: float
    seen: float
    progress: float

    def end(self, key: str, **values: object) -> None:
        """Say a last reply and close."""

    def abort(self) -> None:
        """Close at once."""


class TimeoutWatch:
    """One listener's. ``limits`` are asked for at each look, so that changed ones count at once."""

    def __init__(
        self,
        timers: Timers,
        time: Callable[[], float],
        connections: Collection[WatchedConnection],
        limits: Callable[[], Limits],
    ) -> None:
        self._timers = timers
        self._time = time
        self._connections = connections
        self._limits = limits
        self._timer: Timer | None = None

    def start(self) -> None:
        """Somebody is there: look from now on, until nobody is."""
        if self._timer is None:
            said = self._limits()
            spans = (said.idle_timeout, said.command_timeout, said.session_lifetime)
            self._timer = self._timers.later(min((LOOK_EVERY, *filter(None, spans))), self.look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> None:
        """End what is over its time; look again while anybody is there."""
        self._timer = None
        now, limits = self._time(), self._limits()
        for connection in list(self._connections):
            if _over(now - connection.seen, limits.idle_timeout) or _over(
                now - connection.progress, limits.command_timeout
            ):
                connection.end("timeout")
            elif _over(now - connection.began, limits.session_lifetime):
                connection.end("session-lifetime", duration=_duration(now - connection.began))
        if self._connections:
            self.start()


def _over(seconds: float, limit: float | None) -> bool:
    return bool(limit) and limit is not None and seconds >= limit


def _duration(seconds: float) -> str:
    """``00:20:55.2872355``, as the service prints it."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:010.7f}"
