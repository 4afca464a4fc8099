"""The relay suite: one module a family, each case a value."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from harness.relay_check.values import RelayCase

__all__ = ["FAMILIES", "suite"]

FAMILIES: Final = (
    "configured",
    "accepted",
    "certificates",
    "envelopes",
    "refusals",
    "deferrals",
    "drops",
    "tls",
    "content",
    "volume",
)


def suite() -> tuple[RelayCase, ...]:
    """Every case, in the order in which they are run."""
    return tuple(case for name in FAMILIES for case in import_module(f"{__name__}.{name}").CASES)
