"""AUTH from the client's side: what to say, and how it may be shown."""

from __future__ import annotations

import base64
from typing import Final

from attrs import field, frozen

__all__ = ["MASK", "Auth", "encoded", "shown", "xoauth2"]

MASK: Final = "<credentials>"


@frozen
class Auth:
    """Who signs in, with a password or an access token; neither is ever shown."""

    user: str
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


def encoded(text: str) -> str:
    """Base64 of UTF-8, on one line."""
    return base64.b64encode(text.encode()).decode("ascii")


def xoauth2(auth: Auth) -> str:
    """The initial response of XOAUTH2, not yet encoded; ``\\1`` separates its fields."""
    return f"user={auth.user}\1auth=Bearer {auth.token}\1\1"


def shown(line: bytes, last_reply: str | None) -> str | None:
    """How a line of a dialogue stands in the transcript; None: as it is.

    Secret are the initial response of AUTH, and what answers a 334.
    """
    text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
    words = text.split(None, 2)
    if last_reply is not None and last_reply.startswith("334"):
        return None if text in ("", "*") else f"C: {MASK}"
    return f"C: {words[0]} {words[1]} {MASK}" if len(words) == 3 and words[0].upper() == "AUTH" else None
