"""In front of a session: the PROXY header of a trusted proxy, or no session at all.

A listener with ``proxy_from`` greets nobody before a header came. Then the connection goes on as one of
``fakeeop.server.protocol``, with the client that the header names; STARTTLS changes nothing about it.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from fakeeop.model.addresses import parse_ip
from fakeeop.server.proxy_header import ProxyFault, ProxyHeader, parse_proxy_header

__all__ = ["ProxiedConnection", "ProxyListener", "TrustedSources"]


class TrustedSources:
    """Networks whose word is taken. Raises ValueError for text that is neither an address nor a CIDR."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network.strip(), strict=False) for network in networks]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def covers(self, source: Any) -> bool:
        """True if the socket address ``source`` lies in one of them."""
        if not source:
            return False
        address = parse_ip(str(source[0]).partition("%")[0])
        return any(address in network for network in self._networks)


class ProxyListener(Protocol):
    """What a connection without a header needs of its listener."""

    def trusts_proxy(self, source: Any) -> bool:
        """True if a header from this socket address is taken."""

    def waiting(self, connection: ProxiedConnection) -> None:
        """Somebody connected."""

    def admit(self, connection: ProxiedConnection, header: ProxyHeader) -> asyncio.Protocol:
        """The protocol that the connection goes on with."""

    def turn_away(self, connection: ProxiedConnection, source: Any, why: str, closed_by: str) -> None:
        """The connection gets no session."""

    @property
    def time(self) -> Callable[[], float]:
        """The loop's clock, in seconds."""


class ProxiedConnection(asyncio.Protocol):
    """One connection that has not shown its header yet. ``seen`` is the loop time of the last sign of life."""

    __slots__ = ("_data", "_done", "_listener", "_source", "_transport", "began", "progress", "seen")

    _transport: asyncio.Transport

    def __init__(self, listener: ProxyListener) -> None:
        self._listener = listener
        self._data = b""
        self._source: Any = None
        self._done = False
        self.began = self.progress = self.seen = 0.0

    # ---- called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait, or close at once what comes from elsewhere."""
        self._transport = cast(asyncio.Transport, transport)
        self._source = transport.get_extra_info("peername")
        self.began = self.progress = self.seen = self._listener.time()
        self._listener.waiting(self)
        if not self._listener.trusts_proxy(self._source):
            self._refuse("not a trusted source of PROXY headers (proxy_from)")

    def data_received(self, data: bytes) -> None:
        """Once the header is whole, what stands behind it belongs to the session."""
        if self._done:
            return
        self.seen = self._listener.time()
        self._data += data
        try:
            found = parse_proxy_header(self._data)
        except ProxyFault as why:
            self._refuse(f"PROXY header: {why}")
            return
        if found is None:
            return
        header, octets = found
        self._done = True
        session = self._listener.admit(self, header)
        self._transport.set_protocol(session)
        session.connection_made(self._transport)
        rest = self._data[octets:]
        if rest:
            session.data_received(rest)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the loop calls it so
        """Gone, for whatever reason."""
        self._refuse("the client left before its PROXY header was whole", "client")

    # ---- called by the listener

    def end(self, key: str, **_values: object) -> None:
        """Close: without a header there is nobody to say a last reply to."""
        why = "no PROXY header came in time" if key == "timeout" else "the emulator is being stopped"
        self._refuse(why)

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _refuse(self, why: str, closed_by: str = "server") -> None:
        if self._done:
            return
        self._done = True
        self._listener.turn_away(self, self._source, why, closed_by)
        self._transport.close()
