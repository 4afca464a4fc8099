"""Advice: what a tenant file may mean, but probably does not. ``fakeeop check`` prints it; loading never works it out.

Every function looks at one thing and records problems with W codes (``fakeeop.config.rules`` has their sources).
"""

from __future__ import annotations

from collections.abc import Sequence

from fakeeop.config import values
from fakeeop.config.advice.pairs import advise_pairs
from fakeeop.config.advice.zone import advise_zone
from fakeeop.config.connectors import BuiltConnector
from fakeeop.config.parameters.kinds import ValueKind
from fakeeop.config.place import Fields
from fakeeop.config.tenants import BuiltTenant
from fakeeop.model.behaviour import Behaviour
from fakeeop.model.tenant import DomainType, Forest, Tenant

__all__ = ["advise"]

# Reserved for documentation: what examples and tests should use (RFC 5737), so no advice against them.
_DOCUMENTATION = ("192.0.2.", "198.51.100.", "203.0.113.")


def advise(forest: Forest, tenants: Sequence[BuiltTenant], fields: Fields | None) -> None:
    """Add every W problem of a forest without errors to the places of its tenants."""
    if fields is not None and not tenants:
        message = "there is no tenant: every recipient is refused"
        fields.warn("Tenants", "W-no-tenants", message, "add a tenant: {Name: contoso, AcceptedDomains: [contoso.com]}")
    for built in tenants:
        _domains(built)
        _direct_send(built)
        _submission(built)
        for connector in built.connectors:
            _inert(connector.fields)
            if not connector.connector.enabled:
                message = "the connector is disabled: it has no effect"
                connector.fields.warn("Enabled", "W-disabled", message, "set Enabled: true, or take the connector out")
                continue
            _addresses(connector)
            if connector.connector.is_partner:
                _partner(connector)
            else:
                _on_premises(connector, built.tenant, forest.behaviour)
    advise_pairs(tenants)
    if fields is not None and "Zone" in fields:
        advise_zone(forest, fields)


def _domains(built: BuiltTenant) -> None:
    if not built.domains:
        fix = "add AcceptedDomains: [contoso.com]"
        built.fields.warn("AcceptedDomains", "W-no-accepted-domains", "the tenant has no accepted domain", fix)
    marked = [domain for domain in built.domains if domain.fields is not None and domain.domain.default]
    default = any(domain.fields is not None and "Default" in domain.fields for domain in marked)
    if len(built.domains) > 1 and not default:
        message = f"no domain is marked as default; {built.domains[0].domain.domain_name} is taken"
        built.fields.warn("AcceptedDomains", "W-no-default-domain", message, "give one Default: true")
    for domain in built.domains:
        if domain.fields is None:
            continue
        _inert(domain.fields)
        if domain.domain.match_sub_domains and domain.domain.domain_type is DomainType.AUTHORITATIVE:
            message = "it is true on an Authoritative domain; the how-to makes the domain InternalRelay first"
            domain.fields.warn("MatchSubDomains", "W-match-sub-domains", message, "set DomainType: InternalRelay")


def _direct_send(built: BuiltTenant) -> None:
    if not built.tenant.reject_direct_send:
        return
    for connector in built.tenant.inbound_connectors:
        if connector.enabled and (connector.sender_ip_addresses or connector.tls_sender_certificate_name is not None):
            return
    message = "RejectDirectSend is true and no enabled connector exempts a device by address or certificate (5.7.68)"
    fix = "add a Partner connector with the device's SenderIPAddresses or TlsSenderCertificateName"
    built.fields.warn("OrganizationConfig", "W-direct-send", message, fix)


def _submission(built: BuiltTenant) -> None:
    tenant = built.tenant
    if not tenant.mailboxes or not tenant.smtp_client_authentication_disabled:
        return
    if any(mailbox.smtp_client_authentication_disabled is False for mailbox in tenant.mailboxes):
        return
    message = "no mailbox can sign in: SmtpClientAuthenticationDisabled is true for the tenant (5.7.139)"
    fix = "write TransportConfig: {SmtpClientAuthenticationDisabled: false}, or set it false for a mailbox"
    built.fields.warn("Mailboxes", "W-smtp-auth-off", message, fix)


def _inert(fields: Fields) -> None:
    for row in fields.table.parameters:
        if not row.inert or row.name not in fields:
            continue
        read = (
            values.boolean(fields, row.name, False) if row.kind is ValueKind.BOOLEAN else values.items(fields, row.name)
        )
        if read:
            fields.warn(row.name, "W-no-effect", "it is read, but nothing here acts on it", "leave it, or take it out")


def _addresses(built: BuiltConnector) -> None:
    fields, connector = built.fields, built.connector
    for entry in connector.sender_ip_addresses:
        network = entry.network
        if not str(network.network_address).startswith(_DOCUMENTATION) and not network.is_global:
            message = f"{entry} is a private or reserved address: the service sees your public one"
            line = fields.line_of_item("SenderIPAddresses", entry.text)
            fields.warn(
                "SenderIPAddresses", "W-private-address", message, "list the public address it comes from", line
            )
        if "/" in entry.text and entry.text.partition("/")[0] != str(network.network_address):
            message = f"{entry} means the whole network {network}"
            line = fields.line_of_item("SenderIPAddresses", entry.text)
            fields.warn("SenderIPAddresses", "W-host-bits", message, f"write {network}, or the address without /", line)
    if connector.sender_ip_addresses and connector.tls_sender_certificate_name is not None:
        message = "one connector with addresses and a certificate name: whether either or both must fit is not known"
        if connector.is_partner:
            message = "one Partner connector with addresses and a certificate name, which Microsoft advises against"
        fix = "make two connectors, one with SenderIPAddresses and one with TlsSenderCertificateName"
        fields.warn("TlsSenderCertificateName", "W-ip-and-certificate", message, fix)


def _partner(built: BuiltConnector) -> None:
    connector = built.connector
    if not connector.is_restricting or not any(pattern.is_any for pattern in connector.sender_domains):
        return
    what = "certificate" if connector.restrict_domains_to_certificate else "addresses"
    message = f"a lock-down: all Incoming mail without its {what} is refused (5.7.51), onmicrosoft.com domains included"
    fix = "meant so? Then leave it; if not, name the partner's domains in SenderDomains"
    built.fields.warn("SenderDomains", "W-lock-down", message, fix)


def _on_premises(built: BuiltConnector, tenant: Tenant, behaviour: Behaviour) -> None:
    fields, connector = built.fields, built.connector
    for name, set_ in (
        ("RestrictDomainsToIPAddresses", connector.restrict_domains_to_ip_addresses),
        ("RestrictDomainsToCertificate", connector.restrict_domains_to_certificate),
    ):
        if set_:
            fix = "take it out; to refuse other mail make a Partner connector with it"
            fields.warn(name, "W-restrict-no-effect", "it has no effect on an OnPremises connector", fix)
    if "SenderDomains" not in fields:
        message = "SenderDomains is not given; '*' is taken, but New-InboundConnector would refuse the command"
        fields.warn("SenderDomains", "W-sender-domains-missing", message, "add SenderDomains: ['*']")
    elif behaviour.on_premises_sender_domains == "ignored" and not all(map(_is_any, connector.sender_domains)):
        message = "it does not limit an OnPremises connector: any accepted sender domain may use it"
        fix = "write '*'; the knob OnPremisesSenderDomains: scope tries the other reading"
        fields.warn("SenderDomains", "W-sender-domains-no-effect", message, fix)
    certificate = connector.tls_sender_certificate_name
    if certificate is None:
        if connector.require_tls and "RequireTls" in fields and behaviour.on_premises_require_tls == "ignored":
            message = "it has no effect on an OnPremises connector by address: clear text is accepted too"
            fix = "identify the relay by TlsSenderCertificateName to be sure of TLS"
            fields.warn("RequireTls", "W-require-tls-no-effect", message, fix)
    elif not _name_accepted(tenant, certificate.domain, wildcard=certificate.subdomains):
        relays = "will relay only for senders in accepted domains"
        if behaviour.cert_fallback == "refuse":
            relays = "will not relay (knob CertFallback: refuse)"
        message = f"{certificate.domain} is not an accepted domain: the connector {relays}"
        parent = next((d for d in map(str.lower, _parents(certificate.domain)) if tenant.accepted(d)), None)
        other = f", or write *.{parent}" if parent else ""
        fix = f"add {certificate.domain} to AcceptedDomains{other}"
        fields.warn("TlsSenderCertificateName", "W-name-not-accepted", message, fix)


def _is_any(pattern: object) -> bool:
    return str(pattern) == "*"


def _parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels))]


def _name_accepted(tenant: Tenant, domain: str, *, wildcard: bool) -> bool:
    """Facts connectors A2n, A2w: the name itself; for a wildcard, one of its sub-domains will do."""
    if tenant.accepted(domain) is not None:
        return True
    return wildcard and any(known.domain_name.endswith("." + domain) for known in tenant.accepted_domains)
