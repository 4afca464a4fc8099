"""General advice on a verdict: sentences that hold whatever connector came closest."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from fakeeop.decision import rules
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason
from fakeeop.model import InboundConnector, Tenant
from fakeeop.why.situation import Situation, mailbox_text

__all__ = ["advice_for"]


def advice_for(situation: Situation, reason: Reason, attribution: Attribution) -> tuple[str, ...]:
    """The sentences for one verdict, the most useful first."""
    found: list[str] = []
    if reason in {Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36}:
        found += _relay(situation)
    elif reason is Reason.PARTNER_RESTRICTION:
        found.append(
            "a Partner connector with a Restrict flag closes the tenant to senders in its SenderDomains; mail that is "
            "Originating through an OnPremises connector is not held to it"
        )
    elif reason is Reason.DIRECT_SEND_REJECTED:
        found += _direct_send(situation, attribution)
    elif reason is Reason.RECIPIENT_UNKNOWN and attribution.tenant is not None:
        found += _unknown_recipient(situation, attribution.tenant)
    found += _surprise(situation, attribution)
    return tuple(dict.fromkeys(found))


def _relay(situation: Situation) -> Iterator[str]:
    connectors = [c for tenant in situation.forest.tenants for c in tenant.inbound_connectors]
    if not any(connector.enabled and not connector.is_partner for connector in connectors):
        yield "no tenant that this mail concerns has an enabled OnPremises connector: only such a one gives relay"
    for tenant in situation.forest.tenants:
        for connector in tenant.inbound_connectors:
            if connector.is_partner and _meets(situation, connector):
                yield (
                    f"Partner connector {connector.name!r} of {tenant.name} matches, but Partner connectors never give "
                    "relay: that takes ConnectorType OnPremises"
                )
    if situation.reverse_path.is_null:
        yield (
            "the null reverse-path has no domain, so only a certificate whose domain is accepted lets it out: reports "
            "of your relay to outside addresses need one"
        )


def _meets(situation: Situation, connector: InboundConnector) -> bool:
    if not connector.enabled:
        return False
    named = situation.usable and situation.named(connector) is not None
    ranges = rules.identifying_ips(connector, situation.behaviour)
    return named or any(block.covers(situation.peer.ip) for block in ranges)


def _direct_send(situation: Situation, attribution: Attribution) -> Iterator[str]:
    tenant = attribution.tenant.name if attribution.tenant is not None else "the tenant"
    yield (
        f"{tenant} has RejectDirectSend set and {situation.reverse_path.domain} is its own domain: mail of it comes in "
        "only through a connector that matches the sender by certificate (better) or by address"
    )
    if attribution.connector is not None and attribution.by is AttributedBy.SENDER_DOMAIN:
        yield (
            f"connector {attribution.connector.name!r} fits by SenderDomains alone; only a match by certificate or "
            "address exempts from RejectDirectSend"
        )


def _unknown_recipient(situation: Situation, tenant: Tenant) -> Iterator[str]:
    address = str(situation.recipient).lower()
    close = difflib.get_close_matches(address, sorted(tenant.recipients or ()), n=1, cutoff=0.75)
    for other in close:
        yield f"the directory knows {other}: is the address mistyped?"


def _surprise(situation: Situation, attribution: Attribution) -> Iterator[str]:
    """The mail went to another tenant than the sender's domain suggests."""
    if attribution.tenant is None or attribution.direction is not Direction.ORIGINATING:
        return
    for tenant in situation.forest.tenants:
        if tenant is not attribution.tenant and _owns(tenant, situation):
            by = attribution.by.value if attribution.by is not None else "?"
            yield (
                f"attributed to {attribution.tenant.name} by {by}, although {situation.reverse_path.domain} is an "
                f"accepted domain of {tenant.name}: certificates come before addresses, and one certificate should "
                f"serve one tenant ({mailbox_text(situation.reverse_path)})"
            )


def _owns(tenant: Tenant, situation: Situation) -> bool:
    return tenant.accepted(situation.reverse_path.domain) is not None
