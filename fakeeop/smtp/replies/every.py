"""Every reply that is known, given here or not: looking one up, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from fakeeop.smtp.replies.elsewhere import ELSEWHERE
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS, ROWS, ReplyRow, reply_rows

__all__ = ["EVERY", "PLACEHOLDERS", "docs_text", "lookup"]

EVERY: tuple[ReplyRow, ...] = (*ROWS, *reply_rows(ELSEWHERE))
PLACEHOLDERS = {
    "box": "the front box, as in the banner",
    "count": "a number",
    "date": "the date of RFC 5322",
    "domain": "the domain of the recipient",
    "dump": "made-up diagnostic octets",
    "duration": "hh:mm:ss",
    "host": "a box behind the front",
    "internal_id": "a number",
    "ip": "the address of the client",
    "maximum": "a number",
    "message_id": "the Message-ID, in angle brackets",
    "minutes": "a number",
    "octets": "a number",
    "part": "what there is too much of",
    "rate": "KB in a second, three decimals",
    "reason": "a word for what is wrong",
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
        and (
            not phrase
            or phrase in row.text.lower()
            or phrase == row.key
            or phrase.partition(" [")[0] == row.text.lower()
        )
    )


_TOP = """\
# Replies

Every reply that is known of the service: what it says, when, how sure that is. Made from the table in
`fakeeop/smtp/replies/` by `fakeeop replies --markdown`; a test keeps the two in step.

Stages: `connect`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data` (the command), `message` (the end of the
content), `quit`, `any`; `report` is not a stage of SMTP.
Suffixes: how many blocks `[box time session-id]` follow the text; `SuffixForm` and the date change their form
([eras.md](eras.md)).
"Given by": `rule`, a setting of the tenant file or something the client does; `fault`, only
a fault (`reply: {row: KEY}`); `never`, only the service, not the emulator.
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
