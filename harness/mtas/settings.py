"""Settings of MTAs: in the MTA's own words, flat or in sections, merged over others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["merged"]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` wins; where it has a section, its settings are merged into the section of that name."""
    found = dict(base)
    for name, value in over.items():
        below = found.get(name)
        if isinstance(value, Mapping):
            found[name] = merged(below if isinstance(below, Mapping) else {}, value)
        else:
            found[name] = value
    return found
