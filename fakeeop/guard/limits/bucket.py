"""Token buckets, one for each key, with the time passed in."""

from __future__ import annotations

from collections.abc import Hashable

__all__ = ["Buckets"]


class Buckets:
    """A bucket holds at most ``burst`` tokens and gains ``rate`` of them each second; a new one is full.

    At most ``keep`` keys are remembered, the longest untouched is forgotten first: that gives it a full bucket again.
    """

    __slots__ = ("_levels", "burst", "keep", "rate")

    def __init__(self, rate: float, burst: float, keep: int = 65_536) -> None:
        if rate <= 0 or burst < 1 or keep < 1:
            raise ValueError("a bucket needs a rate over 0, and room for one token and one key")
        self.rate = rate
        self.burst = burst
        self.keep = keep
        self._levels: dict[Hashable, tuple[float, float]] = {}  # tokens, as of the moment

    def __len__(self) -> int:
        return len(self._levels)

    def level(self, key: Hashable, now: float) -> float:
        """The tokens there are at ``now`` (seconds); time that runs backwards adds none."""
        tokens, since = self._levels.get(key, (self.burst, now))
        return min(self.burst, tokens + max(0.0, now - since) * self.rate)

    def take(self, key: Hashable, now: float) -> bool:
        """Take one token if there is one."""
        tokens = self.level(key, now)
        granted = tokens >= 1.0 - 1e-9  # what sums of floats lose
        self._levels.pop(key, None)
        self._levels[key] = (max(0.0, tokens - 1.0) if granted else tokens, now)
        if len(self._levels) > self.keep:
            del self._levels[next(iter(self._levels))]
        return granted
