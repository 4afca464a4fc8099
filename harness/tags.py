"""The registered tags: each becomes a pytest marker, the sentence its help text. A tag not listed is an error."""

from __future__ import annotations

__all__ = ["TAGS"]

TAGS: dict[str, str] = {
    "accept": "the mail is accepted",
    "admin": "the tenant is changed while clients are connected",
    "attribution": "which tenant and connector mail is attributed to",
    "bdat": "BDAT and CHUNKING (RFC 3030)",
    "certificate": "a client certificate, or its lack, decides",
    "chunking": "CHUNKING (RFC 3030)",
    "connector": "an inbound connector decides, or none does",
    "dbeb": "directory-based edge blocking: unknown recipients",
    "direct-send": "mail to own recipients without a connector (Direct Send)",
    "domains": "accepted domains, sub-domains, IDN",
    "dsn": "delivery status notifications (RFC 3461)",
    "headers": "headers that acceptance adds or keeps",
    "ip": "the peer's address decides, or does not",
    "knob": "runs on both sides of a setting of Behaviour",
    "limits": "sizes, counts and time limits",
    "message": "the message itself: content, size, line ends",
    "mta": "the client is a mail transfer agent",
    "multi-tenant": "two or more tenants are in play",
    "null-sender": "the null reverse-path",
    "on-premises": "an inbound connector of type OnPremises",
    "partner": "an inbound connector of type Partner",
    "pipelining": "command pipelining (RFC 2920)",
    "postfix": "Postfix is the client",
    "exim": "Exim is the client",
    "recipients": "more than one recipient, or which recipients are known",
    "reject": "the mail is rejected or deferred",
    "reject-direct-send": "RejectDirectSend of the organization",
    "relay": "relay to a domain that the tenant does not own",
    "restriction": "RestrictDomainsToCertificate or RestrictDomainsToIPAddresses",
    "session": "the SMTP dialogue itself",
    "slow": "takes more than a second",
    "starttls": "STARTTLS and the TLS layer",
    "subdomain": "a sub-domain of an accepted domain",
    "tenant": "which tenants exist and what they allow",
    "tls": "TLS is used, or missing",
    "tutorial": "the connectors and test mails of the tutorial",
}
