"""Every key of a tenant file: the loader, the JSON Schema, the documentation and the hints read these tables.

Names, types, defaults and connector types follow the cmdlets (facts connectors §1.1 and §1.4 to §1.7): New-InboundConnector,
New-OutboundConnector, Get-Mailbox, Set-CASMailbox, Add-RecipientPermission. What a real tenant keeps elsewhere or tells
nobody (passwords, tokens, states) has names of ours. The sentences are ours.

One row, one line. ``field`` is the attribute of ``fakeeop.model`` that a key fills ("" if none), ``default`` is text for
people, the type of connector is "Both", "Partner", "OnPremises" or "-". ``inert``: it is read and kept, but nothing in
fakeeop acts on it.
"""

from __future__ import annotations

from functools import cache

from fakeeop.config.parameters.kinds import OWN, PS_AD, PS_NEW, PS_ORG, FileKey, KeyTable, ValueKind, key_of
from fakeeop.decision.knobs import KNOBS

__all__ = [
    "ACCEPTED_DOMAIN",
    "BLOCKED_ADDRESSES",
    "DESTINATION",
    "DIRECTORY_PROPERTIES",
    "DKIM_SIGNING",
    "FILE",
    "INBOUND_CONNECTOR",
    "INTERNET",
    "LIMITS",
    "MAILBOX",
    "ORGANIZATION_CONFIG",
    "OUTBOUND_CONNECTOR",
    "SUBMISSION_LIMITS",
    "TENANT",
    "TENANT_LIMITS",
    "TRANSPORT_CONFIG",
    "homes",
]

_RESERVED = "Reserved for Microsoft's own use; accepted and ignored."
PS_OUT = "New-OutboundConnector (Microsoft Learn)"
_GET = "Get-Mailbox (Microsoft Learn)"
_CAS = "Set-CASMailbox (Microsoft Learn)"
_MFD = "How to set up a multifunction device (Microsoft Learn)"
_DKIM = "New-DkimSigningConfig (Microsoft Learn)"
_WIRE_SIZE = "EHLO of the service (seen)"
_ON_PREMISES = "Message rate limits (Microsoft Learn), of Exchange Server"
_NDR = "NDR table (Microsoft Learn)"
_ASSUMED = "assumption"


# fmt: off
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

# ---- connectors and domains

INBOUND_CONNECTOR = KeyTable("InboundConnectors", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Name",                         ValueKind.TEXT,             "required",                           "name",                             "Both",       PS_NEW, "Label of the connector; unique in the tenant, case ignored.", required=True),
    FileKey("ConnectorType",                ValueKind.CHOICE,           "required",                           "connector_type",                   "-",          PS_NEW, "`OnPremises`: the tenant's own mail servers and devices, may relay to the internet. `Partner`: another organization, never relays.", values=("OnPremises", "Partner"), required=True),
    FileKey("Enabled",                      ValueKind.BOOLEAN,          "true",                               "enabled",                          "Both",       PS_NEW, "A disabled connector has no effect."),
    FileKey("SenderDomains",                ValueKind.DOMAIN_PATTERNS,  "Partner: required; OnPremises: `*`", "sender_domains",                   "Both",       PS_NEW, "Sender domains (of MAIL FROM) that a Partner connector is for: `contoso.com`, `*.contoso.com` (the domain and all below it) or `*`. Also read: `smtp:contoso.com;1`. No effect on OnPremises (knob OnPremisesSenderDomains)."),
    FileKey("SenderIPAddresses",            ValueKind.IP_RANGES,        "none",                               "sender_ip_addresses",              "Both",       PS_NEW, "Addresses the mail comes from. They identify the connector; refusing other addresses is what RestrictDomainsToIPAddresses adds."),
    FileKey("TlsSenderCertificateName",     ValueKind.CERTIFICATE_NAME, "none",                               "tls_sender_certificate_name",      "Both",       PS_NEW, "Name that the client certificate must carry, in its CN or a SAN. To relay for any sender, the name's domain must be an accepted domain."),
    FileKey("RequireTls",                   ValueKind.BOOLEAN,          "true (knob RequireTlsDefault)",      "require_tls",                      "Partner",    PS_NEW, "Refuse mail in the connector's scope that is not sent over TLS. Documented for Partner only (knob OnPremisesRequireTls)."),
    FileKey("RestrictDomainsToIPAddresses", ValueKind.BOOLEAN,          "false",                              "restrict_domains_to_ip_addresses", "Partner",    PS_NEW, "Refuse mail of SenderDomains that comes from any address not in SenderIPAddresses."),
    FileKey("RestrictDomainsToCertificate", ValueKind.BOOLEAN,          "false",                              "restrict_domains_to_certificate",  "Partner",    PS_NEW, "Refuse mail of SenderDomains that comes without a certificate named in TlsSenderCertificateName."),
    FileKey("AssociatedAcceptedDomains",    ValueKind.DOMAINS,          "none",                               "associated_accepted_domains",      "Both",       PS_NEW, "Accepted domains the connector is limited to: those of recipients on Partner, of senders on OnPremises (knob AssociatedAcceptedDomains)."),
    FileKey("CloudServicesMailEnabled",     ValueKind.BOOLEAN,          "false",                              "cloud_services_mail_enabled",      "OnPremises", PS_NEW, "Hybrid: keep internal Exchange headers (X-MS-Exchange-CrossPremises-* become X-MS-Exchange-Organization-*)."),
    FileKey("TreatMessagesAsInternal",      ValueKind.BOOLEAN,          "false",                              "treat_messages_as_internal",       "OnPremises", PS_NEW, "Mail of an accepted sender domain counts as internal; for own servers that are not Exchange."),
    FileKey("Comment",                      ValueKind.TEXT,             "blank",                              "comment",                          "Both",       PS_NEW, "Free text."),
    FileKey("ConnectorSource",              ValueKind.TEXT,             "Default",                            "connector_source",                 "Both",       PS_NEW, "What made the connector: `Default`, `HybridWizard`, `Migrated`, `AdminUI`; only a mark."),
    FileKey("ClientHostNames",              ValueKind.TEXTS,            "none",                               "client_host_names",                "-",          PS_NEW, "Not documented; kept, no effect.", inert=True),
    FileKey("TrustedOrganizations",         ValueKind.TEXTS,            "none",                               "trusted_organizations",            "-",          PS_NEW, "Other Microsoft 365 organizations; kept, no effect here.", inert=True),
    FileKey("EFSkipIPs",                    ValueKind.TEXTS,            "none",                               "ef_skip_ips",                      "Both",       PS_NEW, "Enhanced Filtering: hops to skip."),
    FileKey("EFSkipLastIP",                 ValueKind.BOOLEAN,          "false",                              "ef_skip_last_ip",                  "Both",       PS_NEW, "Enhanced Filtering: skip the last hop."),
    FileKey("EFUsers",                      ValueKind.TEXTS,            "everyone",                           "ef_users",                         "Both",       PS_NEW, "Enhanced Filtering: recipients it works for."),
    FileKey("EFSkipMailGateway",            ValueKind.IGNORED,          "-",                                  "",                                 "-",          PS_NEW, _RESERVED),
    FileKey("EFTestMode",                   ValueKind.IGNORED,          "-",                                  "",                                 "-",          PS_NEW, _RESERVED),
    FileKey("ScanAndDropRecipients",        ValueKind.IGNORED,          "-",                                  "",                                 "-",          PS_NEW, _RESERVED),
    FileKey("Confirm",                      ValueKind.IGNORED,          "-",                                  "",                                 "-",          PS_NEW, "Switch of the cmdlet; ignored."),
    FileKey("WhatIf",                       ValueKind.IGNORED,          "-",                                  "",                                 "-",          PS_NEW, "Switch of the cmdlet; ignored."),
), ignored=(
    ("DetectSenderIPBySkippingLastIP", "old name of EFSkipLastIP"),
    ("DetectSenderIPBySkippingTheseIPs", "old name of EFSkipIPs"),
    ("DetectSenderIPBySkippingTheseProviders", "old part of Enhanced Filtering"),
    ("DetectSenderIPRecipientList", "old name of EFUsers"),
    *DIRECTORY_PROPERTIES,
))

# New-OutboundConnector: nothing is routed by them here.
OUTBOUND_CONNECTOR = KeyTable("OutboundConnectors", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Name",                          ValueKind.TEXT,             "required",      "", "Both",       PS_OUT, "Label of the connector; unique in the tenant.", required=True),
    FileKey("ConnectorType",                 ValueKind.CHOICE,           "Partner",       "", "-",          PS_OUT, "Whose servers it leads to.", values=("Partner", "OnPremises"), inert=True),
    FileKey("Enabled",                       ValueKind.BOOLEAN,          "true",          "", "Both",       PS_OUT, "A disabled connector is not used.", inert=True),
    FileKey("RecipientDomains",              ValueKind.DOMAIN_PATTERNS,  "none",          "", "Both",       PS_OUT, "Domains of recipients that it is for.", inert=True),
    FileKey("UseMXRecord",                   ValueKind.BOOLEAN,          "true",          "", "Both",       PS_OUT, "By the MX of the recipient; false: by SmartHosts.", inert=True),
    FileKey("SmartHosts",                    ValueKind.TEXTS,            "none",          "", "Both",       PS_OUT, "Names or addresses of the next servers, where UseMXRecord is false.", inert=True),
    FileKey("TlsSettings",                   ValueKind.CHOICE,           "none",          "", "Both",       PS_OUT, "What TLS must prove.", values=("EncryptionOnly", "CertificateValidation", "DomainValidation"), inert=True),
    FileKey("TlsDomain",                     ValueKind.CERTIFICATE_NAME, "none",          "", "Both",       PS_OUT, "Name in the server's certificate, with DomainValidation.", inert=True),
    FileKey("AllAcceptedDomains",            ValueKind.BOOLEAN,          "false",         "", "Both",       PS_OUT, "For mail to accepted domains.", inert=True),
    FileKey("RouteAllMessagesViaOnPremises", ValueKind.BOOLEAN,          "false",         "", "OnPremises", PS_OUT, "All mail is routed through the organization's own servers.", inert=True),
    FileKey("SenderRewritingEnabled",        ValueKind.BOOLEAN,          "false",         "", "OnPremises", PS_OUT, "Senders are rewritten (SRS).", inert=True),
    FileKey("CloudServicesMailEnabled",      ValueKind.BOOLEAN,          "false",         "", "Both",       PS_OUT, "Hybrid: internal headers are kept.", inert=True),
    FileKey("IsTransportRuleScoped",         ValueKind.BOOLEAN,          "false",         "", "Both",       PS_OUT, "Only for mail that a transport rule sends there.", inert=True),
    FileKey("MtaStsMode",                    ValueKind.CHOICE,           "Opportunistic", "", "-",          PS_OUT, "MTA-STS.", values=("Opportunistic", "None"), inert=True),
    FileKey("SmtpDaneMode",                  ValueKind.CHOICE,           "Opportunistic", "", "-",          PS_OUT, "DANE.", values=("Opportunistic", "Mandatory", "None"), inert=True),
    FileKey("TestMode",                      ValueKind.BOOLEAN,          "false",         "", "-",          PS_OUT, "Test mode.", inert=True),
    FileKey("Comment",                       ValueKind.TEXT,             "blank",         "", "Both",       PS_OUT, "Free text.", inert=True),
    FileKey("ConnectorSource",               ValueKind.TEXT,             "Default",       "", "Both",       PS_OUT, "What made the connector; only a mark.", inert=True),
    FileKey("ValidationRecipients",          ValueKind.TEXTS,            "none",          "", "-",          PS_OUT, "Addresses that Validate-OutboundConnector wrote to.", inert=True),
    FileKey("IsValidated",                   ValueKind.BOOLEAN,          "false",         "", "-",          PS_OUT, "Was it validated? Only a mark.", inert=True),
    FileKey("LinkForModifiedConnector",      ValueKind.IGNORED,          "-",             "", "-",          PS_OUT, "Accepted and ignored."),
    FileKey("LastValidationTimestamp",       ValueKind.IGNORED,          "-",             "", "-",          PS_OUT, "Accepted and ignored."),
), ignored=DIRECTORY_PROPERTIES)

# What Get-AcceptedDomain prints in addition to the rows below: general knowledge, no source (assumption: none of it matters).
_ACCEPTED_DOMAIN_PROPERTIES = (
    "AddressBookEnabled", "AuthenticationType", "CanHaveCloudCache", "CatchAllRecipientID",
    "DualProvisioningEnabled", "EmailOnly", "EnableNego2Authentication", "ExternallyManaged",
    "FederatedOrganizationLink", "InitialDomain", "IsCoexistenceDomain", "IsDefaultFederatedDomain",
    "LiveIdInstanceType", "MailFlowPartner", "PendingCompletion", "PendingFederatedAccountNamespace",
    "PendingFederatedDomain", "PendingRemoval", "PerimeterDuplicateDetected",
)

ACCEPTED_DOMAIN = KeyTable("AcceptedDomains", (
    # name, kind, default, field, type of connector, source, description
    FileKey("DomainName",                ValueKind.TEXT,    "required",                                    "domain_name",       "-", PS_AD, "The domain.", required=True),
    FileKey("Name",                      ValueKind.TEXT,    "the domain",                                  "name",              "-", PS_AD, "Label of the domain."),
    FileKey("DomainType",                ValueKind.CHOICE,  "Authoritative",                               "domain_type",       "-", PS_AD, "`Authoritative`: unknown recipients are refused (5.4.1). `InternalRelay`: they are accepted and relayed on.", values=("Authoritative", "InternalRelay")),
    FileKey("MatchSubDomains",           ValueKind.BOOLEAN, "false",                                       "match_sub_domains", "-", PS_AD, "Every sub-domain counts as accepted, for recipients and senders."),
    FileKey("Default",                   ValueKind.BOOLEAN, "true for the first domain if none is marked", "default",           "-", PS_AD, "The tenant's default domain."),
    FileKey("OutboundOnly",              ValueKind.BOOLEAN, "false",                                       "",                  "-", PS_AD, "Read, no effect here.", inert=True),
    FileKey("SendingFromDomainDisabled", ValueKind.BOOLEAN, "false",                                       "",                  "-", PS_AD, "Read, no effect here.", inert=True),
    FileKey("SendingToDomainDisabled",   ValueKind.BOOLEAN, "false",                                       "",                  "-", PS_AD, "Read, no effect here.", inert=True),
), ignored=(*((name, "of Get-AcceptedDomain") for name in _ACCEPTED_DOMAIN_PROPERTIES), *DIRECTORY_PROPERTIES))

# ---- mailboxes

MAILBOX = KeyTable("Mailboxes", (
    # name, kind, default, field, type of connector, source, description
    FileKey("PrimarySmtpAddress",               ValueKind.TEXT,      "required",                "primary_smtp_address",                "-", _GET,                                        "The mailbox; it may send as this address.", required=True),
    FileKey("UserPrincipalName",                ValueKind.TEXT,      "PrimarySmtpAddress",      "user_principal_name",                 "-", _GET,                                        "The user name for AUTH; case does not count."),
    FileKey("Password",                         ValueKind.TEXT,      "none",                    "password",                            "-", OWN,                                         "Lab: the password for AUTH LOGIN; without one no password is accepted. Never shown."),
    FileKey("AccessTokens",                     ValueKind.TEXTS,     "none",                    "access_tokens",                       "-", OWN,                                         "Lab: the tokens that AUTH XOAUTH2 takes for this mailbox, compared as text. Never shown."),
    FileKey("EmailAddresses",                   ValueKind.MAILBOXES, "none",                    "email_addresses",                     "-", _GET,                                        "More addresses of the mailbox; it may send as these too."),
    FileKey("SmtpClientAuthenticationDisabled", ValueKind.BOOLEAN,   "as TransportConfig says", "smtp_client_authentication_disabled", "-", _CAS,                                        "SMTP AUTH is off (5.7.139) or on for this mailbox, whatever TransportConfig says."),
    FileKey("GrantSendAs",                      ValueKind.MAILBOXES, "none",                    "grant_send_as",                       "-", "Add-RecipientPermission (Microsoft Learn)", "Mailboxes of the tenant that may send as this one; others get 5.2.252."),
    FileKey("State",                            ValueKind.CHOICE,    "Active",                  "state",                               "-", OWN,                                         "Lab: what is the matter with the account. `Locked` and `ConditionalAccess` fail at AUTH (5.7.139), `LogonFailure` (4.2.0) and `Restricted` (5.1.8) at the end of data.", values=("Active", "Locked", "ConditionalAccess", "LogonFailure", "Restricted")),
), ignored=(
    *((name, "of Get-Mailbox") for name in ("Name", "DisplayName", "Alias", "RecipientType")),
    *((name, "of Get-Mailbox") for name in ("RecipientTypeDetails", "ExchangeGuid", "ExternalDirectoryObjectId")),
    *((name, "of Get-CASMailbox") for name in ("ImapEnabled", "PopEnabled", "MAPIEnabled", "OWAEnabled")),
    *DIRECTORY_PROPERTIES,
))

SUBMISSION_LIMITS = KeyTable("SubmissionLimits", (
    # name, kind, default, field, type of connector, source, description
    FileKey("MessagesPerMinute",     ValueKind.WHOLE_NUMBER, "30",    "messages_per_minute",    "-", _MFD, "Messages of one mailbox in 60 seconds; what happens beyond: knob MessageRateReply."),
    FileKey("RecipientsPerDay",      ValueKind.WHOLE_NUMBER, "10000", "recipients_per_day",     "-", _MFD, "Recipients of one mailbox in 24 hours (5.2.0)."),
    FileKey("ConcurrentConnections", ValueKind.WHOLE_NUMBER, "3",     "concurrent_connections", "-", _MFD, "Connections on which one mailbox may send at a time (432 4.3.2)."),
))

DKIM_SIGNING = KeyTable("DkimSigning", (
    # name, kind, default, field, type of connector, source, description
    FileKey("DomainName", ValueKind.TEXT, "required",  "domain_name", "-", _DKIM, "The domain that signs: what leaves under it, the sender's domain, has a DKIM-Signature.", required=True),
    FileKey("Selector",   ValueKind.TEXT, "selector1", "selector",    "-", OWN,   "The selector in the signature."),
    FileKey("PrivateKey", ValueKind.TEXT, "required",  "private_key", "-", OWN,   "Lab: the RSA key in PEM; put its public half into Zone yourself. Never shown.", required=True),
))

# ---- limits, at the top of a tenant file and in a tenant

_BOTH = (
    # name, kind, default, field, type of connector, source, description
    FileKey("MessageSize",          ValueKind.SIZE,         "150 MB", "message_size",           "-", _WIRE_SIZE,                                      "The largest message."),
    FileKey("RecipientsPerMessage", ValueKind.WHOLE_NUMBER, "1000",   "recipients_per_message", "-", "NDR table (Microsoft Learn): 200 of one domain, 1000 elsewhere; uncertain", "Recipients of one transaction (4.5.3); 0: no limit."),
    FileKey("BlockedAddresses",     ValueKind.OBJECT,       "none",   "blocked",                "-", _NDR,                                            "Clients that are refused at RCPT: a mapping with the keys below."),
    FileKey("AcceptIPv6",           ValueKind.BOOLEAN,      "true",   "accept_ipv6",            "-", _NDR,                                            "false: mail over IPv6 without a connector is refused (5.7.510)."),
    FileKey("IPv6ReverseName",      ValueKind.BOOLEAN,      "false",  "ipv6_reverse_name",      "-", "Anonymous inbound email over IPv6 (Microsoft Learn); off: assumption", "A client over IPv6 without a connector needs a reverse name in the lab's zone (4.7.25)."),
    FileKey("IPv6Authentication",   ValueKind.BOOLEAN,      "false",  "ipv6_authentication",    "-", "Anonymous inbound email over IPv6 (Microsoft Learn); off: assumption", "Mail over IPv6 without a connector must be signed (DKIM, not verified) or come from IPv6SpfPasses (4.7.26)."),
    FileKey("IPv6SpfPasses",        ValueKind.NETWORKS,     "none",   "ipv6_spf_passes",        "-", OWN,                                             "Lab: addresses for which SPF passes; nobody looks it up."),
)

TENANT_LIMITS = KeyTable("Limits of a tenant", _BOTH)

LIMITS = KeyTable("Limits", (
    # name, kind, default, field, type of connector, source, description
    *_BOTH[:2],
    FileKey("LineLength",            ValueKind.WHOLE_NUMBER, "2048",                   "line_length",             "-", _ASSUMED,                                        "Octets of a command line."),
    FileKey("ErrorsPerSession",      ValueKind.WHOLE_NUMBER, "20",                     "errors_per_session",      "-", _ASSUMED,                                        "Errors of syntax and order, until the connection is closed; 0: no limit."),
    FileKey("IdleTimeout",           ValueKind.DURATION,     "5m",                     "idle_timeout",            "-", _ON_PREMISES,                                    "Without an octet so long: 451 4.7.0, and the connection is closed; 0: never."),
    FileKey("CommandTimeout",        ValueKind.DURATION,     "0",                      "command_timeout",         "-", _ASSUMED,                                        "Without a whole command so long, however many octets came: the same; 0: never."),
    FileKey("SessionLifetime",       ValueKind.DURATION,     "20m",                    "session_lifetime",        "-", "haraka/Haraka#2321: seen once, at an MX of the service in 2018", "A session that is older is ended (4.4.1); 0: never."),
    FileKey("ConnectionsPerAddress", ValueKind.WHOLE_NUMBER, "0",                      "connections_per_address", "-", _ASSUMED,                                        "Open connections of one address (421 4.3.2); 0: no limit."),
    FileKey("RecipientsPerMinute",   ValueKind.WHOLE_NUMBER, "0",                      "recipients_per_minute",   "-", "NDR table (Microsoft Learn): the rate is not documented", "Token bucket of each address: recipients a minute (4.7.500), not for mail of a connector; 0: no limit."),
    FileKey("RecipientBurst",        ValueKind.WHOLE_NUMBER, "as RecipientsPerMinute", "recipient_burst",         "-", _ASSUMED,                                        "How many at once, while the bucket is full."),
    *_BOTH[2:],
))

BLOCKED_ADDRESSES = KeyTable("BlockedAddresses", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Banned",            ValueKind.NETWORKS, "none", "Banned",            "-", _NDR,   "550 5.7.606, banned sending IP."),
    FileKey("Spamhaus",          ValueKind.NETWORKS, "none", "Spamhaus",          "-", "seen", "550 5.7.1, listed at Spamhaus."),
    FileKey("CustomerBlockList", ValueKind.NETWORKS, "none", "CustomerBlockList", "-", _NDR,   "550 5.7.513, blocked by the recipient's organization."),
    FileKey("BannedSender",      ValueKind.NETWORKS, "none", "BannedSender",      "-", _NDR,   "550 5.7.511, banned sender."),
))

# ---- destinations

INTERNET = KeyTable("Internet", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Domains", ValueKind.OBJECT, "none", "", "-", OWN, "Destinations that do not simply take what comes: `fabrikam.example` or `*.fabrikam.example` (and all below), each a mapping with the keys below. Domains of the tenants' own servers (`InternalRelay`) may stand here too."),
))

DESTINATION = KeyTable("Internet: Domains", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Reply",           ValueKind.TEXT,     "none",  "reply",            "-", OWN, "A whole 5xx reply with which its server refuses every recipient, `550 5.1.1 User unknown`."),
    FileKey("Delay",           ValueKind.DURATION, "0",     "delay",            "-", OWN, "So long its server does not answer; after a day the mail fails."),
    FileKey("DeliveryReports", ValueKind.BOOLEAN,  "false", "delivery_reports", "-", OWN, "true: its server announces DSN, so it is the one to tell of success."),
))

# ---- the tenant, and the file

ORGANIZATION_CONFIG = KeyTable("OrganizationConfig", (
    # name, kind, default, field, type of connector, source, description
    FileKey("RejectDirectSend", ValueKind.BOOLEAN, "false", "reject_direct_send", "-", PS_ORG, "Refuse anonymous mail that claims an accepted domain in MAIL FROM and matches no connector by address or certificate (5.7.68)."),
), ignored=(("Name", "the organization again"), *DIRECTORY_PROPERTIES))

TRANSPORT_CONFIG = KeyTable("TransportConfig", (
    # name, kind, default, field, type of connector, source, description
    FileKey("SmtpClientAuthenticationDisabled", ValueKind.BOOLEAN, "true", "smtp_client_authentication_disabled", "-", "Set-TransportConfig (Microsoft Learn)", "SMTP AUTH client submission is off for the tenant (5.7.139), unless a mailbox says otherwise; the MX itself never offers AUTH."),
), ignored=(("Name", "the object again"), *DIRECTORY_PROPERTIES))

TENANT = KeyTable("Tenants", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Name",                        ValueKind.TEXT,      "required",               "name",                  "Both", OWN,                                             "Label of the tenant; unique, case ignored.", required=True),
    FileKey("TenantId",                    ValueKind.GUID,      "made from the name",     "tenant_id",             "Both", OWN,                                             "Id of the tenant."),
    FileKey("AcceptedDomains",             ValueKind.OBJECTS,   "none",                   "accepted_domains",      "Both", PS_AD,                                           "Domains the tenant owns: names, or mappings with the keys below."),
    FileKey("AcceptedDomainsFile",         ValueKind.FILE,      "none",                   "",                      "Both", OWN,                                             "JSON or YAML file with more of them, as exported."),
    FileKey("Recipients",                  ValueKind.MAILBOXES, "every address is known", "recipients",            "Both", OWN,                                             "The directory: addresses that exist. Others are refused in Authoritative domains (5.4.1)."),
    FileKey("Mailboxes",                   ValueKind.OBJECTS,   "none",                   "mailboxes",             "Both", "Get-Mailbox (Microsoft Learn)",                 "Mailboxes that can sign in at the submission endpoint: mappings with the keys below. Their addresses exist, whatever Recipients says."),
    FileKey("DkimSigning",                 ValueKind.OBJECTS,   "none",                   "dkim_signing",          "Both", "New-DkimSigningConfig (Microsoft Learn)",       "Keys with which the tenant signs what leaves: mappings with the keys below."),
    FileKey("InboundConnectors",           ValueKind.OBJECTS,   "none",                   "inbound_connectors",    "Both", PS_NEW,                                          "Mappings with the keys below."),
    FileKey("InboundConnectorsFile",       ValueKind.FILE,      "none",                   "",                      "Both", OWN,                                             "JSON or YAML file with more of them, as exported."),
    FileKey("OutboundConnectors",          ValueKind.OBJECTS,   "none",                   "",                      "Both", PS_OUT,                                          "Mappings with the keys below; kept and checked, nothing is routed by them.", inert=True),
    FileKey("OrganizationConfig",          ValueKind.OBJECT,    "defaults",               "",                      "Both", PS_ORG,                                          "Settings of Set-OrganizationConfig."),
    FileKey("TransportConfig",             ValueKind.OBJECT,    "defaults",               "",                      "Both", "Set-TransportConfig (Microsoft Learn)",         "Settings of Set-TransportConfig."),
    FileKey("BlockedConnectors",           ValueKind.TEXTS,     "none",                   "",                      "Both", "Remove blocked connectors (Microsoft Learn)",   "Names of connectors that Get-BlockedConnector would list (5.7.711)."),
    FileKey("InboundConnectorsRestricted", ValueKind.BOOLEAN,   "false",                  "",                      "Both", "Inbound connector: FAQ (Microsoft Learn); the key is fakeeop's", "Lab: true is a tenant of a service offering whose inbound connectors are made disabled, and stay so: New-InboundConnector and Set-InboundConnector warn and say whom to ask. Mail is judged as before."),
    FileKey("MailEnabled",                 ValueKind.BOOLEAN,   "true",                   "mail_enabled",          "Both", OWN,                                             "Lab: false is a tenant without mail-enabled subscriptions (ATTR5)."),
    FileKey("SecurityDefaults",            ValueKind.BOOLEAN,   "false",                  "security_defaults",     "Both", OWN,                                             "Security defaults of Microsoft Entra are on: AUTH LOGIN is refused (5.7.139)."),
    FileKey("AllowBasicAuthSmtp",          ValueKind.BOOLEAN,   "true",                   "allow_basic_auth_smtp", "Both", "New-AuthenticationPolicy (Microsoft Learn)",    "The tenant's authentication policy allows basic authentication for SMTP; false: AUTH LOGIN is refused (5.7.139)."),
    FileKey("SubmissionLimits",            ValueKind.OBJECT,    "the documented ones",    "submission_limits",     "Both", OWN,                                             "Lab: limits of the submission endpoint, a mapping with the keys below."),
    FileKey("Limits",                      ValueKind.OBJECT,    "those at the top",       "limits",                "Both", OWN,                                             "Limits for mail to this tenant's recipients, over those at the top; see docs/limits.md."),
    FileKey("Region",                      ValueKind.TEXT,      "none",                   "region",                "Both", OWN,                                             "Lab: where the tenant lives, any word (`EUR`). A listener with another region refuses its recipients (ATTR35), and so does a transaction with recipients of two regions (ATTR38)."),
))

FILE = KeyTable("the file", (
    # name, kind, default, field, type of connector, source, description
    FileKey("Tenants",         ValueKind.OBJECTS,      "required",            "",     "Both", OWN, "The tenants that the front end serves.", required=True),
    FileKey("Behaviour",       ValueKind.OBJECT,       "defaults",            "",     "Both", OWN, "Settings of what is not known; see `fakeeop knobs`."),
    FileKey("AsOf",            ValueKind.TEXT,         "today",               "",     "Both", OWN, "The day whose service it is, `2019-06-01`: other defaults for `Behaviour`; see docs/eras.md."),
    FileKey("Limits",          ValueKind.OBJECT,       "the documented ones", "",     "Both", OWN, "Limits of the front end; see docs/limits.md."),
    FileKey("Faults",          ValueKind.FAULTS,       "none",                "",     "Both", OWN, "What is to go wrong, one mapping each; see docs/faults.md."),
    FileKey("FaultSeed",       ValueKind.WHOLE_NUMBER, "0",                   "",     "Both", OWN, "Seed of faults with a probability."),
    FileKey("MagicRecipients", ValueKind.BOOLEAN,      "false",               "",     "Both", OWN, "Recipients such as `temperror@` choose their own fate; see docs/faults.md."),
    FileKey("Internet",        ValueKind.OBJECT,       "takes all",           "",     "Both", OWN, "Destinations that refuse or are slow; see docs/notifications.md."),
    FileKey("Zone",            ValueKind.ZONE,         "none",                "zone", "Both", OWN, "The lab's DNS: names with their records; see docs/dns.md."),
    FileKey("$schema",         ValueKind.IGNORED,      "-",                   "",     "Both", OWN, "For editors; ignored."),
))

# fmt: on


@cache
def homes() -> dict[str, tuple[str, str]]:
    """For the hint "... belongs under ...": compared form of a key → its right spelling and where it belongs."""
    found = {key_of(knob.name): (knob.name, "Behaviour") for knob in KNOBS}
    for table in (
        OUTBOUND_CONNECTOR,  # first: what inbound connectors have too belongs to those
        *(
            INBOUND_CONNECTOR,
            MAILBOX,
            SUBMISSION_LIMITS,
            DKIM_SIGNING,
            BLOCKED_ADDRESSES,
            LIMITS,
            INTERNET,
            DESTINATION,
        ),
        *(TENANT, ORGANIZATION_CONFIG, TRANSPORT_CONFIG),
    ):
        found.update({key_of(row.name): (row.name, table.title) for row in table.parameters if row.name != "Name"})
    return found
