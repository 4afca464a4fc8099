"""What a driver is: one client that can do a ``submit``, and what can be seen from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from harness.clients.auth import Auth
from harness.model.result import Observation

__all__ = ["Available", "Credential", "Driver", "Plan", "Unavailable"]


@frozen
class Available:
    """The client is here; ``version`` as it calls itself."""

    version: str


@frozen
class Unavailable:
    """The client is not here; ``install`` is the command that installs it."""

    reason: str
    install: str


@frozen
class Credential:
    """A client certificate on disk, PEM: chain (leaf first) and key, mode 600."""

    certificate: Path
    key: Path


@frozen
class Plan:
    """One mail transaction to perform, everything resolved.

    ``source`` is the local address to connect from, ``tls``: none, starttls or required, ``recipients`` are trees
    with ``address`` and optional ``notify``, ``orcpt``. ``message`` is the exact content, CRLF, not yet dot-stuffed.
    """

    host: str
    port: int
    source: str
    helo: str
    tls: str
    credential: Credential | None
    trust: Path | None  # CA file to verify the server with; None = do not verify
    mail_from: dict[str, Any]  # address, ret?, envid?
    recipients: tuple[dict[str, Any], ...]
    message: bytes
    timeout: float
    folder: Path
    server_name: str = ""  # the name the client believes it talks to: SNI, and the name to verify; empty = the host
    auth: Auth | None = None  # sign in before MAIL
    tls_version: str | None = None  # exactly this one, for clients that can choose: TLSv1.2


class Driver(Protocol):
    """One client program or library."""

    name: str
    capabilities: frozenset[str]  # what it can do: starttls, starttls-client-certificate, dsn-parameters, pipelining…
    observes: frozenset[str]  # which fields of Observation it fills

    def probe(self) -> Available | Unavailable:
        """Is the client here?"""

    def run(self, plan: Plan) -> Observation:
        """Perform the transaction. Raises DriverError if the client could not do its work."""
