"""The HTTP server: uvicorn in the loop that the emulator runs in, without its main loop, its signals and its ticks."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from fakeeop.admin.settings import AdminSettings
from fakeeop.errors import MissingExtra

if TYPE_CHECKING:
    import uvicorn

    from fakeeop.admin.app import AdminApp
    from fakeeop.admin.subject import Subject

__all__ = ["AdminServer", "load_app"]

GRACE = 1.0  # seconds that requests under way have when it closes


class AdminServer:
    """One listener. ``open`` and ``close`` in the emulator's loop."""

    def __init__(self, subject: Subject, settings: AdminSettings) -> None:
        self.address: tuple[str, int] = (settings.host, settings.port)
        self._subject = subject
        self._settings = settings
        self._app: AdminApp | None = None
        self._server: uvicorn.Server | None = None

    async def open(self, opened: socket.socket) -> None:
        """Answer on an open socket. Raises MissingExtra without FastAPI or uvicorn."""
        self.address = opened.getsockname()[:2]
        try:  # half a second of imports: in a thread, so that SMTP goes on meanwhile
            app = await asyncio.to_thread(load_app)
        except ImportError as why:
            opened.close()
            if (why.name or "").partition(".")[0] == "fakeeop":  # ours is always there: a bug, not a missing extra
                raise
            raise MissingExtra("the admin API", str(why.name), "admin") from why
        import uvicorn  # noqa: PLC0415  heavy, and only for those who ask for the API

        self._app = app(self._subject, self._settings)
        config = uvicorn.Config(
            self._app.guarded,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=512,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[opened])

    async def close(self) -> None:
        """Stop listening; those who wait are answered at once, requests under way have a second."""
        server, self._server = self._server, None
        if server is None or self._app is None:
            return
        for listening in server.servers:
            listening.close()
        self._app.closing()
        state = server.server_state
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            _, late = await asyncio.wait(set(state.tasks), timeout=GRACE)
            for task in late:
                task.cancel()
        for connection in list(state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                with suppress(RuntimeError):
                    transport.close()
        self._app.closed()


def load_app() -> type[AdminApp]:
    """The application with everything that opening it needs; FastAPI and uvicorn are an extra. Raises ImportError."""
    for name in ("uvicorn", "uvicorn.lifespan.off", "uvicorn.protocols.http.h11_impl"):
        import_module(name)
    found: type[AdminApp] = import_module("fakeeop.admin.app").AdminApp
    return found
