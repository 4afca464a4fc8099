"""A tenant and what it owns; a forest is all tenants that one front end serves (facts connectors §2.1 A1)."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from fakeeop.model.addresses import IpAddress, parse_ip
from fakeeop.model.behaviour import Behaviour
from fakeeop.model.connector import InboundConnector
from fakeeop.model.internet import Destination
from fakeeop.model.zone import EMPTY as EMPTY_ZONE
from fakeeop.model.zone import Zone, with_service

if TYPE_CHECKING:
    from fakeeop.model.dkim import DkimKey
    from fakeeop.model.fault import Fault
    from fakeeop.model.limits import Limits
    from fakeeop.model.mailbox import SubmissionLimits, UserMailbox

__all__ = ["AcceptedDomain", "DomainType", "Forest", "Tenant", "zone_of"]


class DomainType(Enum):
    """``DomainType`` of an accepted domain in Exchange Online (facts §1.5)."""

    AUTHORITATIVE = "Authoritative"
    INTERNAL_RELAY = "InternalRelay"


@frozen
class AcceptedDomain:
    """One accepted domain; ``domain_name`` is canonical (``fakeeop.model.addresses``)."""

    domain_name: str
    domain_type: DomainType = DomainType.AUTHORITATIVE
    match_sub_domains: bool = False
    default: bool = False
    name: str = ""

    def covers(self, domain: str) -> bool:
        """True if the canonical ``domain`` is this one, or a sub-domain while ``MatchSubDomains`` is set."""
        return domain == self.domain_name or (self.match_sub_domains and domain.endswith("." + self.domain_name))


@frozen(eq=False)
class Tenant:
    """One tenant. ``recipients`` holds canonical ``local@domain`` in lower case; None means: every address is known.

    ``recipients=None`` when the tenant file has no ``Recipients`` key is our assumption: without a directory there is
    nothing for DBEB (facts §1.5) to check against.
    """

    name: str
    accepted_domains: tuple[AcceptedDomain, ...]
    inbound_connectors: tuple[InboundConnector, ...] = ()
    recipients: frozenset[str] | None = None
    reject_direct_send: bool = False  # OrganizationConfig.RejectDirectSend, facts §1.6
    mail_enabled: bool = True  # lab: False is "no mail-enabled subscriptions", ATTR5, facts C15
    smtp_client_authentication_disabled: bool = True  # TransportConfig, facts §1.8
    mailboxes: tuple[UserMailbox, ...] = ()
    security_defaults: bool = False  # of Microsoft Entra: bar basic authentication, wire §3.7
    allow_basic_auth_smtp: bool = True  # of the tenant's authentication policy, wire §3.7
    submission_limits: SubmissionLimits | None = None  # None: the documented ones
    tenant_id: str = ""  # GUID; made from the name when the file gives none
    dkim_signing: tuple[DkimKey, ...] = ()
    limits: Limits | None = None  # of this tenant's recipients, over those of the forest
    region: str | None = None  # lab: where the tenant lives, for ATTR35 and ATTR38
    line: int | None = None

    def accepted(self, domain: str) -> AcceptedDomain | None:
        """The accepted domain that covers the canonical ``domain``, the exact one first; None if there is none."""
        parent: AcceptedDomain | None = None
        for candidate in self.accepted_domains:
            if candidate.domain_name == domain:
                return candidate
            if candidate.covers(domain) and (parent is None or len(candidate.domain_name) > len(parent.domain_name)):
                parent = candidate
        return parent

    def knows(self, address: str) -> bool:
        """True if ``address`` (any case) is in the directory, or no directory is given."""
        return self.recipients is None or address.lower() in self.recipients


@frozen(eq=False)
class Forest:
    """All tenants of one front end, with the settings of the open questions (``Behaviour:`` in the tenant file).

    ``zone`` is what the file says of names (``Zone:``), without what follows from the tenants. ``limits`` is what it
    says of limits, None if nothing; ``faults`` fire under ``fault_seed``. ``as_of`` is the day whose service it is
    (``behaviour`` has its knobs already), None for today. ``internet``: how destinations outside behave.
    """

    tenants: tuple[Tenant, ...] = ()
    behaviour: Behaviour = field(factory=Behaviour)
    zone: Zone = EMPTY_ZONE
    limits: Limits | None = None
    faults: tuple[Fault, ...] = ()
    fault_seed: int = 0
    magic_recipients: bool = False
    as_of: date | None = None
    internet: tuple[Destination, ...] = ()


def zone_of(forest: Forest, host: str) -> Zone:
    """Every name of the lab; ``host`` is where the service answers, or an address that listens on all of them."""
    domains = [domain.domain_name for tenant in forest.tenants for domain in tenant.accepted_domains]
    return with_service(forest.zone, domains, _reachable(host))


def _reachable(host: str) -> IpAddress:
    try:
        address = parse_ip(host)
    except ValueError:  # a name: localhost, before it is open
        return parse_ip("127.0.0.1")
    if address.is_unspecified:
        return parse_ip("127.0.0.1" if address.version == 4 else "::1")
    return address
