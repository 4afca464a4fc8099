"""What scripts say besides their output: streams, errors as records and exceptions, what redirections do with them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from attrs import define, field, frozen

from exoshell.powershell.commands import Registry, Streams
from exoshell.powershell.conversions import text_of
from exoshell.powershell.errors import NetError, ParameterError, PsError, Unsupported
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import ArrayList, HashTable, Position, PsObject

__all__ = [
    "CommandStreams",
    "Recorder",
    "RedirectedStreams",
    "Redirection",
    "SessionStreams",
    "add_exceptions",
    "exception_of",
    "parted",
    "redirections_of",
    "type_names",
]

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


class Recorder:
    """Streams that remember, for tests and programs; ``answers`` is what confirmations get, in turn."""

    def __init__(self, answers: list[bool] | None = None) -> None:
        self.said: list[tuple[str, str]] = []
        self.errors: list[PsError] = []
        self._answers = list(answers or [])

    def warning(self, text: str) -> None:
        """Remembered."""
        self.said.append(("warning", text))

    def verbose(self, text: str) -> None:
        """Remembered."""
        self.said.append(("verbose", text))

    def host(self, text: str, *, newline: bool = True) -> None:
        """Remembered."""
        self.said.append(("host", text + ("\n" if newline else "")))

    def error(self, error: Exception) -> None:
        """Remembered."""
        assert isinstance(error, PsError)  # noqa: S101  the interpreter makes no other
        self.errors.append(error)

    def confirm(self, question: str, what: str) -> bool:
        """The next answer; an error where there is none."""
        if not self._answers:
            raise PsError(
                f"{question} {what}: nobody is there to confirm it. Fix: add -Confirm:$false", error_id="NonInteractive"
            )
        return self._answers.pop(0)


class SessionStreams:
    """The streams of a session, and ``$Error``: the newest first."""

    def __init__(self, target: Streams) -> None:
        self.target = target
        self.errors = ArrayList()
        self.failures = 0  # errors so far, shown or not: what ``$?`` is about

    def of(self, action: str, warning: str, position: Position, *, verbose: bool = False) -> CommandStreams:
        """Those of one command, by its -ErrorAction, -WarningAction and -Verbose."""
        return CommandStreams(self, action, warning.lower(), position, verbose=verbose)

    def note(self, error: PsError) -> None:
        """Into ``$Error``, without a word."""
        self.failures += 1
        self.errors.insert(0, self.record(error))

    def tell(self, error: PsError) -> None:
        """Into ``$Error``, and shown."""
        self.note(error)
        self.target.error(error)

    @staticmethod
    def record(error: PsError) -> PsObject:
        """An error record, as ``$_`` in a catch block."""
        exception = exception_of(error)
        if isinstance(error, NetError):
            exception.properties["InnerException"] = _exception(error)
        exception.methods["ToString"] = lambda: error.message
        place = error.position
        made = PsObject.of(
            {
                "Exception": exception,
                "TargetObject": error.target,
                "CategoryInfo": PsObject.of(
                    {"Category": error.category, "Reason": exception.type_name.rpartition(".")[2]}
                ),
                "FullyQualifiedErrorId": error.error_id,
                "InvocationInfo": PsObject.of(
                    {
                        "ScriptLineNumber": place.line if place else 0,
                        "OffsetInLine": place.column if place else 0,
                        "Line": place.text if place else "",
                        "PositionMessage": str(place) if place else "",
                    }
                ),
                "ScriptStackTrace": str(place) if place else "",
            },
            "System.Management.Automation.ErrorRecord",
        )
        made.methods["ToString"] = lambda: error.message
        made.inner = error
        return made


def _exception(error: NetError) -> PsObject:
    """An exception of .NET, with what scripts read from it."""
    inner = [_exception(each) if isinstance(each, NetError) else each for each in error.inner]
    names = {"Message": error.said, **error.properties}
    return PsObject.of({**names, "InnerExceptions": inner, "InnerException": next(iter(inner), None)}, error.types[0])


class CommandStreams:
    """``Streams`` of one command."""

    def __init__(
        self, session: SessionStreams, action: str, warning: str, position: Position, *, verbose: bool = False
    ) -> None:
        self._session = session
        self._action = action
        self._warning = warning
        self._position = position
        self._verbose = verbose
        self.errors: list[PsError] = []

    def warning(self, text: str) -> None:
        """Shown, unless -WarningAction says otherwise."""
        if self._warning == "stop":
            raise PsError(text, error_id="ActionPreferenceStop", position=self._position)
        if self._warning not in ("silentlycontinue", "ignore"):
            self._session.target.warning(text)

    def verbose(self, text: str) -> None:
        """Shown with -Verbose, or where $VerbosePreference is Continue."""
        if self._verbose:
            self._session.target.verbose(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        """Shown."""
        self._session.target.host(text, newline=newline)

    def confirm(self, question: str, what: str) -> bool:
        """Asked."""
        return self._session.target.confirm(question, what)

    def error(self, error: Exception) -> None:
        """A non-terminating error: by -ErrorAction."""
        if not isinstance(error, PsError):
            raise error
        error.position = error.position or self._position
        self.errors.append(error)
        if self._action == "stop":
            error.ends = True
            raise error
        if self._action == "ignore":
            self._session.failures += 1
            return
        if self._action == "silentlycontinue":
            self._session.note(error)
        else:
            self._session.tell(error)


_WORD: Final = re.compile(r"(?P<stream>[1-6*])?(?P<sign>>>?)\s*(?P<target>.*)", re.DOTALL)
_OUTPUT: Final = ("", "1", "*")


@frozen
class Redirection:
    """``stream``: 1 output, 2 errors, 3 warnings, 4 verbose, 6 the screen, ``*`` all. ``file`` is None for nowhere, and
    for errors among the output (``merged``).
    """

    stream: str
    file: Node | None = None
    append: bool = False
    merged: bool = False

    @property
    def of_output(self) -> bool:
        """Does the output go elsewhere?"""
        return self.stream in _OUTPUT and not self.merged


def parted(elements: list[Node]) -> tuple[list[Node], list[Redirection]]:
    """The arguments of a command, and its redirections. Raises Unsupported."""
    rest: list[Node] = []
    found: list[Redirection] = []
    for each in elements:
        if each.kind in ("redirection", "redirections"):
            found += redirections_of(each)
        elif each.kind == "generic_token" and _WORD.fullmatch(each.word):  # without a blank the grammar takes a word
            found.append(_one(each, None))
        else:
            rest.append(each)
    return rest, found


def redirections_of(node: Node) -> list[Redirection]:
    """Of one node of the grammar. Raises Unsupported."""
    if node.kind == "redirections":
        return [one for each in node.of("redirection") for one in redirections_of(each)]
    name = node.first("redirected_file_name")
    return [_one(node, name.parts[-1] if name is not None and name.parts else None)]


def _one(node: Node, name: Node | None) -> Redirection:
    match = _WORD.fullmatch(node.word.strip())
    if match is None:
        raise Unsupported(f"the redirection {node.word.strip()}", node.position)
    stream, target = match["stream"] or "1", match["target"].strip()
    if target.lower() == "$null":
        return Redirection(stream)
    if target == "&1" and stream == "2":
        return Redirection(stream, merged=True)
    if stream not in _OUTPUT or target.startswith("&") or not target or stream == "*":
        raise Unsupported(f"the redirection {node.word.strip()}", node.position)
    if name is None:
        at = node.start + len(node.word.encode()) - len(target.encode())
        name = Node("generic_token", target, at, node.end, node.source)
        if "$" in target:
            raise Unsupported(f"the redirection {node.word.strip()} without a blank", node.position)
    return Redirection(stream, name, append=match["sign"] == ">>")


@define
class RedirectedStreams:
    """``Streams`` without those that are redirected; errors that go to the output are kept."""

    streams: Streams
    silent: frozenset[str]
    merged: bool = False
    kept: list[Exception] = field(factory=list)

    def _speaks(self, stream: str) -> bool:
        return not self.silent & {stream, "*"}

    def warning(self, text: str) -> None:
        """Stream 3."""
        if self._speaks("3"):
            self.streams.warning(text)

    def verbose(self, text: str) -> None:
        """Stream 4."""
        if self._speaks("4"):
            self.streams.verbose(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        """Stream 6."""
        if self._speaks("6"):
            self.streams.host(text, newline=newline)

    def error(self, error: Exception) -> None:
        """Stream 2."""
        if self.merged and isinstance(error, PsError):
            self.kept.append(error)
        elif self._speaks("2"):
            self.streams.error(error)

    def confirm(self, question: str, what: str) -> bool:
        """Asked all the same."""
        return self.streams.confirm(question, what)
