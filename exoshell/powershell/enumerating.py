"""Collections that may not change while they are gone through: lists that grow, the keys and entries of hash tables."""

from __future__ import annotations

from typing import Any

from exoshell.powershell.errors import PsError
from exoshell.powershell.values import ArrayList, Keys, Position

__all__ = ["changed", "version_of"]


def version_of(source: Any) -> int | None:
    """How often a collection was changed; None for one that may change while it is gone through."""
    if isinstance(source, Keys):
        return source.table.version
    return source.version if isinstance(source, ArrayList) else None


def changed(position: Position) -> PsError:
    """What was gone through has changed meanwhile."""
    return PsError(
        "Collection was modified; enumeration operation may not execute.",
        error_id="System.InvalidOperationException",
        category="OperationStopped",
        position=position,
    )
