"""``fakeeop explain CODE``: what a reply means, when it is given, who says so and how sure that is."""

from __future__ import annotations

import json
import sys
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.smtp.replies.every import EVERY, STAGES, find_rows
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS, ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE

__all__ = ["explain_code"]


def explain_code(text: str, *, as_json: bool) -> int:
    """Print every reply that ``text`` (a code, a status, a whole logged reply) can be; 1 if it is not one we know."""
    rows = find_rows(text)
    if as_json:
        print(json.dumps({"query": text, "replies": [_tree(row) for row in rows]}, indent=2, ensure_ascii=False))
    elif rows:
        style = Style(sys.stdout)
        print("\n\n".join("\n".join(_lines(row, style)) for row in rows))
    else:
        print(_unknown(text), file=sys.stderr)
    return exits.FINE if rows else exits.NO


def _unknown(text: str) -> str:
    known = sorted({row.status for row in EVERY if row.code >= 400 and row.status})
    return f"no reply here is {text!r}; refusals and errors known: {', '.join(known)}"


def _advice(row: ReplyRow) -> tuple[str, ...]:
    return CODE_ADVICE.get(reason_of(row), ())


def _stages(row: ReplyRow) -> str:
    return ", ".join(STAGES.get(stage, stage) for stage in row.stages)


def _who(row: ReplyRow) -> str:
    return KINDS[row.kind] + (" (here: only as a fault)" if row.by == "fault" else "")


def _lines(row: ReplyRow, style: Style) -> list[str]:
    lines = [
        style.bold(row.line),
        f"  when:       {row.trigger}",
        f"  stage:      {_stages(row)}",
        f"  who:        {_who(row)}",
        f"  source:     {row.source}",
        f"  confidence: {CONFIDENCE.get(row.confidence, row.confidence)}",
    ]
    advice = _advice(row)
    if advice:
        lines += ["  what to do:", *(f"    - {sentence}" for sentence in advice)]
    return lines


def _tree(row: ReplyRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "code": row.code,
        "status": row.status,
        "text": row.text,
        "stages": list(row.stages),
        "trigger": row.trigger,
        "source": row.source,
        "confidence": row.confidence,
        "kind": row.kind,
        "by": row.by,
        "advice": list(_advice(row)),
    }
