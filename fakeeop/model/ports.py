"""What the core needs of the outside: clock, ids, room for large messages. Adapters implement it, tests fake it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

__all__ = ["Clock", "Content", "IdSource", "OpenSpool", "Spool", "StoredContent"]


class Clock(Protocol):
    """Time. ``now`` is aware UTC; ``monotonic`` is in seconds."""

    def now(self) -> datetime:
        """The wall clock."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""


class IdSource(Protocol):
    """Ids that look like the service's (wire §1.2, §2.2)."""

    def session_id(self) -> str:
        """16 upper-case hex digits: .NET ticks at process start, plus one a session."""

    def internal_id(self) -> int:
        """``InternalId`` of a queued message: (generation << 32) + row."""


class StoredContent(Protocol):
    """The content of a large message, kept elsewhere. It may be read from any thread; StoreError if that fails."""

    def __len__(self) -> int:
        """Its octets."""

    def read(self, start: int, octets: int) -> bytes:
        """``octets`` from ``start`` on; fewer at the end."""

    def pieces(self) -> Iterator[bytes]:
        """The whole, piece by piece."""


class Spool(Protocol):
    """Takes the content of a large message while it arrives. A write that returns has taken its octets off the memory.

    So a client that sends faster than the spool can write has to wait: nothing is read from it meanwhile.
    """

    def write(self, piece: bytes) -> None:
        """The next octets. Raises StoreError if there is no room."""

    def done(self) -> StoredContent:
        """That was all. Raises StoreError if there is no room for the rest."""

    def drop(self) -> None:
        """Forget it, the message was refused."""


Content = bytes | StoredContent
OpenSpool = Callable[[], Spool]
