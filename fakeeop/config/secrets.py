"""Secrets of a tenant tree: never given out, and kept when a masked tree comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["MASK", "masked", "restored"]

MASK = "********"
_SECRET = re.compile(r"password|secret|privatekey|accesstokens?$", re.IGNORECASE)
_NAMES = ("name", "domainname", "primarysmtpaddress", "userprincipalname", "address", "user", "identity")


def masked(tree: Any) -> Any:
    """A copy in which every secret is MASK, every list of secrets one MASK."""
    if isinstance(tree, Mapping):
        return {key: _mask(value) if _holds_secret(key, value) else masked(value) for key, value in tree.items()}
    return [masked(each) for each in tree] if isinstance(tree, list) else tree


def restored(tree: Any, old: Any) -> Any:
    """``tree`` with each MASK replaced, in place, by what stood there in ``old``; elements are paired by name.

    A MASK that has nothing to stand for raises LookupError with its key.
    """
    if isinstance(tree, dict):
        before = {key.lower(): value for key, value in old.items()} if isinstance(old, Mapping) else {}
        for key, value in tree.items():
            known = before.get(key.lower())
            if _holds_secret(key, value):
                if value in (MASK, [MASK]):
                    if known is None:
                        raise LookupError(key)
                    tree[key] = known
            else:
                restored(value, known)
    elif isinstance(tree, list):
        partners = old if isinstance(old, list) else []
        for index, element in enumerate(tree):
            restored(element, _partner(element, index, partners))
    return tree


def _holds_secret(key: str, value: Any) -> bool:
    """True for text, a list, and what ConvertTo-Json wraps a list in, under such a key."""
    return bool(value) and isinstance(value, str | list | Mapping) and bool(_SECRET.search(key))


def _mask(value: Any) -> str | list[str]:
    return MASK if isinstance(value, str) else [MASK]


def _partner(element: Any, index: int, partners: list[Any]) -> Any:
    name = _name(element)
    if name is None:
        return partners[index] if index < len(partners) else None
    return next((each for each in partners if _name(each) == name), None)


def _name(element: Any) -> str | None:
    if not isinstance(element, Mapping):
        return None
    keys = {key.lower(): value for key, value in element.items() if isinstance(key, str)}
    return next((str(keys[name]).lower() for name in _NAMES if name in keys), None)
