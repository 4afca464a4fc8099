"""``harness demo``."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.common import console, scenario_root
from harness.commands.demonstration import demo

HELP = "Start the emulator with a sample tenant, send to it in ways that work and that do not, explain one refusal."
EXAMPLES = """\
  harness demo"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only where the scenarios are."""
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder of the scenarios (default: those shipped)")


def run(arguments: argparse.Namespace) -> int:
    """Run it."""

    return demo(scenario_root(arguments.root, shipped=True), console())
