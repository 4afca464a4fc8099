"""Where an expectation stands, for the mismatch that may come of it."""

from __future__ import annotations

from attrs import frozen

from fakeeop.config.marked import line_of

__all__ = ["Spot"]


@frozen
class Spot:
    """Where an expectation stands: its path and the line of its key."""

    path: str
    line: int | None

    def key(self, container: object, key: str, path: str | None = None) -> Spot:
        """The spot of a key of a mapping that stands here."""
        return Spot(f"{self.path}.{key}" if path is None else path, line_of(container, key) or self.line)

    def element(self, container: object, index: int) -> Spot:
        """The spot of an element of a list that stands here; paths count from 1."""
        return Spot(f"{self.path}[{index + 1}]", line_of(container, index) or self.line)
