"""Every reply that is known, ours or not: looking one up, and the page of the documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fakeeop.smtp.replies.elsewhere import ELSEWHERE
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS, ROWS, ReplyRow, reply_rows

__all__ = ["EVERY", "PLACEHOLDERS", "docs_text", "lookup"]

EVERY: tuple[ReplyRow, ...] = (*ROWS, *reply_rows(ELSEWHERE))
PLACEHOLDERS = {
    "box": "the front box, as in the banner",
    "date": "the date of RFC 5322",
    "domain": "the domain of the recipient",
    "dump": "made-up diagnostic octets",
    "duration": "hh:mm:ss",
    "host": "a box behind the front",
    "internal_id": "a number",
    "ip": "the address of the client",
    "message_id": "the Message-ID, in angle brackets",
    "octets": "a number",
    "rate": "KB in a second, three decimals",
    "recipient": "the forward-path",
    "seconds": "three decimals",
    "sender": "the reverse-path",
    "sender_domain": "the domain of the sender, in capitals",
    "session": "a blank and the session id in brackets, or nothing",
    "size": "the limit in octets",
    "starttls": "the line STARTTLS, or nothing",
    "user": "the mailbox that signed in",
    "verb": "what the client said for a verb",
}

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


def lookup(text: str, rows: Sequence[ReplyRow] = EVERY) -> tuple[ReplyRow, ...]:
    """The rows that ``text`` names: an enhanced status code, a reply code, both, a row key, or words of the text.

    >>> [row.key for row in lookup("550 5.7.68")]
    ['direct-send-rejected']
    """
    words = text.strip().rstrip(".").split()
    if not words:
        return ()
    code = int(words[0]) if words[0].isascii() and words[0].isdigit() else None
    rest = words[1:] if code is not None else words
    status = rest[0] if rest and rest[0].replace(".", "").isdigit() and rest[0].count(".") == 2 else None
    phrase = " ".join(rest[1:] if status else rest).lower()
    return tuple(
        row
        for row in rows
        if (code is None or row.code == code)
        and (status is None or row.status == status)
        and (not phrase or phrase in row.text.lower() or phrase == row.key or _begins(phrase, row.text.lower()))
    )


def _begins(phrase: str, text: str) -> bool:
    """True if ``phrase`` is a pasted reply: the row's text up to its first placeholder, then whatever followed."""
    stem = text.partition("{")[0].strip()
    return len(stem) > 2 and phrase.startswith(stem)


_TOP = """\
# Replies

Every reply that is known of the service: what it says, when, how sure that is. Made from the table in
`fakeeop/smtp/replies/` by `fakeeop replies --markdown`; a test keeps the two in step.

Stages: `connect`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data` (the command), `message` (the end of the
content), `quit`, `any`; `report` is not a stage of SMTP.
Suffixes: how many blocks `[box time session-id]` follow the text; `SuffixForm` and the date change their form
([eras.md](eras.md)).
"Given by": `rule`, a setting of the tenant file or something the client does; `fault`, only
a fault (`reply: {row: KEY}`).
Sources: sections of the facts; knobs are explained by `fakeeop knobs NAME`.
"""


def docs_text() -> str:
    """The content of docs/replies.md."""
    letters = "\n".join(f"| {letter} | {meaning} |" for letter, meaning in CONFIDENCE.items())
    names = "\n".join(f"| `{{{name}}}` | {meaning} |" for name, meaning in PLACEHOLDERS.items())
    parts = [
        _TOP,
        f"| confidence | means |\n|---|---|\n{letters}\n",
        f"| in texts | stands for |\n|---|---|\n{names}\n",
    ]
    for kind, meaning in KINDS.items():
        rows = [row for row in EVERY if row.kind == kind]
        parts.append(f"## {kind.capitalize()}\n\n{meaning[0].upper()}{meaning[1:]}.\n\n{_table(rows, kind)}\n")
    return "\n".join(parts)


def _table(rows: Sequence[ReplyRow], kind: str) -> str:
    ours = kind in ("both", "mx", "submission")
    heads = ["key", "reply", "stage", "when", "suffixes", *(["given by"] if ours else []), "confidence", "source"]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        reply = "<br>".join(f"`{_escaped(line)}`" for line in row.line.split("\n"))
        given = [row.by] if ours else []
        stages = ", ".join(row.stages)
        lines.append(
            [f"`{row.key}`", reply, stages, _escaped(row.trigger), str(row.suffix), *given, row.confidence, row.source]
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def find_rows(text: str) -> tuple[ReplyRow, ...]:
    """First as given, then without suffixes and cut-off ends, then by the enhanced status code alone."""
    plain = _SUFFIX.sub("", text).strip().rstrip(".… ").replace("-", " ", 1 if text[3:4] == "-" else 0)
    status = _STATUS.search(text)
    for query in (text, plain, status[0] if status else ""):
        rows = lookup(query) if query else ()
        if rows:
            return rows
    return ()
