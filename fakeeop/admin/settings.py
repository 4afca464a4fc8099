"""Where the admin API listens, and who may use it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["AdminSettings"]


class AdminSettings(NamedTuple):
    """Port 0 lets the system choose.

    ``token``: requests must bear it (RFC 6750 section 2.1). ``names``: host names, besides addresses and ``localhost``,
    that clients may use for it; any other name in ``Host`` is refused, which is what stops DNS rebinding.
    """

    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None
    names: tuple[str, ...] = ()
