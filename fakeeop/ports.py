"""What the core needs of the outside: a clock and ids. Adapters implement them, tests fake them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ["Clock", "IdSource"]


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
