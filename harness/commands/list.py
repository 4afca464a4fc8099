"""``harness list``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from harness.commands.common import (
    add_selection,
    cases_of,
    console,
    left_out,
    nothing,
    print_json,
    scenario_root,
    selection_of,
)
from harness.engine.lab import Lab
from harness.reporters.summary import counted
from harness.steps.capabilities import unmet

HELP = "List cases: id, level, tags, and whether they can run here."
EXAMPLES = """\
  harness list
  harness list 'certificate/*' --client smtplib
  harness list --tag knob --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Selectors and --json."""
    add_selection(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""

    root = scenario_root(arguments.root, arguments.selectors)
    selection = selection_of(arguments, root)
    lab = Lab()
    entries = []
    for case in cases_of(root, selection):
        missing = unmet(case, lab)
        scenario = case.scenario
        entry: dict[str, Any] = {"id": case.id, "scenario": scenario.id, "variant": case.variant}
        entry |= {"client": case.client, "level": scenario.level, "tags": list(scenario.tags)}
        entry |= {"title": scenario.title, "available": not missing, "missing": missing, "known-gap": case.known_gap}
        entries.append(entry)
    if arguments.json:
        print_json(entries)
        return 0 if entries else 5
    if not entries:
        return nothing(arguments.selectors, root, selection)
    _print(entries)
    for line in left_out(root, selection):
        print(f"  {line}", file=sys.stderr)
    return 0


def _print(entries: list[dict[str, Any]]) -> None:
    from rich.table import Table  # noqa: PLC0415  start-up time of --json
    from rich.text import Text  # noqa: PLC0415  as above

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("case", "level", "tags", "can run"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        can = Text("yes", "green") if entry["available"] else Text("; ".join(entry["missing"]), "yellow")
        table.add_row(Text(entry["id"]), entry["level"], ", ".join(entry["tags"]), can)
    screen = console()
    screen.print(table)
    scenarios = len({entry["scenario"] for entry in entries})
    screen.print(f"{counted(len(entries), 'case')} of {counted(scenarios, 'scenario')}", style="dim")
