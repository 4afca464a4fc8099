"""What every report says of a run: the matrix of scenarios by clients, the counts, the warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from harness.model.result import CaseResult, Grade, RunResult

__all__ = [
    "LETTERS",
    "MEANINGS",
    "Cell",
    "Matrix",
    "MatrixRow",
    "counted",
    "counts_text",
    "folder_of",
    "matrix",
    "warnings",
]

LETTERS = {
    Grade.PASS: "P",
    Grade.DEVIATION: "D",
    Grade.FAIL: "F",
    Grade.KNOWN_GAP: "K",
    Grade.UNSUPPORTED: "U",
    Grade.SKIP: "S",
    Grade.ERROR: "E",
}
MEANINGS = {
    Grade.PASS: "all expectations hold",
    Grade.DEVIATION: "an expectation that is not a must does not hold, or a tolerated branch holds",
    Grade.FAIL: "a must does not hold, or client and journal disagree",
    Grade.KNOWN_GAP: "fails, as is known",
    Grade.UNSUPPORTED: "cannot run here: client, host or target lacks something",
    Grade.SKIP: "not selected",
    Grade.ERROR: "the harness could not do its work",
}
_WORST_FIRST = (
    Grade.ERROR,
    Grade.FAIL,
    Grade.DEVIATION,
    Grade.KNOWN_GAP,
    Grade.UNSUPPORTED,
    Grade.SKIP,
    Grade.PASS,
)
_FIRST_CLIENTS = ("raw", "smtplib", "swaks", "curl", "msmtp", "postfix", "exim")


@frozen
class Cell:
    """One scenario with one client: a result for each variant (and repetition)."""

    results: tuple[CaseResult, ...]

    @property
    def worst(self) -> Grade:
        """The grade that the cell shows."""
        grades = {result.grade for result in self.results}
        return next(grade for grade in _WORST_FIRST if grade in grades)

    @property
    def count(self) -> int:
        """How many have the worst grade."""
        return sum(result.grade is self.worst for result in self.results)


@frozen
class MatrixRow:
    """One scenario."""

    scenario_id: str
    title: str
    level: str
    cells: dict[str, Cell]

    @property
    def worst(self) -> Grade:
        """Over all clients; what cannot run here does not hide a pass."""
        grades = {cell.worst for cell in self.cells.values()}
        return next(grade for grade in _WORST_FIRST if grade in grades)


@frozen
class Matrix:
    """Scenarios by clients, both in a fixed order."""

    clients: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def matrix(cases: Iterable[CaseResult]) -> Matrix:
    """Group results. The order of the results does not matter."""
    by_scenario: dict[str, list[CaseResult]] = {}
    for result in cases:
        by_scenario.setdefault(result.case_id.partition("::")[0], []).append(result)
    rows = tuple(_row(name, results) for name, results in sorted(by_scenario.items()))
    found = {client for row in rows for client in row.cells}
    ordered = [client for client in _FIRST_CLIENTS if client in found]
    return Matrix((*ordered, *sorted(found - set(ordered))), rows)


def _row(name: str, results: list[CaseResult]) -> MatrixRow:
    cells: dict[str, list[CaseResult]] = {}
    for result in sorted(results, key=lambda each: each.case_id):
        cells.setdefault(result.client, []).append(result)
    first = results[0]
    return MatrixRow(name, first.title, first.level, {client: Cell(tuple(each)) for client, each in cells.items()})


def folder_of(scenario_id: str) -> str:
    """The part of an id before its last slash; empty at the top."""
    return scenario_id.rpartition("/")[0]


def counts_text(run: RunResult) -> str:
    """``389 pass, 2 fail``: the grades that occur."""
    counts = run.counts()
    return ", ".join(f"{counts[grade]} {grade.value}" for grade in _SHOWN if counts[grade]) or "nothing ran"


_SHOWN = (
    Grade.PASS,
    Grade.FAIL,
    Grade.ERROR,
    Grade.DEVIATION,
    Grade.KNOWN_GAP,
    Grade.UNSUPPORTED,
    Grade.SKIP,
)


def warnings(run: RunResult) -> list[str]:
    """What can make a pass mean less than it seems."""
    found = []
    for reason, count in _reasons(run.cases).most_common():
        found.append(f"{counted(count, 'case')} unsupported: {reason}")
    assumed = {result.case_id.partition("::")[0] for result in run.cases if result.assumptions}
    musts = {result.case_id.partition("::")[0] for result in run.cases if result.level == "must"} & assumed
    if musts:
        found.append(f"{counted(len(musts), 'must scenario')}: no evidence but assumptions")
    deviations = run.counts()[Grade.DEVIATION]
    if deviations:
        found.append(f"{counted(deviations, 'case')} with a deviation (a failure with --strict)")
    unseen = sum(result.reason.startswith("unobservable") for result in run.cases)
    if unseen:
        found.append(f"{counted(unseen, 'case')} with expectations that neither side could see")
    return found


def _reasons(cases: Iterable[CaseResult]) -> Counter[str]:
    return Counter(result.reason.partition("\n")[0] for result in cases if result.grade is Grade.UNSUPPORTED)


def counted(count: int, what: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{count} {what}{'s' if count != 1 else ''}"
