"""Fills in the names that are known only when a case runs: run.id, target.*, host(name), pki(name)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.scenario.templates import replace

__all__ = ["substitute"]


def substitute(tree: Any, lookup: Callable[[str, str | None], Any]) -> Any:
    """The tree with every ``{{…}}`` filled in; line marks stay, the tree given is left alone.

    ``lookup`` is asked for ``("run", "id")``, ``("target", "host")``, ``("target", "port")``, ``("host", NAME)``,
    ``("pki", NAME)``. A value that is exactly one name keeps the type of the answer; inside text it becomes text.
    ``pki(null)`` and ``host(null)`` are the empty text and ask nothing.
    """

    def resolve(name: str, lone: bool) -> Any:
        head, _, argument = name.partition("(" if "(" in name else ".")
        argument = argument.rstrip(")")
        if argument == "null":
            return ""
        value = lookup(head, argument or None)
        return value if lone else _as_text(value)

    return replace(tree, resolve)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
