"""Variants by clients → cases. ``{{variant.*}}`` is filled in and the result is checked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from fakeeop.config.marked import line_of
from fakeeop.errors import Problem
from harness.errors import ScenarioError
from harness.match.values import show
from harness.model.scenario import Scenario, ScenarioCase
from harness.scenario.loader import steps_from_tree
from harness.scenario.names import check_names
from harness.scenario.shape import PathSet, ProblemList
from harness.scenario.templates import replace
from harness.scenario.verbs import check_steps
from harness.scenario.vocabulary import check_expect, check_world

__all__ = ["expand", "expand_sound", "fill"]

_NONE = PathSet()


def expand(scenario: Scenario) -> tuple[ScenarioCase, ...]:
    """Every case, variants in file order, clients within. Raises ScenarioError if a filled-in value does not fit."""
    cases, problems = expand_sound(scenario)
    if problems:
        raise ScenarioError(problems)
    return cases


def expand_sound(scenario: Scenario, broken: PathSet = _NONE) -> tuple[tuple[ScenarioCase, ...], tuple[Problem, ...]]:
    """The cases of the variants that are right, and what is wrong with the others. ``broken``: see ``check_names``."""
    cases: list[ScenarioCase] = []
    problems: list[Problem] = []
    for variant in scenario.variants or (None,):
        report = ProblemList(str(scenario.path), final=True)
        if variant is None:
            world, steps, expect = scenario.world, scenario.steps, scenario.expect
        else:
            tree = fill(_parts(scenario), scenario.variants[variant], report)
            check_world(report, tree["world"], "world", line_of(scenario.tree, "world"))
            check_steps(report, tree["steps"], "steps", line_of(scenario.tree, "steps"))
            check_expect(report, tree["expect"], "expect", line_of(scenario.tree, "expect"))
            world, steps, expect = tree["world"], (), tree["expect"] or {}
            if not report.problems:
                steps = steps_from_tree(tree["steps"])
        fits = not report.problems
        if fits:
            check_names(report, world, steps, broken)
        problems += [_named(problem, variant) for problem in report.sorted()]
        cases += [_case(scenario, client, variant, world, steps, expect) for client in scenario.clients if fits]
    return tuple(cases), tuple(problems)


def _parts(scenario: Scenario) -> dict[str, Any]:
    return {"world": scenario.world, "steps": scenario.tree["steps"], "expect": scenario.expect}


def _named(problem: Problem, variant: str | None) -> Problem:
    return problem if variant is None else evolve(problem, where=(f"variant {variant}", *problem.where))


def _case(scenario: Scenario, client: str, variant: str | None, world: Any, steps: Any, expect: Any) -> ScenarioCase:
    gap = scenario.known_gap
    covered = gap is not None and (
        (not gap.clients or client in gap.clients) and (not gap.variants or variant in gap.variants)
    )
    name = client if variant is None else f"{variant}-{client}"
    return ScenarioCase(f"{scenario.id}::{name}", scenario, client, variant, world, steps, expect, covered)


def fill(tree: Any, values: Mapping[str, Any], report: ProblemList) -> Any:
    """The tree with ``{{variant.*}}`` replaced; other names stay for ``substitute``."""

    def resolve(name: str, lone: bool) -> Any:
        if name.startswith("variant."):
            value = values.get(name[8:])
            return value if lone else _as_text(value, name, report)
        if "(variant." in name:
            head, _, argument = name.partition("(variant.")
            value = values.get(argument.rstrip(")"))
            return "{{" + f"{head}({'null' if value is None else _as_text(value, name, report)})" + "}}"
        return "{{" + name + "}}"

    return replace(tree, resolve)


def _as_text(value: Any, name: str, report: ProblemList) -> str:
    if isinstance(value, (dict, list)):
        report.add("template", f"{{{{{name}}}}} is {show(value)}: only a plain value can be used inside text", "", None)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
