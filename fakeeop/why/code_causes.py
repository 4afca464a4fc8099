"""What a reply of the real service means to somebody who has it in a bounce or a log: in the service's own terms.

``ReplyRow.trigger`` says when the emulator gives a reply; nothing of that is told of a real one. A reply that only the
emulator gives has no cause here, so it is never found in a real bounce.
"""

from __future__ import annotations

from fakeeop.smtp.replies.every import EVERY
from fakeeop.smtp.replies.rows import ReplyRow, reason_of

__all__ = ["CODE_CAUSES", "EMULATOR_ONLY", "REAL_ROWS", "cause_of"]

EMULATOR_ONLY = frozenset(  # a text or a use of it that is our choice, or the same text as another row's
    (
        "auth-base64", "auth-cancelled", "auth-too-long", "auth-twice", "bad-sequence", "bare-line-feed",
        "content-line-too-long", "multiple-recipient-domains", "nul-in-content", "tls-required-451-5.7.3",
        "tls-required-530-5.7.0", "tls-required-550-5.7.51",
    )
)  # fmt: skip

_TEMPORARY = "something failed inside the service for a moment; it is not about this message"
_BUSY = "the service limits your address for now: it sends too much for what the service knows of it"
_LISTED = "your address is on a block list (Spamhaus, or Microsoft's own) that the service asks"
_BANNED = "your address is on Microsoft's block list: spam came from it, or from its network"
_UNKNOWN_RECIPIENT = "the recipient does not exist in the organization, or its directory is not complete in the service"
_ATTR36 = (
    "an inbound connector knows your server, but neither the MAIL FROM domain nor the certificate's domain is an "
    "accepted domain of its tenant"
)
_PARTNER = (
    "the recipient's organization takes mail of your domain only over a partner connector: from its listed addresses, "
    "or with its certificate"
)
_NO_LICENCE = (
    "the recipient's organization has no mailboxes in the service, or its domain is not set up to the end, and your "
    "mail was not known by a connector"
)
_SEND_AS = "the mailbox that signed in may not send as the address in MAIL FROM or in the From field"
_NOT_SIGNED_IN = "the client sent mail to the submission endpoint without signing in, or its sign-in was refused before"
_SMTP_AUTH_OFF = "signing in over SMTP is switched off for this {}"
_INSIDE_ONLY = "the {} takes mail from inside its organization only, and this mail came as one from outside"
_ABUSED = "the sending account is barred from sending: the service took its mail for spam"
_REMOTE_TLS = "the next server, to which the service delivers, fails DANE or MTA-STS checks: "
_LOOP = "the message went round between servers until one gave up: each sends it to the other"
_INVALID = "a command was not understood: the client, or something between, does not speak SMTP as it should"
_SPAM_DOMAIN = "a domain that the sending server names is on the list of Spamhaus"
_EXPIRED = "the service could not reach the next server until the message expired"

CODE_CAUSES: dict[str, str] = {
    **dict.fromkeys(
        (
            *("temporary-server-error", "temporary-attr18", "temporary-attr18-4.3.2", "temporary-attr2"),
            *("temporary-attr55", "temporary-attr55.1", "proxy-failure-prx2", "proxy-failure-prx4"),
            *("proxy-failure-prx5", "proxy-failure-prx6", "proxy-failure-prx9", "not-replicated", "pfa-agent-busy"),
            *("unable-to-relay-attr14", "service-unavailable"),
        ),
        _TEMPORARY,
    ),
    **dict.fromkeys(("server-busy", "server-busy-843", "server-busy-77712344", "server-busy-s77714"), _BUSY),
    **dict.fromkeys(
        ("access-denied-later", "access-denied-later-550"),
        "something about the mail of your address looks suspicious to the service; it looks again",
    ),
    **dict.fromkeys(("address-listed", "spamhaus-1440", "spamhaus-3130"), _LISTED),
    "address-banned": _BANNED,
    "address-banned-sender": _BANNED,
    "address-blocked-by-customer": "the recipient's organization has your address on its own block list",
    "rejected-by-recipient": "the recipient's organization has your address on its own block list",
    **dict.fromkeys(("spamhaus-mail-from", "spamhaus-helo"), _SPAM_DOMAIN),
    "recipient-unknown": _UNKNOWN_RECIPIENT,
    "relay-access-denied": (
        "no inbound connector of a tenant knows your server (its address changed; or its certificate is missing, of "
        "another name, expired, or without its intermediate), and the recipient is in no domain of the tenant"
    ),
    "relay-access-denied-attr36": _ATTR36,
    "partner-restriction": _PARTNER,
    "direct-send-rejected": (
        "the recipient's organization rejects Direct Send: MAIL FROM is in one of its own domains, and no connector "
        "knows your server"
    ),
    "connector-blocked": "the service took the inbound connector for abused, and blocked it",
    "no-mail-subscription": _NO_LICENCE,
    "blocked-by-customer-allow-list": (
        "your address is on a block list, and stands both in a connector and in the IP allow list of the organization"
    ),
    "wrong-region": "the mail was sent to a host name of the service that is not the one of the recipient's domain",
    "several-regions": "the recipients of one message are in several regions of the service, which takes one at a time",
    "ipv6-not-accepted": "you came over IPv6, which the recipient's domain does not take",
    "ipv6-no-reverse-name": "you came over IPv6, from an address without a reverse name",
    "ipv6-reverse-name-required": "you came over IPv6, from an address without a reverse name",
    "ipv6-not-authenticated": "you came over IPv6, with a message that passes neither SPF nor DKIM",
    "ipv6-range-limit": "too many messages came from your range of IPv6 addresses",
    "too-many-recipients": (
        "the service takes no more recipients of this message: with (AS780090) because the address is new to it or of "
        "poor reputation, long before the limit"
    ),
    "too-many-connections": "your address holds more connections open than the server allows",
    "forest-connections": "this part of the service has more connections open than it can take",
    "queue-quota": "the queue of the organization in the service is full",
    "session-lifetime": "the connection was open for longer than the service allows",
    "timeout": "the server heard nothing from the client for minutes",
    "too-many-errors": "the client made too many errors on one connection",
    "insufficient-storage": "the server is short of memory or disk at the moment (back pressure)",
    **dict.fromkeys(("unrecognized", "not-implemented", "invalid-arguments", "line-too-long", "tls-twice"), _INVALID),
    "hello-first": "the client sent MAIL before EHLO or HELO",
    "need-mail": "the client sent RCPT before MAIL, or its MAIL was refused and it went on: look at the reply before",
    "need-rcpt": (
        "no recipient was accepted before DATA: the client sends its commands in one go, so this is the echo of a "
        "refusal; the reply to RCPT TO before it says why"
    ),
    "sender-twice": "the client sent MAIL a second time within one message",
    "invalid-name": "the name in EHLO is not a valid domain name",
    "bad-helo": "the client says the service's own name in EHLO",
    "invalid-sender": "MAIL FROM is not a valid address",
    "invalid-recipient": "RCPT TO is not a valid address",
    "no-authentication": "the client asked to sign in with a mechanism that is not offered there, or before TLS",
    "too-large": "the message is larger than the recipient, or the server, takes",
    "starttls-required": "the server takes mail under TLS only, and the client did not use STARTTLS",
    "must-issue-starttls": "the server takes mail under TLS only, and the client did not use STARTTLS",
    "tls-channel": (
        "the service wants TLS with a certificate that it trusts for this connection, and the sending server's does "
        "not pass: the words between the colons say what is wrong"
    ),
    "out-of-date-throttled": (
        "the Exchange server that sends through the connector is out of date: the service slows it down"
    ),
    "out-of-date-blocked": "the Exchange server that sends through the connector is out of date: the service blocks it",
    "dmarc-reject": "the message does not pass DMARC, and the domain in its From field says that such mail is rejected",
    "authentication-level": "Outlook.com wants SPF, DKIM and DMARC from who sends much, and this message does not pass",
    "no-valid-from": "the message has no valid From field",
    "multiple-from": "the message has several addresses in From, and no Sender field",
    "sender-to-recipient-limit": "the sender wrote to this one recipient more often in an hour than is allowed",
    "recipient-limit": "the recipient got more messages in an hour than is allowed",
    "recipient-limit-message": "the message has more recipients than the organization allows",
    "unregistered-domains": (
        "much mail came through the connector whose sender domains the tenant has not registered, so the service "
        "blocks such mail"
    ),
    # ---- signing in
    "auth-unsuccessful": "the sign-in failed: password or token are wrong, or signing in like this is not allowed",
    "auth-wrong-credentials": "the user name or the password is wrong",
    "smtp-auth-disabled-tenant": _SMTP_AUTH_OFF.format("organization"),
    "smtp-auth-disabled-mailbox": _SMTP_AUTH_OFF.format("mailbox"),
    "basic-auth-disabled": "an authentication policy of the organization does not allow passwords for SMTP",
    "security-defaults": "the security defaults of the organization do not allow passwords, or the account is locked",
    "auth-criteria": "the credentials were right, but a policy on sign-ins (conditional access) did not let them pass",
    "basic-auth-ended": "the service no longer takes passwords for SMTP",
    "xoauth2-invalid": "the data of AUTH XOAUTH2 does not have the form user=…, auth=Bearer …",
    "old-tls": "the client uses TLS 1.0 or 1.1, which the service no longer takes",
    "client-not-authenticated": _NOT_SIGNED_IN,
    "send-as-denied": _SEND_AS,
    "send-as-denied-2017": _SEND_AS,
    "send-as-denied-5.7.60": _SEND_AS,
    "concurrent-connections": "more than three connections of one mailbox were sending at a time",
    "message-rate": "the mailbox sends more messages in a minute than it may",
    "recipient-rate": "the mailbox has sent to as many recipients in a day as it may",
    "outbound-spam": "the service took what the mailbox sends for spam, and does not send it",
    "mailbox-logon-failure": (
        "the sign-in was good, but the mailbox cannot be opened with it: for an application, its permission on the "
        "mailbox (FullAccess) is missing or not yet in effect"
    ),
    "bad-outbound-sender": _ABUSED,
    # ---- reports
    "recipient-not-found": "the recipient does not exist in the organization",
    **dict.fromkeys(("sender-not-authenticated-12", "auth-required"), _INSIDE_ONLY.format("recipient")),
    "sender-not-authenticated-for-group": _INSIDE_ONLY.format("group"),
    "sender-not-authenticated-for-mailbox": _INSIDE_ONLY.format("mailbox"),
    "sender-not-authenticated-for-mail-user": _INSIDE_ONLY.format("mail user"),
    "sender-not-authenticated-for-folder": _INSIDE_ONLY.format("public folder"),
    "folder-authentication-required": _INSIDE_ONLY.format("public folder"),
    "group-members-only": "the Microsoft 365 group takes mail of its members only",
    "sender-not-in-list": "the recipient takes mail of listed senders only",
    "sender-restricted-129": "the recipient takes mail of listed senders only",
    "thread-limit": "the recipient's mailbox is busy at the moment; the service tries again by itself",
    "transport-rule": "a mail flow rule of an organization rejected the message; the words after it are the rule's own",
    **dict.fromkeys(("spam-abuse", "banned-sender-502", "banned-sender-503"), _ABUSED),
    "sending-domain-banned": "a domain in EHLO, MAIL FROM or From is barred by the service",
    "recipient-rejected-504": "the recipient's address is not valid there",
    "banned-recipient": "the recipient's address is not valid there",
    "tenant-block-list": "the sender's own organization blocks this recipient (Tenant Allow/Block List)",
    "tenant-threshold": "the sender's tenant sent too much that looks like spam, or too much for a new tenant",
    "traffic-not-accepted": "the service does not trust the sender's tenant (new, or abused) and refuses its mail",
    "external-recipient-limit": "the sender's tenant reached its daily limit of recipients outside",
    "trial-recipient-limit": "the sender's trial tenant reached its daily limit of recipients outside",
    "onmicrosoft-recipient-limit": (
        "the sender's tenant reached its daily limit of recipients outside for addresses in its onmicrosoft.com domain"
    ),
    "recipient-quota": "the sender reached the daily limit of recipients",
    "submission-quota": "the sender reached a limit of recipients or messages",
    "external-forwarding": "the organization does not let mail be forwarded outside by itself",
    "mime-limits": "the message has more parts, or more header fields, than the service takes",
    "journaling": "journal reports came to an organization whose journaling archive is off",
    # ---- about the servers of others
    "bare-line-feed-outbound": "the message has bare line feeds, which the next server cannot take without BDAT",
    "queue-expired": _EXPIRED,
    "expired": _EXPIRED,
    "expired-dns-query": f"{_EXPIRED}: its name was not found in DNS",
    "expired-connection-refused": f"{_EXPIRED}: it refused the connection",
    "expired-cannot-connect": f"{_EXPIRED}: a session did not come about; the words in brackets say why",
    "domain-not-found": "the recipient's domain does not exist in DNS",
    "dns-query-failed": "the service does not find the next server's name in DNS; it tries again",
    "connection-timed-out": "the next server does not answer the service; it tries again",
    "connection-refused": "the next server, or a firewall, refuses the service's connections; it tries again",
    "connection-closed": "the next server, or a firewall, breaks off the service's connections; it tries again",
    "remote-cannot-connect": "the service reaches the next server, but gets no session; the words behind say why",
    "remote-untrusted": "the service does not trust the next server's certificate, as its connector wants",
    "remote-tls-required": "the next server and the service do not agree on STARTTLS: one of them wants it",
    "certificate-validation-failed": "the service does not accept the next server's certificate; [Message=…] says why",
    **{
        f"dane-{name}{suffix}": f"{_REMOTE_TLS}{words}"
        for name, words in (
            ("no-starttls", "it offers no STARTTLS"),
            ("certificate-expired", "its certificate is expired"),
            ("tlsa-invalid", "its certificate does not fit its TLSA record"),
            ("dnssec-invalid", "DNSSEC of its domain is broken"),
            ("host-mismatch", "its certificate does not name it"),
        )
        for suffix in ("", "-given-up")
    },
    **dict.fromkeys(
        ("mta-sts-hosts", "mta-sts-hosts-given-up"), f"{_REMOTE_TLS}its MX is not one of the policy"
    ),
    **dict.fromkeys(
        ("mta-sts-certificate", "mta-sts-certificate-given-up"), f"{_REMOTE_TLS}its certificate does not pass"
    ),
    "certificate-untrusted": "the sending server does not trust the certificate of the server that it sends to",
    "send-connector-certificate": "the sending Exchange server does not find the certificate that its connector names",
    "remote-error": "the next server, not Exchange Online, refused the message; its own words are behind the arrow",
    "x-dg-ref": "a header field of the message is longer than the next server takes",
    "policy-violation": "the next server refused the message by a policy of its own",
    "remote-unknown": "the next server does not know the recipient; its own words are behind the arrow",
    "remote-not-permitted": "the next server does not relay for the service; its own words are behind the arrow",
    "remote-spf": "the next server refused the message because the sender's SPF does not name the service",
    # ---- others of Microsoft
    "all-recipients-rejected": "none of the recipients exists at Outlook.com",
    "mailbox-unavailable": "the recipient does not exist at Outlook.com, or its mailbox is closed",
    "rate-limited-650": "Outlook.com limits your address for now, because of its reputation",
    "rate-limited-651": "Outlook.com limits your address for now, because of its reputation",
    "network-blocked": "your network, not only your address, is on Outlook.com's block list",
    "unable-to-relay": "an Exchange server does not relay for clients that do not sign in",
    "reserved-domain-4": "the recipient's domain is reserved (RFC 2606): no mail can go there",
    "reserved-domain-5": "the recipient's domain is reserved (RFC 2606): no mail can go there",
    "single-label-domain": "the recipient's domain has one label only",
    "hop-count": _LOOP,
    "routing-loop": _LOOP,
}  # fmt: skip


def cause_of(row: ReplyRow) -> str | None:
    """The cause that a real reply of this row has; None if only the emulator gives it."""
    if row.key in EMULATOR_ONLY:
        return None
    return CODE_CAUSES.get(row.key) or CODE_CAUSES.get(reason_of(row))


REAL_ROWS: tuple[ReplyRow, ...] = tuple(row for row in EVERY if row.code >= 400 and cause_of(row))
