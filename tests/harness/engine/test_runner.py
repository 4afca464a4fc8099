"""The engine by itself, with a kind of case that knows neither scenarios nor relays."""

from __future__ import annotations

import pytest
from attrs import field, frozen

from harness.clients.process import leftovers
from harness.engine.lab import Lab, RunSettings
from harness.engine.runner import CaseRun, run_case, run_cases
from harness.errors import CannotRun, HarnessError
from harness.model.result import Assertion, CaseResult, Grade, asserted
from harness.targets.base import World

TENANT = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]}


@frozen
class Question:
    id: str = "question"
    level: str = "must"
    known_gap: bool = False
    seconds: float = 10.0
    path: str = "<test>"
    hosts: dict[str, str] = field(factory=dict)
    pki: dict[str, object] = field(factory=dict)


class Asking(CaseRun[Question]):
    """Opens a world, leaves a file, and does what the test says."""

    def __init__(self, does, case=Question(), lacks=()):
        super().__init__(case)
        self.does = does
        self.lacks = lacks
        self.closed = 0

    def blank(self):
        return CaseResult(self.case.id, "", 0, None, "nobody", self.case.level, (), Grade.PASS)

    def unmet(self, lab):  # noqa: ARG002  it depends on the test
        return self.lacks

    def perform(self, lab):
        lab.open(World(TENANT, self.case.path))
        (lab.folder / "left").write_text("by the case")
        self.transcript.append("asked")
        return asserted(self.does())

    def close(self):
        self.closed += 1


def raising(why):
    def does():
        raise why

    return does


GOOD, BAD = Assertion(holds=True, text="yes"), Assertion(holds=False, text="no", cause="nothing")
LATE = Assertion(holds=False, text="later", pending=True)


@pytest.mark.parametrize(
    ("does", "grade", "reason"),
    [
        (lambda: [GOOD], Grade.PASS, ""),
        (lambda: [GOOD, BAD], Grade.FAIL, ""),
        (lambda: [GOOD, LATE], Grade.UNSUPPORTED, ""),
        (raising(CannotRun("not with this one")), Grade.UNSUPPORTED, "not with this one"),
        (raising(HarnessError("no disk")), Grade.ERROR, "no disk"),
        (raising(ZeroDivisionError("a bug")), Grade.ERROR, "ZeroDivisionError: a bug"),
    ],
)
def test_whatever_a_case_does_is_graded_and_cleared_away(does, grade, reason):
    run = Asking(does)
    with Lab() as lab:
        result = run_case(run, lab)
        assert not list(lab.folder.rglob("left"))
    assert (result.grade, result.reason, result.transcript) == (grade, reason, ("asked",))
    assert run.closed == 1
    assert leftovers() == []


def test_what_judges_saw_is_in_the_result():
    with Lab() as lab:
        result = run_case(Asking(lambda: [GOOD, BAD, BAD]), lab)
    assert (result.why, result.causes) == (("no",), ("nothing",))
    assert [each.actual for each in result.mismatches] == ["no", "no"]


def test_a_case_that_cannot_run_here_does_not_begin():
    run = Asking(lambda: [GOOD], lacks=["it cannot", "nor can we"])
    with Lab() as lab:
        result = run_case(run, lab)
    assert (result.grade, result.reason) == (Grade.UNSUPPORTED, "it cannot; nor can we")
    assert run.closed == 0


def test_an_interrupted_case_leaves_nothing_behind(tmp_path):
    run = Asking(raising(KeyboardInterrupt()))
    with Lab(RunSettings(out=tmp_path / "out", keep=True)) as lab, pytest.raises(KeyboardInterrupt):
        run_case(run, lab)
    assert run.closed == 1
    assert not list(tmp_path.rglob("left"))
    assert leftovers() == []


def test_the_folder_of_a_failed_case_is_kept_with_its_files(tmp_path):
    with Lab(RunSettings(out=tmp_path)) as lab:
        result = run_case(Asking(lambda: [BAD]), lab)
    assert sorted(path.name for path in (tmp_path / "cases/question").iterdir()) == [
        "command.sh",
        "left",
        "transcript.txt",
    ]
    assert result.artefacts == str(tmp_path / "cases/question")


def test_each_case_is_told_before_it_begins():
    told = []
    runs = [Asking(lambda: [GOOD], Question(id="one")), Asking(lambda: [BAD], Question(id="two"))]
    with Lab() as lab:
        results = list(run_cases(runs, lab, lambda run: told.append(run.case.id)))
    assert told == ["one", "two"]
    assert [each.grade for each in results] == [Grade.PASS, Grade.FAIL]
