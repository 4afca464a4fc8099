"""What to look at first when a refusal is all one has: by the value of its ``Reason``, or the key of its reply."""

from __future__ import annotations

from fakeeop.decision.verdict import Reason
from fakeeop.why.settings import SETTINGS

__all__ = ["CODE_ADVICE"]

_RELAY = (
    "the recipient is outside every tenant, so the mail must be Originating: an OnPremises connector has to fit, first "
    "by the client certificate, then by the address you connect from",
    "by address: it must be in SenderIPAddresses, and the MAIL FROM domain must be an accepted domain of the tenant "
    "(the header From does not help since November 2023, the null reverse-path has no domain)",
    "by certificate: TlsSenderCertificateName must match its CN or a SAN, the chain must be complete, in date and "
    "trusted, and that name's domain must be an accepted domain; then any sender will do",
    "a Partner connector never gives relay",
)

_MX: dict[str, tuple[str, ...]] = {
    Reason.RELAY_ACCESS_DENIED.value: (
        *_RELAY,
        "most often: the public address changed, the relay presents no certificate or a renewed one of another name, "
        "or it does not send the intermediate",
    ),
    Reason.RELAY_ACCESS_DENIED_ATTR36.value: (
        "a connector knows your server, but no domain ties the mail to its tenant: make the MAIL FROM domain, or the "
        "certificate's domain, an accepted domain",
        "a connector named mail.contoso.com needs mail.contoso.com itself as accepted domain; *.contoso.com is "
        "satisfied by contoso.com",
    ),
    Reason.PARTNER_RESTRICTION.value: (
        "the recipient's tenant accepts your sender domain only with the certificate or from the addresses of a "
        "Partner connector: come that way (through its filter service), or be Originating through an OnPremises "
        "connector",
        "SenderDomains * closes the whole tenant, its onmicrosoft.com domain included",
    ),
    Reason.TLS_REQUIRED.value: ("let the relay use STARTTLS, with TLS 1.2 or later",),
    Reason.DIRECT_SEND_REJECTED.value: (
        "MAIL FROM is one of the recipient tenant's own domains, and no connector fits by address or certificate: make "
        "a Partner connector for the device, or relay through an OnPremises connector",
        "a Partner connector that only names sender domains does not exempt; neither does the header From",
    ),
    Reason.RECIPIENT_UNKNOWN.value: (
        "the domain is Authoritative and its directory does not know the address: correct it, create the recipient, or "
        "make the domain InternalRelay",
    ),
    Reason.CONNECTOR_BLOCKED.value: (
        "the connector was judged abused: find what sent the mail, then Remove-BlockedConnector; the release takes up "
        "to an hour",
    ),
    Reason.NO_MAIL_SUBSCRIPTION.value: ("the recipient's tenant has no mailbox licences",),
    Reason.MULTIPLE_DOMAINS.value: ("send one message for each recipient domain",),
}

# For replies that no rule of a connector gives: reputation, limits, content, other servers. What a reply says
# itself is not said again.
_NAMES = ", ".join(each.setting for each in SETTINGS["host-name"].values())
_LATER = (
    "let the relay keep the message and try again by itself, less and less often; nothing is wrong with the message",
)
_SLOWER = (
    "too much came from this address in a short time, or the service does not know it yet: send less at once, reuse "
    "connections, and let the relay queue",
    "mail that a connector ties to a tenant is throttled less: look why no connector fits",
)
_LISTED = (
    "the public address is on a block list: follow the link in the reply, and find what sent spam from there first",
    "from a dynamic address, which is often listed, sign in at port 587 instead",
)
_DIALOGUE = (
    "the client speaks SMTP in the wrong order or form: look at the transcript of the session, line by line; something "
    "between the two may change it as well",
)
_RESTRICTED = (
    "the recipient takes mail from inside the organization only, and relayed mail is Anonymous: let it take mail from "
    "outside (RequireSenderAuthenticationEnabled $false), or sign in at port 587 with a mailbox",
)
_ABUSED = ("spam was sent in the name of this account or tenant: secure it first, then ask to be released",)
_IPV6 = ("give the IPv6 address a reverse name, and the domain SPF or DKIM; or let the relay use IPv4",)
_SPF_DKIM = (
    "the domain in the header From must pass SPF or DKIM in its own name: authorise the sending address, or sign with "
    "a key of that domain",
)
_DANE = ("the operator of the recipient's server has to mend its TLS, its TLSA record or DNSSEC; the sender cannot",)

_MORE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("temporary-server-error", "temporary-attr18", "temporary-attr18-4.3.2", "temporary-attr2"),
            *("temporary-attr55", "temporary-attr55.1", "proxy-failure-prx2", "proxy-failure-prx4"),
            *("proxy-failure-prx5", "proxy-failure-prx6", "proxy-failure-prx9", "not-replicated", "pfa-agent-busy"),
            *("insufficient-storage", "thread-limit", "service-unavailable"),
        ),
        _LATER,
    ),
    **dict.fromkeys(
        (
            *("server-busy", "server-busy-843", "server-busy-77712344", "server-busy-s77714", "access-denied-later"),
            "access-denied-later-550",
            *("rate-limited-650", "too-many-connections"),
        ),
        _SLOWER,
    ),
    **dict.fromkeys(("address-banned", "address-listed", "spamhaus-1440", "spamhaus-3130", "network-blocked"), _LISTED),
    **dict.fromkeys(
        (
            *("unrecognized", "hello-first", "need-mail", "need-rcpt", "sender-twice", "bad-sequence", "tls-twice"),
            *("invalid-arguments", "line-too-long", "too-many-errors", "auth-base64", "auth-twice"),
        ),
        _DIALOGUE,
    ),
    **dict.fromkeys(
        (
            *("sender-not-authenticated-12", "sender-not-authenticated-for-mailbox"),
            "sender-not-authenticated-for-mail-user",
        ),
        _RESTRICTED,
    ),
    **dict.fromkeys(("sender-not-in-list", "sender-restricted-129"), ("ask the recipient's organization to list you",)),
    **dict.fromkeys(
        ("spam-abuse", "banned-sender-502", "banned-sender-503", "tenant-threshold", "sending-domain-banned"), _ABUSED
    ),
    **dict.fromkeys(
        ("ipv6-not-accepted", "ipv6-no-reverse-name", "ipv6-not-authenticated", "ipv6-reverse-name-required"), _IPV6
    ),
    **dict.fromkeys(("dmarc-reject", "authentication-level"), _SPF_DKIM),
    **dict.fromkeys(
        (
            *("dane-no-starttls", "dane-certificate-expired", "dane-tlsa-invalid", "dane-dnssec-invalid"),
            "dane-host-mismatch",
        ),
        _DANE,
    ),
    "invalid-name": (f"give the relay a whole domain name to say in EHLO ({_NAMES})",),
    "bad-helo": ("the relay says the service's own name in EHLO: give it its own",),
    "invalid-sender": ("look at MAIL FROM: an address without a domain, or what stands in brackets twice",),
    "invalid-recipient": ("look at RCPT TO: an address without a domain, or with a blank or comma in it",),
    "no-authentication": (
        "the MX offers no AUTH: take user and password out of the relay's settings, or use port 587",
        "at port 587 AUTH is there after STARTTLS only, and PLAIN is not (LOGIN and XOAUTH2 are)",
    ),
    "too-large": ("150 MB is the most, and less may be set for the mailbox; a message grows by a third on its way",),
    "too-many-recipients": ("let the relay split the message: the rest of the recipients get a copy of their own",),
    "timeout": ("the relay said nothing for minutes, or something between ate it: look at firewall and MTU",),
    "session-lifetime": ("let the relay close a connection that it has used for a while",),
    "wrong-region": ("the relay's smart host is that of another tenant: take the MX name of the recipient's domain",),
    "several-regions": ("let the relay send the rest of the recipients in a message of their own",),
    "no-valid-from": ("give each message one header From with a whole address",),
    "unregistered-domains": (
        "make the domain of MAIL FROM an accepted domain of the tenant, or use a connector by certificate whose name's "
        "domain is accepted",
    ),
    "transport-rule": ("a mail flow rule of the organization says no: only its administrators can tell which",),
    "tenant-block-list": ("take the recipient off the tenant's own Tenant Allow/Block List",),
    "remote-tls-required": ("the next server offers no STARTTLS, and your outbound connector requires it",),
    "connection-refused": ("look at the MX of the recipient's domain, or the smart host of the outbound connector",),
    "certificate-untrusted": ("the sending server does not trust its peer's certificate: its roots, or the chain",),
    "unable-to-relay": ("this is Exchange Server: its Receive connector lets nobody relay who does not sign in",),
    "recipient-rejected-504": ("correct the address",),
    "all-recipients-rejected": ("correct the addresses",),
    "mailbox-unavailable": ("correct the address; the mailbox may be closed",),
}

_ENDPOINT = (
    "this is the submission endpoint (smtp.office365.com:587), where a mailbox signs in first; a device that does not "
    "sign in, and a relay known by address or certificate, belong on the MX "
    "(<domain>-com.mail.protection.outlook.com), port 25",
)
_SWITCH = (
    "Set-TransportConfig -SmtpClientAuthenticationDisabled $false lets every mailbox of the tenant sign in; "
    "Set-CASMailbox -SmtpClientAuthenticationDisabled $false lets one, and counts before the tenant's word",
)
_UNCONCERNED = "a client that signs in with an access token (XOAUTH2) is not concerned"
_SENDER = (
    "MAIL FROM and the header From must both be the mailbox that signed in, one of its addresses, or a mailbox that "
    "grants it SendAs (Add-RecipientPermission -AccessRights SendAs)",
    "an application that sends under many names belongs on the MX, with an OnPremises connector",
)
_SUBMISSION: dict[str, tuple[str, ...]] = {
    "client-not-authenticated": (
        *_ENDPOINT,
        "if the client did try to sign in, look at the 535 before this reply: it went on regardless",
    ),
    "starttls-required": (*_ENDPOINT, "if it is to sign in: let it use STARTTLS, with TLS 1.2 or later, before AUTH"),
    "smtp-auth-disabled-tenant": _SWITCH,
    "smtp-auth-disabled-mailbox": _SWITCH,
    "auth-wrong-credentials": ("the user name is the UserPrincipalName, not any address of the mailbox",),
    "auth-unsuccessful": ("the token must be for this very user, and still good",),
    "basic-auth-disabled": ("an authentication policy of the tenant bars passwords for SMTP", _UNCONCERNED),
    "security-defaults": ("security defaults bar passwords for SMTP, or the account is locked", _UNCONCERNED),
    "auth-criteria": ("the credentials are right; a policy on sign-ins (conditional access) bars them",),
    "basic-auth-ended": ("use an access token (XOAUTH2), or relay through the MX with a connector",),
    "xoauth2-invalid": ("the data is the base64 of user=NAME^Aauth=Bearer TOKEN^A^A, ^A being the octet 1",),
    "old-tls": ("let the client use TLS 1.2 or later",),
    "send-as-denied": _SENDER,
    "concurrent-connections": (
        "at most 3 connections of one mailbox send at a time: let the client queue, or give devices mailboxes of their "
        "own",
    ),
    "message-rate": ("at most 30 messages of one mailbox in a minute: let the client wait",),
    "recipient-rate": ("at most 10,000 recipients of one mailbox in a day: bulk mail needs another service",),
    "bad-outbound-sender": (
        "the mailbox was barred for sending spam: secure it, then release it (restricted entities)",
    ),
}
_SUBMISSION["client-not-authenticated-2020"] = _SUBMISSION["client-not-authenticated"]
_SUBMISSION["send-as-denied-5.7.60"] = _SENDER

_REPORTS: dict[str, tuple[str, ...]] = {
    "recipient-not-found": (
        "correct the address; or create the recipient, if the domain is to be complete in the service",
        "the MX let the message in, since the domain is InternalRelay or the mail was Originating: with the domain "
        "Authoritative, mail from outside is refused at RCPT TO already (5.4.1)",
    ),
    "remote-unknown": (
        "correct the address: the words after -> are those of the server at the destination",
        "if the address is right, ask the people there; nothing on the relay or in the tenant changes it",
    ),
    "remote-error": ("the words after -> are those of the server at the destination: they say what it requires",),
    "remote-not-permitted": (
        "the server at the destination does not relay for the service: look where the domain's MX, or the outbound "
        "connector's smart host, points to",
    ),
    "remote-spf": ("put include:spf.protection.outlook.com into the SPF record of the sender's domain",),
    "hop-count": (
        "two servers send the message to each other: an InternalRelay domain whose own servers send unknown recipients "
        "back, an MX that points to where the mail came from, or a forwarding rule",
    ),
    "expired": (
        "the server at the destination did not answer for a day: its MX record, a firewall, or the smart host of the "
        "outbound connector",
    ),
    "sender-not-authenticated-for-group": (
        "the group takes mail from inside the organization only, and relayed mail is Anonymous: allow senders from "
        "outside (Set-DistributionGroup -RequireSenderAuthenticationEnabled $false), or sign in at port 587",
    ),
}
_REPORTS["queue-expired"] = _REPORTS["expired"]
_REPORTS["routing-loop"] = _REPORTS["hop-count"]

# Replies that only the real service gives, and its reports about limits and other servers.
_DELIST = ("ask for release at https://sender.office.com/, after what sent spam from the address is found",)
_RATE = ("wait: the limit is counted over a sliding day (or hour); then send less, or bulk mail by another service",)
_NEXT_SERVER = (
    "the next server is the one that the recipient's MX, or your outbound connector's smart host, names: its "
    "administrators see in its log why",
)
_FIREWALL = (
    "let the firewall before the next server accept the service's addresses at port 25, and look whether MX or smart "
    "host are right",
)
_DNS = ("look at the MX and address records of the recipient's domain, or at the smart host of the outbound connector",)
_CERTIFICATE = (
    "mend the next server's certificate (name, dates, chain), or what the outbound connector wants of it (TlsSettings, "
    "TlsDomain)",
)
_UPDATE = (
    "update the Exchange server that sends (its build is in Received: id 15.…); Get-OnPremServerReportInfo shows which",
    "New-TenantExemptionInfo pauses it for up to 90 days a year",
)
_MTA_STS = ("the operators of the recipient's domain have to mend its MTA-STS policy, its MX or the certificate",)
_REAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("address-blocked-by-customer", "rejected-by-recipient"),
        ("only the recipient's organization can take the address off its list: ask its administrators",),
    ),
    "address-banned-sender": _DELIST,
    "blocked-by-customer-allow-list": (
        "take the address out of the IP allow list of the connection filter, and have it taken off the block list",
    ),
    **dict.fromkeys(
        ("spamhaus-mail-from", "spamhaus-helo"),
        ("look up the domain at https://www.spamhaus.org/query/lookup/, and have it taken off",),
    ),
    "mailbox-logon-failure": (
        "give the application's service principal FullAccess to the mailbox (Add-MailboxPermission), and wait up to an "
        "hour; for a user: is the mailbox licensed, and not being moved?",
    ),
    "unable-to-relay-attr14": _LATER,
    "forest-connections": _LATER,
    "queue-quota": (*_LATER, "look at the queue of the organization: what does not leave it, and why"),
    "ipv6-range-limit": _SLOWER,
    "rate-limited-651": _SLOWER,
    **dict.fromkeys(
        (
            *("sender-to-recipient-limit", "recipient-limit", "external-recipient-limit", "trial-recipient-limit"),
            *("recipient-quota", "submission-quota"),
        ),
        _RATE,
    ),
    "onmicrosoft-recipient-limit": ("send from a domain of your own: it has no such limit", *_RATE),
    "recipient-limit-message": ("split the recipients, or raise the limit (Set-TransportConfig, Set-Mailbox)",),
    "traffic-not-accepted": (
        "it is not about your own address: the service sent the mail on from one of its own; a new tenant gains trust "
        "in some weeks, for an abused one secure the accounts and ask Microsoft's support",
    ),
    **dict.fromkeys(("out-of-date-throttled", "out-of-date-blocked"), _UPDATE),
    "tls-channel": (
        "let the sending server present a valid certificate of a public authority with its chain (for Exchange: the "
        "send connector's TlsCertificateName)",
        "its issuer and its revocation must be reachable and trusted; the words between the colons name the failure",
    ),
    "outbound-spam": (*_ABUSED, "look under restricted entities in the Microsoft Defender portal"),
    "multiple-from": ("give the message one address in From, or a Sender field with the one that sends it",),
    **dict.fromkeys(
        ("auth-required", "folder-authentication-required", "sender-not-authenticated-for-folder"), _RESTRICTED
    ),
    "group-members-only": (
        "let the group take mail from outside (Set-UnifiedGroup -RequireSenderAuthenticationEnabled "
        "$false), or send from a member's address",
    ),
    "mime-limits": ("look how the message was made: thousands of parts or header fields are a fault of the program",),
    "journaling": ("switch on the journaling archive, or send journal reports elsewhere",),
    "external-forwarding": ("allow automatic forwarding for this sender in the outbound spam policy, if it is wanted",),
    "banned-recipient": ("correct the address",),
    "bare-line-feed-outbound": ("let the program that makes the message end its lines in CR LF",),
    **dict.fromkeys(("expired-dns-query", "dns-query-failed", "domain-not-found"), _DNS),
    **dict.fromkeys(("expired-connection-refused", "connection-timed-out", "connection-closed"), _FIREWALL),
    **dict.fromkeys(("expired-cannot-connect", "remote-cannot-connect", "policy-violation"), _NEXT_SERVER),
    **dict.fromkeys(("remote-untrusted", "certificate-validation-failed"), _CERTIFICATE),
    **{f"{key}-given-up": _DANE for key in _MORE if key.startswith("dane-")},
    **dict.fromkeys(
        ("mta-sts-hosts", "mta-sts-hosts-given-up", "mta-sts-certificate", "mta-sts-certificate-given-up"), _MTA_STS
    ),
    "send-connector-certificate": (
        "bind an existing certificate: Set-SendConnector -TlsCertificateName with issuer and subject of the new one",
    ),
    "must-issue-starttls": ("let the sender use STARTTLS; a firewall in between may take it out of the dialogue",),
    "x-dg-ref": ("the next server's limit for a header field is too low: only its administrators can raise it",),
    "send-as-denied-2017": _SENDER,
    "not-implemented": _DIALOGUE,
    **dict.fromkeys(("reserved-domain-4", "reserved-domain-5", "single-label-domain"), ("correct the address",)),
}

CODE_ADVICE: dict[str, tuple[str, ...]] = {**_MORE, **_MX, **_SUBMISSION, **_REPORTS, **_REAL}
