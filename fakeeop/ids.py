"""Ids that look like the service's, as ``fakeeop.ports.IdSource`` wants them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

__all__ = ["ProcessIds", "ticks"]

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_GENERATION = 8_192  # the high words seen lie in 352..19190 (wire §2.2)


def ticks(moment: datetime) -> int:
    """.NET ticks: steps of 100 ns since 0001-01-01."""
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 10_000_000 + past.microseconds * 10


class ProcessIds:
    """Session ids count up from the ticks at ``start`` (wire §1.2), queue ids from a fixed generation (wire §2.2)."""

    def __init__(self, start: datetime) -> None:
        self._sessions = count(ticks(start))
        self._rows = count(_GENERATION << 32 | 1)

    def session_id(self) -> str:
        """16 upper-case hex digits, one higher each time."""
        return f"{next(self._sessions):016X}"

    def internal_id(self) -> int:
        """(generation << 32) + row."""
        return next(self._rows)
