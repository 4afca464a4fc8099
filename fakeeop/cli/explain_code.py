"""``fakeeop explain CODE``: what a reply means, when it is given, who says so and how sure that is."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.decision.code_advice import CODE_ADVICE
from fakeeop.smtp.replies import CONFIDENCE, KINDS, ReplyRow, reason_of
from fakeeop.smtp.reply_table import EVERY, lookup

__all__ = ["STAGES", "explain_code", "find_rows"]

STAGES = {
    "rcpt": "RCPT TO",
    "mail": "MAIL FROM",
    "message": "end of data",
    "data": "DATA",
    "ehlo": "EHLO",
    "auth": "AUTH",
}
_SUFFIX = re.compile(r"\s*\[[^\]]*\]")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def explain_code(text: str, *, as_json: bool) -> int:
    """Print every reply that ``text`` (a code, a status, a whole logged reply) can be; 1 if it is none we know."""
    rows = find_rows(text)
    if as_json:
        print(json.dumps({"query": text, "replies": [_tree(row) for row in rows]}, indent=2, ensure_ascii=False))
    elif rows:
        style = Style(sys.stdout)
        print("\n\n".join("\n".join(_lines(row, style)) for row in rows))
    else:
        print(_unknown(text), file=sys.stderr)
    return exits.FINE if rows else exits.NO


def find_rows(text: str) -> tuple[ReplyRow, ...]:
    """First as given, then without suffixes and cut-off ends, then by the enhanced status code alone."""
    plain = _SUFFIX.sub("", text).strip().rstrip(".… ").replace("-", " ", 1 if text[3:4] == "-" else 0)
    status = _STATUS.search(text)
    for query in (text, plain, status[0] if status else ""):
        rows = lookup(query) if query else ()
        if rows:
            return rows
    return ()


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
