"""A run in Markdown: for a CI step summary, and for a page that is checked in."""

from __future__ import annotations

from harness.model.result import Grade, RunResult
from harness.reporters.summary import Cell, counts_text, matrix, warnings

__all__ = ["markdown_summary"]

_BREAKING = (Grade.FAIL, Grade.ERROR, Grade.DEVIATION)


def markdown_summary(run: RunResult, title: str = "Scenarios") -> str:
    """Counts, warnings, what did not hold, then the whole table."""
    lines = [f"# {_text(title)}", "", f"**{counts_text(run)}** against target `{run.target}`.", ""]
    lines += [f"- {_text(warning)}" for warning in warnings(run)]
    lines += [""] if warnings(run) else []
    broken = [result for result in run.cases if result.grade in _BREAKING]
    if broken:
        lines += ["## What did not hold", ""]
        for result in broken:
            lines += [f"### {_text(result.case_id)} ({result.grade.value})", "", _text(result.title), ""]
            lines += _fenced(result.text or result.reason)
    shown = matrix(run.cases)
    lines += ["## All scenarios", "", "| scenario | level | " + " | ".join(map(_text, shown.clients)) + " |"]
    lines += ["|---|---|" + "---|" * len(shown.clients)]
    for row in shown.rows:
        cells = " | ".join(_cell(row.cells.get(client)) for client in shown.clients)
        lines.append(f"| {_text(row.scenario_id)}<br>{_text(row.title)} | {row.level} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    many = len(cell.results)
    number = "" if many == 1 else f" {cell.count}" if cell.count == many else f" {cell.count}/{many}"
    text = cell.worst.value + number
    return f"**{text}**" if cell.worst in _BREAKING else text


def _text(text: str) -> str:
    """Markdown's and HTML's own characters made harmless."""
    for character in "\\`*_[]|#":
        text = text.replace(character, "\\" + character)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def _fenced(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence + "text", text, fence, ""]
