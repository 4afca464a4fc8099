"""Which tenants of a large forest a mail concerns, by the index: so that an explanation costs the same at any size."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from fakeeop.decision.certificates import parent_domains
from fakeeop.decision.directory import Directory
from fakeeop.model import Forest, PeerFacts, Tenant, TlsFacts
from fakeeop.model.addresses import Mailbox

__all__ = ["concerned_forest"]

_FEW = 40  # connectors that are all looked at, whatever the mail
_MOST_TENANTS = 8  # of those that are only near


def concerned_forest(
    directory: Directory, peer: PeerFacts, tls: TlsFacts | None, reverse_path: Mailbox, recipient: Mailbox
) -> Forest:
    """The forest with the tenants that can matter: owners of the domains, and connectors that match, or nearly do."""
    forest = directory.forest
    if directory.connectors <= _FEW:
        return forest
    chosen: dict[int, Tenant] = {}
    for tenant in _matched(directory, peer, tls, reverse_path, recipient):
        chosen[id(tenant)] = tenant
    near = 0
    for tenant in _near(directory, peer, tls):
        if id(tenant) not in chosen and near < _MOST_TENANTS:
            chosen[id(tenant)] = tenant
            near += 1
    ordered = sorted(chosen.values(), key=lambda tenant: directory.place_of(tenant.name))
    return evolve(forest, tenants=tuple(ordered))


def _matched(
    directory: Directory, peer: PeerFacts, tls: TlsFacts | None, reverse_path: Mailbox, recipient: Mailbox
) -> Iterator[Tenant]:
    for domain in (reverse_path.domain, recipient.domain):
        for acceptance in directory.acceptances(domain):
            yield acceptance.tenant.tenant
        for parent in parent_domains(domain):
            yield from directory.owners(parent)
    for match in directory.by_address(peer):
        yield match.entry.tenant.tenant
    certificate = tls.certificate if tls is not None else None
    for match in directory.by_certificate(certificate.names) if certificate is not None else ():
        yield match.entry.tenant.tenant


def _near(directory: Directory, peer: PeerFacts, tls: TlsFacts | None) -> Iterator[Tenant]:
    yield from directory.nearby(peer)
    certificate = tls.certificate if tls is not None else None
    for name in certificate.names if certificate is not None else ():
        yield from directory.akin(name)
