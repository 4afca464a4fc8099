"""Elements of a tenant tree with the properties that the Get- cmdlets show, in their order (facts connectors §1.4).

The loader reads the values, so that every form of the tenant file looks the same here. What the lab does not know is
None. The values of the directory's own properties are ours (assumption); no rule looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakeeop.config import values
from fakeeop.config.connectors import TenantFacts, build_connector
from fakeeop.config.editor.changes import guid_of
from fakeeop.config.parameters.kinds import KeyTable, ValueKind
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    MAILBOX,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    TRANSPORT_CONFIG,
)
from fakeeop.config.place import Fields, Place, read_fields
from fakeeop.model.behaviour import Behaviour

__all__ = ["accepted_domain", "inbound_connector", "mailbox", "outbound_connector", "settings", "smtp_form"]

Properties = dict[str, Any]
_DIRECTORY = ("WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC")
_OLD_NAMES = {
    "DetectSenderIPBySkippingLastIP": "EFSkipLastIP",
    "DetectSenderIPBySkippingTheseIPs": "EFSkipIPs",
    "DetectSenderIPBySkippingTheseProviders": "",
    "DetectSenderIPRecipientList": "EFUsers",
}


def smtp_form(pattern: object) -> str:
    """``smtp:contoso.com;1``, how address spaces are shown (row C156)."""
    return f"smtp:{pattern};1"


def inbound_connector(organization: str, element: Mapping[str, Any], behaviour: Behaviour) -> Properties:
    """Of Get-InboundConnector."""
    built = build_connector(element, 1, Place("-"), TenantFacts(behaviour, lambda entry: entry))
    connector, fields = built.connector, built.fields
    certificate = connector.tls_sender_certificate_name
    found: Properties = {
        "RunspaceId": None,
        "Enabled": connector.enabled,
        "ConnectorType": connector.connector_type.value,
        "ConnectorSource": connector.connector_source,
        "Comment": connector.comment,
        "SenderIPAddresses": _texts(fields, "SenderIPAddresses"),
        "SenderDomains": [smtp_form(pattern) for pattern in connector.sender_domains],
        "TrustedOrganizations": list(connector.trusted_organizations),
        "ClientHostNames": list(connector.client_host_names),
        "AssociatedAcceptedDomains": list(connector.associated_accepted_domains),
        "RequireTls": connector.require_tls,
        "RestrictDomainsToIPAddresses": connector.restrict_domains_to_ip_addresses,
        "RestrictDomainsToCertificate": connector.restrict_domains_to_certificate,
        "CloudServicesMailEnabled": connector.cloud_services_mail_enabled,
        "TreatMessagesAsInternal": connector.treat_messages_as_internal,
        "TlsSenderCertificateName": str(certificate) if certificate is not None else None,
        "EFTestMode": bool(element.get("EFTestMode", False)),
        "ScanAndDropRecipients": list(values_of(element, "ScanAndDropRecipients")),
        "EFSkipLastIP": connector.ef_skip_last_ip,
        "EFSkipIPs": list(connector.ef_skip_ips),
        "EFSkipMailGateway": list(values_of(element, "EFSkipMailGateway")),
        "EFUsers": list(connector.ef_users),
    }
    found |= {old: found[new] if new else [] for old, new in _OLD_NAMES.items()}
    return found | _directory(organization, "InboundConnectors", element, connector.name)


def outbound_connector(organization: str, element: Mapping[str, Any]) -> Properties:
    """Of Get-OutboundConnector (facts §1.7; the order is ours)."""
    fields = _fields(element, OUTBOUND_CONNECTOR)
    defaults = {"ConnectorType": "Partner", "Enabled": True, "UseMXRecord": True, "ConnectorSource": "Default"}
    defaults |= {"MtaStsMode": "Opportunistic", "SmtpDaneMode": "Opportunistic"}
    found = _read_all(fields, OUTBOUND_CONNECTOR, defaults)
    return found | _directory(organization, "OutboundConnectors", element, str(found["Name"]))


def accepted_domain(organization: str, element: Mapping[str, Any] | str, *, default: bool) -> Properties:
    """Of Get-AcceptedDomain; ``default``: it is the tenant's default domain."""
    tree: Mapping[str, Any] = {"DomainName": element} if isinstance(element, str) else element
    fields = _fields(tree, ACCEPTED_DOMAIN)
    found = _read_all(fields, ACCEPTED_DOMAIN, {"DomainType": "Authoritative"})
    found["Name"] = found["Name"] or found["DomainName"]
    found["Default"] = default
    return found | _directory(organization, "AcceptedDomains", tree, str(found["Name"]))


def mailbox(organization: str, element: Mapping[str, Any]) -> Properties:
    """Of Get-Mailbox, what there is of it; secrets are left out."""
    fields = _fields(element, MAILBOX)
    primary = values.text(fields, "PrimarySmtpAddress")
    local = primary.partition("@")[0]
    more = [address for address in _texts(fields, "EmailAddresses") if address.lower() != primary.lower()]
    name = str(element.get("Name") or local)
    disabled = fields.values.get("SmtpClientAuthenticationDisabled")
    found: Properties = {
        "Name": name,
        "DisplayName": str(element.get("DisplayName") or name),
        "Alias": str(element.get("Alias") or local),
        "PrimarySmtpAddress": primary,
        "UserPrincipalName": values.text(fields, "UserPrincipalName") or primary,
        "EmailAddresses": [f"SMTP:{primary}", *(f"smtp:{address}" for address in more)],
        "RecipientType": "UserMailbox",
        "RecipientTypeDetails": "UserMailbox",
        "SmtpClientAuthenticationDisabled": None
        if disabled is None
        else values.boolean(fields, "SmtpClientAuthenticationDisabled", False),
        "GrantSendOnBehalfTo": [],
    }
    return found | _directory(organization, "Mailboxes", element, name)


def settings(organization: str, element: Mapping[str, Any], table: KeyTable) -> Properties:
    """Of Get-OrganizationConfig and Get-TransportConfig."""
    defaults = {"SmtpClientAuthenticationDisabled": True} if table is TRANSPORT_CONFIG else {}
    named = organization if table is ORGANIZATION_CONFIG else "Transport Settings"
    found = {"Name": named} | _read_all(_fields(element, table), table, defaults)
    return found | _directory(organization, table.title, element, named)


def values_of(element: Mapping[str, Any], name: str) -> list[Any]:
    """A list that no rule looks at, as it stands there."""
    held = element.get(name)
    return [] if held is None else list(held) if isinstance(held, list) else [held]


def _fields(element: Mapping[str, Any], table: KeyTable) -> Fields:
    return read_fields(element, table, Place("-"))


def _texts(fields: Fields, name: str) -> list[str]:
    return [text for text, _ in values.items(fields, name) or () if text]


def _read_all(fields: Fields, table: KeyTable, defaults: Mapping[str, Any]) -> Properties:
    found: Properties = {}
    for row in table.parameters:
        default = defaults.get(row.name)
        if row.kind is ValueKind.BOOLEAN:
            found[row.name] = values.boolean(fields, row.name, bool(default))
        elif row.kind is ValueKind.CHOICE:
            found[row.name] = values.choice(fields, row.name, str(default or "")) or None
        elif row.kind is ValueKind.DOMAIN_PATTERNS:
            found[row.name] = [str(pattern) for pattern in values.domain_patterns(fields, row.name) or ()]
        elif row.kind in (ValueKind.TEXTS, ValueKind.DOMAINS, ValueKind.MAILBOXES):
            found[row.name] = _texts(fields, row.name)
        elif row.kind is not ValueKind.IGNORED:
            found[row.name] = values.text(fields, row.name) or default
    return found


def _directory(organization: str, kind: str, element: Mapping[str, Any], name: str) -> Properties:
    guid = guid_of(organization, kind, element)
    return {
        "AdminDisplayName": "",
        "ExchangeVersion": None,
        "Name": name,
        "DistinguishedName": f"CN={name},CN={organization}",
        "Identity": name,
        "Guid": guid,
        "ObjectCategory": None,
        "ObjectClass": [],
        **{key: element.get(key) for key in _DIRECTORY},
        "OrganizationId": organization,
        "Id": name,
        "OriginatingServer": "fakeeop",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
