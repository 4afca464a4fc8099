"""A fix as a value: a few typed changes to the world (a tenant) or to the relay, and what each makes of a question.

A change to a tenant names it and its connector; a change that finds neither leaves the question as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum

from attrs import evolve, frozen

from fakeeop.model import (
    AcceptedDomain,
    CertificateFacts,
    ConnectorType,
    DomainType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpAddress, IpRange, Mailbox

__all__ = [
    "Actor",
    "AddConnector",
    "AddDomain",
    "AddRecipient",
    "AddToConnector",
    "AllowDirectSend",
    "ComeFrom",
    "Fix",
    "MendCertificate",
    "PresentCertificate",
    "Question",
    "RelayChange",
    "RepairChange",
    "SendFrom",
    "SetConnector",
    "SetDomain",
    "SplitByDomain",
    "Subscribe",
    "TenantChange",
    "Unblock",
    "UseTls",
    "actor_of",
    "changed",
    "new_connector",
    "touched",
]


class Actor(Enum):
    """Who can make a change."""

    TENANT = "tenant-administrator"
    RELAY = "relay-administrator"


@frozen(eq=False)
class Question:
    """One recipient of one connection: what is judged, and what a change is applied to."""

    forest: Forest
    peer: PeerFacts
    tls: TlsFacts | None
    reverse_path: Mailbox
    recipient: Mailbox
    earlier: tuple[Mailbox, ...] = ()

    @property
    def held_certificate(self) -> CertificateFacts | None:
        """The client certificate as presented, usable or not."""
        return None if self.tls is None else self.tls.certificate


# --- the tenant's side ----------------------------------------------------------------------------------------------


@frozen
class SetConnector:
    """``Set-InboundConnector`` with one parameter; a certificate name sets RequireTls as well, as it must (E3)."""

    tenant: str
    connector: str
    parameter: str  # Exchange's name of it
    value: bool | DomainPattern


@frozen
class AddToConnector:
    """``Set-InboundConnector`` with ``@{Add=...}``: one more value of a list."""

    tenant: str
    connector: str
    parameter: str
    value: IpRange | DomainPattern | str


@frozen
class AddConnector:
    """``New-InboundConnector``: identified by one address or by one certificate name."""

    tenant: str
    name: str
    connector_type: ConnectorType
    mark: IpRange | DomainPattern


@frozen
class Unblock:
    """``Remove-BlockedConnector``."""

    tenant: str
    connector: str


@frozen
class AddDomain:
    """One more accepted domain (which its owner proves by DNS)."""

    tenant: str
    domain: str


@frozen
class SetDomain:
    """``Set-AcceptedDomain``: InternalRelay, or MatchSubDomains (for which a domain is InternalRelay first)."""

    tenant: str
    domain: str
    match_sub_domains: bool = False


@frozen
class AddRecipient:
    """One more recipient in the tenant's directory."""

    tenant: str
    address: str  # lower case


@frozen
class AllowDirectSend:
    """``Set-OrganizationConfig -RejectDirectSend $false``."""

    tenant: str


@frozen
class Subscribe:
    """A subscription with mailboxes for the tenant."""

    tenant: str


# --- the relay's side -----------------------------------------------------------------------------------------------


@frozen
class ComeFrom:
    """Connect from another public address."""

    address: IpAddress


@frozen
class UseTls:
    """Use STARTTLS."""


@frozen
class MendCertificate:
    """The certificate that is presented, made usable under the same names; ``faults`` is what ails it, in words."""

    names: tuple[str, ...]
    faults: str
    how: str  # what to do about them


@frozen
class PresentCertificate:
    """A valid client certificate of this name, over TLS."""

    name: str


@frozen
class SendFrom:
    """A reverse-path of this domain."""

    domain: str


@frozen
class SplitByDomain:
    """A message of its own for each recipient domain."""


TenantChange = (
    SetConnector
    | AddToConnector
    | AddConnector
    | Unblock
    | AddDomain
    | SetDomain
    | AddRecipient
    | AllowDirectSend
    | Subscribe
)
RelayChange = ComeFrom | UseTls | MendCertificate | PresentCertificate | SendFrom | SplitByDomain
RepairChange = TenantChange | RelayChange


@frozen
class Fix:
    """Changes that together lead to acceptance: they were made in a copy, and the judge accepted the recipient.

    ``opens`` says what else may come in or go out afterwards, a sentence each; empty if nothing does. ``tenant`` and
    ``connector`` are those that the mail then belongs to.
    """

    changes: tuple[RepairChange, ...]
    opens: tuple[str, ...] = ()
    widens: bool = False  # more than this mail needs: told last
    tenant: str | None = None
    connector: str | None = None

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Who does each change, in order."""
        return tuple(actor_of(change) for change in self.changes)

    @property
    def only_relay(self) -> bool:
        """True if the relay's administrator alone can do it."""
        return all(actor is Actor.RELAY for actor in self.actors)

    @property
    def only_tenant(self) -> bool:
        """True if the tenant's administrator alone can do it."""
        return all(actor is Actor.TENANT for actor in self.actors)


def actor_of(change: RepairChange) -> Actor:
    """Who can make this change."""
    return Actor.RELAY if isinstance(change, RelayChange) else Actor.TENANT


def touched(changes: tuple[RepairChange, ...]) -> tuple[str, ...]:
    """The names of the tenants that are changed."""
    return tuple(dict.fromkeys(change.tenant for change in changes if not isinstance(change, RelayChange)))


def changed(question: Question, changes: tuple[RepairChange, ...]) -> Question:
    """The question after all these changes, in order."""
    for change in changes:
        if isinstance(change, RelayChange):
            question = _relay_changed(question, change)
        else:
            question = evolve(question, forest=_forest_changed(question.forest, change))
    return question


def _relay_changed(question: Question, change: RelayChange) -> Question:
    match change:
        case ComeFrom():
            return evolve(question, peer=evolve(question.peer, ip=change.address))
        case UseTls():
            return question if question.tls is not None else evolve(question, tls=_tls(question, None))
        case MendCertificate():
            held = question.held_certificate
            if held is None:
                return question
            return evolve(question, tls=_tls(question, _sound(held, held.names)))
        case PresentCertificate():
            held = question.held_certificate
            if held is None:
                held = CertificateFacts((change.name,), f"CN={change.name}", "", _ANY_DAY, _ANY_DAY)
            return evolve(question, tls=_tls(question, _sound(held, (change.name,))))
        case SendFrom():
            return evolve(question, reverse_path=Mailbox(question.reverse_path.local or "app", change.domain))
        case SplitByDomain():
            own = tuple(each for each in question.earlier if each.domain == question.recipient.domain)
            return evolve(question, earlier=own)


_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # no rule looks at the days of a certificate that is valid


def _tls(question: Question, certificate: CertificateFacts | None) -> TlsFacts:
    if question.tls is None:
        return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate)
    return evolve(question.tls, certificate=certificate)


def _sound(certificate: CertificateFacts, names: tuple[str, ...]) -> CertificateFacts:
    """Usable under every knob."""
    return evolve(certificate, names=names, problems=(), detail=(), extended_key_usages=("serverAuth", "clientAuth"))


def _forest_changed(forest: Forest, change: TenantChange) -> Forest:
    at = next((number for number, tenant in enumerate(forest.tenants) if tenant.name == change.tenant), None)
    if at is None:
        return forest
    tenants = forest.tenants
    return evolve(forest, tenants=(*tenants[:at], _tenant_changed(tenants[at], change), *tenants[at + 1 :]))


def _tenant_changed(tenant: Tenant, change: TenantChange) -> Tenant:
    match change:
        case SetConnector() | AddToConnector() | Unblock():
            return _with_connector(tenant, change.connector, lambda each: _connector_changed(each, change))
        case AddConnector():
            return evolve(tenant, inbound_connectors=(*tenant.inbound_connectors, new_connector(change)))
        case AddDomain():
            return evolve(tenant, accepted_domains=(*tenant.accepted_domains, AcceptedDomain(change.domain)))
        case SetDomain():
            return evolve(
                tenant,
                accepted_domains=tuple(
                    evolve(
                        each,
                        domain_type=DomainType.INTERNAL_RELAY,
                        match_sub_domains=each.match_sub_domains or change.match_sub_domains,
                    )
                    if each.domain_name == change.domain
                    else each
                    for each in tenant.accepted_domains
                ),
            )
        case AddRecipient():
            return evolve(tenant, recipients=(tenant.recipients or frozenset()) | {change.address})
        case AllowDirectSend():
            return evolve(tenant, reject_direct_send=False)
        case Subscribe():
            return evolve(tenant, mail_enabled=True)


def _with_connector(tenant: Tenant, name: str, change: Callable[[InboundConnector], InboundConnector]) -> Tenant:
    return evolve(
        tenant,
        inbound_connectors=tuple(change(each) if each.name == name else each for each in tenant.inbound_connectors),
    )


def _connector_changed(
    connector: InboundConnector, change: SetConnector | AddToConnector | Unblock
) -> InboundConnector:
    if isinstance(change, Unblock):
        return evolve(connector, blocked=False)
    value = change.value
    if isinstance(change, SetConnector):
        if isinstance(value, DomainPattern):
            return evolve(connector, tls_sender_certificate_name=value, require_tls=True)
        match change.parameter:
            case "Enabled":
                return evolve(connector, enabled=bool(value))
            case "RestrictDomainsToCertificate":
                return evolve(connector, restrict_domains_to_certificate=bool(value))
            case "RestrictDomainsToIPAddresses":
                return evolve(connector, restrict_domains_to_ip_addresses=bool(value))
        raise ValueError(change.parameter)
    if isinstance(value, IpRange):
        return evolve(connector, sender_ip_addresses=(*connector.sender_ip_addresses, value))
    if isinstance(value, DomainPattern):
        return evolve(connector, sender_domains=(*connector.sender_domains, value))
    listed = (*connector.associated_accepted_domains, str(value))
    return evolve(connector, associated_accepted_domains=listed)


def new_connector(change: AddConnector) -> InboundConnector:
    """The connector that ``change`` makes: TLS is required where a certificate identifies it."""
    by_address = isinstance(change.mark, IpRange)
    return InboundConnector(
        change.name,
        change.connector_type,
        sender_ip_addresses=(change.mark,) if isinstance(change.mark, IpRange) else (),
        tls_sender_certificate_name=change.mark if isinstance(change.mark, DomainPattern) else None,
        require_tls=not by_address,
    )
