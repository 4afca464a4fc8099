"""What can go wrong in a script, in PowerShell's terms.

PsError                 an error record: catchable, may be non-terminating
├── ParameterError      a parameter cannot be bound
└── Unsupported         PowerShell that is not spoken here: never a silent no-op, never caught by a script's catch
    └── Endless         the script takes too many steps
"""

from __future__ import annotations

from typing import Any

from exoshell.powershell.values import Position
from fakeeop.errors import FakeEopError

__all__ = ["Endless", "ParameterError", "PsError", "Unsupported"]


class PsError(FakeEopError):
    """``error_id`` is the fully qualified error id, stable, for machines; ``category`` PowerShell's ErrorCategory.

    ``position`` is filled in by the interpreter if the command does not know it. ``terminating`` errors end their
    statement, the others do so with ``-ErrorAction Stop`` only. What ``ends`` is so, ends the script unless it is
    caught: what was thrown, and every error where Stop is in force.
    """

    def __init__(
        self,
        message: str,
        *,
        error_id: str = "RuntimeException",
        category: str = "NotSpecified",
        target: Any = None,
        position: Position | None = None,
        terminating: bool = True,
        ends: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id
        self.category = category
        self.target = target
        self.position = position
        self.terminating = terminating
        self.ends = ends
        self.catches: tuple[str, ...] = ()  # the classes that a catch block may name, where a script made it
        self.exception: Any = None  # the object that it threw
        self.put_out: list[Any] = []  # of the statements before it, in the same block


class ParameterError(PsError):
    """PowerShell's ParameterBindingException."""


class Unsupported(PsError):
    """``feature`` is what it is about: ``the operator -shl``."""

    def __init__(self, feature: str, position: Position | None = None) -> None:
        super().__init__(
            f"{feature}: not supported here (docs/powershell.md says what is)",
            error_id="NotSupported",
            category="NotImplemented",
            position=position,
        )
        self.feature = feature


class Endless(Unsupported):
    """So many steps that it must be an endless loop."""

    def __init__(self, position: Position | None = None) -> None:
        super().__init__("an endless loop", position)
        self.message = "The script takes too many steps; is there an endless loop?"
        self.args = (self.message,)
        self.error_id = "TooManySteps"
        self.category = "LimitsExceeded"
