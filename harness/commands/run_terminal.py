"""pytest's terminal reporter replaced: progress while it runs, results kept for the reports."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from harness.model.result import CaseResult, Grade, RunResult
from harness.reporters.jsonl import from_tree
from harness.reporters.summary import counted

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["RunTerminal"]


class RunTerminal:
    """A plugin object for ``pytest.main``, whose own reporter is blocked. ``console`` None: say nothing but errors."""

    def __init__(self, console: Console | None, *, verbose: bool, seed: str, root: Path) -> None:
        self._console = console
        self._verbose = verbose
        self._seed = seed
        self._root = root
        self._cases: list[CaseResult] = []
        self._other: list[str] = []  # failures that are no case: teardown, a worker that died
        self._began = monotonic()
        self._total = 0
        self._live = console is not None and console.is_terminal and not verbose and sys.stdout.isatty()

    def result(self, out: Path, target: str) -> RunResult:
        """The run so far."""
        seed = int(self._seed) if self._seed.isdigit() else None
        return RunResult(tuple(self._cases), target=target, seed=seed, out=str(out), duration=monotonic() - self._began)

    def print_breaking(self) -> None:
        """What broke the run and is no case of it, again, at the end where it is seen."""
        if self._console is not None:
            for text in self._other:
                self._console.print(text, style="red", markup=False)

    # ---- pytest's hooks

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The head line."""
        self._total = len(session.items)
        if self._console is None or not self._total or session.testsfailed:
            return
        scenarios = len({str(item.path) for item in session.items})
        head = f"{counted(self._total, 'case')} of {counted(scenarios, 'scenario')} in {_short(self._root)}"
        self._console.print(head, style="bold", markup=False)
        self._console.print()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read."""
        if report.failed:
            print(report.longrepr, file=sys.stderr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result; show it, or the progress."""
        tree: dict[str, Any] | None = getattr(report, "fakeeop_result", None)
        if tree is not None:
            self._cases.append(from_tree(tree))
            self._show(self._cases[-1])
        elif report.failed and (report.when == "teardown" or "worker" in str(report.longrepr)):
            self._other.append(f"{report.nodeid}: {report.longrepr}")

    def pytest_sessionfinish(self) -> None:
        """Clear the progress line."""
        if self._live:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()

    def pytest_internalerror(self, excrepr: object) -> bool:
        """pytest itself broke."""
        print(f"harness run: pytest broke:\n{excrepr}", file=sys.stderr)
        return True

    def _show(self, result: CaseResult) -> None:
        if self._console is None:
            return
        if self._verbose:
            from harness.reporters.terminal import case_line  # noqa: PLC0415  loads rich's text

            self._console.print(case_line(result), soft_wrap=True)
        elif self._live:
            bad = sum(each.grade in (Grade.FAIL, Grade.ERROR) for each in self._cases)
            of = f"/{self._total}" if self._total else ""
            tail = f"  {bad} failed" if bad else ""
            line = f"{len(self._cases)}{of}{tail}  {result.case_id}"
            width = (os.get_terminal_size().columns or 80) - 1
            sys.stdout.write(f"\r\x1b[K{line[:width]}")
            sys.stdout.flush()


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
