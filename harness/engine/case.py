"""What the engine asks of a case, of whatever kind: a scenario with a client, a question to a relay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Case"]


class Case(Protocol):
    """``seconds`` is the time that the whole case may take, before it is stretched; ``path`` the file it came from."""

    @property
    def id(self) -> str:
        """Unique in a run."""

    @property
    def level(self) -> str:
        """What a mismatch means: must, should, info."""

    @property
    def known_gap(self) -> bool:
        """Expected to fail, strictly."""

    @property
    def seconds(self) -> float:
        """For all of it."""

    @property
    def path(self) -> str:
        """For messages about its world."""

    @property
    def hosts(self) -> Mapping[str, str]:
        """Name of each host of its world → its public address."""

    @property
    def pki(self) -> Mapping[str, Any]:
        """The certificates that its world declares."""
