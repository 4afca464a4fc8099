"""Ids that look like the service's, as ``fakeeop.model.ports.IdSource`` wants them."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from fakeeop.message.numbers import ticks

__all__ = ["ProcessIds", "ticks"]

_GENERATION = 8_192  # the high words seen lie in 352..19190 (wire §2.2)


class ProcessIds:
    """Session ids count up from the ticks at ``start`` (wire §1.2), queue ids from a generation (wire §2.2).

    ``run`` makes the generation another one, for a journal that remembers what earlier processes gave.
    """

    def __init__(self, start: datetime, run: int = 0) -> None:
        self._sessions = count(ticks(start))
        self._rows = count((_GENERATION + run % _GENERATION) << 32 | 1)

    def session_id(self) -> str:
        """16 upper-case hex digits, one higher each time."""
        return f"{next(self._sessions):016X}"

    def internal_id(self) -> int:
        """(generation << 32) + row."""
        return next(self._rows)
