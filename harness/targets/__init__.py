"""Targets: the servers that scenarios run against."""

from __future__ import annotations

from harness.errors import TargetError
from harness.targets.base import Target

__all__ = ["make_target"]


def make_target(name: str, *, allow_remote: bool = False) -> Target:
    """The target of that name; ``allow_remote``: an SMTP server may be on another machine.

    Raises TargetError for one that is not known or not reached.
    """
    if name == "embedded":
        from harness.targets.embedded import EmbeddedTarget  # noqa: PLC0415  loads the emulator

        return EmbeddedTarget()
    if name.startswith("smtp://"):
        from harness.targets.smtp import SmtpTarget  # noqa: PLC0415  few need it

        return SmtpTarget(name, allow_remote=allow_remote)
    if "://" in name:
        from harness.targets.remote import RemoteTarget  # noqa: PLC0415  few need it

        return RemoteTarget(name)
    if name == "spawn":
        from harness.targets.spawn import SpawnTarget  # noqa: PLC0415  few need it

        return SpawnTarget()
    known = "--target embedded, spawn, smtp://HOST:PORT, or the URL of a running server's admin API"
    raise TargetError(f"unknown target {name!r}; use {known}")
