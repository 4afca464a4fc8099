"""Listening sockets, and who a connection is taken to come from."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import field, frozen

from fakeeop.errors import ListenError
from fakeeop.model import PeerFacts
from fakeeop.model.addresses import IpAddress, parse_ip
from fakeeop.model.limits import DEFAULTS, Limits
from fakeeop.model.ports import Clock
from fakeeop.server.protocol import SessionOwner, SmtpProtocol, TlsServerLayer
from fakeeop.server.proxied import ProxiedConnection, TrustedSources
from fakeeop.server.proxy_header import ProxyHeader
from fakeeop.server.timeouts import TimeoutWatch, WatchedConnection
from fakeeop.server.timers import Timer, Timers
from fakeeop.smtp.extensions import known_extensions

__all__ = ["LOOPBACK", "Arrival", "Listener", "OpenListener", "PeerMap", "format_address", "open_socket"]

BACKLOG = 1024
LOOPBACK = ("127.0.0.0/8", "::1/128")


@frozen
class Listener:
    """Where to listen. Port 0 lets the system choose.

    ``peer`` is a fixed identity: every client that connects here counts as coming from that public address.
    ``proxy_from`` (addresses and CIDR): every connection starts with a PROXY header, which is taken from these sources
    only. ``xclient_from``: these sources may say XCLIENT. ``submission``: the submission endpoint
    (smtp.office365.com:587) instead of the MX. ``hide``: extensions that are neither announced nor known. ``region``
    is where this front end stands, ``limits`` are its own, over those of the tenant file. ``box`` is the short name it
    greets with, another than that of the emulator.
    """

    host: str
    port: int
    peer: str | None = None
    starttls: bool = True
    proxy_from: tuple[str, ...] = ()
    xclient_from: tuple[str, ...] = ()
    submission: bool = False
    hide: frozenset[str] = field(default=frozenset(), converter=known_extensions)
    region: str | None = None
    limits: Limits | None = None
    box: str | None = None


class Arrival(NamedTuple):
    """Who connected: the client it is taken to be, its ``ip`` as text, and the address of the listener.

    ``xclient``: it is trusted to say whom it speaks for. ``proxied`` is what a proxy said of it, in words.
    """

    peer: PeerFacts
    ip: str
    listener: str
    xclient: bool = False
    proxied: str = ""


def format_address(host: str, port: int) -> str:
    """``HOST:PORT``; an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def open_socket(listener: Listener) -> socket.socket:
    """Bind and listen. Raises ListenError with the reason and what to do."""
    where = format_address(listener.host, listener.port)
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            listener.host, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as why:
        raise ListenError(where, f"{listener.host!r} is not an address of this machine ({why})") from why
    opened = socket.socket(family, kind, number)
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as why:
        opened.close()
        raise ListenError(where, _why(why, listener.port)) from why
    return opened


def _why(why: OSError, port: int) -> str:
    if why.errno == errno.EADDRINUSE:
        return "the port is in use; choose another one, or 0 for any that is free"
    if why.errno == errno.EACCES:
        return f"no permission for port {port}; choose one from 1024 up"
    if why.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address"
    return why.strerror or str(why)


class PeerMap:
    """Socket address → public address: the map first, then the listener's fixed identity, then the address itself.

    Raises ValueError for text that is not an IP address.
    """

    def __init__(self, entries: Mapping[str, str], fixed: str | None = None) -> None:
        self._fixed = None if fixed is None else parse_ip(fixed)
        self.replace(entries)

    def replace(self, entries: Mapping[str, str]) -> None:
        """Another map for the connections to come. May be called from any thread."""
        found = {parse_ip(source): parse_ip(public) for source, public in entries.items()}
        known: dict[str, tuple[IpAddress, str]] = {}
        self._state = found, known  # replaced as one: nobody learns an old entry for the new map

    def facts(self, source: Any) -> tuple[PeerFacts, str]:
        """Who the client at the socket address ``source`` is taken to be, and that address as text."""
        text, port = (source[0], source[1]) if source else ("0.0.0.0", 0)  # noqa: S104  a peer that is gone already
        entries, all_known = self._state
        known = all_known.get(text)
        if known is None:
            own = parse_ip(text.partition("%")[0])
            public = entries.get(own) or self._fixed or own
            known = (public, str(public))
            if len(all_known) < 4096:
                all_known[text] = known
        return PeerFacts(known[0], port, text), known[1]

    def told(self, source: Any, header: ProxyHeader) -> tuple[PeerFacts, str]:
        """The same when a proxy told the client: its address may be in the map, the listener's identity is not its."""
        if header.source is None:
            return self.facts(source)
        public = self._state[0].get(header.source, header.source)
        return PeerFacts(public, header.source_port, source[0] if source else ""), str(public)


class OpenListener:
    """One open listener: its socket, its connections, its watch on idle ones."""

    def __init__(
        self,
        listener: Listener,
        peers: PeerMap,
        open_session: Callable[[Arrival], SessionOwner],
        tls_layer: Callable[[str], TlsServerLayer],
        limits: Callable[[], Limits] = lambda: DEFAULTS,
        clock: Clock | None = None,
        on_crash: Callable[[Exception], None] | None = None,
    ) -> None:
        self.listener = listener
        self.address: tuple[str, int] = (listener.host, listener.port)
        self.connections: set[WatchedConnection] = set()
        self.time: Callable[[], float] = lambda: 0.0
        self._tls_layer = tls_layer
        self._limits = limits
        self._clock = clock
        self._on_crash = on_crash
        self.peers = peers
        self._proxy_from = _trusted(listener.proxy_from)
        self._xclient_from = _trusted(listener.xclient_from)
        self._open_session = open_session
        self._name = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._timers: Timers | None = None
        self._watch: TimeoutWatch | None = None
        self._empty: asyncio.Future[None] | None = None

    async def open(self, opened: socket.socket) -> None:
        """Accept connections on an open socket."""
        self._loop = asyncio.get_running_loop()
        self._timers = Timers(self._loop, self._clock)
        self.time = self._timers.time
        self._watch = TimeoutWatch(self._timers, self.time, self.connections, self._limits)
        self.address = opened.getsockname()[:2]
        self._name = format_address(*self.address)
        self._server = await self._loop.create_server(self._protocol_class(), sock=opened, backlog=BACKLOG)

    def _protocol_class(self) -> Callable[[], asyncio.Protocol]:
        if self._proxy_from is None:
            return lambda: SmtpProtocol(self)
        return lambda: ProxiedConnection(self)

    def stop_accepting(self) -> None:
        """Close the listening socket; open connections go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def close(self, drain: float) -> None:
        """Give open sessions ``drain`` seconds to end, then say 421 to the rest and close them."""
        self.stop_accepting()
        loop = asyncio.get_running_loop()
        for last_words in (None, "service-unavailable"):
            if last_words:
                for protocol in list(self.connections):
                    protocol.end(last_words)
            if self.connections and (drain > 0 or last_words):
                self._empty = loop.create_future()
                await asyncio.wait([self._empty], timeout=1.0 if last_words else drain)
        for protocol in list(self.connections):  # a client that does not read
            protocol.abort()
        if self._watch is not None:
            self._watch.stop()
        if self._timers is not None:
            self._timers.close()

    # ---- SessionListener

    def arrived(self, protocol: SmtpProtocol, source: Any, told: ProxyHeader | None) -> SessionOwner:
        """Somebody connected; ``told`` is who it is by the word of a proxy."""
        self.waiting(protocol)
        peer, ip = self.peers.facts(source) if told is None else self.peers.told(source, told)
        xclient = self._xclient_from is not None and self._xclient_from.covers(source)
        return self._open_session(Arrival(peer, ip, self._name, xclient, "" if told is None else str(told)))

    def left(self, protocol: WatchedConnection) -> None:
        """The connection is gone."""
        self.connections.discard(protocol)
        if not self.connections and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    def tls_layer(self, fault: str = "") -> TlsServerLayer:
        """A new TLS layer for one connection."""
        return self._tls_layer(fault)

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call it once, after so many seconds of the emulator's clock."""
        if self._timers is None:
            raise RuntimeError("the listener is not open")
        return self._timers.later(seconds, call)

    def crashed(self, protocol: SmtpProtocol, why: Exception) -> None:
        """A bug of ours: told to whom it concerns, and to the loop's exception handler, which logs it."""
        if self._on_crash is not None:
            self._on_crash(why)
        if self._loop is not None:
            self._loop.call_exception_handler(
                {"message": "the SMTP session broke", "exception": why, "protocol": protocol}
            )

    # ---- ProxyListener

    def trusts_proxy(self, source: Any) -> bool:
        """True if a PROXY header from this socket address is taken."""
        return self._proxy_from is not None and self._proxy_from.covers(source)

    def waiting(self, protocol: WatchedConnection) -> None:
        """One more connection to look after."""
        self.connections.add(protocol)
        if self._watch is not None:
            self._watch.start()

    def admit(self, connection: ProxiedConnection, header: ProxyHeader) -> SmtpProtocol:
        """The session that it gets."""
        self.connections.discard(connection)
        return SmtpProtocol(self, header)

    def turn_away(self, connection: ProxiedConnection, source: Any, why: str, closed_by: str) -> None:
        """It gets no session, but the journal is told."""
        peer, ip = self.peers.facts(source)
        owner = self._open_session(Arrival(peer, ip, self._name))
        owner.turned_away(why)
        owner.ended(closed_by)
        self.left(connection)


def _trusted(networks: tuple[str, ...]) -> TrustedSources | None:
    return TrustedSources(networks) if networks else None


def all_loopback(listeners: Sequence[Listener]) -> bool:
    """True if nobody but this machine can reach the listeners."""
    return all(ipaddress.ip_address(listener.host).is_loopback for listener in listeners)
