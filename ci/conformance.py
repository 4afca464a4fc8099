"""Write docs/conformance.md: every row of evidence/rows.md, what shows it, and what that rests on.

Usage: python ci/conformance.py [--check]      --check writes nothing; exit code 1 if the file is out of date.

A scenario shows a row if one of its ``evidence`` entries names it, as in ``evidence/rows.md C21: …``. What cannot be
seen on the wire is shown by a unit test, listed in ``TESTED``; what waits for a feature stands in ``LATER``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from attrs import frozen

from fakeeop.config.marked import load_marked

__all__ = ["LATER", "TESTED", "Row", "Shown", "page", "read_rows", "read_scenarios"]

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "evidence" / "rows.md"
PAGE = ROOT / "docs" / "conformance.md"

_CMDLETS = "tests/exoshell/cmdlets/test_rows.py"

# Rows that a unit test shows, since no client can see them → the test, or the file that the test reads.
TESTED: dict[str, str] = {
    **dict.fromkeys((f"C{number}" for number in range(140, 161)), _CMDLETS),
    "C184": "tests/fakeeop/cli/serve/test_options_submission.py",
}

# Rows that nothing shows yet → the feature that is missing. A row stands here, above, or in a scenario; in one only.
LATER: dict[str, str] = {}

_NUMBER = re.compile(r"\bC\d{2,3}\b")
_SOURCE = re.compile(r"\[([A-Za-z0-9-]+)\]")
_TABLE = "| row | situation | outcome | confidence | shown by | evidence |\n" + "|---" * 6 + "|"
_HEAD = """# Conformance

What is known of the service, row by row, and the scenarios and tests that hold the emulator to it. Rows, their numbers
and the confidence letters are those of [evidence/rows.md](../evidence/rows.md), tags in brackets those of
[evidence/sources.md](../evidence/sources.md). A scenario marked *knob* runs on every side of a question that the
sources leave open. Written by `python ci/conformance.py`; a test compares.
"""


@frozen
class Row:
    """One row of evidence/rows.md; ``group`` is the heading it stands under."""

    id: str
    group: str
    situation: str
    outcome: str
    confidence: str
    sources: str


@frozen
class Shown:
    """One scenario: its id, level, and what it cites for each row it names."""

    id: str
    level: str
    knob: bool
    rows: dict[str, tuple[str, ...]]  # row → source tags, or "assumption"


def read_rows(path: Path = ROWS) -> dict[str, Row]:
    """Every row, in order."""
    found: dict[str, Row] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line[3:]
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| C") and len(cells) == 6:
            found[cells[0]] = Row(cells[0], group, cells[1], cells[2], cells[3], cells[4])
    return found


def read_scenarios(folder: Path = ROOT / "scenarios") -> tuple[Shown, ...]:
    """Every scenario, by id."""
    return tuple(_shown(path, folder) for path in sorted(folder.rglob("*.yaml")))


def _shown(path: Path, folder: Path) -> Shown:
    tree = load_marked(path.read_text(encoding="utf-8"), str(path))
    rows: dict[str, tuple[str, ...]] = {}
    for entry in tree["evidence"]:
        text = entry.get("ref") or entry.get("note")
        cited = tuple(_SOURCE.findall(text)) if "ref" in entry else ("assumption",)
        for row in _NUMBER.findall(text):
            rows[row] = rows.get(row, ()) + cited
    return Shown(path.relative_to(folder).with_suffix("").as_posix(), tree["level"], "knob" in tree["tags"], rows)


def page(rows: dict[str, Row], scenarios: tuple[Shown, ...]) -> str:
    """The text of docs/conformance.md."""
    lines = [_HEAD]
    shown = sum(any(row in scenario.rows for scenario in scenarios) for row in rows)
    lines.append(
        f"Of {len(rows)} rows, {shown} are shown by scenarios (there are {len(scenarios)}), {len(TESTED)} by unit"
        f" tests, and {len(LATER)} wait for a feature that is not there yet.\n"
    )
    group = ""
    for row in rows.values():
        if row.group != group:
            group = row.group
            lines.append(f"## {group}\n\n{_TABLE}")
        cells = [row.id, row.situation, row.outcome, row.confidence, *_cells(row, scenarios)]
        lines.append("| " + " | ".join(cells) + " |")
        if row is _last_of(rows, group):
            lines.append("")
    others = [scenario for scenario in scenarios if not scenario.rows]
    lines.append("## Beside the rows\n\n" + "\n".join(f"* {_link(scenario)}" for scenario in others))
    return "\n".join(lines).rstrip() + "\n"


def _last_of(rows: dict[str, Row], group: str) -> Row:
    return [row for row in rows.values() if row.group == group][-1]


def _cells(row: Row, scenarios: tuple[Shown, ...]) -> tuple[str, str]:
    naming = [scenario for scenario in scenarios if row.id in scenario.rows]
    cited = dict.fromkeys(tag for scenario in naming for tag in scenario.rows[row.id])
    links = "<br>".join(_link(scenario) for scenario in naming) or _elsewhere(row.id)
    return links, ", ".join(cited) or row.sources


def _elsewhere(row: str) -> str:
    """What stands in place of a scenario."""
    if row in TESTED:
        return f"[{TESTED[row].rpartition('/')[2]}](../{TESTED[row]})"
    return f"later: {LATER[row]}"


def _link(scenario: Shown) -> str:
    marks = ", ".join(mark for mark in (scenario.level, "knob" if scenario.knob else "") if mark)
    return f"[{scenario.id}](../scenarios/{scenario.id}.yaml) ({marks})"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    text = page(read_rows(), read_scenarios())
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/conformance.md is out of date: run python ci/conformance.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
