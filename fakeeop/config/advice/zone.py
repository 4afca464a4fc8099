"""Advice about ``Zone:``: what it says may be meant, but mail by MX will not come here."""

from __future__ import annotations

from collections.abc import Mapping

from fakeeop.config.marked import line_of
from fakeeop.config.place import Fields
from fakeeop.model.addresses import parse_ip
from fakeeop.model.tenant import Forest
from fakeeop.model.zone import Mx, Zone, mx_name, with_service

__all__ = ["advise_zone"]


def advise_zone(forest: Forest, fields: Fields) -> None:
    """Add the W problems of a zone without errors."""
    domains = [domain.domain_name for tenant in forest.tenants for domain in tenant.accepted_domains]
    zone = with_service(forest.zone, domains, parse_ip("127.0.0.1"))
    for domain in domains:
        exchanges = [value.exchange for value in forest.zone.at(domain).get("MX", ()) if isinstance(value, Mx)]
        if exchanges and mx_name(domain) not in exchanges:
            message = f"the MX of {domain} leads to {exchanges[0] or 'nowhere'}, not to {mx_name(domain)}"
            fix = "meant so? Then leave it; if not, take the MX out: it follows from AcceptedDomains"
            fields.warn("Zone", "W-zone-mx", message, fix, _line(fields, domain))
    for name, kinds in forest.zone.records.items():
        targets = [*(value.exchange for value in kinds.get("MX", ()) if isinstance(value, Mx)), *kinds.get("CNAME", ())]
        for target in map(str, targets):
            if target and not _leads_somewhere(zone, target, alias="CNAME" in kinds):
                message = f"{name} leads to {target}, which does not exist in the lab"
                fix = f"add {target}: {{A: 127.0.0.1}}"
                fields.warn("Zone", "W-zone-dangling", message, fix, _line(fields, name))


def _leads_somewhere(zone: Zone, target: str, *, alias: bool) -> bool:
    """An MX needs an address; an alias may be for any type (a DKIM selector is one)."""
    answers = [zone.lookup(target, kind) for kind in ("A", "AAAA")]
    if alias:
        return answers[0].status != "nxdomain"
    return any(answer.values or answer.status == "servfail" for answer in answers)


def _line(fields: Fields, name: str) -> int | None:
    """The line of a name, where the file has it in this very spelling."""
    tree = fields.values["Zone"]
    if isinstance(tree, Mapping):
        for key in tree:
            if isinstance(key, str) and key.lower().rstrip(".") == name:
                return line_of(tree, key)
    return None
