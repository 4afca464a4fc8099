"""What a session's guard left to be done: waiting, writing drop by drop, closing, resetting, saying nothing more."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Protocol

from fakeeop.server.timers import Timer
from fakeeop.smtp.policy import Effect, Waiting

__all__ = ["EffectConnection", "Effects", "set_reset"]

_BACKLOG = 1 << 20  # octets kept of a client that goes on while it has to wait


class EffectConnection(Protocol):
    """The connection, as far as effects need it."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call it once, after so many seconds of the emulator's clock."""

    def emit(self, octets: bytes) -> None:
        """Write octets of the session, encrypted under TLS."""

    def said(self, reply: bytes) -> None:
        """A reply went out that the transcript has not got yet."""

    def proceed(self) -> None:
        """Go on with the session."""

    def leave(self, how: str) -> None:
        """End the connection: ``drop``, ``reset`` or ``close``."""

    def hold_reading(self) -> None:
        """Read nothing more for now."""

    def crashed(self, why: Exception) -> None:
        """A bug of ours showed."""


class Effects:
    """Of one connection; one effect at a time. Other connections are never kept waiting by it."""

    def __init__(self, connection: EffectConnection) -> None:
        self.stalled = False
        self._connection = connection
        self._busy = False
        self._armed: Effect | None = None
        self._backlog: list[bytes] = []
        self._held = 0
        self._over = False
        self.waits = False  # for something to happen elsewhere, before it replies
        self._timer: Timer | None = None

    def arm(self, effect: Effect) -> None:
        """Perform it as soon as the client says something."""
        self._armed = effect

    def holds(self, data: bytes) -> bool:
        """True if ``data`` has to wait; then it is kept."""
        armed, self._armed = self._armed, None
        if not self._busy and armed is None:
            return False
        self._backlog.append(data)
        self._held += len(data)
        if self._held > _BACKLOG:
            self._connection.hold_reading()
        if armed is not None:
            self.perform(armed)
        return True

    def taken(self) -> bytes:
        """What was kept; nothing is any more."""
        data = b"".join(self._backlog)
        self._backlog, self._held = [], 0
        return data

    @property
    def busy(self) -> bool:
        """True while an effect is under way."""
        return self._busy

    def perform(self, effect: Effect | Waiting) -> None:
        """Begin."""
        self._busy = True
        if effect.until is not None:
            self.waits = True
            effect.until.when(lambda instead: self._happened(effect, instead))
        else:
            self._wait(effect.delay, lambda: self._say(effect))

    def cancel(self) -> None:
        """The connection is gone, or is being ended otherwise."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._busy = self._over = True  # whatever comes is of no interest

    def _happened(self, effect: Effect | Waiting, instead: bytes | None) -> None:
        """What it waited for came about; or did not, and ``instead`` is said."""
        self.waits = False
        if self._over:
            return
        try:
            if instead is None and (effect.delay or effect.drip or effect.linger or effect.then):
                self._wait(effect.delay, lambda: self._say(effect))
                return
            reply = effect.reply if instead is None else instead
            self._connection.said(reply)
            self._connection.emit(reply)
            self._busy = False
            self._connection.proceed()
        except Exception as why:
            self._connection.crashed(why)

    def _wait(self, seconds: float, call: Callable[[], None]) -> None:
        if seconds > 0:
            self._timer = self._connection.later(seconds, lambda: self._safely(call))
        else:
            call()

    def _safely(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as why:
            self._connection.crashed(why)

    def _say(self, effect: Effect | Waiting) -> None:
        if effect.reply:
            self._connection.said(effect.reply)
            if effect.drip:
                self._drip(effect, 0)
                return
            self._connection.emit(effect.reply)
        self._wait(effect.linger, lambda: self._finish(effect.then))

    def _drip(self, effect: Effect | Waiting, position: int) -> None:
        self._connection.emit(effect.reply[position : position + 1])
        if position + 1 < len(effect.reply):
            self._wait(effect.drip, lambda: self._drip(effect, position + 1))
        else:
            self._wait(effect.linger, lambda: self._finish(effect.then))

    def _finish(self, then: str) -> None:
        if then == "stall":
            self.stalled = True
        elif then:
            self.cancel()
            self._connection.leave(then)
        else:
            self._busy = False
            self._connection.proceed()


def set_reset(opened: socket.socket) -> None:
    """Have the close of a socket send a TCP reset, and discard what is unsent."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
