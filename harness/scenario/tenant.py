"""The tenant file that the world of a scenario stands for: made for a run, and read by the linter as a run reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakeeop.emulator import Emulator
from fakeeop.errors import ConfigError, Problem
from harness.model.scenario import Scenario, ScenarioCase
from harness.scenario.templates import substitute

__all__ = ["readable_tenants", "tenant_tree"]

_TOP = {
    "profile": "AsOf",
    "behaviour": "Behaviour",
    "limits": "Limits",
    "faults": "Faults",
    "zone": "Zone",
    "internet": "Internet",
    "fault-seed": "FaultSeed",
    "magic-recipients": "MagicRecipients",
}  # of the world → of the tenant file


def tenant_tree(world: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a tenant file, from a world."""
    tenants = world["tenants"] if "tenants" in world else [world["tenant"]] if "tenant" in world else []
    tree: dict[str, Any] = {"Tenants": list(tenants)}
    for name, key in _TOP.items():
        if world.get(name):
            tree[key] = world[name]
    return tree


def readable_tenants(_scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """The tenants, settings, limits and faults of the world are what ``fakeeop check`` takes."""
    seen: set[Problem] = set()
    for case in cases:
        try:
            Emulator.from_tree(tenant_tree(substitute(case.world, _lookup(case))), case.path)
        except ConfigError as why:
            for problem in why.problems:
                if problem not in seen:  # once, not for each variant
                    seen.add(problem)
                    yield problem


def _lookup(case: ScenarioCase) -> Any:
    """Stands in for what is known only when a case runs."""

    def lookup(word: str, name: str | None) -> Any:
        if word == "host":
            return case.hosts.get(name or "", "192.0.2.1")
        return {("target", "host"): "127.0.0.1", ("target", "port"): 25}.get((word, name or ""), "not-known-yet")

    return lookup
