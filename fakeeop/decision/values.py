"""What the index holds: tenants and connectors with the answers that do not depend on a message already worked out."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field, frozen

from fakeeop.decision.certificates import parent_domains, wildcard_rank
from fakeeop.decision.verdict import Attribution
from fakeeop.model import AcceptedDomain, InboundConnector, Tenant
from fakeeop.model.addresses import DomainPattern

__all__ = ["Acceptance", "ConnectorEntry", "Match", "SenderIndex", "TenantEntry"]


@define(eq=False)
class ConnectorEntry:
    """One enabled connector of the forest; ``order`` is its place in the file, over all tenants."""

    order: int
    tenant: TenantEntry
    connector: InboundConnector
    name_accepted: bool = False  # A2: the domain of TlsSenderCertificateName is accepted in the tenant
    scoped: bool = False  # OnPremises: something of the message decides too (see rules.on_premises_scoped)


@define(eq=False)
class SenderIndex:
    """Partner connectors by their ``SenderDomains``."""

    exact: dict[str, list[ConnectorEntry]] = field(factory=dict)
    below: dict[str, list[ConnectorEntry]] = field(factory=dict)
    everyone: list[ConnectorEntry] = field(factory=list)

    def add(self, pattern: DomainPattern, entry: ConnectorEntry) -> None:
        """File one connector under one of its patterns."""
        if pattern.is_any:
            self.everyone.append(entry)
        else:
            (self.below if pattern.subdomains else self.exact).setdefault(pattern.domain, []).append(entry)

    def find(self, domains: Iterable[str]) -> dict[ConnectorEntry, int]:
        """The connectors that cover one of ``domains``, each with its narrowest specificity (see ``rules``)."""
        found: dict[ConnectorEntry, int] = {}
        for domain in domains:
            for entry in self.everyone:  # the null reverse-path as well: assumption (C103)
                found.setdefault(entry, 0)
            if self.below:
                for parent in parent_domains(domain):
                    for entry in self.below.get(parent, ()):
                        found[entry] = max(found.get(entry, 0), 2 * wildcard_rank(parent))
            for entry in self.exact.get(domain, ()):
                found[entry] = max(found.get(entry, 0), 2 * wildcard_rank(domain) + 1)
        return found


@define(eq=False)
class TenantEntry:
    """One tenant of the forest; ``incoming`` is its default path, shared by all mail that takes it."""

    order: int
    tenant: Tenant
    incoming: Attribution
    restricting: SenderIndex = field(factory=SenderIndex)  # Partner connectors with a Restrict flag
    by_sender_domain: SenderIndex = field(factory=SenderIndex)  # Partner connectors that SenderDomains can identify


@frozen(eq=False)
class Acceptance:
    """A domain is accepted by this tenant, as this accepted domain."""

    tenant: TenantEntry
    domain: AcceptedDomain


@frozen(eq=False)
class Match:
    """A connector that the connection satisfies by certificate or by address; a higher ``rank`` is more exact."""

    entry: ConnectorEntry
    rank: int
