"""Who is ended for the time that has passed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from attrs import evolve

from fakeeop.model.limits import DEFAULTS
from fakeeop.server.timeouts import TimeoutWatch
from fakeeop.server.timers import Timers
from fakeeop.system.clock import VirtualClock


class Someone:
    """A connection that began at 0."""

    def __init__(self, seen: float = 0.0, progress: float = 0.0) -> None:
        self.began, self.seen, self.progress = 0.0, seen, progress
        self.ended: list[tuple[str, dict[str, object]]] = []

    def end(self, key: str, **values: object) -> None:
        self.ended.append((key, values))

    def abort(self) -> None:
        """Not here."""


@pytest.mark.parametrize(
    ("limits", "someone", "after", "key"),
    [
        ({"idle_timeout": 10.0}, Someone(), 11, "timeout"),
        ({"idle_timeout": 10.0}, Someone(seen=5), 11, None),
        ({"idle_timeout": 0.0}, Someone(), 1000, None),
        ({"command_timeout": 10.0}, Someone(seen=11), 11, "timeout"),
        ({"command_timeout": 10.0}, Someone(seen=11, progress=5), 11, None),
        ({"session_lifetime": 10.0}, Someone(seen=11, progress=11), 11, "session-lifetime"),
        ({"session_lifetime": 0.0}, Someone(seen=99999, progress=99999), 99999, None),
    ],
)
def test_who_is_ended(limits: dict[str, Any], someone: Someone, after: float, key: str | None):
    clock, loop = VirtualClock(), asyncio.new_event_loop()
    nothing = evolve(DEFAULTS, idle_timeout=0.0, session_lifetime=0.0)
    watch = TimeoutWatch(Timers(loop, clock), lambda: after, {someone}, lambda: evolve(nothing, **limits))
    watch.look()
    watch.stop()
    loop.close()
    assert [word for word, _ in someone.ended] == ([key] if key else [])


def test_the_duration_is_printed_as_the_service_does():
    someone = Someone(seen=1255.2872355, progress=1255.2872355)
    loop = asyncio.new_event_loop()
    TimeoutWatch(Timers(loop, VirtualClock()), lambda: 1255.2872355, {someone}, lambda: DEFAULTS).look()
    loop.close()
    assert someone.ended == [("session-lifetime", {"duration": "00:20:55.2872355"})]
