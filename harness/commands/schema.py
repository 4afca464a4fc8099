"""``harness schema``."""

from __future__ import annotations

import argparse

from harness.commands.common import print_json
from harness.scenario.schema import scenario_schema

HELP = "Print the JSON Schema of scenario files, for editors."
EXAMPLES = """\
  harness schema > scenario-1.json
      then, at the top of a scenario: # yaml-language-server: $schema=scenario-1.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It is JSON in any case."""
    parser.add_argument("--json", action="store_true", help="as without: it is JSON")


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001  every command has the same door
    """Print it."""

    print_json(scenario_schema())
    return 0
