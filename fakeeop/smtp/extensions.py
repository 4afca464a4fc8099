"""The extensions of the service, in its order (wire §1.4), and what goes with each when it is hidden."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from fakeeop.errors import ProtocolViolation

__all__ = ["EXTENSIONS", "known_extensions", "refuse_hidden", "without"]

EXTENSIONS = (
    *("SIZE", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS"),
    *("8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"),
)


def known_extensions(names: Collection[str]) -> frozenset[str]:
    """The names in upper case. Raises ValueError for one that the service does not have."""
    found = frozenset(name.strip().upper() for name in names)
    for name in sorted(found - set(EXTENSIONS)):
        raise ValueError(f"{name} is not an extension of the service; there are: {', '.join(EXTENSIONS)}")
    return found


def _extension_of(parameter: bytes) -> str:
    """The extension that brings a parameter of MAIL or RCPT; "" for one that none brings."""
    keyword, _, value = parameter.upper().partition(b"=")
    if keyword == b"BODY":
        return "BINARYMIME" if value == b"BINARYMIME" else "8BITMIME"
    if keyword in (b"RET", b"ENVID", b"NOTIFY", b"ORCPT"):
        return "DSN"
    return keyword.decode("ascii", "replace") if keyword in (b"SIZE", b"SMTPUTF8") else ""


def refuse_hidden(argument: bytes, hidden: frozenset[str]) -> None:
    """Raise ProtocolViolation if a parameter behind the path belongs to a hidden extension.

    To a server without the extension it is an unknown parameter (RFC 5321 section 4.1.1.11 has 555 for it; the service
    is only known to say 501 5.5.4, wire §2.3).
    """
    _, _, behind = argument.rpartition(b">")
    for parameter in behind.split():
        extension = _extension_of(parameter)
        if extension in hidden:
            raise ProtocolViolation("invalid-arguments", f"{extension} is not announced")


@lru_cache(maxsize=1024)
def without(reply: bytes, hidden: frozenset[str]) -> bytes:
    """An EHLO reply whose lines of hidden extensions are gone; the last line keeps its blank behind the code."""
    first, *rest = reply.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")
    lines = [first[4:], *(line[4:] for line in rest if line[4:].partition(" ")[0].upper() not in hidden)]
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "".join(f"{first[:3]}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode()
