"""The scenarios that we ship obey the linter, their own list of assumptions included."""

from __future__ import annotations

from pathlib import Path

from harness.scenario.lint import lint
from harness.scenario.loader import find_scenarios
from harness.steps.capabilities import CAPABILITIES

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def test_the_shipped_scenarios_are_clean():
    assert find_scenarios(SCENARIOS)
    assert [str(problem) for problem in lint([SCENARIOS], capabilities=CAPABILITIES)] == []
