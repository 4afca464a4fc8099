"""What can go wrong in a script, in PowerShell's terms.

PsError                 an error record: catchable, may be non-terminating
├── ParameterError      a parameter cannot be bound
├── NetError            an exception of .NET, by its class and its bases
└── Unsupported         PowerShell that is not spoken here: never a silent no-op, never caught by a script's catch
    └── Endless         the script takes too many steps
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from exoshell.powershell.values import Position
from fakeeop.errors import FakeEopError

__all__ = ["EndlessLoop", "NetError", "ParameterError", "PsError", "Unsupported", "guarded"]


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


class NetError(PsError):
    """``types`` are the class and its bases, the most special first, for ``catch [Type]``.

    ``said`` stays .NET's text where a method call puts its own around it; ``inner`` are the inner exceptions,
    ``properties`` what else scripts read from such an exception. ``advice`` is ours: what to do, in addition to
    .NET's own text.
    """

    def __init__(
        self,
        message: str,
        types: tuple[str, ...] = ("System.Exception",),
        *,
        properties: Mapping[str, Any] = MappingProxyType({}),
        inner: tuple[Exception, ...] = (),
        advice: str = "",
        target: Any = None,
    ) -> None:
        name = types[0].rpartition(".")[2]
        super().__init__(message, error_id=name, category="InvalidOperation", target=target)
        self.types = types
        self.said = message
        self.properties = properties
        self.inner = inner
        self.advice = advice


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


class EndlessLoop(Unsupported):
    """So many steps that it must be an endless loop."""

    def __init__(self, position: Position | None = None) -> None:
        super().__init__("an endless loop", position)
        self.message = "The script takes too many steps; is there an endless loop?"
        self.args = (self.message,)
        self.error_id = "TooManySteps"
        self.category = "LimitsExceeded"


_MEANT = (ValueError, OverflowError, LookupError, ArithmeticError, OSError, MemoryError, AttributeError)


def guarded(name: str, count: int, position: Position, method: Callable[[], Any]) -> Any:
    """What ``method`` gives. Raises PsError: no such overload, or the method's own exception."""
    try:
        return method()
    except TypeError as why:
        raise PsError(
            f'Cannot find an overload for "{name}" and the argument count: "{count}".',
            error_id="MethodCountCouldNotFindBest",
            category="NotSpecified",
            position=position,
        ) from why
    except _MEANT as why:
        reason = (why.strerror if isinstance(why, OSError) else None) or str(why) or type(why).__name__
        raise PsError(
            f'Exception calling "{name}" with "{count}" argument(s): "{reason}"',
            error_id="MethodInvocationException",
            category="NotSpecified",
            position=position,
        ) from why
