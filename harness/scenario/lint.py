"""The linter: loader, schema and the rules that neither can say. Needs no target and no client.

Each rule is one function of a scenario and its cases, one a variant; ``RULES`` lists them. Warnings fail nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import Problem
from harness.errors import ScenarioError
from harness.match.values import duration
from harness.model.scenario import Scenario, ScenarioCase
from harness.scenario.assumptions import ASSUMPTIONS, assumptions_problem, write_assumptions
from harness.scenario.expand import expand_sound
from harness.scenario.lint_world import addresses, recipient_domains, unused
from harness.scenario.loader import (
    SCHEMA,
    build_scenario,
    check_tree,
    find_scenarios,
    is_scenario,
    load_scenario,
    read_scenario,
)
from harness.scenario.mta_config import each_mta_configured
from harness.scenario.roots import root_of
from harness.scenario.salvage import broken_parts, sound_tree
from harness.scenario.schema import schema_problems
from harness.scenario.shape import PathSet
from harness.scenario.tags import TAGS
from harness.scenario.tenant import readable_tenants

__all__ = ["RULES", "lint", "lint_scenario", "write_assumptions_of"]

_DIALOGUE = frozenset({"connect", "send", "starttls", "disconnect"})
_LONGEST = 300.0


def lint(
    paths: Iterable[Path], root: Path | None = None, capabilities: Collection[str] | None = None
) -> tuple[Problem, ...]:
    """Every problem of the scenario files at ``paths`` (files or folders), by file and line.

    ``root`` is the folder that ids are relative to; by default it is found for each file (``root_of``).
    ``capabilities`` are the words that ``requires`` may hold; None = they are not checked.
    """
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    whole: set[Path] = set()
    for path in paths:
        if path.is_dir() and (root or root_of(path)) == path.resolve():
            whole.add(path)
        for file in find_scenarios(path) if path.is_dir() else (path,):
            if not path.is_dir() and path.exists() and not is_scenario(file):
                message = f"not a scenario: there is no key schema: {SCHEMA}"
                problems.append(Problem("schema", message, "", (), str(file), 1))
                continue
            scenario, found = _lint_file(file, root or root_of(file), capabilities)
            problems += found
            if scenario is not None:
                scenarios.append(scenario)
    problems += _titles(scenarios)
    problems += _ids(scenarios)
    for folder in sorted(whole):
        problems += assumptions_problem(folder, scenarios)
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.path, problem.line or 0)))


def _lint_file(
    file: Path, root: Path, capabilities: Collection[str] | None
) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """The scenario, if the file is right, and everything that is wrong with it: its sound parts are checked too."""
    try:
        tree, text = read_scenario(file)
    except ScenarioError as why:
        return None, why.problems
    report = check_tree(tree, file)
    if not isinstance(tree, dict):
        return None, report.sorted()
    broken = broken_parts(tree, report.problems)
    sound = sound_tree(tree, broken) if report.problems else tree
    scenario = build_scenario(sound, file, root, text, report.requires)
    found = [*report.sorted(), *_lint_sound(scenario, broken), *_requires(scenario, capabilities)]
    return None if report.problems else scenario, tuple(found)


def write_assumptions_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Write ASSUMPTIONS.md of every scenario root among ``paths``, broken files left out; give the changed ones."""
    written = []
    for folder in paths:
        if folder.is_dir() and root_of(folder) == folder.resolve():
            good = []
            for file in find_scenarios(folder):
                with suppress(ScenarioError):  # lint tells what is wrong with it
                    good.append(load_scenario(file, folder))
            if write_assumptions(folder, good):
                written.append(folder / ASSUMPTIONS)
    return tuple(written)


def lint_scenario(scenario: Scenario) -> tuple[Problem, ...]:
    """The problems of one loaded scenario, and of its variants."""
    return _lint_sound(scenario, PathSet())


def _lint_sound(scenario: Scenario, broken: PathSet) -> tuple[Problem, ...]:
    expanded, problems = expand_sound(scenario, broken)
    if problems:
        broken = PathSet({*broken, "steps", "expect"})
    seen: dict[str | None, ScenarioCase] = {}
    for case in expanded:
        seen.setdefault(case.variant, case)
    cases = tuple(seen.values())
    rules = [rule for rule, needs in RULES.items() if not any(map(broken.touch, needs))]
    return problems + tuple(problem for rule in rules for problem in rule(scenario, cases))


def _problem(scenario: Scenario, code: str, message: str, line: int | None, fix: str = "", where: str = "") -> Problem:
    return Problem(code, message, fix, (where,) if where else (), str(scenario.path), line)


def _schema(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """The file fits the JSON Schema, and so does what each variant makes of it."""
    for path, message in schema_problems(scenario.tree):
        yield _problem(scenario, "json-schema", message, None, where=path)
    for case in cases:
        if case.variant is None:
            continue
        for path, message in schema_problems(_case_tree(case)):
            yield _problem(scenario, "json-schema", message, None, where=f"variant {case.variant}: {path}")


def _case_tree(case: ScenarioCase) -> dict[str, Any]:
    steps = [
        {step.verb: step.arguments, **({} if step.expect is None else {"expect": step.expect})} for step in case.steps
    ]
    kept = {key: value for key, value in case.scenario.tree.items() if key != "variants"}
    return {**kept, "world": case.world, "steps": steps, "expect": case.expect}


def _tags(scenario: Scenario, _cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """Every tag is registered in harness/scenario/tags.py."""
    tags = scenario.tree.get("tags")
    for index, tag in enumerate(scenario.tags):
        if tag not in TAGS:
            fix = "choose one of harness/scenario/tags.py, or register it there with a sentence"
            yield _problem(scenario, "unknown-tag", f"the tag {tag!r} is not registered", line_of(tags, index), fix)


def _requires(scenario: Scenario, capabilities: Collection[str] | None) -> Iterator[Problem]:
    """Every capability that the file requires exists: a misspelt one would leave the case out for ever."""
    names = scenario.tree.get("requires") or ()
    for index, name in enumerate(names):
        if capabilities is None or name in capabilities or name.startswith("client-"):
            continue
        message = f"no capability is called {name!r}; known: {', '.join(sorted(capabilities))}, client-NAME"
        yield _problem(scenario, "capability", message, line_of(names, index))


def _titles(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    """Titles are unique."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        other = first.setdefault(scenario.title.casefold(), scenario)
        if other.path != scenario.path:
            line = line_of(scenario.tree, "title")
            yield _problem(scenario, "title", f"the title is also that of {other.id}", line, "say what differs")


def _ids(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    """Ids are unique: a.yaml and a.yml have the same one."""
    first: dict[tuple[Path, str], Scenario] = {}
    for scenario in scenarios:
        other = first.setdefault((scenario.path.parent, scenario.id), scenario)
        if other.path != scenario.path:
            yield _problem(scenario, "id", f"{other.path.name} has the same id, {scenario.id}", None, "rename one")


def _evidence(scenario: Scenario, _cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """A must that rests on assumptions alone is listed in ASSUMPTIONS.md of the scenario root."""
    if scenario.level != "must" or any(entry.kind != "assumption" for entry in scenario.evidence):
        return
    listed = root_of(scenario.path) / ASSUMPTIONS
    if not listed.is_file() or f"`{scenario.id}`" not in listed.read_text("utf-8"):
        message = f"a must scenario that rests on assumptions alone is not listed in {listed.name}"
        fix = "give evidence, lower the level, or write the list anew (harness lint --write-assumptions)"
        severity = "error" if listed.is_file() else "warning"  # who keeps no such list need not begin one
        line = line_of(scenario.tree, "evidence")
        yield Problem("assumption", message, fix, (), str(scenario.path), line, severity)


def _deadlines(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """No deadline inside a case is longer than the case's own, and none is longer than five minutes."""
    if scenario.timeout > _LONGEST:
        message = f"timeout is {scenario.timeout:g} s, {_LONGEST:g} s is the longest"
        yield _problem(scenario, "deadline", message, line_of(scenario.tree, "timeout"))
    for case in cases:
        for index, step in enumerate(case.steps):
            for tree, key in ((step.expect, "within"), (step.expect, "eventually"), (step.arguments, "at-most")):
                value = tree.get(key) if isinstance(tree, Mapping) else None
                if value is not None and duration(value) > scenario.timeout:
                    message = f"{key} {value} is longer than the timeout of the case, {scenario.timeout:g} s"
                    where = f"steps[{index + 1}]"
                    yield _problem(scenario, "deadline", message, line_of(tree, key), "set timeout", where)


def _dialogue(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """The verbs of a raw dialogue are spoken by raw; naming other clients too would run the same thing again."""
    others = [client for client in scenario.clients if client != "raw"]
    spoken = all(step.verb != "submit" for case in cases for step in case.steps)
    if others and spoken and any(step.verb in _DIALOGUE for case in cases for step in case.steps):
        message = f"only raw speaks a dialogue, {', '.join(others)} would do the same again"
        yield _problem(scenario, "clients", message, line_of(scenario.tree, "clients"), "write clients: [raw]")


def _can_fail(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """Something is expected: a scenario that cannot fail proves nothing."""
    for case in cases:
        if not case.expect and not any(step.expect for step in case.steps):
            variant = f"variant {case.variant}" if case.variant else ""
            yield _problem(scenario, "expects-nothing", "nothing is expected", None, "add an expect", variant)


Rule = Callable[[Scenario, tuple[ScenarioCase, ...]], Iterator[Problem]]
RULES: dict[Rule, tuple[str, ...]] = {
    _schema: ("",),
    _tags: ("tags",),
    _evidence: ("evidence", "level"),
    _deadlines: ("timeout",),
    _dialogue: ("clients", "steps"),
    _can_fail: ("steps", "expect"),
    addresses: (),
    readable_tenants: (),
    recipient_domains: ("world",),
    unused: ("world", "steps"),
    each_mta_configured: ("clients",),
}  # rule → the parts without which it would say what is not so; a wrong step or key of the world is left out
