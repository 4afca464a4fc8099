"""The refusals of the judge. The key is that of the ``Reason``, with the knob's value if one chooses.

The columns are explained in ``replies_protocol``.
"""

from __future__ import annotations

from fakeeop.smtp.replies.protocol import Row

__all__ = ["REFUSALS"]

REFUSALS: tuple[Row, ...] = (
    (
        "relay-access-denied",
        "550 5.7.64 TenantAttribution; Relay Access Denied",
        "rcpt",
        "no inbound connector fits (address changed, certificate missing, of another name, expired or with an "
        "incomplete chain) and the recipient's domain is an accepted domain of no tenant",
        "wire §3.1; connectors §2.8, C181",
        "O",
        2,
    ),
    (
        "relay-access-denied-attr36",
        "550 5.7.64 Relay Access Denied ATTR36. For more details please refer to "
        "https://support.microsoft.com/kb/3169958",
        "rcpt",
        "a connector fits by address or certificate, but neither the certificate's domain nor the sender's is an "
        "accepted domain of its tenant; knob Attr36Text",
        "wire §3.1; connectors §2.2, §2.3-11",
        "D",
        1,
    ),
    (
        "partner-restriction",
        "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the message's "
        "recipient domain. The connector had either the RestrictDomainsToIPAddresses or "
        "RestrictDomainsToCertificate set",
        "rcpt message",
        "a Partner connector with a Restrict flag covers the sender and the client satisfies none; stage: knob "
        "Stage5751",
        "wire §3.1; connectors §2.4",
        "O",
        1,
    ),
    (
        "tls-required-451-5.7.3",
        "451 5.7.3 STARTTLS is required to send mail",
        "rcpt message",
        "a connector with RequireTls fits and the session is in clear text; knob RequireTlsReply",
        "wire §3.2; connectors T3; the text is that of port 587",
        "assumption",
        1,
    ),
    (
        "tls-required-530-5.7.0",
        "530 5.7.0 Must issue a STARTTLS command first",
        "rcpt message",
        "the same, with the wording other servers use; knob RequireTlsReply 530-5.7.0",
        "wire §3.2",
        "assumption",
        1,
    ),
    (
        "tls-required-550-5.7.51",
        "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the message's "
        "recipient domain. The connector had either the RestrictDomainsToIPAddresses or "
        "RestrictDomainsToCertificate set",
        "rcpt message",
        "the same, refused for good; knob RequireTlsReply 550-5.7.51",
        "wire §3.2",
        "assumption",
        1,
    ),
    (
        "direct-send-rejected",
        "550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources",
        "rcpt message",
        "RejectDirectSend is on, no connector fits by address or certificate, and MAIL FROM is in an accepted "
        "domain of the recipient's tenant; stage: knob Stage5768",
        "wire §3.1; connectors §1.6",
        "O",
        1,
    ),
    (
        "recipient-unknown",
        "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors",
        "rcpt",
        "the domain is Authoritative and the address is not in the directory (DBEB); the form of 2025 and later",
        "wire §3.3",
        "O",
        1,
    ),
    (
        "connector-blocked",
        "550 5.7.711 Access denied, bad inbound connector. AS(2204)",
        "rcpt",
        "the connector that fits is listed by Get-BlockedConnector",
        "wire §3.1: the stage is uncertain; connectors §2.7",
        "D",
        1,
    ),
    (
        "no-mail-subscription",
        "451 4.4.4 Mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant "
        "which has no mail-enabled subscriptions. ATTR5",
        "rcpt",
        "the recipient's tenant has no mailbox licences; knob Attr5Code 451",
        "wire §3.1; connectors C15",
        "O",
        1,
    ),
    (
        "no-mail-subscription-550",
        "550 4.4.4 Mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant "
        "which has no mail-enabled subscriptions. ATTR5",
        "rcpt",
        "the recipient's tenant has no mailbox licences; knob Attr5Code 550",
        "wire §3.1: one article prints 550",
        "D",
        1,
    ),
    (
        "multiple-recipient-domains",
        "550 5.7.64 TenantAttribution; Relay Access Denied",
        "rcpt",
        "an address connector, a foreign sender, and a second recipient domain in one transaction; knob "
        "MultiDomainSession refuse",
        "connectors §2.3-9 knows that it was refused in 2017, not the text",
        "assumption",
        2,
    ),
)
