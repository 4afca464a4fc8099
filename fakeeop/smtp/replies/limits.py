"""The refusals of limits, throttling, block lists and regions, and the reply to a bug of ours.

The columns are explained in ``replies_protocol``.
"""

from __future__ import annotations

from fakeeop.smtp.replies.protocol import Row

__all__ = ["LIMITS"]

LIMITS: tuple[Row, ...] = (
    (
        "server-busy",
        "451 4.7.500 Server busy. Please try again later from [{ip}]. (AS761)",
        "rcpt",
        "more recipients from one address than RecipientsPerMinute; not for mail of a connector",
        "wire §3.4; connectors §2.7",
        "O",
        1,
    ),
    (
        "too-many-connections",
        "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel",
        "connect",
        "more connections from one address than ConnectionsPerAddress",
        "wire §2.4: code and the first words, uncertain; the rest is ours",
        "assumption",
        1,
    ),
    (
        "session-lifetime",
        "421 4.4.1 Connection timed out. Total session duration: {duration}",
        "any",
        "the session is older than SessionLifetime; the connection is closed",
        "haraka/Haraka#2321: an MX of the service after 20 minutes (2018); the suffix is by the rule of wire §2",
        "O",
        1,
    ),
    (
        "address-banned",
        "550 5.7.606 Access denied, banned sending IP [{ip}]. To request removal from this list please visit "
        "https://sender.office.com/ and follow the directions. For more information please go to  "
        "http://go.microsoft.com/fwlink/?LinkID=526655 AS(1430)",
        "rcpt",
        "BlockedAddresses lists the address under Banned",
        "wire §3.4, transcript B",
        "O",
        1,
    ),
    (
        "address-listed",
        "550 5.7.1 Service unavailable, Client host [{ip}] blocked using Spamhaus. To request removal from this list "
        "see https://www.spamhaus.org/query/ip/{ip} AS(1450)",
        "rcpt",
        "BlockedAddresses lists the address under Spamhaus",
        "wire §3.4",
        "O",
        1,
    ),
    (
        "address-blocked-by-customer",
        "550 5.7.513 Service unavailable, Client host [{ip}] blocked by {domain} using Customer Block list "
        "(AS16012607)",
        "rcpt",
        "BlockedAddresses lists the address under CustomerBlockList",
        "wire §3.4: the stage is inferred",
        "D",
        1,
    ),
    (
        "address-banned-sender",
        "550 5.7.511 Access denied, banned sender[{ip}]. To request removal from this list please forward this message "
        "to delist@messaging.microsoft.com. For more information please go to "
        "http://go.microsoft.com/fwlink/?LinkId=526653. AS(1410)",
        "rcpt",
        "BlockedAddresses lists the address under BannedSender",
        "wire §3.4 has the documented words; these are of a bounce of one.microsoft.com's MX (public file 23295673071)",
        "O",
        1,
    ),
    (
        "ipv6-not-accepted",
        "550 5.7.510 Access denied, [{domain}] does not accept email over IPv6",
        "rcpt",
        "a client over IPv6 without a connector, and the recipient's tenant has AcceptIPv6 false",
        "wire §3.4; NDR table; the stage is ours. An older article prints 550 5.2.1 Service unavailable, [...]",
        "D",
        1,
    ),
    (
        "ipv6-no-reverse-name",
        "450 4.7.25 Service unavailable, sending IPv6 address [{ip}] must have reverse DNS record.",
        "rcpt",
        "a client over IPv6 without a connector and without a reverse name, under IPv6ReverseName",
        "Anonymous inbound email over IPv6 (Microsoft Learn); the NDR table has 5.7.25 for it; the stage is ours",
        "D",
        1,
    ),
    (
        "ipv6-not-authenticated",
        "450 4.7.26 Service unavailable, message sent over IPv6 [{ip}] must pass either SPF or DKIM validation, this "
        "message is not signed",
        "message",
        "a message over IPv6 without a connector, neither signed nor from an address of IPv6SpfPasses, under "
        "IPv6Authentication",
        "wire §3.4; Anonymous inbound email over IPv6 (Microsoft Learn)",
        "2",
        1,
    ),
    (
        "wrong-region",
        "451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35. For more information please go to "
        "https://go.microsoft.com/fwlink/?linkid=865268",
        "rcpt",
        "the recipient's tenant lies in another Region than the listener",
        "wire §3.1: the stage is inferred",
        "D",
        1,
    ),
    (
        "several-regions",
        "452 4.5.3 Recipients belong to multiple regions ATTR38",
        "rcpt",
        "a recipient of another Region than an earlier one of the transaction",
        "connectors §2.3-7, §2.8, C183",
        "O",
        1,
    ),
    (
        "temporary-server-error",
        "451 4.3.2 Temporary server error. Please try again later ATTR17",
        "any",
        "a bug of the emulator's own, and the connection is closed; or the journal cannot be written",
        "wire §3.1 has it at RCPT for a transient attribution failure; this use is ours",
        "O",
        1,
    ),
)
