"""Which connectors came closest, and what would have to change for each: best first."""

from __future__ import annotations

from collections.abc import Iterable

from fakeeop.decision.verdict import AttributedBy, Attribution, Condition, NearestMiss, Reason
from fakeeop.model import CertificateFacts, ChainProblem, InboundConnector, Tenant
from fakeeop.model.addresses import IpAddress, IpRange
from fakeeop.why.situation import Look, Situation, listed, mailbox_text

__all__ = ["ANOTHER_AUTHORITY_FIX", "certificate_fix", "nearest_misses"]

ANOTHER_AUTHORITY_FIX = "make the certificate with this lab's CA, or trust that one with --trust"

_MOST = 5  # more than these help nobody
_RELAY = (Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36)

_Miss = tuple[Look, tuple[Condition, ...]]


def nearest_misses(
    situation: Situation, reason: Reason, attribution: Attribution, looks: Iterable[Look]
) -> tuple[NearestMiss, ...]:
    """The connectors that would have changed the verdict and failed the fewest conditions.

    For a relay refusal these are OnPremises connectors of every tenant; for 5.7.51 the restricting Partner connectors;
    for 5.7.68 whatever would exempt; for anonymous mail of an own domain the connectors that would have claimed it.
    """
    if reason is Reason.TLS_REQUIRED and attribution.connector is not None and attribution.tenant is not None:
        clear = Condition("RequireTls", "TLS", "clear text", holds=False, source="§2.4 P4, §2.5 T3")
        fix = f"connector {attribution.connector.name!r} requires TLS; the session is in clear text: use STARTTLS"
        return (NearestMiss(attribution.tenant.name, attribution.connector.name, (clear,), fix),)
    best: dict[InboundConnector, _Miss] = {}
    for look in looks:
        failed = _failed(situation, reason, attribution, look)
        if not failed:
            continue
        held = best.get(look.connector)
        if held is None or _closeness(situation, (look, failed)) < _closeness(situation, held):
            best[look.connector] = (look, failed)
    ordered = sorted(best.items(), key=lambda item: _closeness(situation, item[1]))
    return tuple(
        NearestMiss(look.tenant.name, connector.name, failed, _fix_for(situation, look.tenant, connector, failed))
        for connector, (look, failed) in ordered[:_MOST]
    )


def _failed(situation: Situation, reason: Reason, attribution: Attribution, look: Look) -> tuple[Condition, ...]:
    """The conditions of one look that stood in the way of another verdict; empty if it could not have helped."""
    if reason is Reason.PARTNER_RESTRICTION:
        return look.failed if look.connector.is_restricting and look.identified else ()
    if look.connector.is_partner:
        would_exempt = reason is Reason.DIRECT_SEND_REJECTED and look.by is not AttributedBy.SENDER_DOMAIN
        return look.failed if would_exempt else ()
    if reason is Reason.DIRECT_SEND_REJECTED:
        identity = (*look.identity, *look.message)
        return _unmet(identity) if look.tenant is attribution.tenant else ()
    if reason in _RELAY:
        return _without_fallback(situation, look)
    if reason is Reason.INCOMING_ANONYMOUS and _sends(situation, look):
        return _without_fallback(situation, look)
    return ()


def _unmet(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions if not condition.holds)


def _sends(situation: Situation, look: Look) -> bool:
    return look.tenant.accepted(situation.reverse_path.domain) is not None


def _without_fallback(situation: Situation, look: Look) -> tuple[Condition, ...]:
    """With ``CertFallback: allow`` an accepted reverse-path makes up for a certificate domain that is not."""
    makes_up = situation.behaviour.cert_fallback == "allow" and _sends(situation, look)
    return tuple(test for test in look.failed if not (makes_up and test.name == "CertificateDomain"))


def _closeness(situation: Situation, miss: _Miss) -> tuple[int, bool, bool, int, int]:
    """Smaller is nearer: few failures, the sender's own tenant, the kind of proof that was offered, likeness, order."""
    look, failed = miss
    by_certificate = look.by is AttributedBy.CERTIFICATE
    offered = by_certificate == (situation.presented is not None)
    likeness = (
        _label_likeness(situation, look.connector)
        if by_certificate
        else _address_likeness(situation.peer.ip, look.connector.sender_ip_addresses)
    )
    return len(failed), not _sends(situation, look), not offered, -likeness, look.order


def _address_likeness(address: IpAddress, ranges: Iterable[IpRange]) -> int:
    """How many leading bits the address shares with the nearest range."""
    if address.version != 4:
        return 0
    number = int(address)
    return max((32 - (number ^ int(block.network.network_address)).bit_length() for block in ranges), default=0)


def _label_likeness(situation: Situation, connector: InboundConnector) -> int:
    """How many trailing labels a presented name shares with the connector's."""
    pattern = connector.tls_sender_certificate_name
    if pattern is None or situation.presented is None:
        return 0
    wanted = pattern.domain.split(".")[::-1]
    best = 0
    for name in situation.presented.names:
        shared = 0
        for mine, theirs in zip(wanted, name.split(".")[::-1], strict=False):
            if mine != theirs:
                break
            shared += 1
        best = max(best, shared)
    return best


def _fix_for(situation: Situation, tenant: Tenant, connector: InboundConnector, failed: tuple[Condition, ...]) -> str:
    """The sentence for the conditions that failed a connector, in their order."""
    return "; and ".join(_fix(situation, tenant, connector, condition) for condition in failed)


def _fix(situation: Situation, tenant: Tenant, connector: InboundConnector, failed: Condition) -> str:
    label = f"connector {connector.name!r}"
    name = failed.name
    if name == "Enabled":
        return f"{label} is disabled: Set-InboundConnector {connector.name!r} -Enabled $true"
    if name in {"SenderIPAddresses", "RestrictDomainsToIPAddresses"}:
        return _address_fix(situation, label, failed)
    if name == "ClientCertificate":
        return f"{label} would match by name, but {certificate_fix(situation.presented, failed.actual)}"
    if name in {"TlsSenderCertificateName", "RestrictDomainsToCertificate"}:
        return _name_fix(situation, label, failed)
    if name == "CertificateDomain":
        return _domain_fix(situation, tenant, connector, label)
    if name == "MailFromDomain":
        return _sender_fix(situation, tenant, label)
    if name == "UniqueTenant":
        return f"{label} fits, but so do connectors of {failed.actual}: certificates and addresses must be one tenant's"
    if name == "MostExactName":
        return f"{label} fits, but another name is more exact: {failed.expected}"
    return f"{label} has {name} {failed.expected}; this mail has {failed.actual}"


def certificate_fix(certificate: CertificateFacts | None, fault: str) -> str:
    """What to do about a certificate that is not usable: ``fault`` names the fault."""
    problems = () if certificate is None else certificate.problems
    if certificate is not None and ChainProblem.INCOMPLETE in problems:
        issuer = certificate.issuer if len(certificate.chain) <= 1 else "of its chain"
        return f"the intermediate {issuer} was not sent: put it after the leaf in the PEM that the relay presents"
    if certificate is not None and ChainProblem.ANOTHER_AUTHORITY in problems:
        said = certificate.said_of(ChainProblem.ANOTHER_AUTHORITY)
        return f"the certificate is {said}: {ANOTHER_AUTHORITY_FIX}"
    if ChainProblem.EXPIRED in problems:
        return f"the certificate is not usable: {fault}: renew it, under the same name"
    if ChainProblem.NOT_YET_VALID in problems:
        return f"the certificate is not usable: {fault}: check the clocks and the date it was issued for"
    if ChainProblem.SELF_SIGNED in problems or ChainProblem.UNTRUSTED in problems:
        return f"the certificate is not usable: {fault}: have it issued by a certification authority that is trusted"
    if problems:
        return f"the certificate is not usable: {fault}: present another"
    return f"the certificate is not usable: {fault}: have one issued for serverAuth or clientAuth"


def _address_fix(situation: Situation, label: str, failed: Condition) -> str:
    if situation.peer.ip.version != 4:
        came = f"{label} lists {failed.expected}; you came from {failed.actual}"
        return f"{came}, and connectors have only IPv4 addresses: send over IPv4"
    return (
        f"{label} lists {failed.expected}; you came from {failed.actual}: "
        "send from a listed address, or add yours to SenderIPAddresses"
    )


def _name_fix(situation: Situation, label: str, failed: Condition) -> str:
    wanted = f"{label} requires a certificate named {failed.expected}"
    if situation.presented is None:
        return f"{wanted}; {failed.actual}: let the relay use STARTTLS and present one"
    if not situation.usable:
        return f"{wanted}; {certificate_fix(situation.presented, failed.actual)}"
    return f"{wanted}; yours is named {failed.actual}: present one of that name, or set TlsSenderCertificateName to it"


def _domain_fix(situation: Situation, tenant: Tenant, connector: InboundConnector, label: str) -> str:
    pattern = connector.tls_sender_certificate_name
    domain = "" if pattern is None else pattern.domain
    fix = f"{label} matches the certificate, but {domain} is not an accepted domain of {tenant.name}: add it there"
    parent = domain.partition(".")[2]
    if pattern is not None and not pattern.subdomains and tenant.accepted(parent) is not None:
        fix += f", or set TlsSenderCertificateName to *.{parent}, for {parent} is accepted"
    if situation.behaviour.cert_fallback == "allow":
        fix += f", or send from a domain that {tenant.name} accepts"
    return fix


def _sender_fix(situation: Situation, tenant: Tenant, label: str) -> str:
    accepted = listed(domain.domain_name for domain in tenant.accepted_domains) or "none"
    by_certificate = "or identify the relay by certificate, which allows any sender"
    sender = situation.reverse_path
    if sender.is_null or not sender.domain:
        path = mailbox_text(sender)
        return f"{label}: the reverse-path {path} has no domain that could be accepted: {by_certificate[3:]}"
    parent = next((d for d in tenant.accepted_domains if sender.domain.endswith("." + d.domain_name)), None)
    fix = f"{label}: the reverse-path domain {sender.domain} is not an accepted domain of {tenant.name}"
    if parent is not None:
        return f"{fix}: add it, or set MatchSubDomains on {parent.domain_name}, {by_certificate}"
    return f"{fix}: send from one of {accepted}, {by_certificate}"
