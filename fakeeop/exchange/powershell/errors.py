"""What can go wrong in a script, in PowerShell's terms.

PsError                 an error record: catchable, may be non-terminating
├── ParameterError      a parameter cannot be bound
└── Unsupported         PowerShell that is not spoken here: never a silent no-op, never caught by a script's catch
"""

from __future__ import annotations

from typing import Any

from fakeeop.errors import FakeEopError
from fakeeop.exchange.powershell.values import Position

__all__ = ["ParameterError", "PsError", "Unsupported"]


class PsError(FakeEopError):
    """``error_id`` is the fully qualified error id, stable, for machines; ``category`` PowerShell's ErrorCategory.

    ``position`` is filled in by the interpreter if the command does not know it. ``terminating`` errors end the script
    unless it catches them; the others do so with ``-ErrorAction Stop`` only.
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
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id
        self.category = category
        self.target = target
        self.position = position
        self.terminating = terminating


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
