"""The keys of ``Limits:``, at the top of a tenant file and in a tenant, and those of ``BlockedAddresses``."""

from __future__ import annotations

from fakeeop.config.parameters.table import OWN, Kind, Parameter, Table

__all__ = ["BLOCKED_ADDRESSES", "LIMITS", "TENANT_LIMITS"]

_WIRE_SIZE = "EHLO of the service (seen)"
_ON_PREMISES = "Message rate limits (Microsoft Learn), of Exchange Server"
_NDR = "NDR table (Microsoft Learn)"
_ASSUMED = "assumption"


def _row(name: str, kind: Kind, default: str, description: str, source: str, field: str) -> Parameter:
    return Parameter(name, kind, default, description, source, field, applies="-")


_BOTH = (
    _row("MessageSize", Kind.SIZE, "150 MB", "The largest message.", _WIRE_SIZE, "message_size"),
    _row(
        "RecipientsPerMessage",
        Kind.WHOLE_NUMBER,
        "1000",
        "Recipients of one transaction (4.5.3); 0: no limit.",
        f"{_NDR}: 200 of one domain, 1000 elsewhere; uncertain",
        "recipients_per_message",
    ),
    _row(
        "BlockedAddresses",
        Kind.OBJECT,
        "none",
        "Clients that are refused at RCPT: a mapping with the keys below.",
        _NDR,
        "blocked",
    ),
    _row(
        "AcceptIPv6",
        Kind.BOOLEAN,
        "true",
        "false: mail over IPv6 without a connector is refused (5.7.510).",
        _NDR,
        "accept_ipv6",
    ),
    _row(
        "IPv6ReverseName",
        Kind.BOOLEAN,
        "false",
        "A client over IPv6 without a connector needs a reverse name in the lab's zone (4.7.25).",
        "Anonymous inbound email over IPv6 (Microsoft Learn); off: assumption",
        "ipv6_reverse_name",
    ),
    _row(
        "IPv6Authentication",
        Kind.BOOLEAN,
        "false",
        "Mail over IPv6 without a connector must be signed (DKIM, not verified) or come from IPv6SpfPasses (4.7.26).",
        "Anonymous inbound email over IPv6 (Microsoft Learn); off: assumption",
        "ipv6_authentication",
    ),
    _row(
        "IPv6SpfPasses",
        Kind.NETWORKS,
        "none",
        "Lab: addresses for which SPF passes; nobody looks it up.",
        OWN,
        "ipv6_spf_passes",
    ),
)

TENANT_LIMITS = Table("Limits of a tenant", _BOTH)

LIMITS = Table(
    "Limits",
    (
        *_BOTH[:2],
        _row("LineLength", Kind.WHOLE_NUMBER, "2048", "Octets of a command line.", _ASSUMED, "line_length"),
        _row(
            "ErrorsPerSession",
            Kind.WHOLE_NUMBER,
            "20",
            "Errors of syntax and order, until the connection is closed; 0: no limit.",
            _ASSUMED,
            "errors_per_session",
        ),
        _row(
            "IdleTimeout",
            Kind.DURATION,
            "5m",
            "Without an octet so long: 451 4.7.0, and the connection is closed; 0: never.",
            _ON_PREMISES,
            "idle_timeout",
        ),
        _row(
            "CommandTimeout",
            Kind.DURATION,
            "0",
            "Without a whole command so long, however many octets came: the same; 0: never.",
            _ASSUMED,
            "command_timeout",
        ),
        _row(
            "SessionLifetime",
            Kind.DURATION,
            "20m",
            "A session that is older is ended (4.4.1); 0: never.",
            "haraka/Haraka#2321: seen once, at an MX of the service in 2018",
            "session_lifetime",
        ),
        _row(
            "ConnectionsPerAddress",
            Kind.WHOLE_NUMBER,
            "0",
            "Open connections of one address (421 4.3.2); 0: no limit.",
            _ASSUMED,
            "connections_per_address",
        ),
        _row(
            "RecipientsPerMinute",
            Kind.WHOLE_NUMBER,
            "0",
            "Token bucket of each address: recipients a minute (4.7.500), not for mail of a connector; 0: no limit.",
            f"{_NDR}: the rate is not documented",
            "recipients_per_minute",
        ),
        _row(
            "RecipientBurst",
            Kind.WHOLE_NUMBER,
            "as RecipientsPerMinute",
            "How many at once, while the bucket is full.",
            _ASSUMED,
            "recipient_burst",
        ),
        *_BOTH[2:],
    ),
)

BLOCKED_ADDRESSES = Table(
    "BlockedAddresses",
    (
        _row("Banned", Kind.NETWORKS, "none", "550 5.7.606, banned sending IP.", _NDR, "Banned"),
        _row("Spamhaus", Kind.NETWORKS, "none", "550 5.7.1, listed at Spamhaus.", "seen", "Spamhaus"),
        _row(
            "CustomerBlockList",
            Kind.NETWORKS,
            "none",
            "550 5.7.513, blocked by the recipient's organization.",
            _NDR,
            "CustomerBlockList",
        ),
        _row("BannedSender", Kind.NETWORKS, "none", "550 5.7.511, banned sender.", _NDR, "BannedSender"),
    ),
)
