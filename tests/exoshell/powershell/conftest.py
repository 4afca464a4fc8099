"""A session with the general commands, in a folder of its own, at a moment of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.streams import Recorder

MOMENT = datetime(2026, 11, 24, 12, 36, tzinfo=UTC)


@define
class Outcome:
    """What a script put out until it ended, what it said, and what ended it."""

    values: list[Any] = field(factory=list)
    said: list[tuple[str, str]] = field(factory=list)
    errors: list[PsError] = field(factory=list)
    end: PsError | None = None

    @property
    def hosted(self) -> list[str]:
        """The lines of Write-Host."""
        return [text.rstrip("\n") for kind, text in self.said if kind == "host"]

    @property
    def told(self) -> list[str]:
        """The messages of errors that did not end it."""
        return [each.message for each in self.errors]


Play = Callable[..., Outcome]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    def run(text: str, *arguments: Any, path: str = "", answers: tuple[bool, ...] = ()) -> Outcome:
        registry, streams = Registry(), Recorder(list(answers))
        add_general_commands(registry, ShellHost(lambda: MOMENT, lambda: 80, lambda: tmp_path))
        outcome = Outcome(said=streams.said, errors=streams.errors)
        try:
            session = Interpreter(registry, streams, now=lambda: MOMENT, steps=20_000)
            session.run(text, path, arguments, outcome.values.extend)
        except PsError as why:
            outcome.end = why
        return outcome

    return run
