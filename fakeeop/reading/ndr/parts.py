"""A pasted report or log opened: the fields of its delivery-status part, and the text that people see. Pure.

Whatever comes in is read somehow: broken MIME, a part that was pasted without its header, no report at all.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from quopri import decodestring
from typing import NamedTuple

__all__ = ["Opened", "logical_lines", "opened"]

_MOST = 4 * 1024 * 1024  # octets that are looked at
_LONGEST_LINE, _LINES = 8_000, 50_000
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]*(.*)")
_HEADER = re.compile(rb"\A(?:From [^\n]*\n)?(?:[!-9;-~]{1,100}:[^\n]*\r?\n)(?:[!-9;-~]{1,100}:|[ \t])")
_TAG = re.compile(r"<(?:br|/?p|/?div|/?tr|/?h\d|/?li)\b[^>]{0,500}>", re.I)
_ANY_TAG = re.compile(r"<[a-zA-Z/!][^>]{0,500}>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "&nbsp;": " ", "&amp;": "&"}
_OF_MAIL = frozenset(
    ("content-type", "date", "from", "message-id", "mime-version", "received", "return-path", "subject", "to")
)
_DIALOGUE = re.compile(r"\s*(?:[-~]>|<[-~*])")  # a line of swaks, which does not continue another
_STATUS_PART = re.compile(r"^Final-Recipient:", re.I | re.M)


class Opened(NamedTuple):
    """``header``: field → value of the whole, names in lower case. ``about``: the report's own status fields.

    ``recipients``: those of each recipient. ``text``: what stands in the text parts, or all of what is not a message.
    """

    header: dict[str, str]
    about: dict[str, str]
    recipients: list[dict[str, str]]
    text: str


def opened(data: bytes) -> Opened:
    """Take it apart."""
    data = data[:_MOST]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t")
    if b"\n" not in data:  # lines that end in CR alone
        data = data.replace(b"\r", b"\n")
    header: dict[str, str] = {}
    text = ""
    status: list[str] = []
    if _HEADER.match(data):
        try:
            message = message_from_bytes(data)
            header = {str(name).lower(): str(value) for name, value in reversed(message.items())}
            if header.keys() & _OF_MAIL:
                text, status = _parts(message)
        except Exception:  # the parser of Python's library meets anything here: then it is read as text
            header, text, status = {}, "", []
    if not text.strip() and not status:
        text = _decoded(data)
    if not status and _STATUS_PART.search(text):
        status = [text]
    about, recipients = _groups(status)
    return Opened(header, about, recipients, text.replace("\r\n", "\n"))


def logical_lines(text: str) -> list[str]:
    """The lines, each with the indented ones behind it; blank lines end one. Not more, and not longer, than is sane."""
    found: list[str] = []
    open_line = False
    for line in text.split("\n")[:_LINES]:
        stripped = line.strip()
        if not stripped:
            open_line = False
        elif open_line and line[0] in " \t" and len(found[-1]) < _LONGEST_LINE and not _DIALOGUE.match(line):
            found[-1] += f" {stripped}"[:_LONGEST_LINE]
        else:
            found.append(stripped[:_LONGEST_LINE])
            open_line = True
    return found


def _parts(message: Message) -> tuple[str, list[str]]:
    """The text of the text parts, HTML only where there is no other; and the status parts."""
    plain: list[str] = []
    rich: list[str] = []
    status: list[str] = []
    todo: list[Message] = [message]
    while todo:
        part = todo.pop(0)
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind.endswith("delivery-status"):
            blocks = payload if isinstance(payload, list) else [payload]
            status.append("\n\n".join(str(block) for block in blocks))
        elif kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
            continue  # the message that it is about
        elif isinstance(payload, list):
            todo = [part for part in payload if isinstance(part, Message)] + todo
        elif kind.startswith("text/"):
            words = _decoded(part.get_payload(decode=True) or b"", part.get_content_charset())
            (rich if kind == "text/html" else plain).append(words)
    return "\n".join(plain) or _without_tags("\n".join(rich)), status


def _decoded(data: object, charset: str | None = None) -> str:
    if not isinstance(data, bytes):
        return str(data)
    try:
        text = data.decode(charset or "utf-8")
    except (UnicodeDecodeError, LookupError):
        text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if charset is None and "=\n" in text and "=3D" in text:  # a quoted-printable part, pasted as it was
        text = decodestring(text.encode()).decode("utf-8", "replace")
    if charset is None and re.match(r"\s*<(?:!doctype|html)\b", text, re.I):
        return _without_tags(text)
    return text


def _without_tags(text: str) -> str:
    text = _ANY_TAG.sub(" ", _TAG.sub("\n", text))
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _groups(status: list[str]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The fields of the report, and those of each recipient (RFC 3464 section 2.1)."""
    about: dict[str, str] = {}
    recipients: list[dict[str, str]] = []
    for text in status:
        for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
            fields = _fields(block)
            if "final-recipient" in fields or "original-recipient" in fields:
                recipients.append(fields)
            elif "reporting-mta" in fields:
                about = {**fields, **about}
    return about, recipients


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.split("\n")[:200]:
        if name and line[:1] in (" ", "\t"):
            fields[name] += " " + line.strip()[:_LONGEST_LINE]
            continue
        match = _FIELD.match(line.strip()[:_LONGEST_LINE])
        name = match[1].lower() if match else ""
        if match and name not in fields:
            fields[name] = match[2].strip()
        elif match:
            name = ""
    return fields
