from __future__ import annotations

import pytest

from harness.model.result import Grade, Matched, Mismatch, Observation, RunResult, grade

MISMATCH = (Mismatch("x", 1, "a", "b"),)
FINE, DEVIATES, FAILS = Matched(), Matched(deviations=MISMATCH), Matched(mismatches=MISMATCH)


@pytest.mark.parametrize(
    ("level", "matched", "known_gap", "expected"),
    [
        ("must", FINE, False, Grade.PASS),
        ("must", DEVIATES, False, Grade.DEVIATION),
        ("must", FAILS, False, Grade.FAIL),
        ("should", FAILS, False, Grade.DEVIATION),
        ("info", FAILS, False, Grade.DEVIATION),
        ("must", FAILS, True, Grade.KNOWN_GAP),
        ("should", FAILS, True, Grade.KNOWN_GAP),
        ("must", FINE, True, Grade.FAIL),  # strict: the gap is closed
    ],
)
def test_grades(level, matched, known_gap, expected):
    assert grade(level, matched, known_gap=known_gap) is expected


def test_matched_adds_up():
    both = FAILS + DEVIATES
    assert (both.mismatches, both.deviations, both.holds) == (MISMATCH, MISMATCH, False)


def test_an_observation_that_saw_nothing():
    tree = Observation().tree()
    assert tree["reply"] is None
    assert tree["replies"] == []


def test_counts_name_every_grade():
    assert RunResult(()).counts() == dict.fromkeys(Grade, 0)
