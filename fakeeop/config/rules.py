"""The rules of a tenant file: stable code → what it says and where it comes from.

E codes are those of the fact sheet (connectors §1.3); W codes are advice that only ``fakeeop check`` gives; the words
are faults of form. No source quotes the service's own error texts, so the texts of the messages are ours.
"""

from __future__ import annotations

from fakeeop.config.parameters.kinds import OWN, PS_AD, PS_NEW
from fakeeop.model.zone import TYPES

__all__ = ["RULES", "source_of"]

_ATT = "Office 365 Message Attribution (Exchange Team Blog, 2019)"
_OUT = "New-OutboundConnector (Microsoft Learn)"
_USE = "Configure mail flow using connectors (Microsoft Learn)"
_PARTNER = "Set up connectors for secure mail flow with a partner organization (Microsoft Learn)"
_THIRD = "Manage mail flow using a third-party cloud service (Microsoft Learn)"
_DIRECT = "Introducing more control over Direct Send (Exchange Team Blog, 2025)"
_TLS = "techcommunity 4420592 (Exchange Team Blog, June 2025)"
_READING = f"our reading of {PS_NEW}"
_EXPORT = "output of Get-InboundConnector | ConvertTo-Json"

RULES: dict[str, tuple[str, str]] = {
    # facts §1.3
    "E1": ("A Partner connector needs SenderDomains.", PS_NEW),
    "E2": ("An OnPremises connector needs SenderIPAddresses or TlsSenderCertificateName.", _READING),
    "E3": ("TlsSenderCertificateName needs RequireTls true.", _READING),
    "E4": ("RestrictDomainsToIPAddresses needs SenderIPAddresses.", _READING),
    "E5": ("RestrictDomainsToCertificate needs TlsSenderCertificateName.", _READING),
    "E6": ("Only one of the two Restrict flags may be set.", f"{_READING}; {_USE}"),
    "E7": ("CloudServicesMailEnabled is for OnPremises connectors.", _READING),
    "E8": ("TreatMessagesAsInternal is for OnPremises connectors without CloudServicesMailEnabled.", PS_NEW),
    "E9": ("SenderIPAddresses takes IPv4 only.", PS_NEW),
    "E10": ("A CIDR in SenderIPAddresses is /24 to /32.", PS_NEW),
    "E11": ("SenderIPAddresses takes no a-b range (EFSkipIPs does).", _READING),
    "E14": ("The name of a connector is unique in its tenant, case ignored.", OWN),
    "E16": ("AssociatedAcceptedDomains names accepted domains of the tenant.", PS_NEW),
    "E17": ("A wildcard is the first label, as `*.`, or alone.", PS_NEW),
    # facts §1.7
    "O1": ("An outbound connector without UseMXRecord needs SmartHosts.", _OUT),
    "O2": ("TlsDomain of an outbound connector needs TlsSettings DomainValidation.", _OUT),
    "O3": ("RouteAllMessagesViaOnPremises and SenderRewritingEnabled are for OnPremises connectors.", _OUT),
    # form
    "unreadable": ("The file can be read.", OWN),
    "empty-file": ("The file is not empty.", OWN),
    "not-a-tenant-file": ("The top of the file is a mapping with Tenants.", OWN),
    "unknown-field": ("Every key is a known one.", OWN),
    "removed-field": ("No key is one that a later version removed; the message says what is in force now.", OWN),
    "duplicate-field": ("A key occurs once, case ignored.", OWN),
    "missing-field": ("A required key is given.", OWN),
    "wrong-type": ("A value has the type of its key.", OWN),
    "bad-value": ("A value is one of the allowed ones.", OWN),
    "not-an-address": ("An entry of SenderIPAddresses is an IPv4 address or CIDR; EFSkipIPs takes ranges too.", PS_NEW),
    "not-a-domain": ("A domain is a domain name.", PS_NEW),
    "not-a-mailbox": ("A recipient is local@domain.", OWN),
    "cut-off-list": ("A pasted list is whole.", "Format-List shortens lists to four entries"),
    "enum-number": ("ConnectorType is given by name.", f"{_EXPORT}: enums may be written as numbers"),
    "duplicate-tenant": ("The name and the id of a tenant are unique, case ignored.", OWN),
    "duplicate-domain": ("A domain occurs once in a tenant.", OWN),
    "domain-in-two-tenants": ("A domain is accepted in one tenant only.", _ATT),
    "two-defaults": ("One accepted domain is the default.", PS_AD),
    "recipient-domain": ("A recipient is in an accepted domain of its tenant.", OWN),
    "duplicate-mailbox": ("An address and a user name belong to one mailbox.", OWN),
    "unknown-mailbox": ("GrantSendAs names mailboxes of the tenant.", "Add-RecipientPermission (Microsoft Learn)"),
    "unknown-connector": ("BlockedConnectors names connectors of the tenant.", OWN),
    "zone-name": ("Records of Zone are listed under a domain name, *.domain or an IP address.", OWN),
    "zone-type": (f"Records of Zone are {', '.join(TYPES)}.", OWN),
    "zone-value": ("A record of Zone has the form of its type.", "RFC 1035 section 3.3"),
    "zone-cname": ("A name with a CNAME has no other records.", "RFC 1034 section 3.6.2"),
    # advice
    "W-smtp-auth-off": ("A tenant with mailboxes lets one of them sign in.", "Set-TransportConfig (Microsoft Learn)"),
    "W-overlapping-ip": ("Two enabled connectors of one type list the same address (E15).", _ATT),
    "W-overlapping-ip-tenants": ("OnPremises connectors of two tenants list the same address.", _ATT),
    "W-private-address": ("A private or reserved address never reaches the service (E12).", PS_NEW),
    "W-host-bits": ("A CIDR with host bits means the whole network.", PS_NEW),
    "W-name-not-accepted": ("The certificate name's domain is not accepted: only accepted senders may relay.", _TLS),
    "W-direct-send": ("RejectDirectSend without a connector by address or certificate.", _DIRECT),
    "W-restrict-no-effect": ("Restrict flags do nothing on OnPremises (E18).", f"{PS_NEW}; {_THIRD}"),
    "W-ip-and-certificate": ("Addresses and a certificate name in one connector.", f"{_USE} (for Partner); else open"),
    "W-certificate-in-two-tenants": ("One certificate name in two tenants.", _ATT),
    "W-wildcard-swallows": ("A wildcard name also takes the certificates that a Partner connector waits for.", _ATT),
    "W-disabled": ("A disabled connector has no effect.", PS_NEW),
    "W-lock-down": ("A Partner connector for `*` with a Restrict flag shuts every other way in.", _THIRD),
    "W-duplicate-partner": ("Two Partner connectors of one kind for one domain.", _PARTNER),
    "W-allow-and-restrict": ("A connector by domain only cannot exempt from a restricting one.", _USE),
    "W-partner-order": (
        "Two Partner connectors fit alike: the first in the file is taken (P11, assumption).",
        OWN,
    ),
    "W-forced-tls-bypassed": (
        "A connector without RequireTls takes mail of a domain that must use TLS.",
        _PARTNER,
    ),
    "W-no-accepted-domains": ("Without accepted domains a tenant gets and relays nothing.", _ATT),
    "W-no-default-domain": ("None of several accepted domains is marked as default.", PS_AD),
    "W-match-sub-domains": ("MatchSubDomains asks for InternalRelay first.", "Enable mail flow for subdomains (Learn)"),
    "W-sender-domains-missing": ("New-InboundConnector demands SenderDomains (E1).", PS_NEW),
    "W-sender-domains-no-effect": ("SenderDomains limits Partner connectors only.", PS_NEW),
    "W-require-tls-no-effect": ("RequireTls is documented for Partner connectors only.", PS_NEW),
    "W-no-effect": ("A setting that nothing here acts on.", OWN),
    "W-unknown-property": ("An exported object has a property that is not known here.", _EXPORT),
    "W-zone-mx": ("An MX of an accepted domain in Zone leads elsewhere than to the service.", OWN),
    "W-zone-dangling": ("The name that an MX or a CNAME of Zone leads to has an address.", "RFC 5321 section 5.1"),
    "W-no-tenants": ("The file has no tenant: nothing is accepted.", OWN),
}


def source_of(code: str) -> str:
    """Where the rule of this code comes from; "" for a code that has none (syntax faults)."""
    return RULES[code][1] if code in RULES else ""
