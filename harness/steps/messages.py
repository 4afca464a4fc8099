"""The message of a ``submit``: exact bytes with CRLF; realistic text where the scenario says nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

__all__ = ["message_bytes"]

_WIDTH = 76
_EIGHT_BIT = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
}


def message_bytes(
    message: Any, *, mail_from: str, recipients: list[str], run_id: str, seed: str, folder: Path
) -> bytes:
    """The content of DATA.

    ``message`` is None (subject and text are made up, the same for the same ``seed``), text (the body), or a mapping:
    ``headers``, ``subject``, ``from``, ``to``, ``text``, ``size`` (octets in all, padded), ``file`` (relative to
    ``folder``), ``raw`` (taken as it is; LF becomes CRLF unless there is a CR already).
    From, To, Subject, Date and Message-ID are added unless given; a header given as null is left out.
    """
    fields: Mapping[str, Any] = {"text": message} if isinstance(message, str) else (message or {})
    if "raw" in fields:
        return _wire_lines(str(fields["raw"]))
    if "file" in fields:
        return _from_file(folder, str(fields["file"]))
    headers = dict(fields.get("headers") or {})
    for key, name in (("subject", "Subject"), ("from", "From"), ("to", "To")):
        if key in fields and not _has(headers, name):
            headers[name] = fields[key]
    subject, text = ("", fields["text"]) if "text" in fields and _has(headers, "Subject") else _made_up(seed)
    defaults: dict[str, Any] = {
        "From": mail_from if mail_from not in ("", "<>") else "MAILER-DAEMON@harness.example",
        "To": ", ".join(recipients),
        "Subject": subject,
        "Date": _date(),
        "Message-ID": f"<{run_id}@harness.example>",
    }
    lines = {name: value for name, value in defaults.items() if not _has(headers, name)} | headers
    body = str(fields.get("text", text))
    if not body.isascii() and not _has(headers, "Content-Type"):
        lines |= _EIGHT_BIT
    head = "".join(_header(name, value) for name, value in lines.items() if value is not None)
    content = head.encode() + b"\r\n" + _wire_lines(body)
    return _padded(content, int(fields["size"])) if "size" in fields else content


def _has(headers: Mapping[str, Any], name: str) -> bool:
    return any(each.lower() == name.lower() for each in headers)


def _header(name: str, value: Any) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    return "".join(f"{name}: {_encoded(str(each))}\r\n" for each in values)


def _encoded(value: str) -> str:
    if value.isascii():
        return value.replace("\r\n", "\n").replace("\n", "\r\n ")
    from email.header import Header  # noqa: PLC0415  the rare value that needs RFC 2047

    return Header(value, "utf-8").encode(linesep="\r\n")


def _wire_lines(text: str) -> bytes:
    if not text:
        return b""
    wire = text if "\r" in text else text.replace("\n", "\r\n")
    return (wire if wire.endswith("\r\n") else wire + "\r\n").encode()


def _from_file(folder: Path, name: str) -> bytes:
    path = folder / name
    inside = folder.resolve()
    if inside not in path.resolve().parents:
        raise HarnessError(f"message file {name}: not in the scenario's folder {inside}. Fix: copy it there")
    if path.exists() and not path.is_file():
        raise HarnessError(f"message file {path}: not a regular file")
    try:
        data = path.read_bytes()
    except OSError as why:
        raise HarnessError(f"message file {path}: {why.strerror}") from why
    return data if b"\r\n" in data else data.replace(b"\n", b"\r\n")


def _padded(content: bytes, size: int) -> bytes:
    line = b"x" * _WIDTH + b"\r\n"
    missing = size - len(content)
    if missing <= 0:
        return content
    whole, rest = divmod(missing, len(line))
    if rest == 1 and whole:  # no room for a CRLF: shorten one full line
        return content + line * (whole - 1) + b"x" * (_WIDTH - 1) + b"\r\n" + b"\r\n"
    tail = b"x" * (rest - 2) + b"\r\n" if rest >= 2 else b"x" * rest
    return content + line * whole + tail


def _date() -> str:
    from email.utils import formatdate  # noqa: PLC0415  start-up time of the command line

    return formatdate(usegmt=True)


@lru_cache(maxsize=1)
def _writer() -> Any:
    from faker import Faker  # noqa: PLC0415  80 ms, only where a scenario gives no message

    return Faker("en_US", use_weighting=False)


@lru_cache(maxsize=1024)
def _made_up(seed: str) -> tuple[str, str]:
    writer = _writer()
    writer.seed_instance(seed)
    kind = random.Random(seed).choice(("Scan from", "Invoice of", "Report:", "Reminder:", "Alarm at"))  # noqa: S311  no secret
    return f"{kind} {writer.company()}", f"{writer.sentence(8)}\n\n{writer.name()}\n"
