"""The immutable index of a forest: domains, certificate names and addresses to tenants and connectors.

Every look-up costs a walk over labels or over the prefix lengths in use, whatever the number of tenants.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakeeop.decision import rules
from fakeeop.decision.certificates import EXACT, THROUGH_WILDCARD_CERTIFICATE, parent_domains, wildcard_rank
from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.values import Acceptance, ConnectorEntry, Match, TenantEntry
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction
from fakeeop.model import Behaviour, Forest, InboundConnector, PeerFacts, Tenant, TlsFacts

__all__ = ["Directory"]


class Directory:
    """A forest made searchable. Immutable: a changed forest gets a new directory."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self.behaviour: Behaviour = forest.behaviour
        self._accepted: dict[str, list[Acceptance]] = {}
        self._accepted_below: dict[str, list[Acceptance]] = {}
        self._places: dict[str, int] = {}
        self._names: dict[str, list[ConnectorEntry]] = {}
        self._names_by_parent: dict[str, list[ConnectorEntry]] = {}  # mail.contoso.com under contoso.com
        self._wildcards: dict[str, list[ConnectorEntry]] = {}
        self._networks: dict[int, dict[int, list[ConnectorEntry]]] = {}  # prefix length → network bits → connectors
        self._nearby: dict[int, list[Tenant]] = {}  # by the first 24 bits of an address, disabled ones too
        self._akin: dict[str, list[Tenant]] = {}  # by the domain of a certificate name, and the one above it
        order = 0
        for number, tenant in enumerate(forest.tenants):
            entry = TenantEntry(number, tenant, _incoming(tenant))
            self._places.setdefault(tenant.name, number)
            self._add_domains(entry)
            for connector in tenant.inbound_connectors:
                self._add_kin(tenant, connector)
                if connector.enabled:  # C32: a disabled connector is as if absent
                    self._add_connector(ConnectorEntry(order, entry, connector))
                order += 1
        self.connectors = order
        self._prefixes = tuple((32 - length, length, table) for length, table in sorted(self._networks.items()))

    def connection(self, peer: PeerFacts, tls: TlsFacts | None) -> ConnectionJudge:
        """The judge of one connection; make a new one when STARTTLS has changed the facts."""
        return ConnectionJudge(self, peer, tls)

    def acceptances(self, domain: str) -> tuple[Acceptance, ...]:
        """The tenants that accept the canonical ``domain``, the most exact first, each once (§1.5 MatchSubDomains)."""
        exact = self._accepted.get(domain)
        if not self._accepted_below:
            return tuple(exact) if exact else ()
        found: dict[TenantEntry, Acceptance] = {}
        for acceptance in exact or ():
            found.setdefault(acceptance.tenant, acceptance)
        for parent in parent_domains(domain.partition(".")[2]):
            for acceptance in self._accepted_below.get(parent, ()):
                found.setdefault(acceptance.tenant, acceptance)
        return tuple(found.values())

    def owners(self, domain: str) -> tuple[Tenant, ...]:
        """The tenants that have exactly this accepted domain."""
        return tuple(acceptance.tenant.tenant for acceptance in self._accepted.get(domain, ()))

    def place_of(self, tenant: str) -> int:
        """The place in the forest of the (first) tenant of this name. Raises KeyError."""
        return self._places[tenant]

    def nearby(self, peer: PeerFacts) -> tuple[Tenant, ...]:
        """The tenants that list something in the /24 of this address, in connectors that are disabled, too."""
        return tuple(self._nearby.get(int(peer.ip) >> 8, ())) if peer.ip.version == 4 else ()

    def akin(self, name: str) -> tuple[Tenant, ...]:
        """The tenants whose connectors are named like this certificate name: the same domain, or the same parent."""
        bare = name.removeprefix("*.")
        above = bare.partition(".")[2]
        return (*self._akin.get(bare, ()), *(self._akin.get(above, ()) if "." in above else ()))

    def by_certificate(self, names: Iterable[str]) -> list[Match]:
        """Every enabled connector that one of the certificate's names satisfies, with its best rank."""
        ranks: dict[ConnectorEntry, int] = {}

        def note(entries: Iterable[ConnectorEntry], rank: int) -> None:
            for entry in entries:
                ranks[entry] = max(ranks.get(entry, -1), rank)

        for name in names:
            bare = name
            if name.startswith("*."):
                bare = name[2:]
                if bare and self.behaviour.wildcard_certificate == "match":
                    note(self._names_by_parent.get(bare, ()), THROUGH_WILDCARD_CERTIFICATE)
            else:
                note(self._names.get(name, ()), EXACT)
            if self._wildcards:
                for parent in parent_domains(bare):
                    note(self._wildcards.get(parent, ()), wildcard_rank(parent))
        return _ranked(ranks)

    def by_address(self, peer: PeerFacts) -> list[Match]:
        """Every enabled connector whose ranges hold the peer's address; the rank is the longest prefix length."""
        if peer.ip.version != 4:
            return []
        number = int(peer.ip)
        ranks: dict[ConnectorEntry, int] = {}
        for shift, length, table in self._prefixes:  # shortest prefix first: a longer one overwrites
            for entry in table.get(number >> shift, ()):
                ranks[entry] = length
        return _ranked(ranks)

    def _add_domains(self, entry: TenantEntry) -> None:
        for domain in entry.tenant.accepted_domains:
            acceptance = Acceptance(entry, domain)
            self._accepted.setdefault(domain.domain_name, []).append(acceptance)
            if domain.match_sub_domains:
                self._accepted_below.setdefault(domain.domain_name, []).append(acceptance)

    def _add_kin(self, tenant: Tenant, connector: InboundConnector) -> None:
        for block in connector.sender_ip_addresses:
            self._nearby.setdefault(int(block.network.network_address) >> 8, []).append(tenant)
        pattern = connector.tls_sender_certificate_name
        if pattern is not None:
            self._akin.setdefault(pattern.domain, []).append(tenant)
            self._akin.setdefault(pattern.domain.partition(".")[2], []).append(tenant)

    def _add_connector(self, entry: ConnectorEntry) -> None:
        connector = entry.connector
        pattern = connector.tls_sender_certificate_name
        if pattern is not None and pattern.domain:
            entry.name_accepted = rules.certificate_domain_accepted(entry.tenant.tenant, pattern)
            if pattern.subdomains:
                self._wildcards.setdefault(pattern.domain, []).append(entry)
            else:
                self._names.setdefault(pattern.domain, []).append(entry)
                self._names_by_parent.setdefault(pattern.domain.partition(".")[2], []).append(entry)
        for block in rules.identifying_ips(connector, self.behaviour):
            length = block.network.prefixlen
            bits = int(block.network.network_address) >> (32 - length)
            self._networks.setdefault(length, {}).setdefault(bits, []).append(entry)
        if connector.is_partner:
            self._add_partner(entry)
        else:
            entry.scoped = rules.on_premises_scoped(connector, self.behaviour)

    def _add_partner(self, entry: ConnectorEntry) -> None:
        connector = entry.connector
        for pattern in connector.sender_domains:
            if connector.is_restricting:
                entry.tenant.restricting.add(pattern, entry)
            elif rules.identified_by_sender_domain(connector, rules.pattern_specificity(pattern), self.behaviour):
                entry.tenant.by_sender_domain.add(pattern, entry)


def _incoming(tenant: Tenant) -> Attribution:
    return Attribution(tenant, None, AttributedBy.RECIPIENT_DOMAIN, Direction.INCOMING)


def _ranked(ranks: dict[ConnectorEntry, int]) -> list[Match]:
    matches = [Match(entry, rank) for entry, rank in ranks.items()]
    if len(matches) > 1:
        matches.sort(key=_best_first)
    return matches


def _best_first(match: Match) -> tuple[int, int]:
    return -match.rank, match.entry.order
