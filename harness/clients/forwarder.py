"""A source address for clients that cannot choose theirs: accept on 127.0.0.1, go on from the alias, copy bytes."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final

__all__ = ["ConnectingForwarder", "Forwarder"]

_CHUNK: Final = 65536


class Forwarder:
    """A context manager; ``port`` is where the client connects to. STARTTLS passes through: only bytes are copied.

    Each accepted connection is one onward connection from ``source``. ``failure`` tells why the last onward connection
    could not be made; the client then sees its own connection closed.
    """

    def __init__(self, target: tuple[str, int], source: str) -> None:
        self._target = target
        self._source = source
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.failure = ""
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="forwarder", daemon=True)

    def __enter__(self) -> Forwarder:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._wake.send(b".")
        self._thread.join(10)
        for each in (self._listener, self._wake, self._woken):
            each.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._listener, selectors.EVENT_READ)
            waiting.register(self._woken, selectors.EVENT_READ)
            try:
                while self._turn(waiting):
                    pass
            finally:
                for key in list(waiting.get_map().values()):
                    if key.data is not None:
                        _close(waiting, key.data)

    def _turn(self, waiting: selectors.BaseSelector) -> bool:
        for key, _ in waiting.select():
            if key.fileobj is self._woken:
                return False
            if key.fileobj is self._listener:
                self._accept(waiting)
            elif key.fd in waiting.get_map():  # not closed in this very turn
                self._copy(waiting, key)
        return True

    def _accept(self, waiting: selectors.BaseSelector) -> None:
        near, _ = self._listener.accept()
        try:
            far = self._onward()
        except OSError as why:
            self.failure = f"{self._target[0]}:{self._target[1]} from {self._source}: {why.strerror or why}"
            near.close()
            return
        pair = (near, far)
        for each in pair:
            each.settimeout(10)
            if each.family != socket.AF_UNIX:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(each, selectors.EVENT_READ, pair)

    def _onward(self) -> socket.socket:
        """The other side of a connection. Raises OSError."""
        return socket.create_connection(self._target, timeout=10, source_address=(self._source, 0))

    def _copy(self, waiting: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        near, far = key.data
        here: socket.socket = near if key.fd == near.fileno() else far
        there: socket.socket = far if here is near else near
        try:
            data = here.recv(_CHUNK)
            if data:
                there.sendall(data)
                return
            waiting.unregister(here)
            if there in [each.fileobj for each in waiting.get_map().values()]:
                there.shutdown(socket.SHUT_WR)  # the other direction may still speak
                return
        except OSError:
            pass
        _close(waiting, key.data)


class ConnectingForwarder(Forwarder):
    """A way for clients to a server that listens on no TCP port: ``connect`` makes each onward connection."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        super().__init__(("the server", 0), "here")
        self._connect = connect

    def _onward(self) -> socket.socket:
        return self._connect()


def _close(waiting: selectors.BaseSelector, pair: tuple[socket.socket, socket.socket]) -> None:
    for each in pair:
        with contextlib.suppress(KeyError, ValueError):
            waiting.unregister(each)
        each.close()
