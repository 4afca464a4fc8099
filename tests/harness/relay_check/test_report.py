"""Grades, exit codes, and a page that escapes everything."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.model.result import Assertion, CaseResult, Grade, asserted, grade
from harness.mtas.form import Replaced
from harness.relay_check.report import RelayReport, exit_code, print_report, print_result
from harness.relay_check.report_html import html_report
from harness.relay_check.values import found

GOOD, BAD = Assertion(holds=True, text="yes"), Assertion(holds=False, text="no")
LATE = found(holds=False, text="later", pending=True)
SOFT = found(holds=False, text="hm", level="should")


@pytest.mark.parametrize(
    ("assertions", "expected"),
    [
        ([GOOD], Grade.PASS),
        ([GOOD, BAD, LATE], Grade.FAIL),
        ([GOOD, LATE, SOFT], Grade.UNSUPPORTED),
        ([GOOD, SOFT], Grade.DEVIATION),
    ],
)
def test_grades(assertions, expected):
    assert grade("must", asserted(assertions)) is expected


def result(grade, *assertions, **more):
    return CaseResult("a-case", "", 0, None, "relay", "must", ("family",), grade, assertions=assertions, **more)


@pytest.mark.parametrize(
    ("results", "code", "strict"),
    [
        ([], 5, 5),
        ([result(Grade.PASS)], 0, 0),
        ([result(Grade.PASS), result(Grade.FAIL)], 1, 1),
        ([result(Grade.FAIL), result(Grade.ERROR)], 3, 3),
        ([result(Grade.DEVIATION)], 0, 1),
        ([result(Grade.UNSUPPORTED)], 0, 0),
        ([result(Grade.UNSUPPORTED, LATE)], 0, 1),
    ],
)
def test_exit_codes(results, code, strict):
    assert exit_code(results, strict=False) == code
    assert exit_code(results, strict=True) == strict


EVIL = "<script>alert('[bold]x')</script>"
REPORT = RelayReport(
    (("relay", EVIL),),
    (Replaced(EVIL, EVIL, EVIL, EVIL),),
    (EVIL,),
    (
        result(Grade.FAIL, Assertion(holds=False, text=EVIL), reason=EVIL, advice=(EVIL,), explanation=EVIL,
               transcript=(EVIL,), log=(EVIL,)),
    ),
)  # fmt: skip


def test_the_page_escapes_everything():
    page = html_report(REPORT)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10


def test_the_terminal_prints_it_as_it_is():
    stream = io.StringIO()
    console = Console(file=stream, width=200, highlight=False)
    print_result(console, REPORT.results[0])
    print_report(console, REPORT, verbose=True)
    assert stream.getvalue().count("[bold]x") >= 6
    assert "\x1b" not in stream.getvalue()
