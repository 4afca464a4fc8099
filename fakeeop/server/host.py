"""A thread with an event loop that hosts any number of emulators, for tests and for the harness.

The thread is aiosmtpd's controller with our own server in it: it is started once for the process, on uvloop where that
is installed, and opening one more emulator on it costs one trip to the loop and back.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from fakeeop.server.loop import new_event_loop

if TYPE_CHECKING:
    from aiosmtpd.controller import BaseThreadedController

__all__ = ["Host", "shared_host"]

_T = TypeVar("_T")


class _NoServer(asyncio.Server):
    """The controller wants to close a server at the end; each emulator closes its own."""

    def __init__(self) -> None:  # not a server at all: the base has nothing to set up
        pass

    def close(self) -> None:
        """Nothing to close."""

    async def wait_closed(self) -> None:
        """Nothing to wait for."""


def _controller(loop: asyncio.AbstractEventLoop) -> BaseThreadedController:
    """aiosmtpd's thread around a loop, without a server of aiosmtpd's and without its trial connection."""
    from aiosmtpd.controller import BaseThreadedController  # noqa: PLC0415  heavy

    class Controller(BaseThreadedController):
        def factory(self) -> object:
            """What the controller believes to be its server."""
            return self

        async def _nothing(self) -> asyncio.AbstractServer:
            return _NoServer()

        def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
            return self._nothing()

        def _trigger_server(self) -> None:
            self._factory_invoker()

    return Controller(None, loop)


class Host:
    """One hosting thread. ``call`` runs a coroutine in its loop and waits for the result."""

    def __init__(self) -> None:
        self.loop = new_event_loop()
        self._controller = _controller(self.loop)
        self._controller.start()

    def call(self, work: Coroutine[Any, Any, _T], timeout: float | None = 30.0) -> _T:
        """The result of ``work``, or its exception. Raises TimeoutError after ``timeout`` seconds."""
        future: Future[_T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the thread; emulators that are still open lose their connections."""
        self._controller.stop(no_assert=True)


_shared: tuple[int, Host] | None = None
_lock = threading.Lock()


def shared_host() -> Host:
    """The host of this process, started on first use and stopped at exit; a forked child gets its own."""
    global _shared
    with _lock:
        pid = os.getpid()
        if _shared is None or _shared[0] != pid:
            host = Host()
            _shared = (pid, host)
            atexit.register(_stop, pid, host)
        return _shared[1]


def _stop(pid: int, host: Host) -> None:
    if os.getpid() == pid:
        host.stop()
