"""Which connectors of a tenant file fit what a header says of the client."""

from __future__ import annotations

from collections.abc import Iterator

from fakeeop.model import Forest, InboundConnector
from fakeeop.model.addresses import IpAddress, canonical_domain, parse_ip
from fakeeop.reading.analysis import Statement, Verdict

__all__ = ["fitting"]


def fitting(verdict: Verdict, forest: Forest) -> list[Statement]:
    """Connectors that list the client's address, or whose certificate name fits its HELO; and whose tenant it is.

    The certificate is not in a header: the name of EHLO is a hint and no proof.
    """
    found = [
        f"it is {tenant.name} of the tenant file"
        for tenant in forest.tenants
        if verdict.tenant and tenant.tenant_id.lower() == verdict.tenant.lower()
    ]
    statements = [Statement("tenant", text) for text in found]
    ip, name = _ip(verdict.address), _domain(verdict.helo)
    fits = [
        f"'{connector.name}' of {tenant.name} ({connector.connector_type.value}) {text}"
        f"{_doubt(connector, verdict, forest)}"
        for tenant in forest.tenants
        for connector in tenant.inbound_connectors
        for text in _fits(connector, verdict, ip, name)
    ]
    if not fits:
        fits = [f"none lists {verdict.address or 'the address'} or has a name that fits {verdict.helo or 'the client'}"]
    return statements + [Statement("connectors", text) for text in fits]


def _fits(connector: InboundConnector, verdict: Verdict, ip: IpAddress | None, name: str) -> Iterator[str]:
    if ip is not None and any(span.covers(ip) for span in connector.sender_ip_addresses):
        yield f"lists the address {verdict.address}"
    pattern = connector.tls_sender_certificate_name
    if verdict.tls and name and pattern is not None and pattern.covers(name):
        yield (
            f"has the name that the client said in EHLO ({verdict.helo}); "
            "which certificate it showed is not in the header"
        )


def _doubt(connector: InboundConnector, verdict: Verdict, forest: Forest) -> str:
    """RequireTls counts for Partner connectors, for the others by a knob (facts connectors T4)."""
    if not connector.enabled:
        return ", but it is not enabled"
    demands = connector.is_partner or forest.behaviour.on_premises_require_tls == "enforced"
    return ", but it requires TLS" if demands and connector.require_tls and verdict.tls is None else ""


def _ip(text: str) -> IpAddress | None:
    try:
        return parse_ip(text)
    except ValueError:  # [EXTERNAL-IP], or nothing
        return None


def _domain(text: str) -> str:
    try:
        return canonical_domain(text)
    except ValueError:  # an address literal, or nothing
        return ""
