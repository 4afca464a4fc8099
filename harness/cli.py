"""``harness``: one command line, each command in a module of its own that is imported only when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from fakeeop.errors import FakeEopError, MissingExtra
from fakeeop.system.output import finished, prepared
from fakeeop.system.parser import CommandParser
from harness.commands import COMMANDS
from harness.errors import HarnessError, ScenarioError, WrongUsage

__all__ = ["COMMANDS", "main"]

_EXITS = """\
exit codes:
  0  all is well
  1  a case failed (or deviates, with --strict; or a known gap is closed)
  3  the harness could not do its work
  4  wrong usage, or a scenario that is wrong
  5  nothing selected
  130 interrupted; 141 nobody read the output to its end"""

_HELP = """\
harness: drives mail clients through scenarios and checks what client and server saw.
Unofficial, not affiliated with Microsoft.

usage: harness COMMAND [ARGUMENTS]

commands:
{commands}

options:
  -h, --help  this text; 'harness COMMAND --help' for a command
  --version   the version

examples:
  harness demo                              what this is about, in seconds
  harness run                               every scenario of ./scenarios
  harness run 'certificate/*' --client raw  some of them, one client
  harness run ip/wrong-ip-denied -v         one scenario, with its dialogue on failure
  harness lint scenarios                    are the files right?

{exits}

HARNESS_DEBUG=1 shows where an error came from; NO_COLOR switches colours off.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with prepared():
        return finished(lambda: _dispatch(arguments), "harness", 3)


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help", "help", ""):
        commands = "\n".join(f"  {name:<11}  {about}" for name, (_, about) in COMMANDS.items())
        text = _HELP.format(commands=commands, exits=_EXITS)
        print(text, end="", file=sys.stdout if first else sys.stderr)
        return 0 if first else 4
    if first == "--version":
        from importlib.metadata import version  # noqa: PLC0415  slow, and only here

        print(f"harness {version('fakeeop')}")
        return 0
    if first not in COMMANDS:
        import difflib  # noqa: PLC0415  only for a mistake

        near = difflib.get_close_matches(first, COMMANDS, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        print(f"harness: unknown command '{first}'{hint} ('harness --help' lists them)", file=sys.stderr)
        return 4
    return _run(first, arguments[1:])


def _run(name: str, arguments: list[str]) -> int:
    try:
        return _perform(name, arguments)
    except ImportError as why:
        missing = MissingExtra.of(f"harness {name}", why)
        if missing is None or os.environ.get("HARNESS_DEBUG"):
            raise
        print(missing, file=sys.stderr)
        return 3


def _perform(name: str, arguments: list[str]) -> int:
    module = import_module(COMMANDS[name][0])
    parser = _Parser(
        prog=f"harness {name}",
        description=module.HELP,
        epilog=f"examples:\n{module.EXAMPLES}\n\n{_EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    try:
        module.add_arguments(parser)
        return int(module.run(parser.parse_args(arguments)))
    except (HarnessError, FakeEopError) as why:
        if os.environ.get("HARNESS_DEBUG"):
            raise
        print(why if isinstance(why, ScenarioError) else f"harness {name}: {why}", file=sys.stderr)
        return 4 if isinstance(why, (ScenarioError, WrongUsage)) else 3


class _Parser(CommandParser):
    """With our exit code for wrong usage."""

    usage_code = 4
