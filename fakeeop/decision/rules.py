"""The tests on one tenant or one connector that the judge, the index and the narration share.

Each is a total function of values; what the facts leave open is read from ``Behaviour``.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakeeop.model import Behaviour, InboundConnector, Tenant
from fakeeop.model.addresses import DomainPattern, IpRange

__all__ = [
    "associated_side",
    "certificate_domain_accepted",
    "fits_associated_domains",
    "identified_by_sender_domain",
    "identifying_ips",
    "on_premises_applies",
    "on_premises_scoped",
    "pattern_specificity",
    "sender_specificity",
]


def certificate_domain_accepted(tenant: Tenant, pattern: DomainPattern) -> bool:
    """Is the domain of ``TlsSenderCertificateName`` an accepted domain of the tenant? A2w, A2n, K16.

    An FQDN must itself be accepted (exactly, or below a ``MatchSubDomains`` domain). ``*.d`` is satisfied by ``d``, by
    any accepted domain below ``d``, or by a ``MatchSubDomains`` domain above it.
    """
    if not pattern.domain:
        return False
    if tenant.accepted(pattern.domain) is not None:
        return True
    return pattern.subdomains and any(pattern.covers(accepted.domain_name) for accepted in tenant.accepted_domains)


def identifying_ips(connector: InboundConnector, behaviour: Behaviour) -> tuple[IpRange, ...]:
    """The ranges that count. Under ``partner_ip_identifies: with-restrict`` a Partner's list is otherwise void (C3)."""
    if (
        connector.is_partner
        and behaviour.partner_ip_identifies == "with-restrict"
        and not connector.restrict_domains_to_ip_addresses
    ):
        return ()
    return connector.sender_ip_addresses


def pattern_specificity(pattern: DomainPattern) -> int:
    """How narrow a ``SenderDomains`` entry is: 0 for ``*``, more for more labels, exact above wildcard."""
    if pattern.is_any:
        return 0
    return 2 * (pattern.domain.count(".") + 1) + (not pattern.subdomains)


def sender_specificity(connector: InboundConnector, domains: Iterable[str]) -> int | None:
    """How narrowly ``SenderDomains`` covers one of ``domains``; None if it covers none.

    The null reverse-path is the domain ``""``: only ``*`` covers it (assumption, C103).
    """
    best: int | None = None
    for domain in domains:
        for pattern in connector.sender_domains:
            if pattern.covers(domain):
                specificity = pattern_specificity(pattern)
                if best is None or specificity > best:
                    best = specificity
    return best


def associated_side(connector: InboundConnector, behaviour: Behaviour) -> str:
    """Which side ``AssociatedAcceptedDomains`` limits here: ``sender``, ``recipient`` or ``ignored`` (conflict C1)."""
    if not connector.associated_accepted_domains:
        return "ignored"
    side = behaviour.associated_accepted_domains
    if side == "by-type":
        return "recipient" if connector.is_partner else "sender"
    return side


def fits_associated_domains(
    tenant: Tenant, connector: InboundConnector, sender: str, recipient: str, behaviour: Behaviour
) -> bool:
    """True unless ``AssociatedAcceptedDomains`` keeps this mail off the connector.

    A domain counts as listed if the accepted domain that covers it is listed.
    """
    side = associated_side(connector, behaviour)
    if side == "ignored":
        return True
    accepted = tenant.accepted(sender if side == "sender" else recipient)
    return accepted is not None and accepted.domain_name in connector.associated_accepted_domains


def on_premises_scoped(connector: InboundConnector, behaviour: Behaviour) -> bool:
    """True if something beyond certificate and IP decides whether an OnPremises connector applies to a message."""
    return behaviour.on_premises_sender_domains == "scope" or associated_side(connector, behaviour) != "ignored"


def identified_by_sender_domain(connector: InboundConnector, specificity: int, behaviour: Behaviour) -> bool:
    """May a Partner connector that certificate and IP do not match identify mail by ``SenderDomains`` alone?

    Never with a Restrict flag. ``*`` says nothing about a sender, so it identifies only if the connector has no other
    mark (no certificate name, no address): then it is meant for everyone. Assumption; facts §2.4 P4, P8, C90, C125.
    """
    if connector.is_restricting:
        return False
    marked = connector.tls_sender_certificate_name is not None or bool(identifying_ips(connector, behaviour))
    return specificity > 0 or not marked


def on_premises_applies(
    tenant: Tenant, connector: InboundConnector, sender: str, recipient: str, behaviour: Behaviour
) -> bool:
    """Does an OnPremises connector that the connection matches apply to this message? Knobs of 2.3-5 and C1."""
    if behaviour.on_premises_sender_domains == "scope" and sender_specificity(connector, (sender,)) is None:
        return False
    return fits_associated_domains(tenant, connector, sender, recipient, behaviour)
