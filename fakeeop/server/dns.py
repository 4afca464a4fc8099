"""The lab's name server: UDP and TCP on one port, for clients that insist on names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

from fakeeop.errors import ListenError
from fakeeop.model.zone import Zone
from fakeeop.server.dns_answers import answer
from fakeeop.server.listener import Listener, format_address, open_socket

__all__ = ["NameServer"]

_IDLE = 30.0  # seconds that a TCP connection may be silent
_TRIES = 20  # to find a port that is free for both UDP and TCP


class NameServer:
    """Answers from ``zone()``, asked for each query: what is changed counts from the next one on."""

    def __init__(self, host: str, port: int, zone: Callable[[], Zone]) -> None:
        self.address: tuple[str, int] = (host, port)
        self.zone = zone
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: set[_Stream] = set()

    async def open(self) -> None:
        """Listen. Raises ListenError with nothing half-started."""
        loop = asyncio.get_running_loop()
        udp, tcp = _sockets(*self.address)
        self.address = tcp.getsockname()[:2]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=udp)
        self._tcp = await loop.create_server(lambda: _Stream(self), sock=tcp)

    def close(self) -> None:
        """Stop at once. Harmless when it is closed."""
        if self._udp is not None:
            self._udp.close()
            self._udp = None
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        for connection in list(self._connections):
            connection.close()

    def reply(self, query: bytes, *, udp: bool) -> bytes | None:
        """The reply to one message, if it deserves one."""
        return answer(query, self.zone(), udp=udp)

    # ---- called by the connections

    def joined(self, connection: _Stream) -> None:
        """A TCP client is here."""
        self._connections.add(connection)

    def left(self, connection: _Stream) -> None:
        """It is gone."""
        self._connections.discard(connection)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply = self._server.reply(data, udp=True)
        if reply is not None:
            self._transport.sendto(reply, addr)


class _Stream(asyncio.Protocol):
    """Messages with their length in two octets in front (RFC 1035 section 4.2.2), any number of them (RFC 7766)."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._data = bytearray()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.joined(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._wait()
        while len(self._data) >= 2:
            end = 2 + int.from_bytes(self._data[:2], "big")
            if len(self._data) < end:
                return
            reply = self._server.reply(bytes(self._data[2:end]), udp=False)
            del self._data[:end]
            if reply is not None:
                self._transport.write(len(reply).to_bytes(2, "big") + reply)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the loop calls it so
        if self._timer is not None:
            self._timer.cancel()
        self._server.left(self)

    def close(self) -> None:
        self._transport.close()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_IDLE, self.close)


def _sockets(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket with one port; with port 0 the system chooses, until both are free."""
    for attempt in range(_TRIES):
        tcp = open_socket(Listener(host, port))
        udp = socket.socket(tcp.family, socket.SOCK_DGRAM)
        try:
            if tcp.family == socket.AF_INET6:
                udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            udp.bind(tcp.getsockname())
            udp.setblocking(False)
        except OSError as why:
            udp.close()
            tcp.close()
            if port or attempt == _TRIES - 1:
                raise ListenError(f"{format_address(host, port)} (UDP)", why.strerror or str(why)) from why
        else:
            return udp, tcp
    raise AssertionError("unreachable")
