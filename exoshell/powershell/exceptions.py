"""Exceptions of .NET in scripts: ``[System.Exception]::new('…')``, and what ``catch [Type]`` catches."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from exoshell.powershell.conversions import text_of
from exoshell.powershell.errors import NetError, ParameterError, PsError
from exoshell.powershell.host import Registry
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["add_exceptions", "exception_of", "type_names"]

_RUNTIME: Final = "System.Management.Automation.RuntimeException"
_NAMES: Final = (
    *("System.Exception", "System.ApplicationException", "System.ArgumentException", "System.ArgumentNullException"),
    *("System.ArgumentOutOfRangeException", "System.FormatException", "System.InvalidOperationException"),
    *("System.InvalidCastException", "System.NotSupportedException", "System.NotImplementedException"),
    *("System.TimeoutException", "System.UnauthorizedAccessException", "System.IO.IOException"),
    *("System.IO.FileNotFoundException", "System.IO.DirectoryNotFoundException", "System.Net.WebException"),
    *("System.Security.SecurityException", _RUNTIME, "System.Management.Automation.ItemNotFoundException"),
)
# By the beginning of the error id: the types that a catch block may name, the most special first.
_BY_ID: Final = {
    "CommandNotFoundException": ("System.Management.Automation.CommandNotFoundException",),
    "PathNotFound": ("System.Management.Automation.ItemNotFoundException",),
    "DriveNotFound": ("System.Management.Automation.DriveNotFoundException",),
    "DivideByZero": ("System.DivideByZeroException", "System.Management.Automation.RuntimeException"),
    "InvalidCast": ("System.Management.Automation.PSInvalidCastException", "System.InvalidCastException"),
    "MethodInvocation": ("System.Management.Automation.MethodInvocationException",),
    "MethodNotFound": ("System.Management.Automation.RuntimeException", "System.InvalidOperationException"),
    "Microsoft.PowerShell.Commands.WriteErrorException": ("Microsoft.PowerShell.Commands.WriteErrorException",),
    "ArgumentException": ("System.ArgumentException",),
}
# Whom they are kinds of, besides Exception.
_BASES: Final = {
    "System.ArgumentNullException": ("System.ArgumentException",),
    "System.ArgumentOutOfRangeException": ("System.ArgumentException",),
    "System.IO.FileNotFoundException": ("System.IO.IOException",),
    "System.IO.DirectoryNotFoundException": ("System.IO.IOException",),
    "System.DivideByZeroException": ("System.ArithmeticException",),
    "System.Net.WebException": ("System.InvalidOperationException",),
    "System.Management.Automation.ItemNotFoundException": ("System.Management.Automation.SessionStateException",),
    "System.Management.Automation.DriveNotFoundException": ("System.Management.Automation.SessionStateException",),
}


def type_names(error: PsError) -> tuple[str, ...]:
    """The classes of its exception, the most special first, with those that they are kinds of."""
    own = _own_names(error)
    return tuple(dict.fromkeys([*own[:-1], *(base for name in own for base in _BASES.get(name, ())), own[-1]]))


def _own_names(error: PsError) -> tuple[str, ...]:
    declared = (*(error.types if isinstance(error, NetError) else ()), *error.catches)
    if declared:
        return (*declared, "System.Exception")
    if isinstance(error, ParameterError):
        return "System.Management.Automation.ParameterBindingException", _RUNTIME, "System.Exception"
    known = next((names for start, names in _BY_ID.items() if error.error_id.startswith(start)), ())
    first = error.error_id.split(",")[0]
    own = (first,) if first.endswith("Exception") and not known else ()
    return (*own, *known, _RUNTIME, "System.Exception")


def exception_of(error: PsError) -> PsObject:
    """``$_.Exception``."""
    if isinstance(error.exception, PsObject):
        return error.exception
    made = PsObject.of({"Message": error.message, "InnerException": None}, type_names(error)[0])
    if error.error_id == "CommandNotFoundException":
        made.properties["CommandName"] = error.target
    made.methods["ToString"] = lambda: f"{made.type_name}: {error.message}"
    return made


def _new(type_name: str, given: list[Any]) -> PsObject:
    """``([message[, inner]])``. Throwing it raises ``inner`` of the object."""
    message = text_of(given[0]) if given else f"Exception of type '{type_name}' was thrown."
    inner = given[1] if len(given) > 1 else None
    made = PsObject(HashTable({"Message": message, "InnerException": inner}), type_name)
    made.methods["ToString"] = lambda: f"{type_name}: {message}"
    error = PsError(message, error_id=message, category="OperationStopped", ends=True)
    error.catches, error.exception = (type_name,), made
    made.inner = error
    return made


def add_exceptions(registry: Registry) -> None:
    """For New-Object and ``[Type]::new()``."""
    for name in _NAMES:
        registry.add_type(name, partial(_new, name))
        registry.add_type(name.rpartition(".")[2], partial(_new, name))
