"""General advice on a verdict: sentences that hold whatever connector came closest."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from fakeeop.decision import rules
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason
from fakeeop.model import InboundConnector, Tenant
from fakeeop.why.nearest import certificate_fix
from fakeeop.why.settings import MAIL_SERVERS, SETTINGS
from fakeeop.why.situation import Situation, certificate_faults, mailbox_text

__all__ = ["advice_for"]

_CLIENT: tuple[str, ...] = ("exim", "sendmail", "exchange")  # named beside Postfix; OpenSMTPD shows none


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
        tenant = attribution.tenant
        if tenant is not None and any(
            c.restrict_domains_to_certificate and c.enabled for c in tenant.inbound_connectors
        ):
            found += _certificate(situation)
    elif reason is Reason.DIRECT_SEND_REJECTED:
        found += _direct_send(situation, attribution)
    elif reason is Reason.TLS_REQUIRED:
        tls = SETTINGS["tls"]
        found.append(f"let the relay use STARTTLS (Postfix: {tls['postfix'].setting}; Exim: {tls['exim'].setting})")
    elif reason is Reason.RECIPIENT_UNKNOWN and attribution.tenant is not None:
        found += _unknown_recipient(situation, attribution.tenant)
    elif reason is Reason.CONNECTOR_BLOCKED and attribution.connector is not None:
        found.append(
            f"connector {attribution.connector.name!r} was judged abused: stop the abuse, then "
            "Remove-BlockedConnector; the release takes up to an hour"
        )
    elif reason is Reason.NO_MAIL_SUBSCRIPTION and attribution.tenant is not None:
        found.append(f"give {attribution.tenant.name} a mail-enabled subscription (in the lab: MailEnabled: true)")
    elif reason is Reason.MULTIPLE_DOMAINS:
        found.append("send one message for each recipient domain, or identify the relay by certificate")
    found += _surprise(situation, attribution)
    return tuple(dict.fromkeys(found))


def _relay(situation: Situation) -> Iterator[str]:
    connectors = [c for tenant in situation.forest.tenants for c in tenant.inbound_connectors]
    domain = situation.recipient.domain
    yield from _sub_domain(situation, domain)
    if not any(connector.enabled and not connector.is_partner for connector in connectors):
        yield (
            "no tenant has an enabled OnPremises connector: make one, New-InboundConnector -ConnectorType OnPremises, "
            "with SenderIPAddresses or TlsSenderCertificateName"
        )
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
    if any(c.enabled and not c.is_partner and c.tls_sender_certificate_name is not None for c in connectors):
        yield from _certificate(situation)


def _sub_domain(situation: Situation, domain: str) -> Iterator[str]:
    for tenant in situation.forest.tenants:
        for accepted in tenant.accepted_domains:
            if domain.endswith("." + accepted.domain_name):
                yield (
                    f"{domain} is below {accepted.domain_name} of {tenant.name}, which has no MatchSubDomains: set it, "
                    "or add the sub-domain as an accepted domain"
                )


def _meets(situation: Situation, connector: InboundConnector) -> bool:
    if not connector.enabled:
        return False
    named = situation.usable and situation.named(connector) is not None
    ranges = rules.identifying_ips(connector, situation.behaviour)
    return named or any(block.covers(situation.peer.ip) for block in ranges)


def _certificate(situation: Situation) -> Iterator[str]:
    if situation.presented is None:
        why = "the session is in clear text" if situation.tls is None else "no client certificate was presented"
        names, tls = SETTINGS["client-certificate"], SETTINGS["tls"]
        yield f"{why}; in Postfix set {names['postfix'].setting}, and {tls['postfix'].setting}"
        yield from (f"{MAIL_SERVERS[each]}: {names[each].setting}" for each in _CLIENT)
    elif not situation.usable:
        yield certificate_fix(
            situation.presented, "; ".join(certificate_faults(situation.presented, situation.behaviour))
        )


def _direct_send(situation: Situation, attribution: Attribution) -> Iterator[str]:
    tenant = attribution.tenant.name if attribution.tenant is not None else "the tenant"
    yield (
        f"{tenant} has RejectDirectSend set and {situation.reverse_path.domain} is its own domain: make a Partner "
        "connector that matches the sender by certificate (better) or by address"
    )
    if attribution.connector is not None and attribution.by is AttributedBy.SENDER_DOMAIN:
        yield (
            f"connector {attribution.connector.name!r} fits by SenderDomains alone; only a match by certificate or "
            "address exempts from RejectDirectSend"
        )


def _unknown_recipient(situation: Situation, tenant: Tenant) -> Iterator[str]:
    address = str(situation.recipient).lower()
    domain = situation.recipient.domain
    yield f"add {address} to the Recipients of {tenant.name}, or make {domain} an InternalRelay domain"
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
