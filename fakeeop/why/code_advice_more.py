"""What to look at first, for replies that no rule of a connector gives: reputation, limits, content, other servers.

Keys are those of the reply table. What a reply's own text says already is not said again.
"""

from __future__ import annotations

__all__ = ["MORE_ADVICE"]

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

MORE_ADVICE: dict[str, tuple[str, ...]] = {
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
    "invalid-name": ("give the relay a whole domain name to say in EHLO (myhostname, primary_hostname)",),
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
    "remote-tls-required": ("the next server offers no STARTTLS, and an outbound connector of yours wants it",),
    "connection-refused": ("look at the MX of the recipient's domain, or the smart host of the outbound connector",),
    "certificate-untrusted": ("the sending server does not trust its peer's certificate: its roots, or the chain",),
    "unable-to-relay": ("this is Exchange Server: its Receive connector lets nobody relay who does not sign in",),
    "recipient-rejected-504": ("correct the address",),
    "all-recipients-rejected": ("correct the addresses",),
    "mailbox-unavailable": ("correct the address; the mailbox may be closed",),
}
