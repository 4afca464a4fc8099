"""What the lint of a relay's configuration finds, and what it knows of the tenant."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from attrs import asdict, frozen

__all__ = ["ERROR", "NOTE", "WARNING", "Expected", "Finding", "Severity", "ordered"]

Severity = Literal["error", "warning", "note"]
ERROR: Final = "error"  # mail will be refused, or will not leave
WARNING: Final = "warning"  # it depends, or it will fail one day
NOTE: Final = "note"  # good to know

_RANK = {ERROR: 0, WARNING: 1, NOTE: 2}


@frozen
class Finding:
    """One thing to look at. ``line`` 0: the setting is not there, what counts is its default.

    ``then`` is what comes of it: the reply, or what happens instead of one.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    setting: str
    message: str
    fix: str
    then: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        then = f"\n    then: {self.then}" if self.then else ""
        return f"{place}: {self.severity}: {self.message} [{self.rule}]{then}\n    fix: {self.fix}"

    def tree(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@frozen
class Expected:
    """What the connectors ask for. ``names`` are patterns of ``TlsSenderCertificateName``, empty if none is known.

    ``by_address`` and ``by_certificate``: is there such an OnPremises connector? None: not known. ``domains`` are the
    accepted domains, with ``*.`` in front where the domains below count too. ``roots`` is PEM of trusted authorities;
    ``root`` is put in front of absolute paths (a configuration copied from another machine). ``now`` is aware.
    """

    now: datetime
    names: tuple[str, ...] = ()
    by_address: bool | None = None
    by_certificate: bool | None = None
    domains: tuple[str, ...] = ()
    roots: bytes = b""
    root: Path | None = None
    days: int = 30

    def at(self, path: str) -> Path:
        """Where a file of the configuration is on this machine."""
        given = Path(path)
        return given if self.root is None else self.root / given.relative_to(given.anchor)


def ordered(findings: list[Finding]) -> list[Finding]:
    """The worst first, then by place; each once."""
    return sorted(dict.fromkeys(findings), key=lambda each: (_RANK[each.severity], each.path, each.line, each.rule))
