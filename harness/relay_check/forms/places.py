"""``HOST:PORT`` on the command line."""

from __future__ import annotations

import re

from harness.errors import HarnessError

__all__ = ["place"]


def place(option: str, text: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets. Raises HarnessError."""
    found = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>\d{1,5})", text.strip())
    if found is None or not 0 <= int(found["port"]) <= 65535:
        raise HarnessError(f"{option} {text!r}: write HOST:PORT, 127.0.0.1:25 for instance")
    return found["six"] or found["host"], int(found["port"])
