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
from fakeeop.server.effects import Effects, set_reset
from fakeeop.server.proxy_header import ProxyHeader
from fakeeop.server.timers import Timer
from fakeeop.smtp.policy import Effect, Waiting
from fakeeop.smtp.session import SmtpSession

__all__ = ["SessionListener", "SessionOwner", "SmtpProtocol", "TlsServerLayer"]


class TlsServerLayer(Protocol):
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


class SessionOwner(Protocol):
    """Who made the session of one connection and hears how the connection fares."""

    @property
    def session(self) -> SmtpSession:
        """The session core, with its policy in place."""

    def tls_failed(self, why: str) -> None:
        """The handshake did not work out."""

    def turned_away(self, why: str) -> None:
        """There will be no session; ``ended`` follows at once."""

    def ended(self, closed_by: str) -> None:
        """The connection is gone; ``closed_by`` is client or server."""


class SessionListener(Protocol):
    """What a connection needs of its listener."""

    def arrived(self, protocol: SmtpProtocol, source: Any, told: ProxyHeader | None) -> SessionOwner:
        """Somebody connected from the socket address ``source``; ``told``: a proxy, for the client in its header."""

    def left(self, protocol: SmtpProtocol) -> None:
        """The connection is gone."""

    def tls_layer(self, fault: str = "") -> TlsServerLayer:
        """A new TLS layer for one connection; ``fault`` is a way in which it is to go wrong."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call it once, after so many seconds of the emulator's clock."""

    def crashed(self, protocol: SmtpProtocol, why: Exception) -> None:
        """A bug of ours showed."""

    @property
    def time(self) -> Callable[[], float]:
        """The loop's clock, in seconds."""


class SmtpProtocol(asyncio.Protocol):
    """One connection, and its side of ``Effects``: an ``EffectConnection``.

    ``began``, ``seen`` and ``progress`` are times: of the connection, the last octet, the last whole command.
    """

    __slots__ = (
        *("_closed_by", "_effects", "_ending", "_session", "_listener", "_tls", "_told", "_transport", "_owner"),
        *("began", "progress", "seen"),
    )

    _transport: asyncio.Transport
    _owner: SessionOwner
    _session: SmtpSession

    def __init__(self, listener: SessionListener, told: ProxyHeader | None = None) -> None:
        self._listener = listener
        self._told = told
        self._tls: TlsServerLayer | None = None
        self._effects: Effects | None = None
        self._closed_by = "client"
        self._ending = False  # the client is waiting for a last reply
        self.began = self.progress = self.seen = 0.0

    # ---- called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast(asyncio.Transport, transport)
        self.began = self.progress = self.seen = self._listener.time()
        self._owner = self._listener.arrived(self, transport.get_extra_info("peername"), self._told)
        self._session = session = self._owner.session
        try:
            self.emit(session.greeting())
            self._settle()
        except Exception as why:
            self.crashed(why)

    def data_received(self, data: bytes) -> None:
        """One pass, one write. A bug of ours ends this connection with a 451, and no other."""
        self.seen = self._listener.time()
        if self._effects is not None and self._effects.holds(data):
            return
        try:
            if self._tls is not None:
                self._secured(self._tls, data)
                return
            session = self._session
            reply = session.receive(data)
            if reply:
                self.progress = self.seen
                self._transport.write(reply)
            if session.effect is not None:
                self._perform(session.effect)
            elif session.closed:
                self._close()
            elif session.wants_tls:
                self._begin_tls()
        except Exception as why:
            self.crashed(why)

    def eof_received(self) -> bool:
        """The client will send no more: what was answered still goes out, then the connection closes.

        So does a reply that waits for its message to be kept.
        """
        self._ending = self._effects is not None and self._effects.waits
        return self._ending

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
            self._owner.tls_failed("the client closed the connection during the handshake")
            self._session.wants_tls = False
        if self._effects is not None:
            self._effects.cancel()
            self._effects = None  # it refers to us: no cycle is left for the garbage collector
        self._listener.left(self)
        self._owner.ended(self._closed_by)

    # ---- called by the listener

    def end(self, key: str, **values: object) -> None:
        """Say a last reply (``timeout``, ``service-unavailable``) and close; a stalled session just ends."""
        if self._transport.is_closing():
            return
        self._closed_by = "server"
        if self._effects is not None:
            self._effects.cancel()
            if self._effects.stalled:
                self._session.closed = True
                self._transport.close()
                return
        reply = self._session.end(key, **values)
        if self._tls is None:
            self._transport.write(reply)
        elif self._tls.established:
            self._say(self._tls, reply)
        self._close()

    def abort(self) -> None:
        """Close at once, whatever is still unsent."""
        self._closed_by = "server"
        self._transport.abort()

    # ---- EffectConnection

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call it once, after so many seconds of the emulator's clock."""
        return self._listener.later(seconds, call)

    def emit(self, octets: bytes) -> None:
        """Write octets of the session, encrypted under TLS."""
        if not octets:
            return
        if self._tls is None:
            self._transport.write(octets)
        elif self._tls.established:
            self._say(self._tls, octets)

    def said(self, reply: bytes) -> None:
        """A reply went out that the transcript has not got yet."""
        self._session.said(reply)

    def proceed(self) -> None:
        """An effect is done: go on with what was read, then with what came meanwhile."""
        self.emit(self._session.resume())
        self._settle()
        effects = self._effects
        if effects is not None and not effects.busy and not self._transport.is_closing():
            rest = effects.taken()
            if rest:
                self._transport.resume_reading()
                self.data_received(rest)
            if self._ending and not effects.waits:
                self._close()

    def leave(self, how: str) -> None:
        """End the connection: ``drop``, ``reset`` or ``close``."""
        self._session.closed = True
        self._closed_by = "server"
        if how == "close":
            self._close()
        elif how == "reset":
            set_reset(self._transport.get_extra_info("socket"))
            self._transport.abort()
        else:
            self._transport.close()

    def hold_reading(self) -> None:
        """Read nothing more for now."""
        self._transport.pause_reading()

    def crashed(self, why: Exception) -> None:
        """A bug of ours: it is told, the client gets a temporary error, the connection ends."""
        self._listener.crashed(self, why)
        self.end("temporary-server-error")

    # ---- inside

    def _settle(self) -> None:
        """See to what the session wishes."""
        session = self._session
        if session.effect is not None:
            self._perform(session.effect)
        elif session.closed:
            self._close()
        elif session.wants_tls and self._tls is None:
            self._begin_tls()

    def _perform(self, effect: Effect | Waiting) -> None:
        if self._effects is None:
            self._effects = Effects(self)
        self._effects.perform(effect)

    def _begin_tls(self) -> None:
        effect = self._session.handshake_effect()
        if effect is None:
            self._tls = self._listener.tls_layer()
            return
        self._tls = self._listener.tls_layer(effect.tls)
        if effect.delay or effect.then:
            self._effects = self._effects or Effects(self)
            self._effects.arm(effect)

    def _secured(self, tls: TlsServerLayer, data: bytes) -> None:
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
            self.progress = self.seen
            self._say(tls, reply)
        else:
            self._drain(tls)
        if session.effect is not None:
            self._perform(session.effect)
        elif tls.closed or session.closed:
            self._close()

    def _say(self, tls: TlsServerLayer, reply: bytes) -> None:
        try:
            tls.send(reply)
        except FakeEopError as why:
            self._tls_broke(tls, why)
            return
        self._drain(tls)

    def _drain(self, tls: TlsServerLayer) -> None:
        ciphertext = tls.take()
        if ciphertext:
            self._transport.write(ciphertext)

    def _tls_broke(self, tls: TlsServerLayer, why: FakeEopError) -> None:
        self._owner.tls_failed(str(why))
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
