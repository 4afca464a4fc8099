"""The EHLO reply without some of its extensions."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["without"]


@lru_cache(maxsize=1024)
def without(reply: bytes, hidden: frozenset[str]) -> bytes:
    """An EHLO reply whose lines of hidden extensions are gone; the last line keeps its blank behind the code."""
    first, *rest = reply.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")
    lines = [first[4:], *(line[4:] for line in rest if line[4:].partition(" ")[0].upper() not in hidden)]
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "".join(f"{first[:3]}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode()
