"""Methods of Python called for a script: what goes wrong in them is an error of the script, in PowerShell's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exoshell.powershell.errors import PsError
from exoshell.powershell.values import Position

__all__ = ["guarded"]

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
