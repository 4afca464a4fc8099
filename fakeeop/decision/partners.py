"""Partner connectors of the recipient's tenant: what they refuse and which one identifies the mail.

Facts connectors §2.9 (b), §2.4, rows C90-C117. Restricting connectors are looked at first (P2); then the mail is tied
to the first that fits by certificate, by address, by sender domain (P11: of several the most specific, then the first
in the file).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from fakeeop.decision import rules
from fakeeop.decision.matches import ConnectionMatches, MatchesByTenant
from fakeeop.decision.values import ConnectorEntry, TenantEntry
from fakeeop.decision.verdict import AttributedBy

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory

__all__ = ["Identified", "PartnerCheck"]

Identified = tuple[ConnectorEntry, AttributedBy]


@frozen(eq=False)
class PartnerCheck:
    """The question for one recipient.

    ``scope`` holds the domains that SenderDomains is held against: the reverse-path's, or those of the header From
    (knob ``partner_sender_scope``). None = not known yet (P2 at RCPT): then only certificate and address identify, and
    nothing restricts.
    """

    directory: Directory
    matches: ConnectionMatches
    tenant: TenantEntry
    scope: tuple[str, ...] | None
    sender: str  # canonical domain of the reverse-path, "" for null
    recipient: str  # canonical domain of the forward-path

    def restricted(self) -> bool:
        """True if the Restrict connectors in scope refuse the mail (5.7.51)."""
        if self.scope is None:
            return False
        in_scope = self.tenant.restricting.find(self.scope)
        satisfied = [self._satisfied(entry) for entry in in_scope if self._fits(entry)]
        if not satisfied:
            return False
        return not (any(satisfied) if self.directory.behaviour.restrict_combination == "any" else all(satisfied))

    def identified(self) -> Identified | None:
        """The Partner connector that the mail is tied to, and by what; None = the default path."""
        entry = self._best(self.matches.partners_by_certificate, by_rank=True)
        if entry is not None:
            return entry, AttributedBy.CERTIFICATE
        entry = self._best(self.matches.partners_by_address, by_rank=False)
        if entry is not None:
            return entry, AttributedBy.IP_ADDRESS
        if self.scope is None:
            return None
        named = self.tenant.by_sender_domain.find(self.scope)
        fitting = [entry for entry in named if self._fits(entry)]
        if not fitting:
            return None
        return min(fitting, key=lambda entry: (-named[entry], entry.order)), AttributedBy.SENDER_DOMAIN

    def _best(self, matches: MatchesByTenant, *, by_rank: bool) -> ConnectorEntry | None:
        ranked: list[tuple[int, int, int, ConnectorEntry]] = []
        for match in matches.get(self.tenant, ()):
            specificity = self._specificity(match.entry)
            if specificity is not None and self._satisfied(match.entry) and self._fits(match.entry):
                rank = -match.rank if by_rank else 0
                ranked.append((rank, -specificity, match.entry.order, match.entry))
        return min(ranked)[3] if ranked else None  # the order is unique: entries are never compared

    def _specificity(self, entry: ConnectorEntry) -> int | None:
        if self.scope is None:
            return 0
        return rules.sender_specificity(entry.connector, self.scope)

    def _fits(self, entry: ConnectorEntry) -> bool:
        return rules.fits_associated_domains(
            self.tenant.tenant, entry.connector, self.sender, self.recipient, self.directory.behaviour
        )

    def _satisfied(self, entry: ConnectorEntry) -> bool:
        """Does the connection meet the Restrict flags? True where there are none."""
        connector = entry.connector
        if connector.restrict_domains_to_certificate and not self._among(self.matches.partners_by_certificate, entry):
            return False
        return not connector.restrict_domains_to_ip_addresses or self._among(self.matches.partners_by_address, entry)

    def _among(self, matches: MatchesByTenant, entry: ConnectorEntry) -> bool:
        return any(match.entry is entry for match in matches.get(self.tenant, ()))
