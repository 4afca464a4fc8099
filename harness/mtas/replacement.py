"""What a private instance has otherwise than the configuration it was given."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Replacement"]


@frozen
class Replacement:
    """``name`` is the setting with its place (``transports: remote_smtp: interface``), ``old`` what was written,
    empty if nothing was, ``new`` what stands there now, empty if nothing does.
    """

    name: str
    old: str
    new: str
    why: str = ""
