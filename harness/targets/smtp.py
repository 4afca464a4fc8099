"""Any SMTP server as the target, ``smtp://HOST:PORT``: the client's view only.

The world of a scenario is not made: the server is as its administrator made it, and what the journal would show cannot
be seen. Nothing but this machine is contacted, unless a human allows it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from harness.errors import HarnessError, TargetError
from harness.targets.base import JournalView, World

__all__ = ["SmtpTarget"]

_SMTP = 25


class SmtpTarget:
    """``url`` names the server. Raises TargetError for one that is not on this machine, without ``allow_remote``.

    ``elsewhere``: it is not on this machine, so a scenario's hosts have no addresses of their own: the system chooses.
    """

    capabilities: frozenset[str] = frozenset()

    def __init__(self, url: str, *, allow_remote: bool = False) -> None:
        self.name = url
        host, port = _place(url)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as why:
            raise TargetError(f"{url}: {why.strerror}") from why
        family, *_, place = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
        self._address = (str(place[0]), int(place[1]))
        self.elsewhere = not ipaddress.ip_address(self._address[0]).is_loopback or family != socket.AF_INET
        if not ipaddress.ip_address(self._address[0]).is_loopback and not allow_remote:
            raise TargetError(f"{url} is not on this machine ({self._address[0]}): add --allow-remote to send it mail")

    def open(self, world: World) -> SmtpRunning:  # noqa: ARG002  it is as it is
        """Nothing to bring up."""
        return SmtpRunning(self._address)

    def close(self) -> None:
        """The server goes on."""


class SmtpRunning:
    """The server while a case runs."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    def address(self, host: str, endpoint: str = "mx") -> tuple[str, int]:  # noqa: ARG002  there is only one
        """The server's, for every host and endpoint."""
        return self._address

    def journal(self) -> JournalView:
        """There is none."""
        return JournalView([], [], [])

    def wait_quiet(self, seconds: float, still_open: int = 0) -> None:
        """Nobody knows."""

    def wait_until(self, holds: Callable[[int, int], bool], seconds: float) -> tuple[int, int]:  # noqa: ARG002  as others
        """Nothing is counted."""
        return 0, 0

    def admin(self, arguments: Mapping[str, Any]) -> None:  # noqa: ARG002  as others
        """Cases with this verb are unsupported, so nobody asks."""
        raise HarnessError("admin: an SMTP server cannot be changed from here")

    def advance(self, seconds: float) -> None:  # noqa: ARG002  as others
        """Not from here."""
        raise HarnessError("the clock of an SMTP server cannot be moved from here")

    def wait_returned(self, seconds: float) -> None:
        """It gives none back to a relay of the harness."""

    def explain(self) -> str:
        """It does not say why."""
        return ""

    def close(self) -> None:
        """The server goes on."""


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _SMTP
    except ValueError as why:
        raise TargetError(f"{url}: {why}; write smtp://HOST:PORT") from why
    if not host or parts.path not in ("", "/") or parts.username or parts.query:
        raise TargetError(f"{url}: write smtp://HOST:PORT")
    return host, port
