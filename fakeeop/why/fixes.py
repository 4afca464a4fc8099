"""What to do about one failed condition, as a whole sentence with the actual values."""

from __future__ import annotations

from fakeeop.decision.verdict import Condition
from fakeeop.model import CertificateFacts, ChainProblem, InboundConnector, Tenant
from fakeeop.why.situation import Situation, listed, mailbox_text

__all__ = ["certificate_fix", "fix_for"]


def fix_for(situation: Situation, tenant: Tenant, connector: InboundConnector, failed: tuple[Condition, ...]) -> str:
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
        return f"the intermediate {issuer} was not sent: put it behind the leaf in the PEM that the relay presents"
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
        return f"{came}, and connectors hold IPv4 only: send over IPv4"
    return (
        f"{label} lists {failed.expected}; you came from {failed.actual}: "
        "send from a listed address, or add yours to SenderIPAddresses"
    )


def _name_fix(situation: Situation, label: str, failed: Condition) -> str:
    wanted = f"{label} wants a certificate named {failed.expected}"
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
