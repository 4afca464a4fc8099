"""A child process as the target: it starts once, serves case after case, and leaves nothing."""

from __future__ import annotations

import pytest

from harness.clients.process import leftovers
from harness.engine.lab import Lab, RunSettings
from harness.errors import TargetError
from harness.model.result import Grade
from harness.model.scenario import ScenarioCase
from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.steps.run import run_scenario
from harness.targets import make_target, spawn
from tests.harness.conftest import EVERY_GRADE


def test_cases_in_a_child_process(tmp_path):
    cases: list[ScenarioCase] = []
    for name in ("pass", "fail"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(EVERY_GRADE[f"x/{name}"])
        cases += expand(load_scenario(path, tmp_path))
    lab = Lab(RunSettings(target="spawn"))
    try:
        grades = [(case.id, run_scenario(case, lab).grade) for case in cases]
    finally:
        lab.close()
    assert grades == [("pass::raw", Grade.PASS), ("pass::smtplib", Grade.PASS), ("fail::raw", Grade.FAIL)]
    assert leftovers() == []


def test_a_target_that_is_not_used_starts_nothing():
    make_target("spawn").close()
    assert leftovers() == []


def test_a_server_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr(spawn, "_TENANT", "Tenantz: []\n")
    target = make_target("spawn")
    with pytest.raises(TargetError, match=r"(?s)the spawned server does not start; it said:.*Tenantz"):
        target.open(None)  # type: ignore[arg-type]  # it does not come to that
    target.close()
    assert leftovers() == []
