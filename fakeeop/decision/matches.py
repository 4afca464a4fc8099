"""What one connection matches by its certificate and by its address: worked out once, whatever mail follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from fakeeop.decision.certificates import usable
from fakeeop.decision.values import Match, TenantEntry
from fakeeop.model import PeerFacts, TlsFacts

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory

__all__ = ["ConnectionMatches", "MatchesByTenant", "match_connection"]

MatchesByTenant = dict[TenantEntry, list[Match]]


@frozen(eq=False)
class ConnectionMatches:
    """Each list is best first: the more exact match, then the place in the file."""

    by_certificate: MatchesByTenant  # OnPremises: c1 of facts §2.9
    by_address: MatchesByTenant  # OnPremises: c2
    partners_by_certificate: MatchesByTenant
    partners_by_address: MatchesByTenant
    name_accepted: tuple[Match, ...]  # of c1, those whose certificate domain their tenant accepts

    @property
    def any_on_premises(self) -> bool:
        """True if c1 or c2 is not empty: the service knows this server."""
        return bool(self.by_certificate or self.by_address)


def match_connection(directory: Directory, peer: PeerFacts, tls: TlsFacts | None) -> ConnectionMatches:
    """Look the connection up. An unusable certificate is as none at all (facts §2.5 T6)."""
    certificate = tls.certificate if tls is not None else None
    named: list[Match] = []
    if certificate is not None and usable(certificate, directory.behaviour):
        named = directory.by_certificate(certificate.names)
    located = directory.by_address(peer)
    if directory.behaviour.ip_and_certificate == "and":
        named, located = _both_only(named, located)
    by_certificate, partners_by_certificate = _by_tenant(named)
    by_address, partners_by_address = _by_tenant(located)
    return ConnectionMatches(
        by_certificate,
        by_address,
        partners_by_certificate,
        partners_by_address,
        tuple(match for match in named if match.entry.name_accepted and not match.entry.connector.is_partner),
    )


def _both_only(named: list[Match], located: list[Match]) -> tuple[list[Match], list[Match]]:
    """Under ``ip_and_certificate: and``: an OnPremises connector with both marks needs both (2.3-4)."""
    both = {match.entry for match in named} & {match.entry for match in located}

    def fits(match: Match) -> bool:
        connector = match.entry.connector
        needs_both = (
            not connector.is_partner
            and connector.tls_sender_certificate_name is not None
            and bool(connector.sender_ip_addresses)
        )
        return not needs_both or match.entry in both

    return [match for match in named if fits(match)], [match for match in located if fits(match)]


def _by_tenant(matches: list[Match]) -> tuple[MatchesByTenant, MatchesByTenant]:
    """OnPremises and Partner apart, each grouped by tenant with the order kept."""
    on_premises: MatchesByTenant = {}
    partners: MatchesByTenant = {}
    for match in matches:
        groups = partners if match.entry.connector.is_partner else on_premises
        groups.setdefault(match.entry.tenant, []).append(match)
    return on_premises, partners
