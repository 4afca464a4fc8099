"""One connection on an event loop: octets in, session core, octets out; TLS in between after STARTTLS.

One ``data_received`` makes one pass through the session and one write. There is no task, no stream and no timer per
connection; ``fakeeop.server.listener`` looks for idle ones now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from fakeeop.errors import FakeEopError
from fakeeop.model import TlsFacts
from fakeeop.server.proxy_header import ProxyHeader
from fakeeop.smtp.session import SmtpSession

__all__ = ["SmtpProtocol", "Terms", "TlsLayer", "Visit"]


class TlsLayer(Protocol):
    """The server side of TLS on memory BIOs (``fakeeop.tls.context.TlsConnection``). Its faults are FakeEopErrors."""

    established: bool
    closed: bool
    facts: TlsFacts | None

    def feed(self, ciphertext: bytes) -> bytes:
        """Take ciphertext, give plaintext; drives the handshake."""

    def send(self, plaintext: bytes) -> None:
        """Encrypt."""

    def take(self) -> bytes:
        """The ciphertext to write now."""

    def shutdown(self) -> None:
        """Say close_notify."""


class Visit(Protocol):
    """One connection as the application sees it."""

    @property
    def session(self) -> SmtpSession:
        """The session core, with its policy in place."""

    def tls_failed(self, why: str) -> None:
        """The handshake did not work out."""

    def turned_away(self, why: str) -> None:
        """There will be no session; ``ended`` follows at once."""

    def ended(self, closed_by: str) -> None:
        """The connection is gone; ``closed_by`` is client or server."""


class Terms(Protocol):
    """What a connection needs of its listener."""

    def arrived(self, protocol: SmtpProtocol, source: Any, told: ProxyHeader | None) -> Visit:
        """Somebody connected from the socket address ``source``; ``told``: a proxy, for the client in its header."""

    def left(self, protocol: SmtpProtocol) -> None:
        """The connection is gone."""

    def tls_layer(self) -> TlsLayer:
        """A new TLS layer for one connection."""

    def crashed(self, protocol: SmtpProtocol, why: Exception) -> None:
        """A bug of ours showed."""

    @property
    def time(self) -> Callable[[], float]:
        """The loop's clock, in seconds."""


class SmtpProtocol(asyncio.Protocol):
    """One connection. ``seen`` is the loop time of the last sign of life."""

    __slots__ = ("_closed_by", "_session", "_terms", "_tls", "_told", "_transport", "_visit", "seen")

    _transport: asyncio.Transport
    _visit: Visit
    _session: SmtpSession

    def __init__(self, terms: Terms, told: ProxyHeader | None = None) -> None:
        self._terms = terms
        self._told = told
        self._tls: TlsLayer | None = None
        self._closed_by = "client"
        self.seen = 0.0

    # ---- called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast(asyncio.Transport, transport)
        self.seen = self._terms.time()
        self._visit = self._terms.arrived(self, transport.get_extra_info("peername"), self._told)
        self._session = self._visit.session
        self._transport.write(self._session.greeting())

    def data_received(self, data: bytes) -> None:
        """One pass, one write. A bug of ours ends this connection with a 421, and no other."""
        self.seen = self._terms.time()
        try:
            if self._tls is not None:
                self._secured(self._tls, data)
                return
            session = self._session
            reply = session.receive(data)
            if reply:
                self._transport.write(reply)
            if session.closed:
                self._close()
            elif session.wants_tls:
                self._tls = self._terms.tls_layer()
        except Exception as why:
            self._terms.crashed(self, why)
            self.end("service-unavailable")

    def eof_received(self) -> bool:
        """The client will send no more: what was answered still goes out, then the connection closes."""
        return False

    def pause_writing(self) -> None:
        """The client does not read its replies: stop reading commands until it does."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client caught up."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the loop calls it so
        """Gone, for whatever reason."""
        if self._tls is not None and self._session.wants_tls:
            self._visit.tls_failed("the client closed the connection during the handshake")
            self._session.wants_tls = False
        self._terms.left(self)
        self._visit.ended(self._closed_by)

    # ---- called by the listener

    def end(self, key: str) -> None:
        """Say a last reply (``timeout``, ``service-unavailable``) and close."""
        if self._transport.is_closing():
            return
        self._closed_by = "server"
        reply = self._session.end(key)
        if self._tls is None:
            self._transport.write(reply)
        elif self._tls.established:
            self._say(self._tls, reply)
        self._close()

    def abort(self) -> None:
        """Close at once, whatever is still unsent."""
        self._closed_by = "server"
        self._transport.abort()

    # ---- inside

    def _secured(self, tls: TlsLayer, data: bytes) -> None:
        session = self._session
        try:
            plain = tls.feed(data)
        except FakeEopError as why:
            self._tls_broke(tls, why)
            return
        if session.wants_tls and tls.established and tls.facts is not None:
            session.tls_established(tls.facts)
        reply = session.receive(plain) if plain else b""
        if reply:
            self._say(tls, reply)
        else:
            self._drain(tls)
        if tls.closed or session.closed:
            self._close()

    def _say(self, tls: TlsLayer, reply: bytes) -> None:
        try:
            tls.send(reply)
        except FakeEopError as why:
            self._tls_broke(tls, why)
            return
        self._drain(tls)

    def _drain(self, tls: TlsLayer) -> None:
        ciphertext = tls.take()
        if ciphertext:
            self._transport.write(ciphertext)

    def _tls_broke(self, tls: TlsLayer, why: FakeEopError) -> None:
        self._visit.tls_failed(str(why))
        self._session.wants_tls = False
        self._session.closed = True
        self._closed_by = "server"
        self._drain(tls)  # the alert
        self._transport.close()

    def _close(self) -> None:
        if self._transport.is_closing():
            return
        if self._session.closed:
            self._closed_by = "server"
        if self._tls is not None:
            self._tls.shutdown()
            self._drain(self._tls)
        self._transport.close()
