"""An inbound connector, in snake case of the cmdlet's parameters (facts connectors §1.1)."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from fakeeop.model.addresses import DomainPattern, IpRange

__all__ = ["ConnectorType", "InboundConnector"]


class ConnectorType(Enum):
    """``ConnectorType`` of ``New-InboundConnector``."""

    ON_PREMISES = "OnPremises"
    PARTNER = "Partner"


@frozen(eq=False)
class InboundConnector:
    """One inbound connector. The rules of facts §1.3 hold: ``fakeeop.config`` makes no other.

    Compared by identity: two connectors of two tenants may be equal in every field and still be two.
    """

    name: str
    connector_type: ConnectorType
    sender_domains: tuple[DomainPattern, ...] = (DomainPattern("", subdomains=True),)
    sender_ip_addresses: tuple[IpRange, ...] = ()
    tls_sender_certificate_name: DomainPattern | None = None
    require_tls: bool = True
    restrict_domains_to_ip_addresses: bool = False
    restrict_domains_to_certificate: bool = False
    associated_accepted_domains: tuple[str, ...] = ()
    enabled: bool = True
    cloud_services_mail_enabled: bool = False
    treat_messages_as_internal: bool = False
    comment: str = ""
    connector_source: str = "Default"
    client_host_names: tuple[str, ...] = ()
    ef_skip_ips: tuple[str, ...] = ()
    ef_skip_last_ip: bool = False
    ef_users: tuple[str, ...] = ()
    trusted_organizations: tuple[str, ...] = ()
    line: int | None = field(default=None, repr=False)  # where the tenant file has it, for messages
    blocked: bool = False  # lab: as listed by Get-BlockedConnector (facts §2.7, 5.7.711)

    @property
    def is_partner(self) -> bool:
        """True for ``ConnectorType Partner``."""
        return self.connector_type is ConnectorType.PARTNER

    @property
    def is_restricting(self) -> bool:
        """True for a Partner connector with a Restrict flag; on OnPremises the flags do nothing (facts E18, C112)."""
        return self.is_partner and (self.restrict_domains_to_certificate or self.restrict_domains_to_ip_addresses)
