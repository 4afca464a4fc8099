"""Older wordings, which the knobs of a date choose (``fakeeop eras``), and replies to content that breaks the rules.

The columns are explained in ``replies_protocol``.
"""

from __future__ import annotations

from fakeeop.smtp.replies.protocol import Row

__all__ = ["DATED", "STRICT"]

DATED: tuple[Row, ...] = (
    (
        "relay-access-denied-attr36-notice",
        "550 5.7.64 Relay Access Denied ATTR36. For more information, see KB 3169958",
        "rcpt",
        "a connector fits and no domain does; the words of the notice of 2017; knob Attr36Wording notice",
        "connectors §2.2, §2.8",
        "D",
        1,
    ),
    (
        "partner-restriction-rejecting",
        "550 5.7.51 TenantInboundAttribution; Rejecting",
        "rcpt message",
        "a Partner connector with a Restrict flag; the short form, which goes on in an unknown way; knob "
        "PartnerRestrictionText",
        "wire §3.1; connectors §2.8",
        "2",
        1,
    ),
    (
        "recipient-unknown-2020",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
        "rcpt",
        "DBEB, 2020 to 2024; knob RecipientUnknownText",
        "wire §3.3",
        "O",
        1,
    ),
    (
        "recipient-unknown-2012",
        "550 5.4.1 [{recipient}]: Recipient address rejected: Access denied",
        "rcpt",
        "DBEB, 2012 to 2018; knob RecipientUnknownText",
        "wire §3.3",
        "O",
        1,
    ),
    (
        "address-banned-2019",
        "550 5.7.606 Access denied, banned sending IP [{ip}]. To request removal from this list please visit "
        "https://sender.office.com/ and follow the directions. For more information please go to  "
        "http://go.microsoft.com/fwlink/?LinkID=526655 (AS16012609)",
        "rcpt",
        "the address is banned; the ending seen until 2022; knob BlockListEnding",
        "wire §3.4, transcript B",
        "O",
        1,
    ),
    (
        "address-listed-2019",
        "550 5.7.1 Service unavailable, Client host [{ip}] blocked using Spamhaus. To request removal from this list "
        "see http://www.spamhaus.org/lookup.lasso (AS16012611)",
        "rcpt",
        "the address is listed by Spamhaus; an older ending; knob BlockListEnding",
        "wire §3.4",
        "O",
        1,
    ),
    (
        "address-listed-2014",
        "550 5.7.1 Service unavailable; Client host [{ip}] blocked using FBLW15; To request removal from this list "
        "please forward this message to delist@messaging.microsoft.com",
        "rcpt",
        "the address is listed; 2014 to 2017, with semicolons and without suffix; knob BlockListEnding",
        "wire §3.4",
        "O",
        0,
    ),
    (
        "queued-2014",
        "250 2.6.0 {message_id} [InternalId={internal_id}, Hostname={host}] Queued mail for delivery",
        "message",
        "the message is accepted; 2014 to 2016; knob QueuedText",
        "wire §2.2",
        "X",
        0,
    ),
)

STRICT: tuple[Row, ...] = (
    (
        "bare-line-feed",
        "550 5.6.11 Invalid characters",
        "message",
        "a bare LF in content of DATA; knob BareLineFeeds reject",
        "wire §2.3 and the NDR table know code and text of an outbound report; that the MX says so is our choice",
        "assumption",
        1,
    ),
)
