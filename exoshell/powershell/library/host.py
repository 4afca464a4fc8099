"""What the general commands need of the outside: the clock, the width of the screen, the working folder, a person."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import define

from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.errors import PsError, Unsupported

__all__ = ["INPUT", "PROPERTY", "ShellHost", "made", "missing", "objects_of"]

INPUT = Param("InputObject", "object", from_pipeline="value", about="The objects; they come down the pipeline.")
PROPERTY = Param("Property", "objects", position=0, about="Names, wildcards, or @{Name=…; Expression={…}}.")


@define
class ShellHost:
    """``ask`` reads a line from a person (question, secret), None: nobody is there. ``folder`` is where relative paths
    begin and what Remove-Item may not leave. ``pause`` waits some seconds.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone()
    width: Callable[[], int] = lambda: 120
    folder: Callable[[], Path] = Path.cwd
    ask: Callable[[str, bool], str] | None = None
    pause: Callable[[float], Any] = lambda seconds: threading.Event().wait(seconds)

    def path(self, name: str) -> Path:
        """A path of a script; backslashes are separators. Raises PsError for a drive letter that is not here."""
        if len(name) > 1 and name[1] == ":" and name[0].isalpha():
            raise PsError(
                f"Cannot find drive. A drive with the name '{name[0]}' does not exist.",
                error_id="DriveNotFound",
                category="ObjectNotFound",
                target=name[0],
                terminating=False,
            )
        drive = name.partition(":")[0]
        if ":" in name and drive.isalpha():
            raise Unsupported(f"the drive {drive}:")
        return self.folder() / name.replace("\\", "/")

    def matching(self, name: str) -> list[Path]:
        """The files that a path with wildcards means, in order; one without is itself, there or not."""
        path = self.path(name)
        if not any(each in name for each in "*?["):
            return [path]
        parts = path.relative_to(path.anchor).parts
        at = next(number for number, each in enumerate(parts) if any(mark in each for mark in "*?["))
        return sorted(Path(path.anchor, *parts[:at]).glob("/".join(parts[at:])))

    def paths(self, invocation: Invocation, command: str) -> Iterator[Path]:
        """Those of -Path that are there; for each other an error is told."""
        given = invocation.get("Path")
        for name in given if isinstance(given, list) else [given]:
            try:
                found = self.matching(str(name))
            except Unsupported:
                raise
            except PsError as why:
                invocation.streams.error(why)
                continue
            for path in found:
                if path.exists():
                    yield path
                    continue
                invocation.streams.error(missing(command, path))


def missing(command: str, path: Path) -> PsError:
    """In PowerShell's words."""
    return PsError(
        f"Cannot find path '{path}' because it does not exist.",
        error_id=f"PathNotFound,Microsoft.PowerShell.Commands.{command}Command",
        category="ObjectNotFound",
        target=str(path),
        terminating=False,
    )


def objects_of(invocation: Invocation) -> list[Any]:
    """What came down the pipeline, or -InputObject."""
    if invocation.has_input:
        return invocation.input
    given = invocation.get("InputObject")
    return given if isinstance(given, list) else [] if given is None else [given]


def made(name: str, run: Callable[[Invocation], Any], parameters: Iterable[Param], about: str, **more: Any) -> Command:
    """A command of a family."""
    return Command(name, run, tuple(parameters), about, **more)
