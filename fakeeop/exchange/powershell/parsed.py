"""Objects that are made of text: ``[version]'1.10'`` and ``[ipaddress]'192.0.2.1'``."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final

from fakeeop.exchange.powershell.values import PsObject

__all__ = ["address", "numbers_of", "version"]

VERSION: Final = "System.Version"
_PARTS: Final = ("Major", "Minor", "Build", "Revision")


def version(text: str) -> PsObject:
    """Two to four numbers. Raises ValueError."""
    parts = text.strip().split(".")
    if not 2 <= len(parts) <= len(_PARTS) or not all(each.isdecimal() for each in parts):
        raise ValueError("Version string portion was too short or too long.")
    numbers = tuple(map(int, parts))
    filled = (*numbers, *(-1,) * (len(_PARTS) - len(numbers)))
    made = PsObject.of(dict(zip(_PARTS, filled, strict=True)), VERSION)
    made.methods["ToString"] = lambda: ".".join(map(str, numbers))
    made.inner = filled
    return made


def numbers_of(value: Any) -> tuple[int, ...] | None:
    """What versions are compared by; None for what is none."""
    known = isinstance(value, PsObject) and value.type_name == VERSION
    return value.inner if known and isinstance(value.inner, tuple) else None


def address(text: str) -> PsObject:
    """Raises ValueError."""
    found = ip_address(text.strip())
    family = "InterNetwork" if found.version == 4 else "InterNetworkV6"
    made = PsObject.of({"AddressFamily": family, "IPAddressToString": str(found)}, "System.Net.IPAddress")
    made.methods["ToString"] = lambda: str(found)
    made.inner = found
    return made
