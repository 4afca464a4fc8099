"""``harness clients``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.clients.base import Available
from harness.clients.registry import KNOWN, driver, status
from harness.clients.table import markdown_tables
from harness.commands.common import console, print_json

HELP = "The mail clients that scenarios can name: version, capabilities, or why they are missing."
EXAMPLES = """\
  harness clients
  harness clients --json
  harness clients --markdown          client x capability, as in docs/clients.md"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is printed."""
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--markdown", action="store_true", help="what they can do, as tables; nothing is probed")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    if arguments.markdown:
        print(markdown_tables(), end="")
        return 0
    entries = [_entry(name) for name in _known()]
    if arguments.json:
        print_json(entries)
        return 0
    from rich.table import Table  # noqa: PLC0415  start-up time of --json
    from rich.text import Text  # noqa: PLC0415  as above

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("client", "here", "what it is", "capabilities"):
        table.add_column(column, overflow="fold")
    for entry in entries:
        here = Text(entry["version"], "green") if entry["available"] else Text(entry["missing"], "yellow")
        table.add_row(Text(entry["name"]), here, entry["about"], ", ".join(entry["capabilities"]))
    console().print(table)
    return 0


def _known() -> tuple[str, ...]:

    return tuple(KNOWN)


def _entry(name: str) -> dict[str, Any]:

    found, built = status(name), driver(name)
    here = isinstance(found, Available)
    return {
        "name": name,
        "about": KNOWN[name].about,
        "available": here,
        "version": found.version if isinstance(found, Available) else "",
        "missing": "" if isinstance(found, Available) else found.reason,
        "install": "" if isinstance(found, Available) else found.install,
        "capabilities": sorted(built.capabilities) if built is not None else [],
        "observes": sorted(built.observes) if built is not None else [],
    }
