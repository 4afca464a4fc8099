"""Who calls here by mistake: a TLS ClientHello in clear text, a web browser."""

from __future__ import annotations

import re

__all__ = ["CLIENT_HELLO", "TLS_NOTE", "stray"]

CLIENT_HELLO = b"\x16\x03"  # a handshake record (RFC 8446 section 5.1)
TLS_NOTE = "TLS ClientHello on a STARTTLS port: the client uses implicit TLS; set it to STARTTLS"
_HTTP = re.compile(rb"(?:[A-Z]+ \S+ HTTP/\d|PRI \* HTTP/2)")


def stray(line: bytes) -> str | None:
    """What a line that is no command shows, in words for people; None if nothing."""
    if line.startswith(CLIENT_HELLO):
        return TLS_NOTE
    if _HTTP.match(line):
        return "HTTP on an SMTP port: a browser or a web client called"
    return None
