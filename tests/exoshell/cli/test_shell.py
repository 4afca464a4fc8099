"""The loop of the shell, with lines that a test types."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from exoshell.cli.shell import Terminal, interact
from fakeeop.errors import MissingExtra


class Session:
    """Complete when the braces are."""

    def is_complete(self, text: str) -> bool:
        return text.count("{") <= text.count("}")

    def complete(self, text: str) -> list[str]:
        return [each for each in ("Get-InboundConnector", "Get-Help") if each.startswith(text.split()[-1])]


class Typed:
    """Lines, and exceptions among them; then the end of input."""

    def __init__(self, *lines: str | BaseException) -> None:
        self.lines = list(lines)
        self.questions: list[str] = []

    def line(self, question: str) -> str:
        self.questions.append(question)
        if not self.lines:
            raise EOFError
        line = self.lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line

    def answer(self, question: str, secret: bool) -> str:
        raise AssertionError((question, secret))


def ran(typed: Typed) -> list[str]:
    found: list[str] = []
    interact(Session(), typed, found.append)
    return found


def test_more_lines_are_asked_for_until_a_statement_is_complete():
    typed = Typed("if ($x) {", "1", "}", "2")
    assert ran(typed) == ["if ($x) {\n1\n}", "2"]
    assert typed.questions == ["PS> ", ">> ", ">> ", "PS> ", "PS> "]


def test_an_empty_line_runs_what_is_incomplete_so_that_its_error_is_told():
    assert ran(Typed("if {", "", "", "2")) == ["if {\n", "2"]


def test_ctrl_c_drops_what_was_typed():
    assert ran(Typed("if {", KeyboardInterrupt(), "2")) == ["2"]


def test_ctrl_c_ends_what_runs_and_not_the_shell():
    found = []

    def run(text: str) -> None:
        found.append(text)
        raise KeyboardInterrupt

    interact(Session(), Typed("1", "2"), run)
    assert found == ["1", "2"]


@pytest.mark.parametrize("line", ["Get-Help", "Get-InboundConnector | fl"])
def test_a_terminal_keeps_its_history_to_itself(tmp_path: Path, line: str):
    history = tmp_path / "history"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(f"{line}\r")
        assert Terminal(Session(), history).line("PS> ") == line
    assert f"+{line}" in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_the_end_of_input_ends_it():
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("\x04")
        terminal: Any = Terminal(Session(), None)
        interact(Session(), terminal, lambda text: pytest.fail(text))


def test_without_prompt_toolkit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    with pytest.raises(MissingExtra, match=r"pip install 'fakeeop\[exo\]'"):
        Terminal(Session(), None)
