"""A server that knows EHLO, STARTTLS and QUIT, with TLS by the standard library's ssl: what a handshake costs there."""

from __future__ import annotations

import asyncio
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import cast

__all__ = ["serve_ssl"]


class _Minimal(asyncio.Protocol):
    """EHLO, STARTTLS, QUIT; the handshake and what follows on memory BIOs."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._tls: ssl.SSLObject | None = None
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._ready = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 minimal\r\n")

    def data_received(self, data: bytes) -> None:
        tls = self._tls
        if tls is None:
            self._answer(data)
            return
        self._in.write(data)
        try:
            if not self._ready:
                tls.do_handshake()
                self._ready = True
            while True:
                self._answer(tls.read(16_384))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._transport.close()
        if self._out.pending:
            self._transport.write(self._out.read())

    def _answer(self, data: bytes) -> None:
        reply = {b"EHLO": b"250-minimal\r\n250 STARTTLS\r\n", b"STAR": b"220 go\r\n"}.get(data[:4], b"221 bye\r\n")
        if self._tls is not None:
            self._tls.write(reply)
        else:
            self._transport.write(reply)
        if data.startswith(b"STAR"):
            self._tls = self._context.wrap_bio(self._in, self._out, server_side=True)
        elif data.startswith(b"QUIT"):
            if self._tls is not None:
                with suppress(ssl.SSLWantReadError):
                    self._tls.unwrap()  # says close_notify
                self._transport.write(self._out.read())
            self._transport.close()


async def serve_ssl(port: int, folder: Path) -> None:
    """Listen until standard input ends. The context is as the library makes it: two tickets, no client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Minimal(context), "127.0.0.1", port, backlog=256)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
