"""The interactive shell: lines with history and completion, more lines until a statement is complete."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from fakeeop.errors import MissingExtra

__all__ = ["Prompt", "Terminal", "interact"]


class Prompt(Protocol):
    """Reads lines from a person."""

    def line(self, question: str) -> str:
        """One line. Raises EOFError at the end, KeyboardInterrupt for ctrl-C."""

    def answer(self, question: str, secret: bool) -> str:
        """To a question of a script; not kept in the history."""


class _Session(Protocol):
    def is_complete(self, text: str) -> bool: ...

    def complete(self, text: str) -> list[str]: ...


def interact(session: _Session, prompt: Prompt, run: Callable[[str], Any]) -> None:
    """Read, run, until the end of input. ctrl-C drops what was typed, or ends what runs."""
    typed = ""
    while True:
        try:
            line = prompt.line(">> " if typed else "PS> ")
        except EOFError:
            return
        except KeyboardInterrupt:
            typed = ""
            continue
        # An empty line ends a statement that never becomes complete, as in PowerShell: the error says what is missing.
        text = f"{typed}\n{line}" if typed else line
        if line.strip() and not session.is_complete(text):
            typed = text
            continue
        typed = ""
        if text.strip():
            try:
                run(text)
            except KeyboardInterrupt:
                continue


class Terminal:
    """``Prompt`` with prompt_toolkit; ``history`` is a file."""

    def __init__(self, session: _Session, history: Path | None) -> None:
        try:
            from prompt_toolkit import PromptSession  # noqa: PLC0415  optional, and only on a terminal
            from prompt_toolkit.history import FileHistory, InMemoryHistory  # noqa: PLC0415  as above
        except ImportError as why:
            raise MissingExtra("exo", str(why.name), "exo") from why

        if history is not None:
            history.touch(mode=0o600)  # what was typed may hold a password
        kept = InMemoryHistory() if history is None else FileHistory(str(history))
        self._prompt: PromptSession[str] = PromptSession(
            history=kept, completer=_completer(session), complete_while_typing=False
        )

    def line(self, question: str) -> str:
        """One line."""
        return self._prompt.prompt(question)

    @staticmethod
    def answer(question: str, secret: bool) -> str:
        """Of ``input``, or without an echo."""
        return getpass.getpass(question) if secret else input(question)


def _completer(session: _Session) -> Any:
    from prompt_toolkit.completion import Completer, Completion  # noqa: PLC0415  only on a terminal: start-up time

    class Words(Completer):
        """Of the session."""

        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            del complete_event
            text = document.text_before_cursor
            word = text.split()[-1] if text and not text[-1].isspace() else ""
            for cut in "|;({=,":
                word = word.rpartition(cut)[2]
            for each in session.complete(text):
                yield Completion(each, start_position=-len(word))

    return Words()
