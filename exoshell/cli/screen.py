"""Where ``fakeeop exo`` shows what a script says: output to stdout, the rest to stderr, in PowerShell's forms."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator

from attrs import define, field

from exoshell.powershell.errors import PsError
from fakeeop.cli.style import Style

__all__ = ["Screen", "error_lines", "screen_width"]


def screen_width() -> int:
    """Of the terminal; 120 where there is none."""
    return shutil.get_terminal_size((120, 25)).columns


def error_lines(error: PsError) -> Iterator[str]:
    """The message, where it happened, what kind of error it is."""
    position = error.position
    text = position.text if position else ""
    at = position.column - 1 if position else 0
    found = re.match(r"[^\s;|(){},]+", text[at:])
    word = found[0] if found else ""
    named = f"{word} : " if "-" in word and word[:1].isalpha() else ""
    yield from f"{named}{error.message}".splitlines()
    if position and position.line:
        yield f"At {position.path or 'line'}:{position.line} char:{position.column}"
        yield f"+ {text.strip()}"
        indent = max(at - (len(text) - len(text.lstrip())), 0)
        yield f"+ {' ' * indent}{'~' * max(len(word), 1)}"
    kind = error.catches[0].rpartition(".")[2] if error.catches else error.error_id.split(",")[0]
    yield f"    + CategoryInfo          : {error.category}: (:) [{word if named else ''}], {kind}"
    yield f"    + FullyQualifiedErrorId : {error.error_id}"
    for each in (getattr(error, "advice", ""), *map(str, getattr(error, "inner", ()))):
        if each:
            yield f"    {each}"


@define
class Screen:
    """``Streams`` of a terminal. ``ask`` reads an answer, None: nobody is there. ``failed``: an error was shown."""

    ask: Callable[[str, bool], str] | None = None
    quiet: bool = False  # Write-Host goes to stderr: stdout is for machines
    failed: bool = False
    style: Style = field(factory=lambda: Style(sys.stderr))
    _all: bool = False

    def warning(self, text: str) -> None:
        """To stderr."""
        print(self.style.yellow(f"WARNING: {text}"), file=sys.stderr)

    def verbose(self, text: str) -> None:
        """To stderr."""
        print(self.style.dim(f"VERBOSE: {text}"), file=sys.stderr)

    def host(self, text: str, *, newline: bool = True) -> None:
        """To stdout."""
        print(text, end="\n" if newline else "", file=sys.stderr if self.quiet else sys.stdout)

    def error(self, error: Exception) -> None:
        """To stderr, in red on a terminal."""
        if not isinstance(error, PsError):
            raise error
        self.failed = True
        sys.stdout.flush()
        for line in error_lines(error):
            print(self.style.red(line), file=sys.stderr)

    def confirm(self, question: str, what: str) -> bool:
        """[Y] Yes, [A] Yes to All, [N] No. Raises PsError where nobody can answer."""
        if self._all:
            return True
        if self.ask is None:
            raise PsError(
                f"{question} {what}: nobody is there to confirm it. Fix: add -Confirm:$false",
                error_id="NonInteractive", category="InvalidOperation",
            )  # fmt: skip
        answer = self.ask(f'Confirm\n{question}\n[Y] Yes  [A] Yes to All  [N] No (default is "Y"): ', False)
        self._all = answer.strip().casefold() == "a"
        return answer.strip().casefold() in ("", "y", "yes", "a")
