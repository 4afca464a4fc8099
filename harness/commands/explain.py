"""``harness explain``."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.common import cases_of, nothing, scenario_root
from harness.engine.lab import Lab, RunSettings
from harness.errors import WrongUsage
from harness.model.result import Grade
from harness.scenario.selection import Selection, relative_patterns
from harness.steps.run import run_scenario

HELP = "Run one case and print the trace of its last refused recipient: what was looked at, who came near, the fix."
EXAMPLES = """\
  harness explain ip/wrong-ip-denied
  harness explain 'certificate/expired-denied::raw' --wire"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A case."""
    parser.add_argument("id", metavar="CASE", help="case id, or scenario id for its first case")
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder of the scenarios (default: ./scenarios)")
    parser.add_argument("--wire", action="store_true", help="the dialogue as well")


def run(arguments: argparse.Namespace) -> int:
    """Print it; 1 if the case does not hold."""

    root = scenario_root(arguments.root, [arguments.id])
    selection = Selection(relative_patterns([arguments.id], root))
    cases = cases_of(root, selection)
    if not cases:
        return nothing([arguments.id], root, selection)
    with Lab(RunSettings(explain=True)) as lab:
        result = run_scenario(cases[0], lab)
    if result.grade is Grade.UNSUPPORTED:
        raise WrongUsage(f"{result.case_id}: unsupported: {result.reason}")
    print(f"{result.case_id}: {result.grade.value}")
    print(result.title)
    if arguments.wire:
        print("\n".join(f"  {line}" for line in result.transcript))
    print()
    print(result.explanation.rstrip() or "no recipient was refused")
    if result.text or result.reason:
        print(f"\n{result.text or result.reason}")
    return {Grade.ERROR: 3, Grade.FAIL: 1}.get(result.grade, 0)
