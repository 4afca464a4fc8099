"""What several commands do: find the scenarios, read them, print JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fakeeop.errors import Problem
from harness.clients.registry import unknown_client
from harness.errors import ScenarioError, WrongUsage
from harness.model.scenario import ScenarioCase
from harness.scenario.expand import expand
from harness.scenario.loader import SCHEMA, find_scenarios, load_scenario, not_scenarios
from harness.scenario.roots import common_root, usual_root
from harness.scenario.selection import LEVELS, Selection, SelectionError, expand_files, relative_patterns
from harness.scenario.tags import TAGS

__all__ = [
    "add_selection",
    "cases_of",
    "console",
    "environment_list",
    "left_out",
    "nothing",
    "print_json",
    "scenario_root",
    "selection_of",
]


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The selectors and filters that run, list and others share."""
    parser.add_argument(
        "selectors",
        metavar="SEL",
        nargs="*",
        help="scenario id (ip/wrong-ip-denied), glob ('ip/*'), case id (ip/x::variant-raw), path, or @file",
    )
    parser.add_argument("--client", action="append", default=[], metavar="C", help="only this client; repeatable")
    parser.add_argument("--tag", action="append", default=[], metavar="T", help="only with this tag; repeatable")
    parser.add_argument("--level", choices=LEVELS, help="only this level and stricter ones")
    root = os.environ.get("HARNESS_ROOT")
    text = "folder of the scenarios (default: ./scenarios)"
    parser.add_argument("--root", type=Path, default=root, metavar="DIR", help=text)


def environment_list(name: str) -> list[str]:
    """HARNESS_… variables that hold several values, separated by commas."""
    return [each for each in os.environ.get(f"HARNESS_{name}", "").split(",") if each]


def scenario_root(named: Path | None, selectors: Sequence[str] = (), *, shipped: bool = False) -> Path:
    """The folder that ids are relative to: the one named, else that of the paths among the selectors, else the usual
    one (not ``./scenarios`` with ``shipped``). Raises WrongUsage.
    """
    if named is not None:
        if not named.is_dir():
            raise WrongUsage(f"--root {named}: no such folder")
        return named.resolve()
    try:
        found = common_root(path for path in (Path(each.partition("::")[0]) for each in selectors) if path.exists())
    except ValueError as why:
        raise WrongUsage(f"these are scenarios of several roots, {why}: run each alone, or name one --root") from why
    found = found or usual_root(shipped=shipped)
    if found is None:
        raise WrongUsage("no scenarios here: make a folder 'scenarios', or name one with --root")
    return found


def selection_of(arguments: argparse.Namespace, root: Path) -> Selection:
    """The selection that the arguments describe. Raises WrongUsage."""
    for message in filter(None, map(unknown_client, arguments.client)):
        raise WrongUsage(message)
    for tag in arguments.tag:
        if tag not in TAGS:
            raise WrongUsage(f"unknown tag {tag!r}: known are {', '.join(sorted(TAGS))}")
    try:
        patterns = relative_patterns(expand_files(arguments.selectors), root)
    except SelectionError as why:
        raise WrongUsage(str(why)) from why
    return Selection(patterns, tuple(arguments.client), tuple(arguments.tag), arguments.level or "")


def cases_of(root: Path, selection: Selection) -> list[ScenarioCase]:
    """Every selected case. Raises ScenarioError with the problems of every wrong file."""
    cases: list[ScenarioCase] = []
    problems: list[Problem] = []
    for path in find_scenarios(root):
        if not selection.wants_scenario(path.relative_to(root).with_suffix("").as_posix()):
            continue
        try:
            cases += [case for case in expand(load_scenario(path, root)) if selection.wants(case)]
        except ScenarioError as why:
            problems += why.problems
    if problems:
        raise ScenarioError(tuple(problems))
    return cases


def print_json(tree: Any) -> None:
    """For machines: on standard output, nothing else there."""
    json.dump(tree, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def console() -> Any:
    """A rich console; wide enough not to wrap where there is no terminal."""
    from rich.console import Console  # noqa: PLC0415  start-up time of commands that need none

    class Screen(Console):
        """A pipe that nobody reads is told to the caller; rich would end the process."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return Screen(highlight=False)
    return Screen(highlight=False, width=160, force_terminal=bool(os.environ.get("FORCE_COLOR")) or None)


def left_out(root: Path, selection: Selection) -> list[str]:
    """A line for the selected YAML files that are not scenarios; empty if there are none."""
    files = [path.relative_to(root) for path in not_scenarios(root)]
    wanted = [file.as_posix() for file in files if selection.wants_scenario(file.with_suffix("").as_posix())]
    if not wanted:
        return []
    what = "is not a scenario" if len(wanted) == 1 else "are not scenarios"
    return [f"{', '.join(wanted)} {what}: no key schema: {SCHEMA}"]


def nothing(selectors: Iterable[str], root: Path | None = None, selection: Selection | None = None) -> int:
    """Say that nothing is selected, and which files would have been, were they scenarios; the exit code for it."""
    what = " ".join(selectors)
    for line in left_out(root, selection) if root is not None and selection is not None else ():
        print(line, file=sys.stderr)
    print(f"nothing selected{f' by {what}' if what else ''}; 'harness list' shows what there is", file=sys.stderr)
    return 5
