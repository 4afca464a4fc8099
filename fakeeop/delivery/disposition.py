"""What happens to each recipient of an accepted message: a mailbox, the organization's own servers, the internet.

A function of the forest and the facts of the message. It names rows of the reply table and holds no text of a reply:
``fakeeop.smtp.replies.rows`` has those.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Attribution, Reason
from fakeeop.model import DomainType, Forest, Tenant
from fakeeop.model.addresses import Mailbox

if TYPE_CHECKING:
    from fakeeop.model.internet import Destination

__all__ = ["EXPIRY", "Disposition", "Where", "dispose"]

EXPIRY = 86_400.0  # seconds until the service gives up: ExpirationStartTimeInterval 1:00:00:00 (wire §4.2)

_UNKNOWN_THERE = re.compile(r"55[013](?:[ -]5\.1\.|[ -](?!\d\.\d))")


class Where(Enum):
    """Where a recipient's copy goes."""

    MAILBOX = "mailbox"  # of a tenant of the forest
    ON_PREMISES = "on-premises"  # InternalRelay: the organization's own servers have it
    INTERNET = "internet"
    FAILED = "failed"


@frozen(eq=False)
class Disposition:
    """The end of one recipient.

    ``tenant`` owns the recipient, None on the internet. ``status`` is the enhanced status code (RFC 3463). FAILED has
    in ``key`` the row of the reply table that says why; where another server said no, ``remote`` is its own reply or
    ``reason`` why another tenant's MX did, and ``remote_mta`` its name. ``delay``: seconds until the destination
    answers, or the service gives up (5.4.300, wire §3.8). ``delivery_reports``: it tells success by itself.
    """

    recipient: Mailbox
    where: Where
    status: str = "2.0.0"
    tenant: Tenant | None = None
    key: str | None = None
    remote: str | None = None
    reason: Reason | None = None
    remote_mta: str | None = None
    delay: float = 0.0
    delivery_reports: bool = False

    @property
    def failed(self) -> bool:
        """True if the recipient never gets it."""
        return self.where is Where.FAILED


def dispose(directory: Directory, attribution: Attribution, recipient: Mailbox, *, loop: bool = False) -> Disposition:
    """What happens to one accepted recipient of a message that is attributed so.

    ``loop``: the message has passed too many servers. An unknown recipient that was accepted all the same (no DBEB for
    Originating mail, wire §3.3) fails with 5.1.10; one of an InternalRelay domain is relayed on (connectors §1.5) or
    fails likewise, by the knob ``internal_relay_unknown``. Another tenant's unknown recipient is refused by that
    tenant's MX (assumption: as on the internet, wire §5). A tenant without a directory has every address as a mailbox.
    """
    if loop:
        return Disposition(recipient, Where.FAILED, "5.4.14", key="hop-count")
    owners = directory.acceptances(recipient.domain)
    if not owners:
        return _outside(directory.forest, recipient, Where.INTERNET, None)
    owner = owners[0]
    tenant = owner.tenant.tenant
    if tenant.knows(str(recipient)):
        return Disposition(recipient, Where.MAILBOX, tenant=tenant)
    if owner.domain.domain_type is DomainType.INTERNAL_RELAY and directory.behaviour.internal_relay_unknown == "relay":
        return _outside(directory.forest, recipient, Where.ON_PREMISES, tenant)
    if tenant is attribution.tenant or owner.domain.domain_type is DomainType.INTERNAL_RELAY:
        return Disposition(recipient, Where.FAILED, "5.1.10", tenant, "recipient-not-found")
    return Disposition(recipient, Where.FAILED, "5.1.351", tenant, "remote-unknown", reason=Reason.RECIPIENT_UNKNOWN)


def _outside(forest: Forest, recipient: Mailbox, where: Where, tenant: Tenant | None) -> Disposition:
    found = _destination(forest, recipient.domain)
    if found is None:
        return Disposition(recipient, where, tenant=tenant)
    if found.delay >= EXPIRY:
        return Disposition(recipient, Where.FAILED, "5.4.300", tenant, "expired", delay=EXPIRY)
    if found.reply is not None:
        unknown = _UNKNOWN_THERE.match(found.reply) is not None
        key, status = ("remote-unknown", "5.1.351") if unknown else ("remote-error", "5.0.350")
        mta = f"mx.{recipient.domain}"
        return Disposition(recipient, Where.FAILED, status, tenant, key, found.reply, remote_mta=mta, delay=found.delay)
    return Disposition(recipient, where, tenant=tenant, delay=found.delay, delivery_reports=found.delivery_reports)


def _destination(forest: Forest, domain: str) -> Destination | None:
    """The listed destination that covers a domain, the narrowest; the exact one before ``*.``."""
    best: Destination | None = None
    for each in forest.internet:
        pattern = each.pattern
        if not pattern.covers(domain):
            continue
        if best is None or _narrowness(each) > _narrowness(best):
            best = each
    return best


def _narrowness(destination: Destination) -> tuple[int, bool]:
    return len(destination.pattern.domain), not destination.pattern.subdomains
