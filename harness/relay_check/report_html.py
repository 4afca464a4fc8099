"""The report as one HTML file: no network, no script; everything that comes from mail or a log is escaped."""

from __future__ import annotations

from html import escape

from harness.model.result import CaseResult, Grade
from harness.relay_check.report import RelayReport, counts_text, explanation_of, source_of

__all__ = ["html_report"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .2rem .5rem; border-bottom: 1px solid #8884;
text-align: left; vertical-align: top; }
.g { display: inline-block; min-width: 6em; text-align: center; border-radius: .25em; color: #fff; font-weight: 600;
font-size: .85em; }
.pass { background: #1a7f37; } .fail, .error { background: #cf222e; } .deviation { background: #9a6700; }
.unsupported, .skip { background: #6e7781; }
pre { overflow-x: auto; background: #8881; padding: .7rem; border-radius: .4rem; font-size: .85em; }
code { background: #8881; padding: 0 .2em; } summary { cursor: pointer; } .dim { color: GrayText; }
"""


def html_report(report: RelayReport) -> str:
    """The whole page."""
    title = "Relay check"
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
        f"<p><b>{escape(counts_text(report.results))}</b></p>",
        _facts(report),
        *(f"<p>! {escape(note)}</p>" for note in report.notes),
        "<table><tr><th>grade</th><th>case</th><th></th></tr>",
        *(_row(each) for each in report.results),
        "</table>",
        _replaced(report),
        "<h2>Cases</h2>",
        *(_case(each) for each in report.results),
        "<p><small>Unofficial; not affiliated with Microsoft.</small></p></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _facts(report: RelayReport) -> str:
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in report.facts)
    return f"<table>{rows}</table>"


def _row(result: CaseResult) -> str:
    name = escape(result.case_id)
    return (
        f'<tr><td>{_badge(result.grade)}</td><td><a href="#{name}">{name}</a></td><td>{escape(result.title)}</td></tr>'
    )


def _badge(grade: Grade) -> str:
    return f'<span class="g {grade.value}">{grade.value}</span>'


def _replaced(report: RelayReport) -> str:
    if not report.replaced:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(each.name)}</code></td><td>{escape(each.old or '(default)')}</td>"
        f"<td>{escape(each.new or '(empty)')}</td><td class=dim>{escape(each.why)}</td></tr>"
        for each in report.replaced
    )
    head = "<h2>Settings that were replaced</h2><table><tr><th></th><th>yours</th><th>here</th><th></th></tr>"
    return f"{head}{rows}</table>"


def _case(result: CaseResult) -> str:
    name, source = escape(result.case_id), escape(f"{result.level}; {source_of(result)}")
    parts = [
        f'<section id="{name}"><h3>{_badge(result.grade)} {name}</h3>',
        f"<p>{escape(result.requirement)} <span class=dim>({source})</span></p>",
        f"<p>{escape(result.reason)}</p>" if result.reason else "",
        _list("seen", [f"{'✓' if each.holds else '✗'} {each.text}" for each in result.assertions]),
        _list("change", list(result.advice)),
        _details("why, by the emulator", explanation_of(result)),
        _details("dialogue", "\n".join(result.transcript)),
        _details("log of the relay", "\n".join(result.log)),
        "</section>",
    ]
    return "".join(parts)


def _list(name: str, items: list[str]) -> str:
    if not items:
        return ""
    return f"<p>{name}:</p><ul>{''.join(f'<li>{escape(each)}</li>' for each in items)}</ul>"


def _details(name: str, text: str) -> str:
    return f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>" if text else ""
