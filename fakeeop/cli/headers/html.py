"""The page of ``fakeeop headers --html``: one file, no network, everything that came in a message escaped."""

from __future__ import annotations

from html import escape
from typing import Any

from fakeeop.cli.headers.text import hops_text, passages_text

__all__ = ["page"]

_HOP_HEADS = ("hop", "from", "by", "with", "id", "for", "via", "time (UTC)", "delay", "percent")
_THROUGH = {True: "Through a connector: yes", False: "Through a connector: no"}
_STYLE = """\
body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}
th,td{text-align:left;padding:.3em .6em;vertical-align:top;border-bottom:1px solid #ddd;
overflow-wrap:anywhere}th{background:#f3f3f3}code{font-size:.85em;color:#555}
.bar{background:#2b7a4b;height:.8em;display:inline-block;border-radius:2px}.late{color:#b00020}.pass{color:#186a3b}
.fail{color:#b00020}.yes{border-left:6px solid #2b7a4b;padding-left:1em}
.no{border-left:6px solid #b00020;padding-left:1em}
.unknown{border-left:6px solid #888;padding-left:1em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th{background:#262626}th,td{border-color:#333}
code{color:#aaa}}"""


_MARKS = {True: "yes", False: "no", None: "unknown"}


def page(tree: dict[str, Any]) -> str:
    """The whole page of an analysis (``fakeeop.cli.headers.command.analysed``)."""
    verdict = tree["verdict"]
    mark, through = _MARKS[verdict["through-connector"]], _through(verdict)
    total = f" <small>({escape(tree['total'])} in all)</small>" if tree["total"] else ""
    subject = escape(tree["summary"].get("Subject") or "a message")
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{subject}: hops and verdict</title><style>{_STYLE}</style></head><body>
<h1>{subject}</h1>
{_table(("", ""), [(name, escape(value)) for name, value in tree["summary"].items() if value])}
<h2>Verdict</h2><div class="{mark}"><p>{through}.</p>{_told(verdict)}</div>
<h2>Hops{total}</h2>
{_table(_HOP_HEADS, [_hop(each) for each in tree["hops"]])}
<h2>Authentication</h2>
{_table(("method", "result", "", "", "means"), [_authentication(each) for each in tree["authentication"]])}
<h2>Antispam</h2>
{_table(("key", "value", "is", "means"), [_antispam(each) for each in tree["antispam"]])}
<p><small>Made by fakeeop headers. Unofficial, not affiliated with Microsoft.</small></p></body></html>
"""


def _through(verdict: dict[str, Any]) -> str:
    return _THROUGH.get(verdict["through-connector"], "Through a connector: cannot be seen here")


def _told(verdict: dict[str, Any]) -> str:
    """The statements, of each passage if there are several."""
    if not verdict["passages"]:
        return "".join(map(_statement, verdict["statements"]))
    found = [f"<p>{passages_text(verdict).capitalize()}.</p>"]
    for number, passage in enumerate(verdict["passages"], 1):
        head = f"Passage {number}, {hops_text(passage['hops'])}"
        told = "".join(map(_statement, passage["statements"]))
        mark = _MARKS[passage["through-connector"]]
        found.append(f'<h3>{head}</h3><div class="{mark}"><p>{_through(passage)}.</p>{told}</div>')
    return "".join(found)


def _statement(each: dict[str, Any]) -> str:
    evidence = "".join(f"<br><code>{escape(line)}</code>" for line in each["evidence"])
    return f"<p><b>{escape(each['subject'])}</b>: {escape(each['text'])}{evidence}</p>"


def _hop(hop: dict[str, Any]) -> tuple[str, ...]:
    late = hop["seconds"] is not None and hop["seconds"] < 0
    delay = f'<span class="late">{hop["delay"]}</span>' if late else hop["delay"]
    bar = f'<span class="bar" style="width:{hop["percent"]:.0f}px"></span>' if hop["percent"] else ""
    texts = (escape(hop[name]) for name in ("from", "by", "with", "id", "for", "via"))
    return (str(hop["hop"]), *texts, hop["date"] or "no date", delay, bar)


def _authentication(each: dict[str, str]) -> tuple[str, ...]:
    kind = "pass" if each["result"] == "pass" else "fail" if "fail" in each["result"] else ""
    result = f'<span class="{kind}">{escape(each["result"])}</span>'
    return (escape(each["method"]), result, escape(each["comment"]), escape(each["properties"]), each["meaning"])


def _antispam(each: dict[str, str]) -> tuple[str, ...]:
    return (escape(each["key"]), escape(each["value"]), each["is"], each["meaning"])


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """``rows`` are HTML already."""
    if not rows:
        return "<p>nothing</p>"
    head = "".join(f"<th>{each}</th>" for each in heads) if any(heads) else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"
