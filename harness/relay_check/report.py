"""The graded report: on a terminal, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import frozen
from rich.console import Console
from rich.text import Text

from fakeeop.why.settings import MAIL_SERVERS
from harness.model.result import CaseResult, Grade
from harness.mtas.form import Replaced
from harness.relay_check.advice import MISSING
from harness.reporters.terminal import STYLES

__all__ = [
    "RelayReport",
    "counts_text",
    "exit_code",
    "is_for_all",
    "print_about",
    "print_head",
    "print_notes",
    "print_report",
    "print_result",
]

_MARKS = {Grade.PASS: "✓", Grade.DEVIATION: "~", Grade.FAIL: "✗", Grade.ERROR: "!", Grade.UNSUPPORTED: "-"}


@frozen
class RelayReport:
    """A whole run. ``facts``: what was checked, in which tenant, as pairs for people."""

    facts: tuple[tuple[str, str], ...]
    replaced: tuple[Replaced, ...]
    notes: tuple[str, ...]
    results: tuple[CaseResult, ...]
    seconds: float = 0.0
    mta_known: bool = True

    def tree(self, code: int) -> dict[str, Any]:
        """JSON-ready: ``fakeeop.check-relay/1``."""
        return {
            "schema": "fakeeop.check-relay/1",
            "facts": dict(self.facts),
            "replaced": [each.tree() for each in self.replaced],
            "notes": list(self.notes),
            "cases": [case_tree(each) for each in self.results],
            "counts": {grade.value: count for grade, count in counts(self.results).items() if count},
            "exit-code": code,
            "seconds": round(self.seconds, 3),
        }


def case_tree(result: CaseResult) -> dict[str, Any]:
    """One case, JSON-ready; the keys are stable."""
    return {
        "name": result.case_id,
        "family": family_of(result),
        "title": result.title,
        "requirement": result.requirement,
        "level": result.level,
        "source": source_of(result),
        "needs": list(result.needs),
        "grade": result.grade.value,
        "reason": result.reason,
        "seen": [{"holds": each.holds, "text": each.text, "cause": each.cause} for each in result.assertions],
        "why": list(result.why),
        "causes": list(result.causes),
        "advice": list(result.advice),
        "explanation": explanation_of(result),
        "transcript": list(result.transcript),
        "log": list(result.log),
        "seconds": round(result.duration, 3),
    }


def family_of(result: CaseResult) -> str:
    """The family that the suite counts the case to."""
    return result.tags[0]


def source_of(result: CaseResult) -> str:
    """What the requirement is taken from."""
    return "; ".join(result.evidence)


def explanation_of(result: CaseResult) -> str:
    """Why mail was refused; for an error in the harness, where it happened."""
    return result.text if result.grade is Grade.ERROR else result.explanation


def counts(results: Sequence[CaseResult]) -> dict[Grade, int]:
    """How many of each grade."""
    return {grade: sum(each.grade is grade for each in results) for grade in Grade}


def counts_text(results: Sequence[CaseResult]) -> str:
    """``3 pass, 1 fail``."""
    return ", ".join(f"{count} {grade.value}" for grade, count in counts(results).items() if count) or "nothing ran"


def exit_code(results: Sequence[CaseResult], *, strict: bool) -> int:
    """As ``harness run``: 0, 1 for a fail (with ``strict`` a deviation, or a case not seen in time), 3, 5."""
    grades = {each.grade for each in results}
    if not results:
        return 5
    if Grade.ERROR in grades:
        return 3
    late = bool(_late(results))
    if Grade.FAIL in grades or (strict and (Grade.DEVIATION in grades or late)):
        return 1
    return 0


def _late(results: Sequence[CaseResult]) -> list[CaseResult]:
    """Those that were not seen in time."""
    return [each for each in results if each.grade is Grade.UNSUPPORTED and any(one.pending for one in each.assertions)]


_OF_THE_CASE: Final = re.compile(
    r"\S*/harness-\S+|\d[\w:.-]*|\b[0-9a-f]{8,}\b|\S*c\d+p[0-9a-f]+\S*"
)  # differs in each case


def is_for_all(results: Sequence[CaseResult]) -> bool:
    """Have the first two cases with mail ended with the same error? Then the others have nothing else to say."""
    with_mail = [each for each in results if each.grade is not Grade.UNSUPPORTED and family_of(each) != "configured"]
    if len(with_mail) != 2 or any(each.grade is not Grade.ERROR for each in with_mail):
        return False
    first, second = (_first_words(each.reason) for each in with_mail)
    return first == second


def _first_words(reason: str) -> str:
    """What is not there, or all lines without what differs from case to case."""
    found = MISSING.search(reason)
    return found["path"] if found is not None else _OF_THE_CASE.sub("", reason)


def print_about(console: Console, about: str) -> None:
    """The first line, before anything is read or started."""
    console.print(Text.assemble((f"{'relay':<14}", "dim"), about), soft_wrap=True)


def print_head(console: Console, facts: Iterable[tuple[str, str]], notes: Iterable[str]) -> None:
    """What is checked, behind the first line, before the first case."""
    for name, text in facts:
        console.print(Text.assemble((f"{name:<14}", "dim"), text), soft_wrap=True)
    print_notes(console, notes)
    console.print()


def print_notes(console: Console, notes: Iterable[str]) -> None:
    """What everybody should know before they read on."""
    for note in notes:
        console.print(Text.assemble(("! ", "yellow"), note), soft_wrap=True)


def print_result(console: Console, result: CaseResult) -> None:
    """One case, when it is done: a line; for what is not well also why, and what to change."""
    mark = _MARKS.get(result.grade, "?")
    line = Text(f"{mark} {result.grade.value:<11}", STYLES[result.grade])
    line.append(f"  {result.case_id:<27}", "default")
    line.append(result.title, "dim" if result.grade in (Grade.PASS, Grade.UNSUPPORTED) else "default")
    console.print(line, soft_wrap=True)
    if result.grade is Grade.PASS:
        return
    if result.reason:
        _indented(console, result.reason.splitlines()[:12], "dim" if result.grade is Grade.UNSUPPORTED else "default")
    if result.grade in (Grade.FAIL, Grade.DEVIATION, Grade.ERROR) or result.assertions:
        _indented(console, (f"seen: {each}" for each in result.why[:4]), "default")
        if len(result.why) > 4:
            _indented(console, [f"… and {len(result.why) - 4} more"], "dim")
        _indented(console, (f"change: {each}" for each in result.advice), "cyan")


def print_report(console: Console, report: RelayReport, *, verbose: bool) -> None:
    """Behind the last case: the settings that were replaced, the counts; with ``verbose`` traces and dialogues."""
    console.print()
    if report.replaced:
        console.print(Text("not as you have it, for the private instance:", "bold"))
        for each in report.replaced:
            why = f"  ({each.why})" if each.why else ""
            line = Text.assemble(
                f"  {each.name}: ", (each.old or "(default)", "dim"), " → ", each.new or "(empty)", (why, "dim")
            )
            console.print(line, soft_wrap=True)
        console.print()
    for result in report.results if verbose else ():
        if result.grade in (Grade.FAIL, Grade.DEVIATION, Grade.ERROR):
            _print_detail(console, result)
    late = _late(report.results)
    if late:
        text = f"{len(late)} not seen in time, so nothing is known of them: --patience SECONDS"
        console.print(Text.assemble(("! ", "yellow"), text), soft_wrap=True)
    if any(each.advice for each in report.results) and not report.mta_known:
        text = f"--mta NAME names the settings to change: {', '.join(MAIL_SERVERS)}"
        console.print(Text.assemble(("! ", "yellow"), text), soft_wrap=True)
    line = Text("")
    for grade, count in counts(report.results).items():
        if count:
            line.append(", " if line else "")
            line.append(f"{count} {grade.value}", STYLES[grade])
    line.append(f"  in {report.seconds:.1f} s", "dim")
    console.print(line)


def _print_detail(console: Console, result: CaseResult) -> None:
    console.print(Text(f"{result.case_id}: {result.requirement}", "bold"), soft_wrap=True)
    for name, lines in (
        ("why, by the emulator", explanation_of(result).splitlines()),
        ("dialogue", result.transcript),
        ("log of the relay", result.log),
    ):
        if lines:
            console.print(Text(f"  {name}:", "dim"))
            _indented(console, lines, "dim")
    console.print()


def _indented(console: Console, lines: Iterable[str], style: str) -> None:
    for line in lines:
        console.print(Text(f"    {line}", style), soft_wrap=True)
