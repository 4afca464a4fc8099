"""The argument parser of every command: errors in one line, with the option that was meant."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

__all__ = ["CommandParser"]


class CommandParser(argparse.ArgumentParser):
    """``usage_code`` is the exit code for wrong usage; parsers of sub-commands take it from the class."""

    usage_code = 2

    def error(self, message: str) -> NoReturn:
        """One line, without all options in front of it."""
        print(f"{self.prog}: {message} ('{self.prog} --help' has examples)", file=sys.stderr)
        raise SystemExit(self.usage_code)

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]  # argparse has overloads for it
        """As argparse; an unknown option is told with the nearest known one."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            options = [each for each in unknown if each.startswith("-")] or unknown
            near = difflib.get_close_matches(options[0].partition("=")[0], sorted(_options(self)), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return found

    def _print_message(self, message: str, file: Any = None) -> None:
        """Errors of the output are raised, not swallowed."""
        print(message, end="", file=file or sys.stderr)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _options(each)
