"""Variables: names without case, scopes that functions open, and those that are always there."""

from __future__ import annotations

import os
from typing import Any, Final

from exoshell.powershell.conversions import text_of
from exoshell.powershell.values import NOTHING

__all__ = ["SCOPES", "Scopes"]

SCOPES: Final = ("global", "script", "local", "private", "variable", "env")
_ALWAYS: Final = (
    "_",
    "psitem",
    "?",
    "error",
    "matches",
    "args",
    "input",
    "lastexitcode",
    "psboundparameters",
    "pscmdlet",
)

_CONSTANT: Final = {"true": True, "false": False, "null": None}


class Scopes:
    """The innermost scope is the last; ``script`` and ``global`` are the first."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[int, str], str] = {}  # of typed variables, by scope
        self._scopes: list[dict[str, Any]] = [{"erroractionpreference": "Continue", "confirmpreference": "High"}]

    def get(self, name: str) -> Any:
        """The value, ``$null`` if there is none."""
        found = self.held(name)
        return None if found is NOTHING else found

    def held(self, name: str) -> Any:
        """As above; NOTHING where the variable was given that."""
        scope, plain = _parted(name)
        if scope == "env":
            return os.environ.get(plain)
        lower = plain.lower()
        if lower in _CONSTANT:
            return _CONSTANT[lower]
        places = self._scopes[:1] if scope in ("script", "global") else reversed(self._scopes)
        return next((place[lower] for place in places if lower in place), None)

    def known(self, name: str) -> bool:
        """Was it ever set?"""
        scope, plain = _parted(name)
        lower = plain.lower()
        if scope == "env" or lower in _CONSTANT or lower in _ALWAYS:
            return True
        places = self._scopes[:1] if scope in ("script", "global") else self._scopes
        return any(lower in place for place in places)

    def put(self, name: str, value: Any) -> bool:
        """Set it in its scope; False for one that cannot be set."""
        scope, plain = _parted(name)
        lower = plain.lower()
        if lower in _CONSTANT:
            return False
        if scope == "env":
            if text_of(value):
                os.environ[plain] = text_of(value)
            else:
                os.environ.pop(plain, None)
            return True
        self._scopes[0 if scope in ("script", "global") else -1][lower] = value
        return True

    def remove(self, name: str) -> bool:
        """Out of its scope; False if it is not there."""
        scope, plain = _parted(name)
        place = self._scopes[0 if scope in ("script", "global") else -1]
        return place.pop(plain.lower(), NOTHING) is not NOTHING

    def constrain(self, name: str, kind: str) -> None:
        """``[int]$x = …``: whatever it is given later is converted too."""
        scope, plain = _parted(name)
        self._kinds[(0 if scope in ("script", "global") else len(self._scopes) - 1, plain.lower())] = kind

    def kind(self, name: str) -> str:
        """The type that a variable keeps to, empty if to none."""
        scope, plain = _parted(name)
        return self._kinds.get((0 if scope in ("script", "global") else len(self._scopes) - 1, plain.lower()), "")

    def open(self, values: dict[str, Any]) -> None:
        """A function begins."""
        self._scopes.append({name.lower(): value for name, value in values.items()})

    def close(self) -> None:
        """A function ends."""
        self._scopes.pop()
        self._kinds = {key: kind for key, kind in self._kinds.items() if key[0] < len(self._scopes)}

    def names(self) -> list[str]:
        """All that can be seen."""
        return sorted({name for place in self._scopes for name in place})


def _parted(name: str) -> tuple[str, str]:
    scope, colon, plain = name.partition(":")
    return (scope.lower(), plain) if colon else ("", name)
