"""The keys of ``Mailboxes``, ``SubmissionLimits`` and ``DkimSigning``: rows of ``fakeeop.config.parameters.tenants``.

Names follow Get-Mailbox, Set-CASMailbox and Add-RecipientPermission; what a real tenant keeps elsewhere or tells nobody
(passwords, tokens, states) has names of ours.
"""

from __future__ import annotations

from fakeeop.config.parameters.connectors import DIRECTORY_PROPERTIES
from fakeeop.config.parameters.table import OWN, Kind, Parameter, Table

__all__ = ["DKIM_SIGNING", "MAILBOX", "SUBMISSION_LIMITS"]

_GET = "Get-Mailbox (Microsoft Learn)"
_CAS = "Set-CASMailbox (Microsoft Learn)"
_MFD = "How to set up a multifunction device (Microsoft Learn)"

MAILBOX = Table(
    "Mailboxes",
    (
        Parameter(
            "PrimarySmtpAddress",
            Kind.TEXT,
            "required",
            "The mailbox; it may send as this address.",
            _GET,
            "primary_smtp_address",
            applies="-",
            required=True,
        ),
        Parameter(
            "UserPrincipalName",
            Kind.TEXT,
            "PrimarySmtpAddress",
            "The user name for AUTH; case does not count.",
            _GET,
            "user_principal_name",
            applies="-",
        ),
        Parameter(
            "Password",
            Kind.TEXT,
            "none",
            "Lab: the password for AUTH LOGIN; without one no password is right. Shown nowhere.",
            OWN,
            "password",
            applies="-",
        ),
        Parameter(
            "AccessTokens",
            Kind.TEXTS,
            "none",
            "Lab: the tokens that AUTH XOAUTH2 takes for this mailbox, compared as text. Shown nowhere.",
            OWN,
            "access_tokens",
            applies="-",
        ),
        Parameter(
            "EmailAddresses",
            Kind.MAILBOXES,
            "none",
            "More addresses of the mailbox; it may send as these too.",
            _GET,
            "email_addresses",
            applies="-",
        ),
        Parameter(
            "SmtpClientAuthenticationDisabled",
            Kind.BOOLEAN,
            "as TransportConfig says",
            "SMTP AUTH is off (5.7.139) or on for this mailbox, whatever TransportConfig says.",
            _CAS,
            "smtp_client_authentication_disabled",
            applies="-",
        ),
        Parameter(
            "GrantSendAs",
            Kind.MAILBOXES,
            "none",
            "Mailboxes of the tenant that may send as this one; others get 5.2.252.",
            "Add-RecipientPermission (Microsoft Learn)",
            "grant_send_as",
            applies="-",
        ),
        Parameter(
            "State",
            Kind.CHOICE,
            "Active",
            "Lab: what is the matter with the account. `Locked` and `ConditionalAccess` fail at AUTH (5.7.139),"
            " `LogonFailure` (4.2.0) and `Restricted` (5.1.8) at the end of data.",
            OWN,
            "state",
            applies="-",
            values=("Active", "Locked", "ConditionalAccess", "LogonFailure", "Restricted"),
        ),
    ),
    ignored=(
        *((name, "of Get-Mailbox") for name in ("Name", "DisplayName", "Alias", "RecipientType")),
        *((name, "of Get-Mailbox") for name in ("RecipientTypeDetails", "ExchangeGuid", "ExternalDirectoryObjectId")),
        *((name, "of Get-CASMailbox") for name in ("ImapEnabled", "PopEnabled", "MAPIEnabled", "OWAEnabled")),
        *DIRECTORY_PROPERTIES,
    ),
)

SUBMISSION_LIMITS = Table(
    "SubmissionLimits",
    (
        Parameter(
            "MessagesPerMinute",
            Kind.WHOLE_NUMBER,
            "30",
            "Messages of one mailbox in 60 seconds; what happens beyond: knob MessageRateReply.",
            _MFD,
            "messages_per_minute",
            applies="-",
        ),
        Parameter(
            "RecipientsPerDay",
            Kind.WHOLE_NUMBER,
            "10000",
            "Recipients of one mailbox in 24 hours (5.2.0).",
            _MFD,
            "recipients_per_day",
            applies="-",
        ),
        Parameter(
            "ConcurrentConnections",
            Kind.WHOLE_NUMBER,
            "3",
            "Connections on which one mailbox may send at a time (432 4.3.2).",
            _MFD,
            "concurrent_connections",
            applies="-",
        ),
    ),
)

_DKIM = "New-DkimSigningConfig (Microsoft Learn)"

DKIM_SIGNING = Table(
    "DkimSigning",
    (
        Parameter(
            "DomainName",
            Kind.TEXT,
            "required",
            "The domain that signs: what leaves under it, the sender's domain, has a DKIM-Signature.",
            _DKIM,
            "domain_name",
            applies="-",
            required=True,
        ),
        Parameter("Selector", Kind.TEXT, "selector1", "The selector in the signature.", OWN, "selector", applies="-"),
        Parameter(
            "PrivateKey",
            Kind.TEXT,
            "required",
            "Lab: the RSA key in PEM; its public half is yours to put into Zone. Shown nowhere.",
            OWN,
            "private_key",
            applies="-",
            required=True,
        ),
    ),
)
