"""Every reply of the MX and of the submission endpoint: the row type, rendering, the way from a verdict to its row.

The rows themselves stand in the modules ``replies_…``, each with the stage it is given at, what triggers it, where the
text comes from and how sure that is. Nothing else in the package holds reply text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import field, frozen

from fakeeop.smtp.replies_limits import LIMITS
from fakeeop.smtp.replies_protocol import PROTOCOL, SUCCESSES, Row
from fakeeop.smtp.replies_refusals import REFUSALS
from fakeeop.smtp.replies_submission import SUBMISSION

if TYPE_CHECKING:
    from fakeeop.decision.verdict import Reason
    from fakeeop.model import Behaviour

__all__ = ["ROW", "ROWS", "ReplyRow", "fixed", "lookup", "queued", "reason_of", "render", "row_for"]

_LINE = re.compile(r"(\d{3}) (?:(\d\.\d\.\d{1,3}) )?(.*)", re.S)
CONFIDENCE = {
    "O": "observed in a transcript or log of the real service",
    "D": "documented by Microsoft",
    "X": "a fact of Exchange Server, assumed to hold here",
    "2": "second-hand: nobody shows the real wire",
    "I": "inferred from observed data",
    "assumption": "our choice, no source",
}


@frozen
class ReplyRow:
    """One reply. ``text`` has ``{placeholders}``; a newline in it makes a multi-line reply (RFC 5321 section 4.2.1).

    ``status`` is the enhanced status code, empty where the reply has none. ``suffix`` is how many
    ``[box time session-id]`` blocks follow the text (wire §2): 0 for successes, 1 for refusals of the front box, 2
    where a server behind it refused. ``confidence`` is a key of ``CONFIDENCE``; ``source`` names the fact.
    """

    key: str
    code: int
    status: str
    text: str
    stages: tuple[str, ...]
    trigger: str
    source: str
    confidence: str
    suffix: int = field(default=0)

    @property
    def line(self) -> str:
        """The reply as people write it: ``550 5.7.64 TenantAttribution; Relay Access Denied``."""
        status = f"{self.status} " if self.status else ""
        return f"{self.code} {status}{self.text}"


def _reply_row(row: Row) -> ReplyRow:
    key, line, stages, trigger, source, confidence, suffix = row
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"the reply {key!r} is none: {line!r}")
    return ReplyRow(
        key, int(match[1]), match[2] or "", match[3], tuple(stages.split()), trigger, source, confidence, suffix
    )


ROWS: tuple[ReplyRow, ...] = tuple(_reply_row(row) for row in (*SUCCESSES, *PROTOCOL, *REFUSALS, *SUBMISSION, *LIMITS))
ROW: dict[str, ReplyRow] = {row.key: row for row in ROWS}


def render(row: ReplyRow, suffix: bytes = b"", **values: object) -> bytes:
    """The octets of a reply, CRLF included. ``suffix`` (with its leading blank) goes behind the last line.

    No row of several lines has a status.
    """
    text = row.text.format(**values) if values else row.text
    if "\n" not in text:
        status = f"{row.status} " if row.status else ""
        return f"{row.code} {status}{text}".encode("utf-8", "replace") + suffix + b"\r\n"
    lines = [line.encode("utf-8", "replace") for line in text.split("\n")]
    more = [b"%d-%b\r\n" % (row.code, line) for line in lines[:-1]]
    return b"".join(more) + b"%d %b%b\r\n" % (row.code, lines[-1], suffix)


@lru_cache(maxsize=256)
def fixed(key: str) -> bytes:
    """The octets of a row that has neither placeholders nor suffix, rendered once."""
    return render(ROW[key])


_QUEUED = re.sub(r"\{\w+\}", "%s", ROW["queued"].line) + "\r\n"


def queued(message_id: str, internal_id: int, host: str, octets: int, seconds: str, rate: str) -> bytes:
    """The row ``queued``, rendered quicker: every message ends with it."""
    return (_QUEUED % (message_id, internal_id, host, octets, seconds, rate)).encode("utf-8", "replace")


def row_for(reason: Reason, behaviour: Behaviour) -> ReplyRow:
    """The row of a refusal. Its key is ``reason.value``, with the knob's value behind it where a knob chooses."""
    key = reason.value
    if key == "tls-required":
        return ROW[f"{key}-{behaviour.require_tls_reply}"]
    if key == "no-mail-subscription" and behaviour.attr5_code != "451":
        return ROW[f"{key}-{behaviour.attr5_code}"]
    return ROW[key]


def reason_of(row: ReplyRow) -> str:
    """The ``Reason`` value that a row of refusal stands for: its key without the knob's value."""
    for stem in ("tls-required", "no-mail-subscription"):
        if row.key.startswith(stem):
            return stem
    return row.key


def lookup(text: str) -> tuple[ReplyRow, ...]:
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
        for row in ROWS
        if (code is None or row.code == code)
        and (status is None or row.status == status)
        and (not phrase or phrase in row.text.lower() or phrase == row.key or _begins(phrase, row.text.lower()))
    )


def _begins(phrase: str, text: str) -> bool:
    """True if ``phrase`` is a pasted reply: the row's text up to its first placeholder, then whatever followed."""
    stem = text.partition("{")[0].strip()
    return bool(stem) and phrase.startswith(stem)
