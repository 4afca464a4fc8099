"""The parameters of New-InboundConnector and the properties of Get-InboundConnector (facts connectors §1.1, §1.4)."""

from __future__ import annotations

from fakeeop.config.parameters.table import PS_NEW, Kind, Parameter, Table

__all__ = ["DIRECTORY_PROPERTIES", "INBOUND_CONNECTOR"]

_RESERVED = "Reserved for Microsoft's own use; accepted and ignored."

# Properties that every exported object carries (facts §1.4); PSComputerName and PSShowComputerName come from remoting.
DIRECTORY_PROPERTIES = (
    ("RunspaceId", "id of the PowerShell session"),
    ("PSComputerName", "host of the PowerShell session"),
    ("PSShowComputerName", "flag of the PowerShell session"),
    ("PSSourceJobInstanceId", "job of the PowerShell session"),
    ("AdminDisplayName", "display name in the directory"),
    ("ExchangeVersion", "version of the directory object"),
    ("DistinguishedName", "place in the directory"),
    ("Identity", "the name again"),
    ("Guid", "id of the object"),
    ("ObjectCategory", "schema class of the object"),
    ("ObjectClass", "schema classes of the object"),
    ("WhenChanged", "local time of the last change"),
    ("WhenCreated", "local time of creation"),
    ("WhenChangedUTC", "time of the last change"),
    ("WhenCreatedUTC", "time of creation"),
    ("ExchangeObjectId", "id of the object"),
    ("OrganizationalUnitRoot", "the organization in the directory"),
    ("OrganizationId", "the organization"),
    ("Id", "the name again"),
    ("OriginatingServer", "directory server that answered"),
    ("IsValid", "state of the object"),
    ("ObjectState", "state of the object"),
)

INBOUND_CONNECTOR = Table(
    "InboundConnectors",
    (
        Parameter(
            "Name",
            Kind.TEXT,
            "required",
            "Label of the connector; unique in the tenant, case ignored.",
            PS_NEW,
            "name",
            required=True,
        ),
        Parameter(
            "ConnectorType",
            Kind.CHOICE,
            "required",
            "`OnPremises`: the tenant's own mail servers and devices, may relay"
            " to the internet. `Partner`: another organization, never relays.",
            PS_NEW,
            "connector_type",
            applies="-",
            values=("OnPremises", "Partner"),
            required=True,
        ),
        Parameter("Enabled", Kind.BOOLEAN, "true", "A disabled connector is as good as absent.", PS_NEW, "enabled"),
        Parameter(
            "SenderDomains",
            Kind.DOMAIN_PATTERNS,
            "Partner: required; OnPremises: `*`",
            "Sender domains (of MAIL FROM) that a Partner connector is for: `contoso.com`, `*.contoso.com` (the domain"
            " and all below it) or `*`."
            " Also read: `smtp:contoso.com;1`. No effect on OnPremises (knob OnPremisesSenderDomains).",
            PS_NEW,
            "sender_domains",
        ),
        Parameter(
            "SenderIPAddresses",
            Kind.IP_RANGES,
            "none",
            "Addresses the mail comes from. They identify the connector;"
            " refusing other addresses is what RestrictDomainsToIPAddresses adds.",
            PS_NEW,
            "sender_ip_addresses",
        ),
        Parameter(
            "TlsSenderCertificateName",
            Kind.CERTIFICATE_NAME,
            "none",
            "Name that the client certificate must carry, in"
            " its CN or a SAN. To relay for any sender, the name's domain must be an accepted domain.",
            PS_NEW,
            "tls_sender_certificate_name",
        ),
        Parameter(
            "RequireTls",
            Kind.BOOLEAN,
            "true (knob RequireTlsDefault)",
            "Refuse mail in the connector's scope that is"
            " not sent over TLS. Documented for Partner only (knob OnPremisesRequireTls).",
            PS_NEW,
            "require_tls",
            applies="Partner",
        ),
        Parameter(
            "RestrictDomainsToIPAddresses",
            Kind.BOOLEAN,
            "false",
            "Refuse mail of SenderDomains that comes from any address not in SenderIPAddresses.",
            PS_NEW,
            "restrict_domains_to_ip_addresses",
            applies="Partner",
        ),
        Parameter(
            "RestrictDomainsToCertificate",
            Kind.BOOLEAN,
            "false",
            "Refuse mail of SenderDomains that comes without a certificate named in TlsSenderCertificateName.",
            PS_NEW,
            "restrict_domains_to_certificate",
            applies="Partner",
        ),
        Parameter(
            "AssociatedAcceptedDomains",
            Kind.DOMAINS,
            "none",
            "Accepted domains the connector is limited to: those of"
            " recipients on Partner, of senders on OnPremises (knob AssociatedAcceptedDomains).",
            PS_NEW,
            "associated_accepted_domains",
        ),
        Parameter(
            "CloudServicesMailEnabled",
            Kind.BOOLEAN,
            "false",
            "Hybrid: keep internal Exchange headers"
            " (X-MS-Exchange-CrossPremises-* become X-MS-Exchange-Organization-*).",
            PS_NEW,
            "cloud_services_mail_enabled",
            applies="OnPremises",
        ),
        Parameter(
            "TreatMessagesAsInternal",
            Kind.BOOLEAN,
            "false",
            "Mail of an accepted sender domain counts as internal; for own servers that are not Exchange.",
            PS_NEW,
            "treat_messages_as_internal",
            applies="OnPremises",
        ),
        Parameter("Comment", Kind.TEXT, "blank", "Free text.", PS_NEW, "comment"),
        Parameter(
            "ConnectorSource",
            Kind.TEXT,
            "Default",
            "What made the connector: `Default`, `HybridWizard`, `Migrated`, `AdminUI`; only a mark.",
            PS_NEW,
            "connector_source",
        ),
        Parameter(
            "ClientHostNames",
            Kind.TEXTS,
            "none",
            "Not documented; kept, no effect.",
            PS_NEW,
            "client_host_names",
            applies="-",
            inert=True,
        ),
        Parameter(
            "TrustedOrganizations",
            Kind.TEXTS,
            "none",
            "Other Microsoft 365 organizations; kept, no effect here.",
            PS_NEW,
            "trusted_organizations",
            applies="-",
            inert=True,
        ),
        Parameter("EFSkipIPs", Kind.TEXTS, "none", "Enhanced Filtering: hops to skip.", PS_NEW, "ef_skip_ips"),
        Parameter(
            "EFSkipLastIP", Kind.BOOLEAN, "false", "Enhanced Filtering: skip the last hop.", PS_NEW, "ef_skip_last_ip"
        ),
        Parameter(
            "EFUsers", Kind.TEXTS, "everyone", "Enhanced Filtering: recipients it works for.", PS_NEW, "ef_users"
        ),
        Parameter("EFSkipMailGateway", Kind.IGNORED, "-", _RESERVED, PS_NEW, applies="-"),
        Parameter("EFTestMode", Kind.IGNORED, "-", _RESERVED, PS_NEW, applies="-"),
        Parameter("ScanAndDropRecipients", Kind.IGNORED, "-", _RESERVED, PS_NEW, applies="-"),
        Parameter("Confirm", Kind.IGNORED, "-", "Switch of the cmdlet; ignored.", PS_NEW, applies="-"),
        Parameter("WhatIf", Kind.IGNORED, "-", "Switch of the cmdlet; ignored.", PS_NEW, applies="-"),
    ),
    ignored=(
        ("DetectSenderIPBySkippingLastIP", "old name of EFSkipLastIP"),
        ("DetectSenderIPBySkippingTheseIPs", "old name of EFSkipIPs"),
        ("DetectSenderIPBySkippingTheseProviders", "old part of Enhanced Filtering"),
        ("DetectSenderIPRecipientList", "old name of EFUsers"),
        *DIRECTORY_PROPERTIES,
    ),
)
