"""``harness completion``: the completion script of a shell, made from the command lines themselves."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from fakeeop.errors import MissingExtra
from harness.commands import COMMANDS

HELP = "Print the script that lets a shell complete the commands, options and files of harness."
EXAMPLES = """\
  harness completion bash > ~/.local/share/bash-completion/completions/harness
  harness completion zsh > ~/.zfunc/_harness        with 'fpath+=(~/.zfunc)' before compinit in ~/.zshrc
  harness completion fish > ~/.config/fish/completions/harness.fish"""
SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shell."""
    parser.add_argument("shell", choices=SHELLS, help="which shell")


def run(arguments: argparse.Namespace) -> int:
    """Print it. Raises MissingExtra if shtab is not installed."""
    try:
        shtab = import_module("shtab")
    except ImportError as why:
        raise MissingExtra("completion", "shtab", "completion") from why
    print(shtab.complete(whole_parser(shtab.FILE, shtab.DIRECTORY), arguments.shell))
    return 0


def whole_parser(file: object, folder: object) -> argparse.ArgumentParser:
    """All commands in one parser; ``file`` and ``folder`` say how shtab completes their names."""
    parser = argparse.ArgumentParser(prog="harness")
    parser.add_argument("--version", action="store_true", help="the version")
    commands = parser.add_subparsers(dest="command")
    for name, (module, about) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about)
        import_module(module).add_arguments(command)
        for action in command._actions:
            if action.type is Path or action.metavar in ("DIR", "SELECTION"):
                action.complete = folder if action.metavar == "DIR" else file  # type: ignore[attr-defined]  # for shtab
    return parser
