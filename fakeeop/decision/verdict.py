"""What the decision core returns: attribution, verdict, trace. Reply texts are in ``fakeeop.smtp.replies.rows``."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from fakeeop.model import InboundConnector, Tenant

__all__ = [
    "AttributedBy",
    "Attribution",
    "Candidate",
    "Condition",
    "Direction",
    "NearestMiss",
    "Reason",
    "Stage",
    "Step",
    "Trace",
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


@frozen
class Condition:
    """One test: ``name`` is Exchange's parameter or a fixed word, the rest is for reading.

    >>> Condition("SenderIPAddresses", "203.0.113.25", "198.51.100.9", holds=False, source="§2.1 A3")
    """

    name: str
    expected: str
    actual: str
    holds: bool
    source: str = ""


@frozen
class Candidate:
    """One tenant or connector that a step looked at; ``selected`` if the step chose it."""

    tenant: str
    connector: str | None
    conditions: tuple[Condition, ...]
    selected: bool = False


@frozen
class Step:
    """One step of §2.9, in order: ``name`` is fixed, ``conclusion`` is a sentence."""

    name: str
    rule: str
    candidates: tuple[Candidate, ...]
    conclusion: str


@frozen
class NearestMiss:
    """The connector that came closest, the conditions that failed it, and what to do about it.

    ``fix`` is a whole sentence with the actual values: "connector 'SMTP Relay' lists 203.0.113.25; you came from
    198.51.100.9".
    """

    tenant: str
    connector: str
    failed: tuple[Condition, ...]
    fix: str


@frozen
class Trace:
    """Everything that was looked at for one recipient, in order."""

    inputs: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    reason: Reason
    attribution: Attribution
    nearest: tuple[NearestMiss, ...] = ()
    advice: tuple[str, ...] = ()
