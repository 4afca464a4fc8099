"""Effects, one after the other, on a connection that only notes what it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakeeop.server.effects import Effects
from fakeeop.server.timers import Timer
from fakeeop.smtp.policy import Effect
from fakeeop.system.clock import VirtualClock


class Noting:
    """A connection as far as effects need it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.seen: list[str] = []
        self.broken = False

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        return self.clock.call_later(seconds, call)

    def emit(self, octets: bytes) -> None:
        if self.broken:
            raise RuntimeError("gone")
        self.seen.append(f"{self.clock.monotonic():g}:{octets.decode()}")

    def said(self, reply: bytes) -> None:
        self.seen.append(f"said {len(reply)}")

    def proceed(self) -> None:
        self.seen.append("proceed")

    def leave(self, how: str) -> None:
        self.seen.append(how)

    def hold_reading(self) -> None:
        self.seen.append("hold")

    def crashed(self, why: Exception) -> None:
        self.seen.append(f"crashed {why}")


@pytest.mark.parametrize(
    ("effect", "seen"),
    [
        (Effect(b"ok"), ["said 2", "0:ok", "proceed"]),
        (Effect(b"ok", delay=5), ["said 2", "5:ok", "proceed"]),
        (Effect(b"ok", drip=2), ["said 2", "0:o", "2:k", "proceed"]),
        (Effect(b"ok", delay=1, drip=1, linger=3, then="drop"), ["said 2", "1:o", "2:k", "drop"]),
        (Effect(then="reset"), ["reset"]),
        (Effect(delay=1), ["proceed"]),
        (Effect(b"ok", then="stall"), ["said 2", "0:ok"]),
    ],
)
def test_what_is_done_in_order(effect: Effect, seen: list[str]):
    connection = Noting()
    effects = Effects(connection)
    effects.perform(effect)
    connection.clock.advance(60)
    assert connection.seen == seen
    assert effects.stalled is (effect.then == "stall")


def test_what_comes_meanwhile_waits():
    connection = Noting()
    effects = Effects(connection)
    assert not effects.holds(b"before")
    effects.perform(Effect(delay=5))
    assert effects.holds(b"one")
    assert effects.holds(b"two")
    assert effects.busy
    connection.clock.advance(5)
    assert (effects.busy, effects.taken()) == (False, b"onetwo")
    assert effects.taken() == b""


def test_one_who_sends_too_much_is_read_no_more():
    connection = Noting()
    effects = Effects(connection)
    effects.perform(Effect(delay=5))
    effects.holds(bytes(2 << 20))
    assert connection.seen == ["hold"]


def test_an_armed_effect_waits_for_the_client():
    connection = Noting()
    effects = Effects(connection)
    effects.arm(Effect(then="drop"))
    assert connection.seen == []
    assert effects.holds(b"hello")
    assert connection.seen == ["drop"]


def test_after_the_end_nothing_happens():
    connection = Noting()
    effects = Effects(connection)
    effects.perform(Effect(b"ok", delay=5))
    effects.cancel()
    connection.clock.advance(5)
    assert connection.seen == []


def test_a_bug_in_a_timer_is_told():
    connection = Noting()
    connection.broken = True
    Effects(connection).perform(Effect(b"ok", delay=1))
    connection.clock.advance(1)
    assert connection.seen == ["said 2", "crashed gone"]
