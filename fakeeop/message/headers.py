"""What acceptance reads in a message's header: the Message-ID, the domains of From, the fields in order.

The header is read as bytes up to the first empty line; a message may use bare LF, and may have no header at all. Of a
message in a spool only the beginning is looked at: a header longer than ``HEAD`` is cut there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fakeeop.model.addresses import canonical_domain
from fakeeop.model.ports import Content

__all__ = [
    "FIELD",
    "HEAD",
    "fields",
    "from_addresses",
    "from_domains",
    "head_of",
    "header_end",
    "message_id",
    "overlong_from",
]

HEAD = 262_144  # octets
FIELD = 32_768  # octets of one From field that are parsed (assumption)

_SPELLINGS = (b"\r\nMessage-ID:", b"\r\nMessage-Id:", b"\r\nmessage-id:")
_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:", re.I | re.M)
_ID = re.compile(rb"\s*(<[^<>\s]+>)")
_FROM = re.compile(rb"^from[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)", re.I | re.M)
_NOISE = re.compile(  # quoted names and comments may hold any @; what is not closed is matched too, and stays
    r'"(?:[^"\\]|\\.)*(?:(?P<quoted>")|\\?\Z)|\((?:[^()\\]|\\.)*(?:(?P<comment>\))|(?=\()|\\?\Z)', re.S
)
_DOMAIN = re.compile(r"@\s*([^\s<>@,;:()\"]+)")
_ADDRESS = re.compile(r"(?<![^\s<>@,;:()\"])([^\s<>@,;:()\"]+)\s*@\s*([^\s<>@,;:()\"]+)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)\Z", re.S)


def head_of(content: Content) -> bytes:
    """The beginning of a message, with its header; the whole if it is in memory."""
    return content if isinstance(content, bytes) else content.read(0, HEAD)


def header_end(content: bytes) -> int:
    """Where the header ends: behind the line end of its last line; ``len(content)`` if no empty line follows."""
    crlf = content.find(b"\r\n\r\n")
    bare = content.find(b"\n\n", 0, crlf if crlf >= 0 else len(content))
    if bare >= 0:
        return bare + 1
    if content.startswith((b"\r\n", b"\n")):
        return 0
    return crlf + 2 if crlf >= 0 else len(content)


def message_id(message: Content) -> str | None:
    """The message's own ``<id@domain>``, None if the header has none."""
    content = message if isinstance(message, bytes) else head_of(message)  # a call less for a small one
    end = header_end(content)
    for spelling in _SPELLINGS:
        start = content.find(spelling, 0, end)
        if start >= 0:
            start += len(spelling)
            break
    else:
        label = _MESSAGE_ID.search(content, 0, end)
        if label is None:
            return None
        start = label.end()
    match = _ID.match(content, start, end)
    return match[1].decode("utf-8", "replace") if match else None


def overlong_from(message: Content) -> int:
    """The octets of the first From field that is longer than ``FIELD``; 0 if there is none."""
    content = head_of(message)
    end = header_end(content)
    if end <= FIELD:
        return 0
    lengths = (match.end(1) - match.start(1) for match in _FROM.finditer(content, 0, end))
    return next((length for length in lengths if length > FIELD), 0)


def _from_values(message: Content) -> Iterator[str]:
    """Of each From field at most ``FIELD`` octets, without what may hold any ``@``."""
    content = head_of(message)
    for match in _FROM.finditer(content, 0, header_end(content)):
        start, end = match.span(1)
        yield _NOISE.sub(_kept, content[start : min(end, start + FIELD)].decode("utf-8", "replace"))


def _kept(noise: re.Match[str]) -> str:
    return " " if noise["quoted"] or noise["comment"] else noise[0]


def from_domains(message: Content) -> tuple[str, ...]:
    """The canonical domains of the From fields (RFC 5322 section 3.6.2), in order, each once; no rubbish."""
    found: dict[str, None] = {}
    for text in _from_values(message):
        for domain in _DOMAIN.findall(text):
            try:
                found[canonical_domain(domain)] = None
            except ValueError:
                continue
    return tuple(found)


def from_addresses(message: Content) -> tuple[str, ...]:
    """The addresses of the From fields in lower case, in order, each once; what is not an address is left out."""
    found: dict[str, None] = {}
    for text in _from_values(message):
        for local, domain in _ADDRESS.findall(text):
            try:
                found[f"{local.lower()}@{canonical_domain(domain)}"] = None
            except ValueError:
                continue
    return tuple(found)


def fields(message: Content) -> list[tuple[str, str]]:
    """The header fields in order, unfolded (RFC 5322 section 2.2.3); a line that is not a field ends the header."""
    content = head_of(message)
    result: list[tuple[str, list[str]]] = []
    for line in content[: header_end(content)].replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and result:
            result[-1][1].append(_text(line))
            continue
        match = _FIELD.match(line)
        if match is None:
            break
        result.append((match[1].decode("ascii"), [_text(match[2])]))
    return [(name, "".join(values).strip()) for name, values in result]


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
