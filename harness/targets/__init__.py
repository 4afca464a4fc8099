"""Targets: the servers that scenarios run against."""

from __future__ import annotations

from harness.errors import TargetError
from harness.targets.base import Target

__all__ = ["make_target"]


def make_target(name: str) -> Target:
    """The target of that name. Raises TargetError for one that is not known or not built yet."""
    if name == "embedded":
        from harness.targets.embedded import EmbeddedTarget  # noqa: PLC0415  loads the emulator

        return EmbeddedTarget()
    if "://" in name:
        from harness.targets.remote import RemoteTarget  # noqa: PLC0415  few need it

        return RemoteTarget(name)
    if name == "spawn":
        raise TargetError("the target 'spawn' is not built yet; use --target embedded")
    raise TargetError(f"unknown target {name!r}; use --target embedded, or the URL of a running server's admin API")
