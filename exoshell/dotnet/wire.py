"""A message as System.Net.Mail writes it: fields in its order, and its encodings (seen on .NET Core 3.1)."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from attrs import field, frozen

__all__ = ["AttachedFile", "MailAddress", "MailMessage", "written"]

_LINE: Final = 68
_PRIORITIES: Final = {
    "high": (("X-Priority", "1"), ("Priority", "urgent"), ("Importance", "high")),
    "low": (("X-Priority", "5"), ("Priority", "non-urgent"), ("Importance", "low")),
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@frozen
class MailAddress:
    """An address with its display name."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f'"{self.name}" <{self.address}>' if self.name else self.address


@frozen
class AttachedFile:
    """An attachment."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@frozen
class MailMessage:
    """What is to be sent. ``notify``: the words of NOTIFY= (RFC 3461); ``priority``: Normal, High or Low."""

    sender: MailAddress
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    bcc: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    subject: str = ""
    body: str = ""
    html: bool = False
    priority: str = "Normal"
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[AttachedFile, ...] = ()
    notify: tuple[str, ...] = ()
    charset: str = ""
    reverse_path: str = field(default="")

    @property
    def recipients(self) -> tuple[str, ...]:
        """In the order of their RCPT commands: To, Bcc, Cc."""
        return tuple(each.address for each in (*self.to, *self.bcc, *self.cc))


def written(envelope: MailMessage, now: datetime, boundary: Callable[[], str] = lambda: str(uuid.uuid4())) -> bytes:
    """The octets between DATA and the dot, lines ended by CRLF, dots not yet stuffed."""
    lines = [f"{name}: {_header(value)}" for name, value in envelope.headers]
    lines += ["MIME-Version: 1.0", f"From: {_named(envelope.sender)}"]
    for name, boxes in (("To", envelope.to), ("Cc", envelope.cc), ("Reply-To", envelope.reply_to)):
        if boxes:
            lines.append(f"{name}: {', '.join(map(_named, boxes))}")
    lines += [f"{name}: {value}" for name, value in _PRIORITIES.get(envelope.priority.casefold(), ())]
    lines += [f"Date: {_date(now)}", f"Subject: {_header(envelope.subject)}"]
    text = _text_part(envelope)
    if not envelope.attachments:
        lines += [*text, ""]
    else:
        mark = f"--boundary_0_{boundary()}"
        lines += ["Content-Type: multipart/mixed;", f" boundary={mark}", "", "", f"--{mark}", *text]
        for each in envelope.attachments:
            lines += [f"--{mark}", *_attached(each)]
        lines += [f"--{mark}--", ""]
    return "\r\n".join([*lines, ""]).encode("ascii")


def _text_part(envelope: MailMessage) -> list[str]:
    body = envelope.body.replace("\r\n", "\n").replace("\n", "\r\n")
    charset = envelope.charset or ("us-ascii" if body.isascii() else "utf-8")
    octets = body.encode(charset, "replace")
    kind = "text/html" if envelope.html else "text/plain"
    quoted = charset == "us-ascii"
    encoded = _quoted(octets) if quoted else _base64(octets)
    way = "quoted-printable" if quoted else "base64"
    return [f"Content-Type: {kind}; charset={charset}", f"Content-Transfer-Encoding: {way}", "", *encoded]


def _attached(file: AttachedFile) -> list[str]:
    name = file.name if file.name.isascii() and " " not in file.name else f'"{_header(file.name)}"'
    return [
        f"Content-Type: {file.media_type}; name={name}",
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment",
        "",
        *_base64(file.content),
    ]


def _quoted(octets: bytes) -> list[str]:
    """Quoted-printable, line ends quoted as well, as .NET does it."""
    lines, line = [], ""
    for octet in octets:
        letter = chr(octet) if 32 <= octet < 127 and octet != 61 else f"={octet:02X}"
        if len(line) + len(letter) > _LINE:
            lines.append(f"{line}=")
            line = ""
        line += letter
    if line.endswith(" "):
        line = f"{line[:-1]}=20"
    return [*lines, line]


def _base64(octets: bytes) -> list[str]:
    text = base64.b64encode(octets).decode("ascii")
    return [text[at : at + _LINE] for at in range(0, len(text), _LINE)] or [""]


def _header(text: str) -> str:
    """No line break gets through; what is not ASCII becomes an encoded word (RFC 2047)."""
    text = text.replace("\r", " ").replace("\n", " ")
    if text.isascii():
        return text
    words, rest = [], text
    while rest:
        size = min(len(rest), 14)
        words.append(f"=?utf-8?B?{base64.b64encode(rest[:size].encode()).decode('ascii')}?=")
        rest = rest[size:]
    return "\r\n ".join(words)


def _named(box: MailAddress) -> str:
    if not box.name:
        return box.address
    shown = _header(box.name) if not box.name.isascii() else '"{}"'.format(_header(box.name).replace('"', "'"))
    return f"{shown} <{box.address}>"


def _date(now: datetime) -> str:
    zone = now.strftime("%z") or "+0000"
    return f"{now.day} {_MONTHS[now.month - 1]} {now.year} {now:%H:%M:%S} {zone}"
