"""Every report of a run with every grade in it."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from attrs import evolve
from rich.console import Console

from harness.errors import HarnessError
from harness.model.result import Grade
from harness.reporters.html import html_report
from harness.reporters.jsonl import from_tree, read_results, to_line, to_tree
from harness.reporters.markdown import markdown_summary
from harness.reporters.summary import LETTERS, MEANINGS, counts_text, matrix, warnings
from harness.reporters.terminal import case_line, print_run


def printed(run, width=120, **options):
    stream = io.StringIO()
    print_run(Console(file=stream, width=width, highlight=False), run, **options)
    return stream.getvalue()


def test_a_result_survives_its_line(every_grade_run, tmp_path):
    lines = b"".join(to_line(to_tree(case)) for case in every_grade_run.cases)
    (tmp_path / "results.jsonl").write_bytes(lines + b"\n")
    assert read_results(tmp_path).cases == every_grade_run.cases
    assert read_results(tmp_path / "results.jsonl").cases == every_grade_run.cases


@pytest.mark.parametrize("line", [b"{}", b"no json", b'{"schema": "fakeeop.result/1"}', b"[]"])
def test_a_line_that_is_none_of_ours_is_named(line, tmp_path):
    (tmp_path / "results.jsonl").write_bytes(b"\n" + line + b"\n")
    with pytest.raises(HarnessError, match=r"results\.jsonl:2: not a result of the harness"):
        read_results(tmp_path)
    with pytest.raises(HarnessError, match="No such file"):
        read_results(tmp_path / "none")


def test_an_unknown_field_of_a_later_version_is_left_alone(every_grade_run):
    tree = to_tree(every_grade_run.cases[0]) | {"new": 1}
    assert from_tree(tree) == every_grade_run.cases[0]


def test_the_matrix(every_grade_run):
    shown = matrix(every_grade_run.cases)
    assert shown.clients == ("raw", "smtplib", "swaks")
    assert [row.scenario_id for row in shown.rows] == [
        "a/many", "a/pass", "b/deviation", "b/error", "b/gap", "b/skip", "b/unsupported",
    ]  # fmt: skip
    cell = shown.rows[0].cells["raw"]
    assert (cell.worst, cell.count, len(cell.results)) == (Grade.FAIL, 1, 3)


def test_the_order_of_results_does_not_matter(every_grade_run):
    assert matrix(reversed(every_grade_run.cases)) == matrix(every_grade_run.cases)


def test_counts_and_warnings(every_grade_run):
    assert counts_text(every_grade_run) == ("4 pass, 1 fail, 1 error, 1 deviation, 1 known-gap, 1 unsupported, 1 skip")
    assert warnings(every_grade_run) == [
        "1 case unsupported: client swaks has no driver yet",
        "1 must scenario: no evidence but assumptions",
        "1 case with a deviation (a failure with --strict)",
    ]


def test_every_grade_has_letter_and_meaning():
    assert set(LETTERS) == set(MEANINGS) == set(Grade)
    assert len(set(LETTERS.values())) == len(Grade)


def test_the_terminal(every_grade_run, nasty, repository, monkeypatch):
    monkeypatch.chdir(repository)  # what is printed names the root unless it is ./scenarios
    text = printed(every_grade_run, files=["results.jsonl", "report.html"])
    assert "\x1b" not in text
    assert re.search(r"^a/many +fail 1/3 ", text, re.MULTILINE)
    assert re.search(r"^b/gap +known-gap ", text, re.MULTILINE)
    assert f"FAIL  Title of fail\ntext\n{nasty}\n" in text
    assert f"ERROR  Title of error\nbroke {nasty}\n     why: harness explain b/error::raw\n" in text
    assert "4 pass, 1 deviation, 1 fail, 1 known-gap, 1 unsupported, 1 skip, 1 error  in 1.2 s" in text
    assert text.endswith("  written: /somewhere/out/{results.jsonl, report.html}\n")


def test_the_terminal_sums_up_what_is_well(every_grade_run):
    from attrs import evolve  # noqa: PLC0415  only here

    many = tuple(evolve(every_grade_run.cases[0], case_id=f"c/n{n}::raw") for n in range(60))
    text = printed(evolve(every_grade_run, cases=every_grade_run.cases + many))
    assert re.search(r"^c +pass 60 +60 scenarios", text, re.MULTILINE)
    assert re.search(r"^a \(the rest\) +pass +pass +1 scenario\b", text, re.MULTILINE)
    assert "c/n59" not in text
    assert "c/n59" in printed(evolve(every_grade_run, cases=many), every=True)


def test_one_line_a_case(every_grade_run):
    lines = [case_line(case).plain for case in every_grade_run.cases]
    assert lines[0] == "pass        a/pass::raw  4 ms"
    assert lines[7] == "unsupported b/unsupported::swaks  4 ms  client swaks has no driver yet"


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.links, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []

    def handle_data(self, data):
        self.text += data


def test_the_page_is_whole_and_safe(every_grade_run, nasty):
    html = html_report(every_grade_run, title=nasty)
    page = Page()
    page.feed(html)
    assert "script" not in page.tags
    assert "<script" not in html
    assert nasty in page.text
    assert "http" not in html
    assert len(page.ids) == len(set(page.ids)) == len(every_grade_run.cases)
    assert {link[1:] for link in page.links} == set(page.ids)
    for grade in Grade:
        assert f'class="g {grade.value}"' in html


def test_the_page_of_repeated_cases_has_each_once(every_grade_run):
    from attrs import evolve  # noqa: PLC0415  only here

    page = Page()
    page.feed(html_report(evolve(every_grade_run, cases=every_grade_run.cases[:1] * 3)))
    assert len(page.ids) == len(set(page.ids)) == 3


def test_the_summary(every_grade_run, nasty):
    text = markdown_summary(every_grade_run)
    assert text.startswith("# Scenarios\n\n**4 pass, 1 fail, 1 error,")
    assert "| a/many<br>Title of fail | must | **fail 1/3** |  |  |" in text or "**fail 1/3**" in text
    assert f"```text\ntext\n{nasty}\n```" in text
    assert "<script" not in text.replace(nasty, "")
    assert "- 1 case unsupported: client swaks has no driver yet" in text


def test_a_text_with_fences_cannot_break_out(every_grade_run):
    from attrs import evolve  # noqa: PLC0415  only here

    case = evolve(every_grade_run.cases[3], text="```\n# no heading")
    assert "````text\n```\n# no heading\n````" in markdown_summary(evolve(every_grade_run, cases=(case,)))


def test_every_result_is_shown_at_80_columns(every_grade_run):
    """Clients that can do nothing here take no columns; many take several tables, and letters are explained."""
    first = every_grade_run.cases[0]
    names = [f"client-{number}" for number in range(12)]
    good = [
        evolve(first, case_id=f"b/long-name-of-a-scenario::{each}", client=each, grade=Grade.PASS) for each in names
    ]
    lost = evolve(good[0], case_id="b/long-name-of-a-scenario::lost", client="lost", grade=Grade.UNSUPPORTED,
                  reason="client lost is not installed\nError: a stack\n    at trace")  # fmt: skip
    text = printed(evolve(every_grade_run, cases=(*good, lost)), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert sum(len(re.findall(r"\bP\b", line)) for line in text.splitlines() if line.startswith("b")) == 12
    assert re.search(r"P pass +U unsupported", text)
    assert "! 1 case unsupported: client lost is not installed\n" in text
    assert "stack" not in text
    words = printed(evolve(every_grade_run, cases=tuple(good[:3])), 80)
    assert words.count("pass") >= 4
