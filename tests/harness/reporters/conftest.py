"""A run with every grade in it."""

from __future__ import annotations

import pytest

from harness.model.result import CaseResult, Grade, Mismatch, RunResult

NASTY = "<script>alert('x')</script> & | ` * _"


def result_of(case_id, grade, **changes):
    values = {
        "case_id": case_id,
        "scenario_path": f"scenarios/{case_id.partition('::')[0]}.yaml",
        "line": 1,
        "variant": None,
        "client": case_id.rpartition("::")[2].rpartition("-")[2],
        "level": "must",
        "tags": ("ip",),
        "grade": grade,
        "title": f"Title of {grade.value}",
        "requirement": "It must.",
        "started": "2026-11-24T07:00:00Z",
        "duration": 0.0042,
        "versions": {"raw": "built in"},
        "evidence": ("doc: a page",),
        "transcript": ("S: 220 hi", "C: QUIT"),
    }
    return CaseResult(**(values | changes))


@pytest.fixture
def every_grade_run():
    """One case of every grade; one with three variants; a text that must be escaped."""
    mismatch = Mismatch("steps[1].expect.reply", 18, "550 5.7.1 *", NASTY, "the text to match", actual_journal=NASTY)
    cases = (
        result_of("a/pass::raw", Grade.PASS),
        result_of("a/pass::smtplib", Grade.PASS, assumptions=True),
        result_of("a/many::one-raw", Grade.PASS, variant="one"),
        result_of("a/many::two-raw", Grade.FAIL, variant="two", text=f"text\n{NASTY}", mismatches=(mismatch,)),
        result_of("a/many::three-raw", Grade.PASS, variant="three"),
        result_of("b/deviation::raw", Grade.DEVIATION, level="should", mismatches=(mismatch,), text="deviates here"),
        result_of("b/gap::raw", Grade.KNOWN_GAP, reason="known-gap: #12"),
        result_of("b/unsupported::swaks", Grade.UNSUPPORTED, reason="client swaks has no driver yet"),
        result_of("b/skip::raw", Grade.SKIP),
        result_of("b/error::raw", Grade.ERROR, reason=f"broke {NASTY}", explanation="verdict: x"),
    )
    return RunResult(cases, out="/somewhere/out", duration=1.25)


@pytest.fixture
def nasty():
    """The text that must not reach a page as it is."""
    return NASTY
