"""One inbound connector of a tenant file → ``InboundConnector``, under rules E1 to E18 (facts connectors §1.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from fakeeop.config import values
from fakeeop.config.parameters.tables import INBOUND_CONNECTOR
from fakeeop.config.place import Fields, Place, read_fields
from fakeeop.message.skip_listing import bounds
from fakeeop.model.addresses import DomainPattern
from fakeeop.model.behaviour import Behaviour
from fakeeop.model.connector import ConnectorType, InboundConnector

__all__ = ["BuiltConnector", "TenantFacts", "build_connector"]

_ANY = (DomainPattern("", subdomains=True),)
_TYPES = {kind.value: kind for kind in ConnectorType}


class BuiltConnector(NamedTuple):
    """A connector with what the file said of it, for the advice."""

    connector: InboundConnector
    fields: Fields


class TenantFacts(NamedTuple):
    """What a connector's rules need of its tenant.

    ``accepted`` turns a domain or an accepted domain's name into the domain, or None; it is itself None while the
    accepted domains are wrong, so that one mistake is not told twice. ``blocked`` holds lower-case names.
    """

    behaviour: Behaviour
    accepted: Callable[[str], str | None] | None
    blocked: Collection[str] = frozenset()


def build_connector(tree: Mapping[Any, Any], number: int, place: Place, around: TenantFacts) -> BuiltConnector:
    """Read one connector; every broken rule becomes a problem of ``place``. ``number`` counts from 1.

    The connector is returned even if it is broken; the caller must not use it while there are errors.
    """
    name = next((tree[key] for key in tree if isinstance(key, str) and key.lower() == "name"), None)
    named = name.strip() if isinstance(name, str) else ""
    fields = read_fields(
        tree, INBOUND_CONNECTOR, place.under(f"connector {named}" if named else f"connector number {number}")
    )
    label = values.text(fields, "Name")
    if "Name" in fields and not label and "Name" not in fields.broken:
        fields.error("Name", "missing-field", "the name is empty", "give the connector a name")
    kind = _TYPES[values.choice(fields, "ConnectorType", "OnPremises")]
    addresses = values.ip_ranges(fields, "SenderIPAddresses")
    certificate = values.certificate_name(fields, "TlsSenderCertificateName")
    sender_domains = values.domain_patterns(fields, "SenderDomains")
    flag = values.boolean
    connector = InboundConnector(
        name=label,
        connector_type=kind,
        sender_domains=sender_domains or _ANY,
        sender_ip_addresses=addresses,
        tls_sender_certificate_name=certificate,
        require_tls=flag(fields, "RequireTls", around.behaviour.require_tls_default == "true"),
        restrict_domains_to_ip_addresses=flag(fields, "RestrictDomainsToIPAddresses", False),
        restrict_domains_to_certificate=flag(fields, "RestrictDomainsToCertificate", False),
        associated_accepted_domains=_associated(fields, around),
        enabled=flag(fields, "Enabled", True),
        cloud_services_mail_enabled=flag(fields, "CloudServicesMailEnabled", False),
        treat_messages_as_internal=flag(fields, "TreatMessagesAsInternal", False),
        comment=values.text(fields, "Comment"),
        connector_source=_origin(fields),
        client_host_names=_texts(fields, "ClientHostNames"),
        ef_skip_ips=_skipped(fields),
        ef_skip_last_ip=flag(fields, "EFSkipLastIP", False),
        ef_users=_texts(fields, "EFUsers", split=True),
        trusted_organizations=_texts(fields, "TrustedOrganizations"),
        line=fields.line,
        blocked=label.lower() in around.blocked,
    )
    _rules(connector, fields, scoped=sender_domains is not None)
    return BuiltConnector(connector, fields)


def _texts(fields: Fields, name: str, *, split: bool = False) -> tuple[str, ...]:
    return tuple(entry for entry, _ in values.items(fields, name, split=split) or () if entry)


def _skipped(fields: Fields) -> tuple[str, ...]:
    """``EFSkipIPs``: single addresses, ranges and CIDR (facts §1.1)."""
    if "EFSkipIPs" not in fields:
        return ()
    for entry, line in values.items(fields, "EFSkipIPs") or ():
        try:
            bounds(entry)
        except ValueError as why:
            fix = "write an address, a range such as 192.0.2.1-192.0.2.9, or CIDR"
            fields.error("EFSkipIPs", "not-an-address", str(why), fix, line)
    return _texts(fields, "EFSkipIPs", split=True)


def _origin(fields: Fields) -> str:
    """``ConnectorSource`` is a mark without effect: an exported enum number is not a reason to refuse the connector."""
    value = fields.values.get("ConnectorSource")
    return str(value) if type(value) is int else values.text(fields, "ConnectorSource", "Default")


def _associated(fields: Fields, around: TenantFacts) -> tuple[str, ...]:
    name = "AssociatedAcceptedDomains"
    if name not in fields:
        return ()
    found = []
    for entry, line in values.items(fields, name) or ():
        known = around.accepted(entry) if around.accepted else None
        if known is None:
            domain = values.domain(fields, name, entry, line)
            if domain is None:
                continue
            known = around.accepted(domain) if around.accepted else domain
        if known is None:
            fix = f"add {entry} to the tenant's AcceptedDomains, or take it out here"
            fields.error(name, "E16", f"{entry} is not an accepted domain of this tenant", fix, line)
        else:
            found.append(known)
    return tuple(found)


def _rules(connector: InboundConnector, fields: Fields, *, scoped: bool) -> None:
    """Rules over several fields. A field that is broken in itself keeps its rule silent."""
    broken = fields.broken
    addresses = bool(connector.sender_ip_addresses) or "SenderIPAddresses" in broken
    certificate = connector.tls_sender_certificate_name is not None or "TlsSenderCertificateName" in broken
    if "ConnectorType" not in broken:
        _type_rules(connector, fields, identified=addresses or certificate, scoped=scoped)
    if certificate and not connector.require_tls and "RequireTls" not in broken:
        given = "RequireTls" in fields
        why = "RequireTls is false" if given else "RequireTls is false here, by the knob RequireTlsDefault"
        fix = "set RequireTls: true, or take TlsSenderCertificateName out"
        fields.error("RequireTls" if given else "TlsSenderCertificateName", "E3", f"a certificate name, but {why}", fix)
    by_ip, by_certificate = connector.restrict_domains_to_ip_addresses, connector.restrict_domains_to_certificate
    if by_ip and not addresses:
        fix = "list the addresses in SenderIPAddresses, or set it to false"
        fields.error("RestrictDomainsToIPAddresses", "E4", "it is true, but SenderIPAddresses is not given", fix)
    if by_certificate and not certificate:
        fix = "name the certificate in TlsSenderCertificateName, or set it to false"
        fields.error("RestrictDomainsToCertificate", "E5", "it is true, but TlsSenderCertificateName is not given", fix)
    if by_ip and by_certificate:
        fix = "keep one; make a second connector for the other"
        message = "both RestrictDomainsToIPAddresses and RestrictDomainsToCertificate are true"
        fields.error("RestrictDomainsToCertificate", "E6", message, fix)


def _type_rules(connector: InboundConnector, fields: Fields, *, identified: bool, scoped: bool) -> None:
    if not connector.is_partner:
        if not identified:
            message = (
                "an OnPremises connector that nothing can match: no SenderIPAddresses, no TlsSenderCertificateName"
            )
            fields.place.add("E2", message, "give one of the two", fields.line)
        if connector.treat_messages_as_internal and connector.cloud_services_mail_enabled:
            fix = "keep CloudServicesMailEnabled for Exchange servers, TreatMessagesAsInternal for others"
            fields.error("TreatMessagesAsInternal", "E8", "not together with CloudServicesMailEnabled", fix)
        return
    if not scoped and "SenderDomains" not in fields.broken:
        fix = "add SenderDomains: [partner.example], or ['*'] for every sender"
        fields.place.add("E1", "SenderDomains is not given on a Partner connector", fix, fields.line)
    fix = "set it to false, or make the connector OnPremises"
    if connector.cloud_services_mail_enabled:
        fields.error("CloudServicesMailEnabled", "E7", "it is true on a Partner connector", fix)
    if connector.treat_messages_as_internal:
        fields.error("TreatMessagesAsInternal", "E8", "it is true on a Partner connector", fix)
