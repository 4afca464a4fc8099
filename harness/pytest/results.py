"""What the process that the user started does with results: writes ``results.jsonl``, sets the exit status."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.reporters.jsonl import to_line

__all__ = ["EXIT_ERROR", "EXIT_USAGE", "ResultSink"]

EXIT_ERROR = 3  # the harness could not do its work
EXIT_USAGE = 4  # a scenario is wrong, as for a wrong option


class ResultSink:
    """One writer: results come here from every xdist worker on the reports."""

    def __init__(self, config: pytest.Config) -> None:
        out = config.getoption("--fakeeop-out")
        self._path = Path(out).resolve() / "results.jsonl" if out else None
        self._file: int | None = None
        self._errors = False
        self._broken_files = False
        self._left = False

    def note_leftovers(self, left: list[str]) -> None:
        """Processes and folders that cases left behind: an error of the harness, whatever the cases say."""
        self._left = self._left or bool(left)
        for each in left:
            print(f"harness: left over: {each}", file=sys.stderr)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist has ended; it sends what it found."""
        self.note_leftovers(getattr(node, "workeroutput", {}).get("fakeeop-leftovers", []))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result from the last report of a case."""
        tree: dict[str, Any] | None = getattr(report, "fakeeop_result", None)
        if tree is None:
            return
        self._errors = self._errors or tree["grade"] == "error"
        if self._path is not None:
            os.write(self._opened(self._path), to_line(tree))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice a scenario that cannot be read."""
        if report.failed and report.nodeid.endswith((".yaml", ".yml")):
            self._broken_files = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """3 and 4 tell an error of the harness and a wrong scenario from a failed case (1)."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._left:
            session.exitstatus = EXIT_ERROR
        elif exitstatus in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            if self._broken_files:
                session.exitstatus = EXIT_USAGE
            elif self._errors and exitstatus == pytest.ExitCode.TESTS_FAILED:
                session.exitstatus = EXIT_ERROR

    def _opened(self, path: Path) -> int:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        return self._file
