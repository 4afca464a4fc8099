"""What the decision core returns: attribution and verdict. Reply texts are in ``fakeeop.smtp.replies.rows``."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from fakeeop.model import InboundConnector, Tenant

__all__ = [
    "AttributedBy",
    "Attribution",
    "Direction",
    "Reason",
    "Stage",
    "Verdict",
]


class Direction(Enum):
    """``X-MS-Exchange-Organization-MessageDirectionality``."""

    ORIGINATING = "Originating"
    INCOMING = "Incoming"


class AttributedBy(Enum):
    """What tied the message to its tenant (and connector)."""

    CERTIFICATE = "certificate"
    IP_ADDRESS = "ip-address"
    SENDER_DOMAIN = "sender-domain"  # a Partner connector found by SenderDomains alone
    RECIPIENT_DOMAIN = "recipient-domain"  # Incoming with no connector: the default path
    AUTHENTICATION = "authentication"  # the submission endpoint: the mailbox that signed in


class Stage(Enum):
    """Where a refusal is given on the wire."""

    RCPT = "rcpt"
    DATA = "message"  # at the end of data: RCPT gets its 250 first


class Reason(Enum):
    """Why; the closed set. ``accepted`` tells the two kinds apart."""

    ORIGINATING_BY_CERTIFICATE = "originating-by-certificate"
    ORIGINATING_BY_IP_ADDRESS = "originating-by-ip-address"
    ORIGINATING_BY_AUTHENTICATION = "originating-by-authentication"  # never the MX
    INCOMING_BY_CONNECTOR = "incoming-by-connector"
    INCOMING_ANONYMOUS = "incoming-anonymous"
    RELAY_ACCESS_DENIED = "relay-access-denied"  # 5.7.64 TenantAttribution
    RELAY_ACCESS_DENIED_ATTR36 = "relay-access-denied-attr36"  # 5.7.64 ... ATTR36
    PARTNER_RESTRICTION = "partner-restriction"  # 5.7.51
    TLS_REQUIRED = "tls-required"  # knob require_tls_reply
    DIRECT_SEND_REJECTED = "direct-send-rejected"  # 5.7.68
    RECIPIENT_UNKNOWN = "recipient-unknown"  # 5.4.1
    CONNECTOR_BLOCKED = "connector-blocked"  # 5.7.711
    NO_MAIL_SUBSCRIPTION = "no-mail-subscription"  # 4.4.4 ATTR5
    MULTIPLE_DOMAINS = "multiple-recipient-domains"  # knob multi_domain_session

    accepted: bool
    """True for the reasons to accept."""

    def __init__(self, word: str) -> None:
        self.accepted = word.startswith(("originating", "incoming"))


@frozen(eq=False)
class Attribution:
    """The tenant, and the connector if one fits. ``tenant`` None: no tenant owns this mail.

    ``connector`` is None on the default inbound path.
    """

    tenant: Tenant | None
    connector: InboundConnector | None
    by: AttributedBy | None
    direction: Direction | None


@frozen(eq=False)
class Verdict:
    """May this recipient be accepted? ``stage`` says where a refusal belongs; it has no meaning for acceptance."""

    reason: Reason
    attribution: Attribution
    stage: Stage = Stage.RCPT
    recipient_is_internal: bool = False

    @property
    def accepted(self) -> bool:
        """True if the recipient may be accepted."""
        return self.reason.accepted
