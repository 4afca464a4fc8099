"""The order in which fixes are told, and what each of them opens."""

from __future__ import annotations

from typing import Final

from fakeeop.model import (
    ConnectorType,
    Forest,
    InboundConnector,
)
from fakeeop.model.addresses import DomainPattern, IpRange
from fakeeop.why.repair.candidates import Package
from fakeeop.why.repair.values import (
    AddConnector,
    AddDomain,
    AddRecipient,
    AddToConnector,
    AllowDirectSend,
    ComeFrom,
    MendCertificate,
    PresentCertificate,
    Question,
    RelayChange,
    RepairChange,
    SendFrom,
    SetConnector,
    SetDomain,
    SplitByDomain,
    Subscribe,
    TenantChange,
    Unblock,
    UseTls,
)
from fakeeop.why.situation import listed

__all__ = ["cost", "opened", "widening"]


def cost(changes: Package) -> tuple[bool, int, float, float]:
    """Smaller is told earlier: no widening, few changes, what opens least, what is least work."""
    return (
        widening(changes),
        len(changes),
        sum(_openness(change) for change in changes),
        sum(_EFFORT.get(type(change), 3.0) for change in changes),
    )


def widening(changes: Package) -> bool:
    """True if more is opened than this mail needs."""
    return any(_widening(change) for change in changes)


_EFFORT: Final[dict[type, float]] = {
    UseTls: 0.5,
    MendCertificate: 0.0,
    SplitByDomain: 1.0,
    PresentCertificate: 2.0,
    ComeFrom: 1.5,
    SendFrom: 2.5,
    AddConnector: 4.0,
}


def _openness(change: RepairChange) -> float:
    match change:
        case AddRecipient() | Subscribe():
            return 0.1
        case Unblock():
            return 0.5
        case AddToConnector(value=str()):
            return 1.0
        case SetConnector(value=DomainPattern()) | AddConnector(mark=DomainPattern()):
            return 2.0
        case AddToConnector(value=IpRange()) | AddConnector(mark=IpRange()) | SetConnector(parameter="Enabled"):
            return 3.0
        case AddDomain() | AddToConnector(value=DomainPattern()):
            return 4.0
        case SetDomain() | AllowDirectSend() | SetConnector():
            return 8.0
        case _:
            return 0.0


def _widening(change: RepairChange) -> bool:
    """More than one name, address or domain: a wildcard, a range, or a protection that is taken away."""
    match change:
        case SetConnector(value=DomainPattern() as pattern) | AddConnector(mark=DomainPattern() as pattern):
            return pattern.subdomains
        case AddToConnector(value=DomainPattern() as pattern):
            return pattern.subdomains
        case AddToConnector(value=IpRange() as block) | AddConnector(mark=IpRange() as block):
            return block.network.prefixlen < 32
        case SetDomain() | AllowDirectSend():
            return True
        case SetConnector(parameter=name):
            return name.startswith("Restrict")
        case _:
            return False


def opened(question: Question, change: RepairChange) -> tuple[str, ...]:
    """What else may come in or go out after a change, as sentences without a full stop."""
    if isinstance(change, RelayChange):
        return ()
    connector = _connector_of(question.forest, change)
    relays = connector is not None and connector.connector_type is ConnectorType.ON_PREMISES
    match change:
        case (
            SetConnector(parameter="TlsSenderCertificateName", value=DomainPattern() as pattern)
            | AddConnector(mark=DomainPattern() as pattern)
        ):
            return (_by_name(change.tenant, pattern, relays=relays),)
        case AddToConnector(value=IpRange() as block) | AddConnector(mark=IpRange() as block):
            return (_by_range(change.tenant, block, relays=relays),)
        case SetConnector(parameter="Enabled") if connector is not None:
            marks = [*map(str, connector.sender_ip_addresses), str(connector.tls_sender_certificate_name or "")]
            marks = [mark for mark in marks if mark]
            return (f"{listed(marks)} may {'relay' if relays else 'send'} through {change.connector!r} again",)
        case SetConnector() if connector is not None:
            domains = listed(map(str, connector.sender_domains))
            return (f"mail of {domains} may come from anywhere, to every recipient of {change.tenant}",)
        case Unblock():
            return (f"the client that abused connector {change.connector!r} may send through it again",)
        case AddDomain():
            return (f"{change.tenant} takes and sends mail of {change.domain}",)
        case SetDomain():
            below = f"; every sub-domain of {change.domain} counts as accepted" if change.match_sub_domains else ""
            return (f"every recipient of {change.domain} is accepted, known or not{below}",)
        case AllowDirectSend():
            return (f"anyone may send to {change.tenant} in the name of its own domains",)
        case AddToConnector():
            return (f"connector {change.connector!r} applies to {change.value} as well",)
        case _:
            return ()


def _by_name(tenant: str, pattern: DomainPattern, *, relays: bool) -> str:
    whose = f"everyone with a valid certificate named {pattern}"
    if pattern.subdomains:
        whose = f"everyone with a valid certificate of {pattern.domain} or any name below it"
    return f"{whose} may relay through {tenant}" if relays else f"{whose} may send to {tenant} as its partner"


def _by_range(tenant: str, block: IpRange, *, relays: bool) -> str:
    if relays:
        return f"{block} may relay through {tenant}, with any sender of its accepted domains"
    return f"{block} may send to {tenant} as its partner"


def _connector_of(forest: Forest, change: TenantChange) -> InboundConnector | None:
    name = getattr(change, "connector", None) or getattr(change, "name", None)
    for tenant in forest.tenants:
        if tenant.name == change.tenant:
            return next((each for each in tenant.inbound_connectors if each.name == name), None)
    return None
