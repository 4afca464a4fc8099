"""The change calendar as a page of the documentation and as a picture."""

from __future__ import annotations

from datetime import date
from html import escape

from fakeeop.decision.calendar import CALENDAR, STATUS, TOUCHES

__all__ = ["markdown", "picture"]

_LEFT, _WIDTH, _ROW, _TOP = 20, 1_000, 16, 46
_COLOURS = {"done": "#2b6cb0", "announced": "#c05621", "cancelled": "#718096"}
_MARKS = {"done": "in force", "announced": "announced", "cancelled": "did not happen"}


def markdown() -> str:
    """``docs/calendar.md``."""
    lines = [
        "# Change calendar",
        "",
        "<!-- made by: fakeeop eras --markdown -->",
        "",
        "What changed in Exchange Online for relays, what is announced, and what was announced and did not happen.",
        "Days are those of public sources ([evidence/sources.md](../evidence/sources.md)); changes without a day are",
        "at the end. `fakeeop eras --within 60d` lists what comes near. We are not affiliated with Microsoft;",
        "dates move: check the message center of your tenant.",
        "",
        "![Time line of the changes](calendar.svg)",
        "",
        "| when | id | who | what | do | status, earlier plans | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in CALENDAR:
        status = "; ".join(filter(None, (STATUS[row.status], row.notes, f"confidence {row.sure}")))
        knobs = "".join(f"; knob `{name}`" for name in row.acts)
        source = "; ".join(filter(None, (row.reference, row.source)))
        cells = (row.shown(), f"`{row.id}`", row.scope, row.what + knobs, row.do, status, source)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    lines += ["", "## Who is concerned", "", "| `--for` | concerns |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in TOUCHES.items()]
    return "\n".join(lines) + "\n"


def picture() -> str:
    """``docs/calendar.svg``: a time line; each change with a day is one line, in order of time."""
    dated = [(row.begin, row) for row in CALENDAR if row.begin is not None]
    first, last = min(begin for begin, _ in dated).year, max(begin for begin, _ in dated).year + 1
    height = _TOP + _ROW * len(dated) + 20

    def across(day: date) -> float:
        share = (day.year - first + (day.timetuple().tm_yday - 1) / 366) / (last - first)
        return round(_LEFT + share * _WIDTH, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 320} {height}" role="img"'
        ' font-family="sans-serif" font-size="11">',
        "<title>Changes of Exchange Online that concern relays</title>",
        f'<rect width="{_LEFT + _WIDTH + 320}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (status, text) in enumerate(_MARKS.items()):
        parts.append(f'<circle cx="{_LEFT + 6 + number * 130}" cy="12" r="4" fill="{_COLOURS[status]}"/>')
        parts.append(f'<text x="{_LEFT + 16 + number * 130}" y="16">{text}</text>')
    for year in range(first, last + 1):
        at = across(date(year, 1, 1))
        parts.append(f'<line x1="{at}" y1="30" x2="{at}" y2="{height - 10}" stroke="#e2e8f0"/>')
        parts.append(f'<text x="{at + 3}" y="40" fill="#4a5568">{year}</text>')
    for number, (begin, row) in enumerate(sorted(dated, key=lambda each: (each[0], each[1].id))):
        y, x, colour = _TOP + _ROW * number + 10, across(begin), _COLOURS[row.status]
        if row.end is not None and row.end != begin:
            width = max(across(row.end) - x, 1)
            parts.append(f'<rect x="{x}" y="{y - 4}" width="{width:.1f}" height="8" fill="{colour}" opacity="0.35"/>')
        parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 8}" y="{y + 4}">{escape(row.shown())} {escape(row.id)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
