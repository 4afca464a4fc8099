"""The backend that a path or a URL means."""

from __future__ import annotations

from typing import Any

from exoshell.backends.base import Backend
from exoshell.backends.propagation import Propagating
from exoshell.backends.server import RunningServer
from fakeeop.config.editor.tenant_file import TenantFile
from fakeeop.errors import StoreError

__all__ = ["FileBackend", "open_backend"]


class FileBackend(TenantFile):
    """A tenant file, which has seen no message."""

    def trace(self, values: list[tuple[str, str]]) -> dict[str, Any]:  # noqa: ARG002  the Protocol's
        """A file has seen no message."""
        raise StoreError(f"{self.place} is a tenant file: message trace is a running server's (--server URL)")

    def trace_detail(self, trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:  # noqa: ARG002  the Protocol's
        """As ``trace``."""
        raise StoreError(f"{self.place} is a tenant file: message trace is a running server's (--server URL)")

    def settle(self) -> None:
        """Every change is in force when it is written."""


def open_backend(where: str, organization: str | None = None, propagation: float = 0.0) -> Backend:
    """A file's path, or the URL of an admin API. ``propagation``: seconds until a change is in force.

    Raises ConfigError: the file is wrong, or has several tenants and none is chosen; RemoteError: the server's.
    """
    found: Backend
    if where.startswith(("http://", "https://")):
        found = RunningServer(where, organization)
    else:
        found = FileBackend(where, organization)
    if propagation > 0:
        found = Propagating(found, propagation)
    return found
