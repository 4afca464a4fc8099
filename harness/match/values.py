"""The small languages inside expected values: durations, globs, replies, addresses. And how a value is shown."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any

from attrs import frozen

from fakeeop.config.marked import line_of
from fakeeop.model.addresses import canonical_domain

__all__ = [
    "Location",
    "Reply",
    "ReplyPattern",
    "address_key",
    "duration",
    "glob_pattern",
    "network",
    "parse_reply",
    "reply_pattern",
    "show",
]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)\Z", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |\Z)", re.ASCII)  # RFC 3463 section 2
_PATTERN = re.compile(r"([2-5](?:\d\d|xx|\dx))(?: ([245]\.\d{1,3}\.\d{1,3}))?(?: (.*))?\Z", re.DOTALL | re.ASCII)
_SHOWN = 300


@frozen
class Location:
    """Where an expectation stands: its path and the line of its key."""

    path: str
    line: int | None

    def key(self, container: object, key: str, path: str | None = None) -> Location:
        """The location of a key of a mapping that stands here."""
        return Location(f"{self.path}.{key}" if path is None else path, line_of(container, key) or self.line)

    def element(self, container: object, index: int) -> Location:
        """The location of an element of a list that stands here; paths count from 1."""
        return Location(f"{self.path}[{index + 1}]", line_of(container, index) or self.line)


def duration(value: object) -> float:
    """Seconds of ``10s``, ``200ms``, ``2m`` or a plain number. Raises ValueError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{show(value)} is not a duration: write 10s, 200ms, 2m or a number of seconds")
    return float(found[1]) * _UNITS[found[2]]


@lru_cache(maxsize=4096)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob of ``*`` and ``?`` only, over the whole value; ``[`` is itself and ``*`` crosses lines."""
    parts = re.split(r"([*?])", glob)
    return re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), re.DOTALL)


@frozen
class Reply:
    """A reply as seen: ``text`` is every line without code and enhanced status, joined by newline."""

    code: str
    status: str
    text: str
    whole: str  # the text with its enhanced status


@frozen
class ReplyPattern:
    """``CODE [STATUS] [TEXT]``: ``code`` may end in x, empty ``status`` = any, ``text`` None = any, else a glob."""

    code: str
    status: str
    text: str | None


@lru_cache(maxsize=4096)
def reply_pattern(text: str) -> ReplyPattern:
    """Read an expected reply: ``250``, ``5xx``, ``550 5.7.64``, ``550 5.7.64 Text *``. Raises ValueError."""
    found = _PATTERN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a reply: write CODE [STATUS] [TEXT], as in '550 5.7.64 Text *' or 5xx")
    return ReplyPattern(found[1], found[2] or "", found[3])


@lru_cache(maxsize=4096)
def parse_reply(reply: str) -> Reply:
    """Split a reply, whose lines may or may not still carry ``250-`` and ``250 `` (RFC 5321 section 4.2.1)."""
    code = reply[:3]
    status = ""
    whole: list[str] = []
    texts: list[str] = []
    for number, line in enumerate(reply.replace("\r\n", "\n").split("\n")):
        body = line[4:] if line[:3] == code and line[3:4] in ("", " ", "-") else line
        found = _STATUS.match(body)
        if number == 0 and found:
            status = found[0]
        whole.append(body)
        texts.append(body[len(status) :].removeprefix(" ") if found and found[0] == status else body)
    return Reply(code, status, "\n".join(texts), "\n".join(whole))


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """A mailbox for comparison: local part as is, domain without case. ``<>`` and the empty path are the same."""
    text = address[1:-1] if address.startswith("<") and address.endswith(">") else address
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    try:
        return f"{local}@{canonical_domain(domain)}"
    except ValueError:
        return f"{local}@{domain.lower()}"


@lru_cache(maxsize=4096)
def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address or CIDR, host bits allowed. Raises ValueError."""
    return ipaddress.ip_network(text.strip(), strict=False)


def show(value: Any) -> str:
    """A value on one line, as one would write it in a scenario; long ones are cut."""
    text = value if isinstance(value, str) else _flow(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _flow(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str):
        quoted = value == "" or value != value.strip() or any(mark in value for mark in ",:#[]{}\"'\r\n")
        return repr(value) if quoted else value
    return str(value)
