"""Objects that are made of text: ``[version]'1.10'``, ``[ipaddress]'192.0.2.1'``, ``[guid]'…'``, ``[uri]'https://…'``."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from exoshell.powershell.values import PsObject

__all__ = ["address", "guid", "numbers_of", "uri", "version"]

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


def guid(text: str) -> PsObject:
    """Raises ValueError."""
    try:
        found = UUID(text.strip())
    except ValueError:
        raise ValueError(
            "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
        ) from None
    made = PsObject.of({"Guid": str(found)}, "System.Guid")
    forms = {"d": str(found), "n": found.hex, "b": f"{{{found}}}", "p": f"({found})"}
    made.methods["ToString"] = lambda form="D": forms[str(form).lower()]
    made.inner = str(found)
    return made


def uri(text: str) -> PsObject:
    """Raises ValueError: none that is absolute (assumption: scripts use no others)."""
    found = urlsplit(text.strip())
    if not found.scheme or not found.netloc:
        raise ValueError("Invalid URI: The format of the URI could not be determined.")
    usual = {"http": 80, "https": 443, "ftp": 21, "smtp": 25}
    port = found.port if found.port is not None else usual.get(found.scheme, -1)
    path = found.path or "/"
    made = PsObject.of(
        {"AbsolutePath": path, "AbsoluteUri": found._replace(path=path).geturl(), "Host": found.hostname or "",
         "Port": port, "Query": f"?{found.query}" if found.query else "", "Scheme": found.scheme,
         "OriginalString": text},
        "System.Uri",
    )  # fmt: skip
    made.methods["ToString"] = lambda: text
    return made
