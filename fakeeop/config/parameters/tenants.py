"""The one table of every key of a tenant file: the loader, the JSON Schema, the documentation and the hints read it.

Names, types, defaults and connector types follow the cmdlets (facts connectors §1.1 and §1.4 to §1.6); the sentences
are ours.
"""

from __future__ import annotations

from functools import cache

from fakeeop.config.parameters.connectors import DIRECTORY_PROPERTIES, INBOUND_CONNECTOR
from fakeeop.config.parameters.internet import DESTINATION, INTERNET
from fakeeop.config.parameters.limits import BLOCKED_ADDRESSES, LIMITS, TENANT_LIMITS
from fakeeop.config.parameters.mailboxes import DKIM_SIGNING, MAILBOX, SUBMISSION_LIMITS
from fakeeop.config.parameters.outbound import OUTBOUND_CONNECTOR, PS_OUT
from fakeeop.config.parameters.table import OWN, PS_AD, PS_NEW, PS_ORG, Kind, Parameter, Table, key_of
from fakeeop.decision.knobs import KNOBS

__all__ = [
    "ACCEPTED_DOMAIN",
    "BLOCKED_ADDRESSES",
    "DESTINATION",
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

# What Get-AcceptedDomain prints beside the rows below: general knowledge, no source (assumption: none of it matters).
_ACCEPTED_DOMAIN_PROPERTIES = [
    "AddressBookEnabled",
    "AuthenticationType",
    "CanHaveCloudCache",
    "CatchAllRecipientID",
    "DualProvisioningEnabled",
    "EmailOnly",
    "EnableNego2Authentication",
    "ExternallyManaged",
    "FederatedOrganizationLink",
    "InitialDomain",
    "IsCoexistenceDomain",
    "IsDefaultFederatedDomain",
    "LiveIdInstanceType",
    "MailFlowPartner",
    "PendingCompletion",
    "PendingFederatedAccountNamespace",
    "PendingFederatedDomain",
    "PendingRemoval",
    "PerimeterDuplicateDetected",
]

ACCEPTED_DOMAIN = Table(
    "AcceptedDomains",
    (
        Parameter("DomainName", Kind.TEXT, "required", "The domain.", PS_AD, "domain_name", applies="-", required=True),
        Parameter("Name", Kind.TEXT, "the domain", "Label of the domain.", PS_AD, "name", applies="-"),
        Parameter(
            "DomainType",
            Kind.CHOICE,
            "Authoritative",
            "`Authoritative`: unknown recipients are refused (5.4.1)."
            " `InternalRelay`: they are accepted and relayed on.",
            PS_AD,
            "domain_type",
            applies="-",
            values=("Authoritative", "InternalRelay"),
        ),
        Parameter(
            "MatchSubDomains",
            Kind.BOOLEAN,
            "false",
            "Every sub-domain counts as accepted, for recipients and senders.",
            PS_AD,
            "match_sub_domains",
            applies="-",
        ),
        Parameter(
            "Default",
            Kind.BOOLEAN,
            "true for the first domain if none is marked",
            "The tenant's default domain.",
            PS_AD,
            "default",
            applies="-",
        ),
        Parameter("OutboundOnly", Kind.BOOLEAN, "false", "Read, no effect here.", PS_AD, applies="-", inert=True),
        Parameter(
            "SendingFromDomainDisabled", Kind.BOOLEAN, "false", "Read, no effect here.", PS_AD, applies="-", inert=True
        ),
        Parameter(
            "SendingToDomainDisabled", Kind.BOOLEAN, "false", "Read, no effect here.", PS_AD, applies="-", inert=True
        ),
    ),
    ignored=(*((name, "of Get-AcceptedDomain") for name in _ACCEPTED_DOMAIN_PROPERTIES), *DIRECTORY_PROPERTIES),
)

ORGANIZATION_CONFIG = Table(
    "OrganizationConfig",
    (
        Parameter(
            "RejectDirectSend",
            Kind.BOOLEAN,
            "false",
            "Refuse anonymous mail that claims an accepted domain in MAIL FROM"
            " and matches no connector by address or certificate (5.7.68).",
            PS_ORG,
            "reject_direct_send",
            applies="-",
        ),
    ),
    ignored=(("Name", "the organization again"), *DIRECTORY_PROPERTIES),
)

TRANSPORT_CONFIG = Table(
    "TransportConfig",
    (
        Parameter(
            "SmtpClientAuthenticationDisabled",
            Kind.BOOLEAN,
            "true",
            "SMTP AUTH client submission is off for the tenant (5.7.139), unless a mailbox says otherwise;"
            " the MX itself never offers AUTH.",
            "Set-TransportConfig (Microsoft Learn)",
            "smtp_client_authentication_disabled",
            applies="-",
        ),
    ),
    ignored=(("Name", "the object again"), *DIRECTORY_PROPERTIES),
)

TENANT = Table(
    "Tenants",
    (
        Parameter(
            "Name", Kind.TEXT, "required", "Label of the tenant; unique, case ignored.", OWN, "name", required=True
        ),
        Parameter("TenantId", Kind.GUID, "made from the name", "Id of the tenant.", OWN, "tenant_id"),
        Parameter(
            "AcceptedDomains",
            Kind.OBJECTS,
            "none",
            "Domains the tenant owns: names, or mappings with the keys below.",
            PS_AD,
            "accepted_domains",
        ),
        Parameter("AcceptedDomainsFile", Kind.FILE, "none", "JSON or YAML file with more of them, as exported.", OWN),
        Parameter(
            "Recipients",
            Kind.MAILBOXES,
            "every address is known",
            "The directory: addresses that exist. Others are refused in Authoritative domains (5.4.1).",
            OWN,
            "recipients",
        ),
        Parameter(
            "Mailboxes",
            Kind.OBJECTS,
            "none",
            "Mailboxes that can sign in at the submission endpoint: mappings with the keys below."
            " Their addresses exist, whatever Recipients says.",
            "Get-Mailbox (Microsoft Learn)",
            "mailboxes",
        ),
        Parameter(
            "DkimSigning",
            Kind.OBJECTS,
            "none",
            "Keys with which the tenant signs what leaves: mappings with the keys below.",
            "New-DkimSigningConfig (Microsoft Learn)",
            "dkim_signing",
        ),
        Parameter(
            "InboundConnectors", Kind.OBJECTS, "none", "Mappings with the keys below.", PS_NEW, "inbound_connectors"
        ),
        Parameter("InboundConnectorsFile", Kind.FILE, "none", "JSON or YAML file with more of them, as exported.", OWN),
        Parameter(
            "OutboundConnectors",
            Kind.OBJECTS,
            "none",
            "Mappings with the keys below; kept and checked, nothing is routed by them.",
            PS_OUT,
            inert=True,
        ),
        Parameter("OrganizationConfig", Kind.OBJECT, "defaults", "Settings of Set-OrganizationConfig.", PS_ORG),
        Parameter(
            "TransportConfig",
            Kind.OBJECT,
            "defaults",
            "Settings of Set-TransportConfig.",
            "Set-TransportConfig (Microsoft Learn)",
        ),
        Parameter(
            "BlockedConnectors",
            Kind.TEXTS,
            "none",
            "Names of connectors that Get-BlockedConnector would list (5.7.711).",
            "Remove blocked connectors (Microsoft Learn)",
        ),
        Parameter(
            "InboundConnectorsRestricted",
            Kind.BOOLEAN,
            "false",
            "Lab: true is a tenant of a service offering whose inbound connectors are made disabled, and stay so:"
            " New-InboundConnector and Set-InboundConnector warn and say whom to ask. Mail is judged as ever.",
            "Inbound connector: FAQ (Microsoft Learn); the key is fakeeop's",
        ),
        Parameter(
            "MailEnabled",
            Kind.BOOLEAN,
            "true",
            "Lab: false is a tenant without mail-enabled subscriptions (ATTR5).",
            OWN,
            "mail_enabled",
        ),
        Parameter(
            "SecurityDefaults",
            Kind.BOOLEAN,
            "false",
            "Security defaults of Microsoft Entra are on: AUTH LOGIN is refused (5.7.139).",
            OWN,
            "security_defaults",
        ),
        Parameter(
            "AllowBasicAuthSmtp",
            Kind.BOOLEAN,
            "true",
            "The tenant's authentication policy allows basic authentication for SMTP; false: AUTH LOGIN is refused"
            " (5.7.139).",
            "New-AuthenticationPolicy (Microsoft Learn)",
            "allow_basic_auth_smtp",
        ),
        Parameter(
            "SubmissionLimits",
            Kind.OBJECT,
            "the documented ones",
            "Lab: limits of the submission endpoint, a mapping with the keys below.",
            OWN,
            "submission_limits",
        ),
        Parameter(
            "Limits",
            Kind.OBJECT,
            "those at the top",
            "Limits for mail to this tenant's recipients, over those at the top; see docs/limits.md.",
            OWN,
            "limits",
        ),
        Parameter(
            "Region",
            Kind.TEXT,
            "none",
            "Lab: where the tenant lives, any word (`EUR`). A listener with another region refuses its recipients"
            " (ATTR35), and so does a transaction with recipients of two regions (ATTR38).",
            OWN,
            "region",
        ),
    ),
)

FILE = Table(
    "the file",
    (
        Parameter("Tenants", Kind.OBJECTS, "required", "The tenants that the front end serves.", OWN, required=True),
        Parameter("Behaviour", Kind.OBJECT, "defaults", "Settings of what is not known; see `fakeeop knobs`.", OWN),
        Parameter(
            "AsOf",
            Kind.TEXT,
            "today",
            "The day whose service it is, `2019-06-01`: other defaults for `Behaviour`; see docs/eras.md.",
            OWN,
        ),
        Parameter("Limits", Kind.OBJECT, "the documented ones", "Limits of the front end; see docs/limits.md.", OWN),
        Parameter("Faults", Kind.FAULTS, "none", "What is to go wrong, one mapping each; see docs/faults.md.", OWN),
        Parameter("FaultSeed", Kind.WHOLE_NUMBER, "0", "Seed of faults with a probability.", OWN),
        Parameter(
            "MagicRecipients",
            Kind.BOOLEAN,
            "false",
            "Recipients such as `temperror@` choose their own fate; see docs/faults.md.",
            OWN,
        ),
        Parameter(
            "Internet",
            Kind.OBJECT,
            "takes all",
            "Destinations that refuse or are slow; see docs/notifications.md.",
            OWN,
        ),
        Parameter("Zone", Kind.ZONE, "none", "The lab's DNS: names with their records; see docs/dns.md.", OWN, "zone"),
        Parameter("$schema", Kind.IGNORED, "-", "For editors; ignored.", OWN),
    ),
)


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
