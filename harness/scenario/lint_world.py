"""The linter's rules about the world: addresses, domains, what nobody uses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import Problem
from fakeeop.model.addresses import DomainPattern, canonical_domain
from harness.match.values import network
from harness.model.scenario import Scenario, ScenarioCase
from harness.scenario.names import proxied_host
from harness.scenario.templates import scan

__all__ = ["addresses", "recipient_domains", "unused"]

_DOCUMENTATION = tuple(  # RFC 5737, RFC 3849, RFC 9637, RFC 1918, RFC 4193, RFC 6598
    ipaddress.ip_network(text)
    for text in (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "100.64.0.0/10",
    )
)
_RESERVED = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")  # RFC 2606


def _problem(
    case: ScenarioCase, code: str, message: str, line: int | None, fix: str = "", *, severity: str = "error"
) -> Problem:
    where = (f"variant {case.variant}",) if case.variant else ()
    return Problem(code, message, fix, where, str(case.scenario.path), line, severity)


def tenants(case: ScenarioCase) -> list[Mapping[str, Any]]:
    """The tenants of a case, keys lower-cased at the first level (Exchange's words have no case)."""
    world = case.world
    found = [world["tenant"]] if "tenant" in world else list(world.get("tenants") or ())
    return [{str(key).lower(): value for key, value in tenant.items()} for tenant in found if isinstance(tenant, dict)]


def addresses(_scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """Hosts and SenderIPAddresses are of documentation or private ranges: nobody's real server is named."""
    for case in cases:
        hosts = case.world.get("hosts") or {}
        for name, address in hosts.items():
            yield from _address(case, str(address), line_of(hosts, name))
        for tenant in tenants(case):
            for connector in _mappings(tenant.get("inboundconnectors")):
                for key, value in connector.items():
                    if str(key).lower() == "senderipaddresses":
                        for text in value if isinstance(value, list) else [value]:
                            yield from _address(case, str(text), line_of(connector, key))


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _address(case: ScenarioCase, text: str, line: int | None) -> Iterator[Problem]:
    if "{{" in text:
        return
    try:
        net = network(text)
    except ValueError:
        return  # the configuration's own rules speak of it; some scenarios are about bad ones
    if not any(net.version == known.version and net.subnet_of(known) for known in _DOCUMENTATION):  # type: ignore[arg-type]  # same version
        fix = "use 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 or a private address"
        yield _problem(case, "address", f"{text} is of no documentation or private range", line, fix)


def recipient_domains(_scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """A recipient's domain is accepted by a tenant of the world, below one, or reserved."""
    for case in cases:
        known = [*_RESERVED, *(domain for tenant in tenants(case) for domain in _accepted(tenant))]
        for step in case.steps:
            recipients = step.arguments.get("rcpt-to") if isinstance(step.arguments, Mapping) else None
            for index, entry in enumerate(recipients if isinstance(recipients, list) else ()):
                address = entry.get("address", "") if isinstance(entry, dict) else entry
                domain = str(address).rpartition("@")[2].strip("<>")
                if not domain or domain.startswith("[") or "{{" in domain or _covered(domain, known):
                    continue
                message = f"{domain} is neither accepted by a tenant of the world nor reserved"
                fix = "use a domain under .example or .test"
                yield _problem(case, "domain", message, line_of(recipients, index), fix)


def _accepted(tenant: Mapping[str, Any]) -> Iterator[str]:
    domains = tenant.get("accepteddomains")
    for entry in domains if isinstance(domains, list) else [domains]:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            yield from (str(value) for key, value in entry.items() if str(key).lower() == "domainname")


def _covered(domain: str, known: list[str]) -> bool:
    try:
        name = canonical_domain(domain)
        return any(DomainPattern(canonical_domain(one), subdomains=True).covers(name) for one in known)
    except ValueError:
        return True  # no domain at all: the scenario is about that


def unused(scenario: Scenario, cases: tuple[ScenarioCase, ...]) -> Iterator[Problem]:
    """Hosts and certificates that no variant uses are left-overs (warning)."""
    used: set[str] = set()
    declared: dict[str, tuple[ScenarioCase, int | None]] = {}
    for case in cases:
        pki = case.world.get("pki") or {}
        for holder in (case.world.get("hosts") or {}, pki):
            for name in holder:
                declared.setdefault(name, (case, line_of(holder, name)))
        used |= {entry["issued-by"] for entry in pki.values() if "issued-by" in entry}
        for step in case.steps:
            used |= _names(step.arguments)
            used |= {name.partition("(")[2].rstrip(")") for name, _line in scan(step.arguments)}
    for name, _line in scan(scenario.tree):
        used.add(name.partition("(")[2].rstrip(")"))
    authorities = {name for case in cases for name, entry in (case.world.get("pki") or {}).items() if entry.get("ca")}
    for name, (case, line) in declared.items():
        if name not in used | authorities:
            yield _problem(case, "unused", f"nobody uses {name!r}", line, "remove it", severity="warning")


def _names(arguments: Any) -> set[str]:
    if not isinstance(arguments, Mapping):
        return set()
    tls = arguments.get("tls")
    found = [arguments.get("from-host"), arguments.get("certificate"), proxied_host(arguments)]
    found.append(tls.get("certificate") if isinstance(tls, Mapping) else None)
    return {name for name in found if isinstance(name, str)}
