"""What could be changed: packages of changes, from the conditions that failed. None of them is told untried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from attrs import frozen

from fakeeop.decision import rules
from fakeeop.decision.certificates import parent_domains
from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Attribution, Reason
from fakeeop.model import CertificateFacts, ChainProblem, ConnectorType, InboundConnector, Tenant
from fakeeop.model.addresses import DomainPattern, IpRange
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
    RepairChange,
    SendFrom,
    SetConnector,
    SetDomain,
    SplitByDomain,
    Subscribe,
    Unblock,
    UseTls,
)
from fakeeop.why.situation import Look, Situation, certificate_faults
from fakeeop.why.trace import Condition

__all__ = [
    "ANOTHER_AUTHORITY_FIX",
    "Package",
    "RefusedCase",
    "how_to_mend",
    "last_resort",
    "look_packages",
    "packages",
    "unmet",
    "wall",
]

ANOTHER_AUTHORITY_FIX = "make the certificate with this lab's CA, or trust that one with --trust"

Package = tuple[RepairChange, ...]

RELAY_REFUSALS = (Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36)
_CERTIFICATE = ("TlsSenderCertificateName", "RestrictDomainsToCertificate")
_ADDRESS = ("SenderIPAddresses", "RestrictDomainsToIPAddresses")
_MOST_LOOKS = 6  # connectors that are tried: the nearest ones
_MOST_OF_ONE = 24  # packages of one connector


@frozen(eq=False)
class RefusedCase:
    """A situation, what was said to it, and the connectors that were looked at, the nearest first."""

    situation: Situation
    reason: Reason
    attribution: Attribution
    looks: tuple[tuple[Look, tuple[Condition, ...]], ...]  # each with what it failed


def packages(judged: RefusedCase, directory: Directory) -> Iterator[Package]:
    """Every package worth trying; what refuses next may still need another."""
    situation, reason = judged.situation, judged.reason
    next_ = wall(situation, reason, judged.attribution)
    if next_:
        yield next_
    for look, failed in judged.looks[:_MOST_LOOKS]:
        yield from look_packages(situation, look, failed, directory)
    tenant = judged.attribution.tenant
    if reason in RELAY_REFUSALS:
        yield from _new_relay(judged, directory)
        yield from _below_accepted(situation, directory)
    elif reason is Reason.PARTNER_RESTRICTION and tenant is not None:
        yield from _lifted(situation, tenant)
    elif reason is Reason.DIRECT_SEND_REJECTED and tenant is not None:
        yield from _exempting(situation, tenant)
    elif reason is Reason.RECIPIENT_UNKNOWN and tenant is not None:
        accepted = tenant.accepted(situation.recipient.domain)
        if accepted is not None:
            yield (SetDomain(tenant.name, accepted.domain_name),)


def last_resort(judged: RefusedCase, directory: Directory) -> Iterator[Package]:
    """What makes mail of an own domain Originating, which no refusal of Incoming mail applies to."""
    if judged.reason not in RELAY_REFUSALS and directory.acceptances(judged.situation.reverse_path.domain):
        yield from _new_relay(judged, directory)


def wall(situation: Question, reason: Reason, attribution: Attribution) -> Package:
    """What a refusal needs that only one thing cures; empty for the others."""
    tenant = attribution.tenant
    if reason is Reason.MULTIPLE_DOMAINS:
        return (SplitByDomain(),)
    if reason is Reason.TLS_REQUIRED:
        return (UseTls(),)
    if tenant is None:
        return ()
    if reason is Reason.CONNECTOR_BLOCKED and attribution.connector is not None:
        return (Unblock(tenant.name, attribution.connector.name),)
    if reason is Reason.NO_MAIL_SUBSCRIPTION:
        return (Subscribe(tenant.name),)
    if reason is Reason.RECIPIENT_UNKNOWN:
        return (AddRecipient(tenant.name, str(situation.recipient).lower()),)
    return ()


# --- one connector --------------------------------------------------------------------------------------------------


def unmet(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions that do not hold."""
    return tuple(condition for condition in conditions if not condition.holds)


def look_packages(
    situation: Situation, look: Look, failed: tuple[Condition, ...], directory: Directory
) -> Iterator[Package]:
    """Each way to make one connector fit: an alternative for every condition that it failed."""
    ways: list[list[Package]] = []
    names = {condition.name for condition in failed}
    for condition in failed:
        if condition.name == "ClientCertificate" and names & set(_CERTIFICATE):
            continue  # a certificate of the right name is a usable one
        found = list(_alternatives(situation, look, condition, directory))
        if not found:
            return
        ways.append(found)
    if not ways:
        return
    for count, chosen in enumerate(product(*ways)):
        if count == _MOST_OF_ONE:
            return
        yield tuple(dict.fromkeys(change for package in chosen for change in package))


def _alternatives(situation: Situation, look: Look, condition: Condition, directory: Directory) -> Iterator[Package]:
    tenant, connector, name = look.tenant, look.connector, condition.name
    if name == "Enabled":
        yield (SetConnector(tenant.name, connector.name, "Enabled", value=True),)
    elif name in _ADDRESS:
        yield from _by_address(situation, tenant, connector)
    elif name == "ClientCertificate":
        yield from _mended(situation)
    elif name in _CERTIFICATE:
        yield from _by_certificate(situation, tenant, connector)
    elif name == "CertificateDomain":
        yield from _certificate_domain(situation, tenant, connector, directory)
    elif name == "MailFromDomain":
        yield from _mail_from(situation, tenant, connector, directory)
    elif name == "SenderDomains":
        domain = situation.reverse_path.domain
        if domain and not domain.startswith("["):
            yield (AddToConnector(tenant.name, connector.name, name, DomainPattern(domain, subdomains=False)),)
        else:
            yield (AddToConnector(tenant.name, connector.name, name, DomainPattern("", subdomains=True)),)
    elif name == "AssociatedAcceptedDomains":
        yield from _associated(situation, tenant, connector)
    elif name == "RequireTls":
        yield (UseTls(),)
    elif name == "UniqueTenant":
        yield from _sender_of(situation, tenant)
        yield from _another_certificate(tenant, connector)


def _by_address(situation: Situation, tenant: Tenant, connector: InboundConnector) -> Iterator[Package]:
    for block in connector.sender_ip_addresses[:1]:
        yield (ComeFrom(block.network.network_address if block.network.prefixlen > 30 else block.network[1]),)
    if situation.peer.ip.version == 4:
        yield (AddToConnector(tenant.name, connector.name, "SenderIPAddresses", IpRange.parse(str(situation.peer.ip))),)


def _mended(situation: Situation) -> Iterator[Package]:
    held = situation.presented
    if held is not None and not situation.usable:
        faults = "; ".join(certificate_faults(held, situation.behaviour))
        yield (MendCertificate(held.names, faults, how_to_mend(held)),)


def how_to_mend(certificate: CertificateFacts) -> str:
    """What to do about a certificate that is not usable."""
    problems, ways = certificate.problems, []
    it = f"the certificate {', '.join(certificate.names)}".rstrip()
    if ChainProblem.UNREADABLE in problems:
        ways.append(f"have {it} issued anew, as a plain X.509 version 3 certificate")
    if ChainProblem.INCOMPLETE in problems:
        issuer = certificate.issuer if len(certificate.chain) <= 1 else "of its chain"
        ways.append(f"put the intermediate {issuer} after the leaf in the PEM that the relay presents")
    if ChainProblem.ANOTHER_AUTHORITY in problems:
        ways.append(ANOTHER_AUTHORITY_FIX)
    if ChainProblem.EXPIRED in problems:
        ways.append(f"renew {it}, under the same name")
    if ChainProblem.NOT_YET_VALID in problems:
        ways.append(f"check the clocks, and the date for which {it} was issued")
    if ChainProblem.SELF_SIGNED in problems or ChainProblem.UNTRUSTED in problems:
        ways.append(f"have {it} issued by a certification authority that is trusted")
    if problems and not ways:
        ways.append(f"present another than {it}")
    if not problems:
        ways.append(f"have {it} issued for serverAuth or clientAuth")
    return "; and ".join(ways)


def _by_certificate(situation: Situation, tenant: Tenant, connector: InboundConnector) -> Iterator[Package]:
    """A certificate of the connector's name, or the connector under the certificate's name."""
    pattern = connector.tls_sender_certificate_name
    held = situation.presented
    if pattern is not None:
        for name in _names_under(tenant, pattern):
            yield (PresentCertificate(name),)
    if held is None:
        return
    mend: Package = ()
    if not situation.usable:
        mend = next(_mended(situation))
    if pattern is not None and situation.named(connector) is not None:
        yield mend
        return
    for name in held.names:
        for wanted in _patterns_for(tenant, name):
            yield (*mend, SetConnector(tenant.name, connector.name, "TlsSenderCertificateName", wanted))


def _names_under(tenant: Tenant, pattern: DomainPattern) -> Iterator[str]:
    if not pattern.subdomains:
        yield pattern.domain
        return
    accepted = next((d.domain_name for d in tenant.accepted_domains if pattern.covers(d.domain_name)), None)
    yield accepted or pattern.domain


def _patterns_for(tenant: Tenant, name: str) -> Iterator[DomainPattern]:
    """The name itself, and the widest that is needed: ``*.`` of an accepted domain above it."""
    bare = name.removeprefix("*.")
    if not _plausible(bare):
        return
    yield DomainPattern(bare, subdomains=name.startswith("*."))
    for parent in parent_domains(bare.partition(".")[2]):
        if "." in parent and any(each.domain_name == parent for each in tenant.accepted_domains):
            yield DomainPattern(parent, subdomains=True)
            return


def _plausible(domain: str) -> bool:
    """Could somebody own it? Not a top-level domain, not an address literal."""
    return "." in domain and not domain.startswith(("[", "*", ".")) and not domain.endswith(".")


def _certificate_domain(
    situation: Situation, tenant: Tenant, connector: InboundConnector, directory: Directory
) -> Iterator[Package]:
    pattern = connector.tls_sender_certificate_name
    if pattern is None:
        return
    held = situation.presented.names if situation.presented is not None else ()
    for name in held:
        for wanted in _patterns_for(tenant, name):
            if wanted != pattern and rules.certificate_domain_accepted(tenant, wanted):
                yield (SetConnector(tenant.name, connector.name, "TlsSenderCertificateName", wanted),)
    if situation.behaviour.cert_fallback == "allow":
        yield from _sender_of(situation, tenant)
    yield from _accept(tenant, pattern.domain, directory)
    yield from _another_certificate(tenant, connector)


def _another_certificate(tenant: Tenant, connector: InboundConnector) -> Iterator[Package]:
    """A certificate of an accepted domain, and the connector named for it: then any sender will do."""
    for accepted in tenant.accepted_domains[:2]:
        wanted = DomainPattern(accepted.domain_name, subdomains=False)
        if wanted != connector.tls_sender_certificate_name:
            yield (
                PresentCertificate(accepted.domain_name),
                SetConnector(tenant.name, connector.name, "TlsSenderCertificateName", wanted),
            )


def _accept(tenant: Tenant, domain: str, directory: Directory) -> Iterator[Package]:
    """Make ``domain`` accepted in the tenant, unless it, or a domain above it, is another's."""
    if not _plausible(domain) or tenant.accepted(domain) is not None:
        return
    for parent in parent_domains(domain):
        owners = directory.owners(parent)
        if any(owner.name == tenant.name for owner in owners):
            yield (SetDomain(tenant.name, parent, match_sub_domains=True),)
            break
        if owners:
            return
    yield (AddDomain(tenant.name, domain),)


def _sender_of(situation: Situation, tenant: Tenant) -> Iterator[Package]:
    """A reverse-path in a domain of the tenant; a report keeps its null reverse-path."""
    if situation.reverse_path.is_null:
        return
    for accepted in tenant.accepted_domains[:3]:
        if accepted.domain_name != situation.reverse_path.domain:
            yield (SendFrom(accepted.domain_name),)


def _mail_from(
    situation: Situation, tenant: Tenant, connector: InboundConnector, directory: Directory
) -> Iterator[Package]:
    yield from _sender_of(situation, tenant)
    yield from _accept(tenant, situation.reverse_path.domain, directory)
    if situation.reverse_path.is_null or connector.tls_sender_certificate_name is None:
        yield from _any_sender(situation, tenant, connector)


def _any_sender(situation: Situation, tenant: Tenant, connector: InboundConnector) -> Iterator[Package]:
    held = situation.presented
    if held is not None and situation.usable:
        for name in held.names:
            for wanted in _patterns_for(tenant, name):
                if rules.certificate_domain_accepted(tenant, wanted):
                    yield (SetConnector(tenant.name, connector.name, "TlsSenderCertificateName", wanted),)
    yield from _another_certificate(tenant, connector)


def _associated(situation: Situation, tenant: Tenant, connector: InboundConnector) -> Iterator[Package]:
    by_sender = rules.associated_side(connector, situation.behaviour) == "sender"
    domain = (situation.reverse_path if by_sender else situation.recipient).domain
    accepted = tenant.accepted(domain)
    if by_sender and not situation.reverse_path.is_null:
        for listed in connector.associated_accepted_domains[:2]:
            if listed != domain:
                yield (SendFrom(listed),)
    if accepted is not None:
        name = "AssociatedAcceptedDomains"
        yield (AddToConnector(tenant.name, connector.name, name, accepted.domain_name),)


# --- without a connector --------------------------------------------------------------------------------------------


def _new_relay(judged: RefusedCase, directory: Directory) -> Iterator[Package]:
    """A new OnPremises connector of the sender's tenant; of the nearest if no tenant accepts the sender."""
    situation = judged.situation
    for tenant in _relaying_tenants(judged, directory):
        accepts = tenant.accepted(situation.reverse_path.domain) is not None
        made: list[Package] = [*_marked(situation, tenant, ConnectorType.ON_PREMISES, by_address=accepts)]
        if not accepts and situation.peer.ip.version == 4:
            new = _connector(tenant, ConnectorType.ON_PREMISES, IpRange.parse(str(situation.peer.ip)))
            made += [(*sender, new) for sender in _sender_of(situation, tenant)]
        yield from made


def _relaying_tenants(judged: RefusedCase, directory: Directory) -> tuple[Tenant, ...]:
    owners = [each.tenant.tenant for each in directory.acceptances(judged.situation.reverse_path.domain)]
    here = {tenant.name: tenant for tenant in judged.situation.forest.tenants}
    names = [owner.name for owner in owners] or [look.tenant.name for look, _ in judged.looks] or list(here)[:2]
    return tuple(here[name] for name in dict.fromkeys(names) if name in here)[:2]


def _marked(situation: Situation, tenant: Tenant, kind: ConnectorType, *, by_address: bool) -> Iterator[Package]:
    """A new connector for this relay: by the certificate that it has, by another, by its address."""
    held = situation.presented
    accepted = [each.domain_name for each in tenant.accepted_domains]
    if held is not None:
        mend: Package = () if situation.usable else next(_mended(situation))
        for name in held.names:
            for wanted in _patterns_for(tenant, name):
                if kind is ConnectorType.PARTNER or rules.certificate_domain_accepted(tenant, wanted):
                    yield (*mend, _connector(tenant, kind, wanted))
    for name in accepted[:2]:
        yield PresentCertificate(name), _connector(tenant, kind, DomainPattern(name, subdomains=False))
    if by_address and situation.peer.ip.version == 4:
        yield (_connector(tenant, kind, IpRange.parse(str(situation.peer.ip))),)


def _connector(tenant: Tenant, kind: ConnectorType, mark: IpRange | DomainPattern) -> AddConnector:
    wanted = f"{'Relay' if kind is ConnectorType.ON_PREMISES else 'Mail from'} {mark}"
    taken = {each.name.casefold() for each in tenant.inbound_connectors}
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, len(taken) + 3))]
    return AddConnector(tenant.name, next(name for name in names if name.casefold() not in taken), kind, mark)


def _below_accepted(situation: Situation, directory: Directory) -> Iterator[Package]:
    """The recipient's domain is below one that is accepted without its sub-domains."""
    domain = situation.recipient.domain
    for tenant in situation.forest.tenants:
        if any(domain.endswith("." + each.domain_name) for each in tenant.accepted_domains):
            yield from _accept(tenant, domain, directory)


def _lifted(situation: Situation, tenant: Tenant) -> Iterator[Package]:
    """Without the restriction: last of all."""
    for connector in tenant.inbound_connectors:
        if connector.enabled and connector.is_restricting:
            if rules.sender_specificity(connector, (situation.reverse_path.domain,)) is None:
                continue
            for name, set_ in (
                ("RestrictDomainsToIPAddresses", connector.restrict_domains_to_ip_addresses),
                ("RestrictDomainsToCertificate", connector.restrict_domains_to_certificate),
            ):
                if set_:
                    yield (SetConnector(tenant.name, connector.name, name, value=False),)


def _exempting(situation: Situation, tenant: Tenant) -> Iterator[Package]:
    """Direct Send of an own domain: a Partner connector by certificate or address, or the setting off."""
    yield from _marked(situation, tenant, ConnectorType.PARTNER, by_address=True)
    yield (AllowDirectSend(tenant.name),)
