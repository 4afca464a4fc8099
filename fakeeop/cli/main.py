"""``fakeeop``: one command line, each command in a module of its own that is imported only when it is called."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from fakeeop import __version__
from fakeeop.cli import exits
from fakeeop.errors import CertificateFileError, ConfigError, ListenError, MissingExtra, RemoteError, StoreError
from fakeeop.system.output import finished, prepared
from fakeeop.system.parser import CommandParser

__all__ = ["COMMANDS", "main"]

# command → its module, and what it does in one line
COMMANDS = {
    "serve": ("fakeeop.cli.serve.command", "run the emulator: a mail exchanger that judges and says why"),
    "explain": ("fakeeop.cli.explain", "what would the service say, and why? from facts alone, no server"),
    "doctor": ("fakeeop.cli.doctor", "what does a server say to my relay, and what does it mean? sends no mail"),
    "trace": ("fakeeop.cli.trace", "message trace: what happened to each accepted message, by recipient"),
    "journal": ("fakeeop.cli.journal", "what came, and why it was judged so? reads what serve keeps"),
    "ready": ("fakeeop.cli.ready", "does a server answer? waits until it does"),
    "init": ("fakeeop.cli.init", "a first tenant file, with comments, and how to try it"),
    "check": ("fakeeop.cli.check", "is this tenant file right? errors and warnings"),
    "import": ("exoshell.cli.import_", "a tenant file made of a real tenant's export"),
    "export": ("exoshell.cli.export", "the PowerShell that makes a tenant"),
    "diff": ("exoshell.cli.diff", "two tenants, connector by connector: what differs?"),
    "exo": ("exoshell.cli.exo", "PowerShell for Exchange Online, run offline; a shell without a script"),
    "certs": ("fakeeop.cli.certs", "the certificate lab: make client certificates of every kind, look at one"),
    "schema": ("fakeeop.cli.schema", "print the JSON Schema of a file"),
    "completion": ("fakeeop.cli.completion", "print the completion script of a shell"),
    "knobs": ("fakeeop.cli.knobs", "the settings for what is not known of the service"),
    "replies": ("fakeeop.cli.replies", "every reply of the service, its cause, its source"),
    "headers": ("fakeeop.cli.headers.command", "the hops of a message, and: did it go through the connector?"),
    "read-ndr": ("fakeeop.cli.read_ndr", "explain a bounce or a log line: who refused, why, what to do"),
    "eras": ("fakeeop.cli.eras", "what the service did differently, and until when"),
}

_TOLD = (CertificateFileError, ConfigError, ListenError, MissingExtra, RemoteError, StoreError, exits.UsageError)
NOTICE = "fakeeop: an offline Exchange Online Protection. Unofficial, not affiliated with Microsoft."

_HELP = """\
{notice}

usage: fakeeop COMMAND [ARGUMENTS]

commands:
{commands}

options:
  -h, --help  this text; 'fakeeop COMMAND --help' for a command
  --version   the version

examples:
  fakeeop serve                                   the sample tenant on 127.0.0.1:2525
  fakeeop check tenant.yaml                       is my tenant file right?
  fakeeop explain 5.7.64                          what does this code mean?
  fakeeop certs make --name mail.contoso.com      certificates for my relay, good and bad

{exits}

FAKEEOP_DEBUG=1 shows where an error came from; NO_COLOR switches colours off.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (``fakeeop.cli.exits``)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with prepared():
        return finished(lambda: _told(arguments), "fakeeop", exits.ENVIRONMENT)


def _told(arguments: list[str]) -> int:
    """The code of the command; errors that are not bugs are one line each."""
    try:
        return _dispatch(arguments)
    except ImportError as why:
        missing = MissingExtra.of(f"fakeeop {arguments[0]}", why)
        if missing is None or os.environ.get("FAKEEOP_DEBUG"):
            raise
        print(missing, file=sys.stderr)
        return exits.ENVIRONMENT
    except _TOLD as why:
        if os.environ.get("FAKEEOP_DEBUG"):
            raise
        return _complain(why, arguments)


def _complain(why: Exception, arguments: Sequence[str]) -> int:
    name = f"fakeeop {arguments[0]}"
    if isinstance(why, ConfigError):
        for problem in why.problems:
            print(problem, file=sys.stderr)
        return exits.INPUT
    print(f"{name}: {why}", file=sys.stderr)
    if isinstance(why, exits.UsageError):
        return exits.USAGE
    return exits.INPUT if isinstance(why, CertificateFileError) else exits.ENVIRONMENT


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help", "help"):
        print(_help(), end="")
        return exits.FINE
    if first == "--version":
        print(f"fakeeop {__version__}")
        return exits.FINE
    if first not in COMMANDS:
        return _no_command(first)
    gc.disable()  # loading makes next to no garbage: to look for it takes some of the time that a start may take
    module = import_module(COMMANDS[first][0])
    gc.enable()
    return _run(first, module, arguments[1:])


def _run(name: str, module: ModuleType, arguments: list[str]) -> int:
    class Parser(CommandParser):
        """With what a command has to add to its help."""

        def format_help(self) -> str:
            more = getattr(module, "more_help", None)
            return super().format_help() + (more() if more is not None else "")

    parser = Parser(
        prog=f"fakeeop {name}",
        description=module.HELP,
        epilog=f"examples:\n{module.EXAMPLES.rstrip()}\n\n{exits.TEXT}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args(arguments, argparse.Namespace(commands=COMMANDS)))
    return code


def _no_command(name: str) -> int:
    if not name:
        print(_help(), end="", file=sys.stderr)
        return exits.USAGE
    import difflib  # noqa: PLC0415  only for a mistyped command

    close = difflib.get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(COMMANDS)}"
    print(f"fakeeop: no command {name!r}: {hint} ('fakeeop --help' tells more)", file=sys.stderr)
    return exits.USAGE


def _help() -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {line}" for name, (_, line) in COMMANDS.items())
    return _HELP.format(notice=NOTICE, commands=commands, exits=exits.TEXT)


if __name__ == "__main__":
    sys.exit(main())
