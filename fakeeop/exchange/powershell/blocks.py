"""Script blocks and the ways out of them."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from fakeeop.exchange.powershell.syntax import Node

__all__ = ["Break", "Continue", "Exit", "Return", "ScriptBlock", "WayOut"]


@frozen(eq=False)
class ScriptBlock:
    """``{ … }``: its parameters (name without ``$``, default, type) and its body; ``text`` as it was written."""

    text: str
    body: Node | None
    parameters: tuple[tuple[str, Node | None, str], ...] = field(default=())
    begin: Node | None = None
    process: Node | None = None
    end: Node | None = None

    def __str__(self) -> str:
        return self.text


class WayOut(Exception):
    """Ends blocks; ``values`` is what they have put out so far."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__()
        self.values = values


class Break(WayOut):
    """``break``."""


class Continue(WayOut):
    """``continue``."""


class Return(WayOut):
    """``return``, with what it gives."""


class Exit(Exception):
    """``exit``, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code
