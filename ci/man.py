"""Write docs/man/fakeeop.1 and docs/man/harness.1 from the command lines themselves.

Usage: python ci/man.py [--check]      --check writes nothing; exit code 1 if a page is out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from attrs import frozen

import fakeeop
import harness.cli
import harness.commands
from fakeeop.cli import exits, main
from fakeeop.pki.state import default_state_folder

__all__ = ["FAKEEOP", "HARNESS", "Program", "page"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "man"


@frozen
class Program:
    """What a page says besides its commands. ``about``: the line of NAME; ``commands``: as the program has them."""

    name: str
    about: str
    description: str
    commands: Mapping[str, tuple[str, str]]
    exit_codes: str
    environment: Mapping[str, str]
    files: Mapping[str, str]
    see_also: str


FAKEEOP = Program(
    "fakeeop",
    "an offline Exchange Online Protection for people who set up SMTP relays",
    "Plays the MX of a Microsoft 365 tenant, judges a relay by the tenant's inbound connectors as Exchange Online "
    "would, and says why. Unofficial, not affiliated with Microsoft. It delivers no mail.",
    main.COMMANDS,
    exits.TEXT,
    {
        "FAKEEOP_DEBUG": "If set, an error shows where it came from.",
        "NO_COLOR": "If set, no colours; FORCE_COLOR is the opposite.",
        "XDG_STATE_HOME": "Where the state folder is, if not below ~/.local/state.",
    },
    {"~/.local/state/fakeeop": "The state folder: the lab CA and the server's certificate."},
    ".BR harness (1)",
)
HARNESS = Program(
    "harness",
    "drives mail clients through scenarios and checks what client and server saw",
    "Runs scenarios against fakeeop: each has a world, clients, steps, and what both sides must have seen. "
    "Unofficial, not affiliated with Microsoft.",
    harness.commands.COMMANDS,
    harness.cli._EXITS,
    {
        "HARNESS_DEBUG": "If set, an error shows where it came from.",
        "HARNESS_...": "Every option of 'harness run' has a variable: HARNESS_STRICT=1, HARNESS_CLIENT=raw,smtplib.",
        "NO_COLOR": "If set, no colours; FORCE_COLOR is the opposite.",
    },
    {"./scenarios": "Where scenarios are looked for.", ".harness/runs": "The results of runs."},
    ".BR fakeeop (1)",
)


def page(program: Program) -> str:
    """The manual page, in the man macros of roff."""
    upper = program.name.upper()
    lines = [
        f'.TH {upper} 1 "" "fakeeop {fakeeop.__version__}" "User Commands"',
        *(".SH NAME", f"{program.name} \\- {_text(program.about)}"),
        *(".SH SYNOPSIS", f".B {program.name}", ".I COMMAND", "[ARGUMENTS]"),
        *(".SH DESCRIPTION", _text(program.description)),
        *(".PP", f"'{program.name} COMMAND \\-\\-help' tells what is told here of each command.".replace("'", "\\(aq")),
        ".SH COMMANDS",
    ]
    for name, (module, _) in program.commands.items():
        lines += _command(program.name, name, module)
    lines += [".SH EXIT STATUS", *_exit_codes(program.exit_codes)]
    for heading, entries in (("ENVIRONMENT", program.environment), ("FILES", program.files)):
        lines += [f".SH {heading}", *(line for term, text in entries.items() for line in _item(term, text))]
    lines += [".SH SEE ALSO", program.see_also]
    return "\n".join(lines) + "\n"


def _command(program: str, name: str, module_name: str) -> Iterator[str]:
    module = import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"{program} {name}", allow_abbrev=False)
    module.add_arguments(parser)
    yield f'.SS "{program} {name}"'
    yield from _paragraphs(module.HELP)
    yield from _arguments(parser)
    yield ".PP"
    yield "Examples:"
    yield from (".PP", ".RS 2", ".nf")
    yield from (_text(line[2:] if line.startswith("  ") else line) for line in module.EXAMPLES.rstrip().splitlines())
    yield from (".fi", ".RE")


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield ".PP"
                yield f".B {_text(each.prog)}"
                yield from _arguments(each)
        elif not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS:
            text = parser._get_formatter()._expand_help(action) if action.help else ""
            yield from _item(_term(action), text)


def _term(action: argparse.Action) -> str:
    value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else None)
    if isinstance(value, tuple):
        value = " ".join(value)
    if not action.option_strings:
        word = value or action.dest.upper()
        return {"?": f"[{word}]", "*": f"[{word} ...]", "+": f"{word} ..."}.get(str(action.nargs), word)
    flags = ", ".join(action.option_strings)
    if action.nargs == 0:
        return flags
    word = value or action.dest.upper()
    return f"{flags} {({'*': f'[{word} ...]', '+': f'{word} ...', '?': f'[{word}]'}).get(str(action.nargs), word)}"


def _item(term: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_text(term)}"
    yield _text(" ".join(text.split())) or "\\&"


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        yield from map(_text, paragraph.splitlines())


def _exit_codes(text: str) -> Iterator[str]:
    for code, meaning in re.findall(r"^ +(\d+) +(.+)$", text, flags=re.MULTILINE):
        yield from _item(code, meaning)


def _text(text: str) -> str:
    """A line of text that roff takes as it is; the state folder is that of anybody."""
    text = text.replace(str(default_state_folder()), "~/.local/state/fakeeop")
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti")
    return f"\\&{text}" if text.startswith(".") else text


def run(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    stale = []
    for program in (FAKEEOP, HARNESS):
        path, text = FOLDER / f"{program.name}.1", page(program)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in arguments:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    if stale and "--check" in arguments:
        print(f"docs/man: {', '.join(stale)} out of date: run python ci/man.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
