"""What to look at first when a refusal is all one has: by the value of its ``Reason``, or the key of its reply."""

from __future__ import annotations

from fakeeop.decision.verdict import Reason
from fakeeop.why.code_advice_more import MORE_ADVICE

__all__ = ["CODE_ADVICE"]

_RELAY = (
    "the recipient is outside every tenant, so the mail must be Originating: an OnPremises connector has to fit, first "
    "by the client certificate, then by the address you connect from",
    "by address: it must stand in SenderIPAddresses, and the MAIL FROM domain must be an accepted domain of the tenant "
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

_DOOR = (
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
        *_DOOR,
        "if the client did try to sign in, look at the 535 before this reply: it went on regardless",
    ),
    "starttls-required": (*_DOOR, "if it is to sign in: let it use STARTTLS, with TLS 1.2 or later, before AUTH"),
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
        "correct the address: the words behind -> are those of the server at the destination",
        "if the address is right, ask the people there; nothing on the relay or in the tenant changes it",
    ),
    "remote-error": ("the words behind -> are those of the server at the destination: they say what it wants",),
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

CODE_ADVICE: dict[str, tuple[str, ...]] = {**MORE_ADVICE, **_MX, **_SUBMISSION, **_REPORTS}
