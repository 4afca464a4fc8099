from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from harness.mtas.lint import Expected, LintFinding
from harness.relay_lint.reading import lint_relay

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Linter:
    """Writes a configuration and lints it; ``of`` gives (rule, severity, line) of what is found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected = Expected(now=NOW)

    def expect(self, **changes: object) -> Linter:
        self.expected = evolve(self.expected, **changes)  # type: ignore[arg-type]  # names are checked at run time
        return self

    def findings(self, text: str, name: str = "main.cf", kind: str | None = None) -> list[LintFinding]:
        path = self.folder / name
        path.write_text(text)
        return lint_relay(path, self.expected, kind)[1]

    def of(self, text: str, name: str = "main.cf") -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {
            each.rule: (each.severity, each.line) for each in self.findings(text, name)
        }
        assert all(each.fix for each in self.findings(text, name)), "a finding without a fix"
        return found


@pytest.fixture
def linter(tmp_path: Path) -> Linter:
    return Linter(tmp_path)
