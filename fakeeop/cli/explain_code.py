"""``fakeeop explain CODE``: what a reply means, when it is given, who says so and how sure that is."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.reading.ndr.report import read
from fakeeop.smtp.replies.every import EVERY, STAGES, lookup
from fakeeop.smtp.replies.matching import SaidReply, match_reply, said_reply
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS, ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE
from fakeeop.why.code_causes import REAL_ROWS, cause_of

__all__ = ["explain_code"]

_IN_FULL = 8  # rows; more of them are listed
_SIMILAR = 8  # rows that are shown beside a text that is not known
_WIDTH = 79
_SUBJECTS = {
    "1": "address",
    "2": "mailbox",
    "3": "mail system",
    "4": "routing",
    "5": "dialogue",
    "6": "content",
    "7": "policy",
}
_SUFFIX = re.compile(r"\s*\[[^\]]*\]")


def explain_code(text: str, *, as_json: bool) -> int:
    """Print every reply that ``text`` (a code, a status, a whole logged reply) can be; 1 if it is not one we know."""
    rows = _found(text)
    if as_json:
        print(json.dumps({"query": text, "replies": [_tree(row) for row in rows]}, indent=2, ensure_ascii=False))
    elif rows:
        style = Style(sys.stdout)
        print(
            _overview(text, rows)
            if len(rows) > _IN_FULL
            else "\n\n".join("\n".join(_lines(row, style)) for row in rows)
        )
    else:
        similar = _similar(text)
        print(_unknown(text, similar), file=sys.stdout if similar else sys.stderr)
    return exits.FINE if rows else exits.NO


def _found(text: str) -> tuple[ReplyRow, ...]:
    """By code, status, key or words of a row; else by the words of a logged reply."""
    plain = _SUFFIX.sub("", text).strip().rstrip(".… ").replace("-", " ", 1 if text[3:4] == "-" else 0)
    rows = lookup(text) or lookup(plain)
    if rows:
        return rows
    said = _said(text)
    row = match_reply(said, REAL_ROWS, cause_of) or match_reply(said, EVERY)
    return (row,) if row is not None else ()


def _said(text: str) -> SaidReply:
    """The reply in a line of a log, or the text itself."""
    found = next((each for each in read(text).findings if each.reply), None)
    said = said_reply(found.reply if found is not None and found.reply else text)
    return said if said.status or found is None else SaidReply(said.code, found.status, said.words)


def _similar(text: str) -> tuple[ReplyRow, ...]:
    said = _said(text)
    return lookup(said.status) if said.status else ()


def _unknown(text: str, similar: tuple[ReplyRow, ...]) -> str:
    if not similar:
        known = sorted({row.status for row in EVERY if row.code >= 400 and row.status})
        return textwrap.fill(f"no reply here is {text!r}; refusals and errors known: {', '.join(known)}", _WIDTH)
    status = similar[0].status
    head = (
        f"This text is not known here; {status} alone does not say what is meant. "
        f"Other replies with {status}, which are not this one:"
    )
    more = [f"  … and {len(similar) - _SIMILAR} more"] if len(similar) > _SIMILAR else []
    return "\n".join([textwrap.fill(head, _WIDTH), *map(_short, similar[:_SIMILAR]), *more])


def _overview(text: str, rows: tuple[ReplyRow, ...]) -> str:
    """On one screen: the statuses of a code, or a line for each row."""
    statuses = list(dict.fromkeys(row.status for row in rows))
    head = f"{text}: {len(rows)} replies are known"
    if len(statuses) <= 2:
        return "\n".join([f"{head}; 'fakeeop explain KEY' explains one", *map(_short, rows)])
    lines = [f"{head}. With these statuses ('fakeeop explain {statuses[-1] or statuses[0]}' explains one):"]
    for digit, name in _SUBJECTS.items():
        some = sorted({each for each in statuses if each[2:3] == digit}, key=_in_order)
        if some:
            lines += textwrap.wrap(" ".join(some), _WIDTH, initial_indent=f"  {name:<13}", subsequent_indent=" " * 15)
    bare = [row.key for row in rows if not row.status]
    if bare:
        lines += textwrap.wrap(", ".join(bare), _WIDTH, initial_indent="  no status    ", subsequent_indent=" " * 15)
    return "\n".join(lines)


def _in_order(status: str) -> tuple[int, ...]:
    return tuple(int(part) for part in status.split("."))


def _short(row: ReplyRow) -> str:
    return textwrap.shorten(f"{row.key}: {row.line}", _WIDTH - 2, placeholder=" …").join(("  ", ""))


def _advice(row: ReplyRow) -> tuple[str, ...]:
    return CODE_ADVICE.get(row.key) or CODE_ADVICE.get(reason_of(row), ())


def _stages(row: ReplyRow) -> str:
    return ", ".join(STAGES.get(stage, stage) for stage in row.stages)


def _who(row: ReplyRow) -> str:
    here = {"fault": " (here: only as a fault)", "never": " (never here)"}
    return KINDS[row.kind] + here.get(row.by, "")


def _lines(row: ReplyRow, style: Style) -> list[str]:
    cause = cause_of(row) if row.code >= 400 else None
    lines = [
        style.bold(row.line),
        *([f"  cause:      {cause}"] if cause else []),
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
        "cause": cause_of(row) if row.code >= 400 else None,
        "trigger": row.trigger,
        "source": row.source,
        "confidence": row.confidence,
        "kind": row.kind,
        "by": row.by,
        "advice": list(_advice(row)),
    }
