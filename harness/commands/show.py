"""``harness show``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from harness.commands.common import cases_of, nothing, print_json, scenario_root
from harness.model.scenario import ScenarioCase
from harness.scenario.selection import Selection, relative_patterns

HELP = "One scenario as it will run: variants filled in, world, steps, expectations, and what it rests on."
EXAMPLES = """\
  harness show ip/wrong-ip-denied
  harness show certificate/expired-denied::smtplib --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An id."""
    parser.add_argument("id", metavar="ID", help="scenario id, case id or path")
    parser.add_argument("--root", metavar="DIR", help="folder of the scenarios (default: ./scenarios)")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print it: the first client of each variant, unless a case is named."""
    from pathlib import Path  # noqa: PLC0415  only here

    root = scenario_root(Path(arguments.root) if arguments.root else None, [arguments.id])
    selection = Selection(relative_patterns([arguments.id], root))
    cases = cases_of(root, selection)
    if not cases:
        return nothing([arguments.id], root, selection)
    if "::" not in arguments.id:
        cases = [case for case in cases if case.client == case.scenario.clients[0]]
    trees = [_tree(case) for case in cases]
    if arguments.json:
        print_json(trees)
        return 0
    for tree in trees:
        print("\n".join(_lines(tree, 0)))
        print()
    return 0


def _tree(case: ScenarioCase) -> dict[str, Any]:
    scenario = case.scenario
    return {
        "case": case.id,
        "file": str(scenario.path),
        "title": scenario.title,
        "requirement": scenario.requirement,
        "level": scenario.level,
        "evidence": [f"{each.kind}: {each.ref or each.note}" for each in scenario.evidence],
        "tags": list(scenario.tags),
        "requires": list(scenario.requires),
        "clients": list(scenario.clients),
        "timeout": scenario.timeout,
        "world": case.world,
        "steps": [
            {step.verb: step.arguments, **({} if step.expect is None else {"expect": step.expect})}
            for step in case.steps
        ],
        "expect": case.expect,
    }


def _lines(value: Any, depth: int) -> list[str]:
    """A tree as YAML-like lines; scalars as JSON would write them where that matters."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        found = []
        for key, each in value.items():
            if isinstance(each, (Mapping, list, tuple)) and each:
                found += [f"{pad}{key}:", *_lines(each, depth + 1)]
            else:
                found.append(f"{pad}{key}: {_scalar(each)}")
        return found
    found = []
    for each in value:
        if isinstance(each, (Mapping, list, tuple)) and each:
            first, *rest = _lines(each, depth + 1)
            found += [f"{pad}- {first.lstrip()}", *rest]
        else:
            found.append(f"{pad}- {_scalar(each)}")
    return found


def _scalar(value: Any) -> str:
    import json  # noqa: PLC0415  only here

    if isinstance(value, str) and value and value[0].isalnum() and "\n" not in value and ": " not in value:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
