"""What scripts say besides their output, and the list of their errors."""

from __future__ import annotations

from exoshell.powershell.errors import NetError, PsError
from exoshell.powershell.exceptions import exception_of
from exoshell.powershell.host import Streams
from exoshell.powershell.values import ArrayList, Position, PsObject

__all__ = ["CommandStreams", "Recorder", "Speaking"]


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


class Speaking:
    """The streams of a session, and ``$Error``: the newest first."""

    def __init__(self, streams: Streams) -> None:
        self.streams = streams
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
        self.streams.error(error)

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
        self, speaking: Speaking, action: str, warning: str, position: Position, *, verbose: bool = False
    ) -> None:
        self._speaking = speaking
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
            self._speaking.streams.warning(text)

    def verbose(self, text: str) -> None:
        """Shown with -Verbose, or where $VerbosePreference is Continue."""
        if self._verbose:
            self._speaking.streams.verbose(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        """Shown."""
        self._speaking.streams.host(text, newline=newline)

    def confirm(self, question: str, what: str) -> bool:
        """Asked."""
        return self._speaking.streams.confirm(question, what)

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
            self._speaking.failures += 1
            return
        if self._action == "silentlycontinue":
            self._speaking.note(error)
        else:
            self._speaking.tell(error)
