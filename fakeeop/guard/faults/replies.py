"""The octets of a reply that a fault gives."""

from __future__ import annotations

from fakeeop.model.fault import Fault
from fakeeop.smtp.replies.rows import ROW, ROWS, ReplyRow

__all__ = ["fault_reply"]

_KINDS = {"2": "OK", "3": "Go on", "4": "Temporary failure by a fault", "5": "Permanent failure by a fault"}


def fault_reply(fault: Fault, values: dict[str, str]) -> tuple[bytes, int]:
    """The reply without its end of line, and how many suffixes of the service it takes.

    ``values`` fill the placeholders; what is not known stays empty. A reply that is only code and status takes the text
    of the first row of the reply table that has them, and one that names a row is that row.
    """
    text, suffixes = fault.reply, 1 if fault.suffix and fault.reply[:1] in "45" else 0
    if fault.row:
        text, suffixes = ROW[fault.row].line, ROW[fault.row].suffix if fault.suffix else 0
    code, _, rest = text.partition(" ")
    if not fault.row and (not rest or (" " not in rest and rest[0].isdigit())):
        row = _row(code, rest)
        text = row.line if row is not None else " ".join(filter(None, (code, rest, _KINDS.get(code[0], ""))))
    return text.format_map(_Known(values)).replace("\n", " ").encode("utf-8", "replace"), suffixes


def _row(code: str, status: str) -> ReplyRow | None:
    return next((row for row in ROWS if str(row.code) == code and status in ("", row.status)), None)


class _Known(dict[str, str]):
    """What is not known stays empty."""

    def __missing__(self, key: str) -> str:
        return ""
