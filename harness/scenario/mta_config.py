"""``config`` of an MTA: its settings, or the settings of several MTAs, one section for each client of the scenario.

Flat: ``{smtp_tls_security_level: encrypt}``. By client: ``{postfix: {…}, exim: {…}}``. The settings themselves are the
MTA's own words; where its file has sections, they are mappings of mappings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import Problem
from harness.model.scenario import Scenario, ScenarioCase
from harness.scenario.shape import ProblemList

__all__ = ["MTAS", "check_config", "config_of", "each_mta_configured"]

MTAS = ("postfix", "exim", "opensmtpd", "sendmail", "dma")
_DEEPEST = 3  # sections, names in them, options


def config_of(config: Any, client: str) -> Mapping[str, Any]:
    """The settings of one client."""
    found = (config or {}).get(client) if _by_client(config) else config
    return found or {}


def check_config(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """A check of ``harness.scenario.shape``: mappings, down to scalars."""
    if report.deferred(value):
        return
    if not isinstance(value, dict):
        report.wrong("a mapping", value, where, line)
        return
    depth = _DEEPEST + 1 if _by_client(value) else _DEEPEST
    for name, each in value.items():
        _setting(report, each, f"{where}.{name}", line_of(value, name), depth - 1)


def each_mta_configured(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """Settings are one MTA's words: where several MTAs are clients, each has its own."""
    clients = [client for client in scenario.clients if client in MTAS]
    for case in cases:
        for index, step in enumerate(case.steps):
            config = step.arguments.get("config") if isinstance(step.arguments, Mapping) else None
            if not isinstance(config, Mapping) or not config:
                continue
            message = fix = ""
            if not _by_client(config):
                if len(clients) > 1:
                    message = f"the settings of one MTA, and the clients are {', '.join(clients)}"
                    fix = f"write config: {{{clients[0]}: …, {clients[1]}: …}}"
            elif lacking := [client for client in clients if client not in config]:
                message, fix = f"no settings for {', '.join(lacking)}", f"write {lacking[0]}: {{}} for its base alone"
            elif others := [name for name in config if name not in clients]:
                message, fix = f"settings for {', '.join(others)}, which is not a client here", "remove them"
            if message:
                where = f"steps[{index + 1}].{step.verb}.config"
                line = line_of(step.arguments, "config")
                yield Problem("config", message, fix, (where,), str(scenario.path), line)


def _by_client(config: Any) -> bool:
    return isinstance(config, Mapping) and bool(config) and all(name in MTAS for name in config)


def _setting(report: ProblemList, value: Any, where: str, line: int | None, depth: int) -> None:
    if isinstance(value, dict) and depth > 0:
        for name, each in value.items():
            _setting(report, each, f"{where}.{name}", line_of(value, name), depth - 1)
    elif isinstance(value, list | dict):
        report.wrong("text, a number, true or false", value, where, line, "write it as the MTA's own file has it")
