"""``fakeeop completion``: the completion script of a shell, made from the command lines themselves."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fakeeop.cli import exits
from fakeeop.errors import MissingExtra

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["EXAMPLES", "HELP", "SHELLS", "add_arguments", "run", "whole_parser"]

HELP = "Print the script that lets a shell complete the commands, options and files of fakeeop."
EXAMPLES = """\
  fakeeop completion bash > ~/.local/share/bash-completion/completions/fakeeop
  fakeeop completion zsh > ~/.zfunc/_fakeeop        with 'fpath+=(~/.zfunc)' before compinit in ~/.zshrc
  fakeeop completion fish > ~/.config/fish/completions/fakeeop.fish
"""

SHELLS = ("bash", "zsh", "fish")
_FILES = ("DIR", "F", "FILE", "FILE|system", "TENANT")  # the metavars of names of files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shell."""
    parser.add_argument("shell", choices=SHELLS, help="which shell")


def run(args: argparse.Namespace) -> int:
    """Print it. Raises MissingExtra if shtab is not installed."""
    shtab = _shtab()
    print(shtab.complete(whole_parser(args.commands, shtab.FILE, shtab.DIRECTORY), args.shell))
    return exits.FINE


def _shtab() -> ModuleType:
    try:
        return import_module("shtab")
    except ImportError as why:
        raise MissingExtra("completion", "shtab", "completion") from why


def whole_parser(table: Mapping[str, tuple[str, str]], file: object, folder: object) -> argparse.ArgumentParser:
    """All commands of a table in one parser; ``file`` and ``folder`` say how shtab completes their names."""
    parser = argparse.ArgumentParser(prog="fakeeop")
    parser.add_argument("--version", action="store_true", help="the version")
    commands = parser.add_subparsers(dest="command")
    for name, (module, about) in table.items():
        command = commands.add_parser(name, help=about, description=about)
        import_module(module).add_arguments(command)
        _mark(command, file, folder)
    return parser


def _mark(parser: argparse.ArgumentParser, file: object, folder: object) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _mark(each, file, folder)
        elif action.type is Path or action.metavar in _FILES:
            action.complete = folder if action.metavar == "DIR" else file  # type: ignore[attr-defined]  # for shtab
