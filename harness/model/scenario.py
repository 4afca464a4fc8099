"""A scenario as loaded, and the cases it expands to. Frozen; trees are marked data (``fakeeop.config.marked``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

__all__ = ["Evidence", "KnownGap", "Scenario", "ScenarioCase", "ScenarioStep"]


@frozen
class Evidence:
    """Where a requirement comes from; ``kind`` is doc, rfc, transcript or assumption."""

    kind: str
    ref: str = ""
    note: str = ""
    read: str = ""


@frozen
class KnownGap:
    """Expected to fail, strictly; empty ``clients``/``variants`` mean all."""

    issue: str
    clients: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@frozen
class ScenarioStep:
    """One step: exactly one verb with its arguments, and what is expected of it (None = nothing checked)."""

    verb: str
    arguments: Any
    expect: Any
    line: int


@frozen(eq=False)
class Scenario:
    """One file. ``id`` is the path under the scenario root, ``/`` separated, without suffix."""

    id: str
    path: Path
    title: str
    requirement: str
    level: str  # must, should, info
    evidence: tuple[Evidence, ...]
    tags: tuple[str, ...]
    requires: tuple[str, ...]
    timeout: float  # seconds
    known_gap: KnownGap | None
    world: dict[str, Any]
    clients: tuple[str, ...]
    variants: dict[str, Any]  # name → values; empty when the file has none
    steps: tuple[ScenarioStep, ...]
    expect: Any  # a mapping; with variants perhaps one name that stands for it
    lines: tuple[str, ...] = field(default=(), repr=False)  # the source, for failure texts
    tree: Any = field(default=None, repr=False)  # the whole file as marked data: variants may stand for any part of it


@frozen(eq=False)
class ScenarioCase:
    """One scenario with one client and at most one variant; ``{{variant.*}}`` is filled in, nothing else is.

    ``id`` is ``<scenario id>::<variant>-<client>`` or ``<scenario id>::<client>``.
    """

    id: str
    scenario: Scenario
    client: str
    variant: str | None
    world: dict[str, Any]
    steps: tuple[ScenarioStep, ...]
    expect: Any
    known_gap: bool = False

    @property
    def level(self) -> str:
        """Of the scenario: must, should, info."""
        return self.scenario.level

    @property
    def seconds(self) -> float:
        """The time that the whole case may take, before it is stretched."""
        return self.scenario.timeout

    @property
    def path(self) -> str:
        """The scenario's file."""
        return str(self.scenario.path)

    @property
    def hosts(self) -> Mapping[str, str]:
        """Name of each host of its world → its public address."""
        return self.world.get("hosts") or {}

    @property
    def pki(self) -> Mapping[str, Any]:
        """The certificates that its world declares."""
        return self.world.get("pki") or {}
