"""The names that a case uses exist in its world: hosts, certificates, sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from harness.model.scenario import ScenarioStep
from harness.scenario.shape import PathSet, ProblemList
from harness.scenario.templates import scan

__all__ = ["check_names", "proxied_host"]

_NONE = PathSet()


def check_names(
    report: ProblemList, world: Mapping[str, Any], steps: tuple[ScenarioStep, ...], broken: PathSet = _NONE
) -> None:
    """Add a problem for every host, certificate or session that is used and not declared. What is ``broken`` has been
    left out of the world and the steps: nothing is said of the names that it may declare.
    """
    hosts, pki = world.get("hosts") or {}, world.get("pki") or {}
    for kind, name, where, line in _used(world, steps):
        known = hosts if kind == "host" else pki
        lost = broken.touch("world.hosts" if kind == "host" else "world.pki")
        if name not in known and "{{" not in name and not lost:
            report.unknown(kind, name, tuple(known) or ("none is declared",), where, line)
    if not broken.touch("world.pki"):
        _check_issuers(report, pki)
    if not broken.touch("steps"):
        _check_sessions(report, steps)
        _check_mtas(report, steps)
        _check_way_back(report, world, steps)


def proxied_host(arguments: Mapping[str, Any]) -> Any:
    """The host that a PROXY header names as the client: ``proxy: HOST`` or ``proxy: {for: HOST}``; None without."""
    proxied = arguments.get("proxy")
    return proxied.get("for") if isinstance(proxied, Mapping) else proxied


def _used(world: Mapping[str, Any], steps: tuple[ScenarioStep, ...]) -> Iterator[tuple[str, str, str, int | None]]:
    for index, step in enumerate(steps):
        where, arguments = f"steps[{index + 1}].{step.verb}", step.arguments
        if not isinstance(arguments, Mapping):
            continue
        if isinstance(arguments.get("from-host"), str):  # a verb of a later version is not checked yet
            yield "host", arguments["from-host"], where, line_of(arguments, "from-host") or step.line
        proxied = proxied_host(arguments)
        if isinstance(proxied, str):
            yield "host", proxied, where, line_of(arguments, "proxy") or step.line
        tls = arguments.get("tls")
        for holder in (arguments, tls if isinstance(tls, Mapping) else {}):
            if isinstance(holder.get("certificate"), str):
                yield "pki name", holder["certificate"], where, line_of(holder, "certificate") or step.line
        for tree in (arguments, step.expect):
            yield from _in_templates(tree, where, step.line)
    yield from _in_templates(world, "world", None)


def _in_templates(tree: Any, where: str, line: int | None) -> Iterator[tuple[str, str, str, int | None]]:
    for name, at in scan(tree, line):
        head, _, argument = name.partition("(")
        if argument.rstrip(")") != "null" and head in ("host", "pki"):
            yield "host" if head == "host" else "pki name", argument.rstrip(")"), where, at


def _check_issuers(report: ProblemList, pki: Mapping[str, Any]) -> None:
    authorities = tuple(name for name, entry in pki.items() if entry.get("ca"))
    for name, entry in pki.items():
        where = f"world.pki.{name}"
        issuer = entry.get("issued-by")
        if issuer is not None and issuer not in authorities:
            report.unknown(
                "authority", issuer, authorities or ("none is declared",), where, line_of(entry, "issued-by")
            )
        if issuer is None and not entry.get("ca") and not entry.get("self-signed"):
            message = "neither issued-by nor self-signed: true nor ca: true"
            report.add("missing-key", message, where, line_of(pki, name), "say who issued it")


def _check_sessions(report: ProblemList, steps: tuple[ScenarioStep, ...]) -> None:
    opened: dict[str, None] = {}
    for index, step in enumerate(steps):
        if not isinstance(step.arguments, Mapping):
            continue
        where = f"steps[{index + 1}].{step.verb}"
        if step.verb == "connect":
            opened[step.arguments["as"]] = None
        elif step.verb in ("send", "starttls", "disconnect") and step.arguments["session"] not in opened:
            line = line_of(step.arguments, "session") or step.line
            report.unknown("session", step.arguments["session"], tuple(opened) or ("none is connected",), where, line)


def _check_mtas(report: ProblemList, steps: tuple[ScenarioStep, ...]) -> None:
    """What is done to an MTA, or through it, comes after its start; ``eventually`` speaks of an MTA's queue."""
    up: dict[str, None] = {}
    for index, step in enumerate(steps):
        arguments, where = step.arguments, f"steps[{index + 1}].{step.verb}"
        if not isinstance(arguments, Mapping):
            continue
        if step.verb == "start":
            up[arguments["as"]] = None
        elif "via" in arguments and arguments["via"] not in up:
            line = line_of(arguments, "via") or step.line
            report.unknown("MTA", arguments["via"], tuple(up) or ("none is started",), where, line)
        if step.verb == "stop":
            up.pop(str(arguments["via"]), None)
        if isinstance(step.expect, Mapping) and "via" not in arguments and "eventually" in step.expect:
            message = "'eventually' is for an MTA's queue: everything else answers at once"
            at = line_of(step.expect, "eventually")
            report.add("eventually", message, where, at, "leave it out, or submit via an MTA")


def _check_way_back(report: ProblemList, world: Mapping[str, Any], steps: tuple[ScenarioStep, ...]) -> None:
    """``return-reports`` names an MTA that some step starts."""
    name = world.get("return-reports")
    started = [step.arguments["as"] for step in steps if step.verb == "start" and isinstance(step.arguments, Mapping)]
    if name is not None and name not in started:
        line = line_of(world, "return-reports")
        report.unknown("MTA", name, tuple(started) or ("none is started",), "world.return-reports", line)
