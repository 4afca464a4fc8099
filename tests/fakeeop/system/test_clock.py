"""Virtual time."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from fakeeop.server.host import shared_host
from fakeeop.server.timers import Timers
from fakeeop.system.clock import SystemClock, VirtualClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_machines_clock_goes_on():
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


def test_it_stands_still_until_it_is_advanced():
    clock = VirtualClock(NOON)
    assert (clock.now(), clock.monotonic()) == (NOON, 0.0)
    clock.advance(90.5)
    assert (clock.now(), clock.monotonic()) == (NOON + timedelta(seconds=90.5), 90.5)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_what_is_due_is_called_in_order_at_its_moment():
    clock = VirtualClock(NOON)
    seen: list[tuple[str, float]] = []

    def set_another() -> None:
        clock.call_later(5, lambda: seen.append(("c", clock.monotonic())))

    clock.call_later(20, lambda: seen.append(("b", clock.monotonic())))
    clock.call_later(10, lambda: seen.append(("a", clock.monotonic())))
    clock.call_later(10, lambda: seen.append(("a2", clock.monotonic())))
    clock.call_later(15, lambda: seen.append(("never", clock.monotonic()))).cancel()
    clock.call_later(10, set_another)
    clock.advance(9)
    assert seen == []
    clock.advance(11)
    assert seen == [("a", 10.0), ("a2", 10.0), ("c", 15.0), ("b", 20.0)]


def test_only_one_may_advance_it():
    clock = VirtualClock()
    caught = []

    def again() -> None:
        with pytest.raises(RuntimeError, match="somebody else"):
            clock.advance(1)
        caught.append(True)

    clock.call_later(1, again)
    clock.advance(1)
    assert caught == [True]


def test_timers_call_in_the_thread_of_the_loop():
    host, clock, seen = shared_host(), VirtualClock(), []

    async def open_timers() -> Timers:
        return Timers(asyncio.get_running_loop(), clock)

    timers = host.call(open_timers())
    timers.later(5, lambda: seen.append(threading.get_ident()))
    clock.advance(5)
    assert seen
    assert seen[0] != threading.get_ident()
    timers.later(5, lambda: seen.append(1 // 0))
    with pytest.raises(ZeroDivisionError):
        clock.advance(5)
    timers.close()
    timers.close()


def test_timers_by_the_machines_clock():
    host = shared_host()

    async def wait() -> float:
        loop = asyncio.get_running_loop()
        timers, done = Timers(loop, SystemClock()), loop.create_future()
        timers.later(0.001, lambda: done.set_result(timers.time()))
        found: float = await done
        timers.close()
        return found

    assert host.call(wait()) > 0


def test_it_may_be_advanced_in_the_loop_itself():
    host, clock, seen = shared_host(), VirtualClock(), []

    async def advance() -> None:
        timers = Timers(asyncio.get_running_loop(), clock)
        timers.later(5, lambda: seen.append(clock.monotonic()))
        clock.advance(7)
        timers.close()

    host.call(advance())
    assert seen == [5.0]
