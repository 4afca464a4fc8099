"""``harness lint``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from attrs import asdict

from harness.commands.common import print_json, scenario_root
from harness.errors import WrongUsage
from harness.scenario.lint import lint, write_assumptions_of
from harness.scenario.loader import SCHEMA, find_scenarios, not_scenarios
from harness.steps.capabilities import CAPABILITIES

HELP = "Check scenario files: keys, values, names, variants, tags, evidence. No server needed."
EXAMPLES = """\
  harness lint
  harness lint scenarios/ip mine/new.yaml
  harness lint --write-assumptions
  harness lint --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Paths, --json, --write-assumptions."""
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="files or folders (default: ./scenarios)")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--write-assumptions",
        action="store_true",
        help="write ASSUMPTIONS.md of each folder anew: the must scenarios that rest on assumptions alone",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print every problem; 4 if there is an error, 5 if there is no scenario."""

    paths = arguments.paths or [scenario_root(None)]
    for path in paths:
        if not path.exists():
            raise WrongUsage(f"{path}: no such file or folder")
    count = sum(len(find_scenarios(path)) if path.is_dir() else 1 for path in paths)
    if arguments.write_assumptions:
        for written in write_assumptions_of(paths):
            print(f"wrote {written}", file=sys.stderr)
    problems = lint(paths, capabilities=CAPABILITIES)
    errors = sum(problem.severity == "error" for problem in problems)
    others = [str(file) for path in paths if path.is_dir() for file in not_scenarios(path)]
    if arguments.json:
        tree = [asdict(problem) for problem in problems]
        print_json({"scenarios": count, "problems": tree, "not-scenarios": others})
    else:
        for problem in problems:
            print(problem)
        tail = f"{errors} errors, {len(problems) - errors} warnings" if problems else "no problems"
        print(f"{count} scenarios: {tail}", file=sys.stderr)
        for file in others:
            print(f"{file}: not a scenario: there is no key schema: {SCHEMA}", file=sys.stderr)
    if errors:
        return 4
    return 0 if count else 5
