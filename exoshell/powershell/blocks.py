"""Script blocks and the ways out of them."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from exoshell.powershell.host import Parameter
from exoshell.powershell.syntax import Node

__all__ = ["Break", "Check", "Continue", "Declared", "Exit", "Jump", "Return", "ScriptBlock", "WayOut"]


@frozen
class Check:
    """``[ValidateSet('a', 'b')]``: the attribute's name in lower case, and its values."""

    name: str
    values: tuple[Any, ...]


@frozen(eq=False)
class Declared:
    """A parameter of a block. ``allowed``: null, empty (text), none (list); ``by_property`` beside the binder's
    ``from_pipeline`` value; ``advanced``: it has a ``[Parameter()]``.
    """

    parameter: Parameter
    default: Node | None = None
    type_name: str = ""
    checks: tuple[Check, ...] = ()
    allowed: frozenset[str] = frozenset()
    by_property: bool = False
    advanced: bool = False

    @property
    def name(self) -> str:
        """Without ``$``."""
        return self.parameter.name


@frozen(eq=False)
class ScriptBlock:
    """``{ … }``: its parameters and its body; ``text`` as it was written. ``advanced``: it takes the common parameters
    and no others than its own; ``what_if``: it has -WhatIf and -Confirm.
    """

    text: str
    body: Node | None
    parameters: tuple[Declared, ...] = field(default=())
    begin: Node | None = None
    process: Node | None = None
    end: Node | None = None
    advanced: bool = False
    what_if: bool = False
    high_impact: bool = False

    def __str__(self) -> str:
        return self.text


class WayOut(Exception):
    """Ends blocks; ``values`` is what they have put out so far."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__()
        self.values = values


class Jump(WayOut):
    """``break`` and ``continue``; ``label`` of the loop that is meant, empty for the innermost."""

    def __init__(self, values: list[Any], label: str = "") -> None:
        super().__init__(values)
        self.label = label


class Break(Jump):
    """``break``."""


class Continue(Jump):
    """``continue``."""


class Return(WayOut):
    """``return``, with what it gives."""


class Exit(Exception):
    """``exit``, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code
