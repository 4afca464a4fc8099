"""Targets: the servers that scenarios run against."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from harness.errors import TargetError
from harness.targets.base import Target

__all__ = ["make_target"]

_NAMED = {  # name → module and class, loaded when it is asked for
    "embedded": ("harness.targets.embedded", "EmbeddedTarget"),
    "spawn": ("harness.targets.spawn", "SpawnTarget"),
}
_SMTP = ("harness.targets.smtp", "SmtpTarget")
_REMOTE = ("harness.targets.remote", "RemoteTarget")


def make_target(name: str, *, allow_remote: bool = False) -> Target:
    """The target of that name; ``allow_remote``: an SMTP server may be on another machine.

    Raises TargetError for one that is not known or not reached.
    """
    if name in _NAMED:
        return _made(_NAMED[name])
    if name.startswith("smtp://"):
        return _made(_SMTP, name, allow_remote=allow_remote)
    if "://" in name:
        return _made(_REMOTE, name)
    known = "--target embedded, spawn, smtp://HOST:PORT, or the URL of a running server's admin API"
    raise TargetError(f"unknown target {name!r}; use {known}")


def _made(where: tuple[str, str], *arguments: Any, **options: Any) -> Target:
    module, name = where
    target: Target = getattr(import_module(module), name)(*arguments, **options)
    return target
