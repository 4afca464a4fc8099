"""The matrix as one HTML file: no network, no script; grades coloured and lettered; a cell leads to its case."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from harness.model.result import CaseResult, Grade, RunResult
from harness.reporters.summary import LETTERS, MEANINGS, Cell, Matrix, counts_text, matrix, warnings
from harness.scenario.roots import command_again

__all__ = ["html_report"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; position: sticky; top: 0; background: Canvas; }
td, th { padding: .18rem .5rem; border-bottom: 1px solid #8884; vertical-align: top; }
td.cell { white-space: nowrap; } td small { color: GrayText; }
.g { display: inline-block; min-width: 1.5em; text-align: center; border-radius: .25em; padding: 0 .3em; margin: 0 1px;
     color: #fff; text-decoration: none; font-weight: 600; font-size: .85em; }
.pass { background: #1a7f37; } .fail, .error { background: #cf222e; } .deviation { background: #9a6700; }
.known-gap { background: #8250df; } .unsupported, .skip { background: #6e7781; }
pre { overflow-x: auto; background: #8881; padding: .7rem; border-radius: .4rem; font-size: .85em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0; } dt { color: GrayText; }
dd { margin: 0; } details { margin: .3rem 0; } summary { cursor: pointer; } .warn { color: #9a6700; }
:target { outline: 3px solid #0969da; outline-offset: .3rem; }
"""


def html_report(run: RunResult, title: str = "Mail relay scenarios") -> str:
    """The whole page. Everything that comes from a scenario, a client or the server is escaped."""
    shown = matrix(run.cases)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p><b>{escape(counts_text(run))}</b> · target {escape(run.target)} · {_when(run)}</p>",
        *(f'<p class="warn">! {escape(warning)}</p>' for warning in warnings(run)),
        _legend(),
        *_table(shown),
        "<h2>Cases</h2>",
        *(
            _case(result, _anchor(result, number))
            for row in shown.rows
            for cell in row.cells.values()
            for number, result in enumerate(cell.results)
        ),
        "<p><small>Unofficial; not affiliated with Microsoft.</small></p></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _when(run: RunResult) -> str:
    return escape(min((result.started for result in run.cases), default=""))


def _legend() -> str:
    items = " ".join(
        f'<span title="{escape(MEANINGS[grade])}"><span class="g {grade.value}">{LETTERS[grade]}</span> '
        f"{grade.value}</span>"
        for grade in Grade
    )
    return f"<p>{items}</p>"


def _table(shown: Matrix) -> Iterator[str]:
    heads = "".join(f"<th>{escape(client)}</th>" for client in shown.clients)
    yield f"<table><thead><tr><th>scenario</th><th>level</th>{heads}</tr></thead><tbody>"
    for row in shown.rows:
        cells = "".join(f'<td class="cell">{_cell(row.cells.get(client))}</td>' for client in shown.clients)
        name = f"{escape(row.scenario_id)}<br><small>{escape(row.title)}</small>"
        yield f"<tr><td>{name}</td><td>{escape(row.level)}</td>{cells}</tr>"
    yield "</tbody></table>"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return "".join(
        f'<a class="g {result.grade.value}" href="#{_anchor(result, number)}" title="{escape(_label(result))}">'
        f"{LETTERS[result.grade]}</a>"
        for number, result in enumerate(cell.results)
    )


def _label(result: CaseResult) -> str:
    return f"{result.variant or result.client}: {result.grade.value}"


def _anchor(result: CaseResult, number: int) -> str:
    """Unique: a repeated case stands in its cell several times."""
    name = "".join(each if each.isalnum() else f"-{ord(each):x}-" for each in result.case_id)
    return f"case{number}-{name}"


def _case(result: CaseResult, anchor: str) -> str:
    facts = {
        "requirement": result.requirement,
        "evidence": "; ".join(result.evidence),
        "level": result.level,
        "client": " ".join(filter(None, (result.client, result.versions.get(result.client, "")))),
        "reason": result.reason,
        "took": f"{result.duration * 1000:.1f} ms",
        "again": command_again("run", result.case_id, result.scenario_path),
        "files": result.artefacts,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    badge = f'<span class="g {result.grade.value}">{LETTERS[result.grade]}</span>'
    parts = [
        f'<section id="{anchor}"><h3>{badge} {escape(result.case_id)}</h3>',
        f"<p>{escape(result.title)}</p><dl>{rows}</dl>",
        f"<pre>{escape(result.text)}</pre>" if result.text else "",
        _details("why the last recipient was refused", result.explanation),
        _details("dialogue", "\n".join(result.transcript)),
        "</section>",
    ]
    return "".join(parts)


def _details(name: str, text: str) -> str:
    if not text:
        return ""
    return f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>"
