"""One recipient's question with everything it depends on, each single test of it told as a ``Condition``, and the
connectors that are looked at with their conditions.

Condition names are Exchange's parameters (``SenderIPAddresses``) or these fixed words: ``ClientCertificate``
(presented, but not usable), ``CertificateDomain``, ``MailFromDomain`` and ``RcptToDomain`` (is it an accepted domain of
the tenant), ``MostExactName`` and ``UniqueTenant`` (lost against another connector), ``InboundConnector`` (Direct Send:
none that matches by certificate or address).
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, evolve, field, frozen

from fakeeop.decision import rules
from fakeeop.decision.certificates import NameMatch, best_match, usable, usage_allowed
from fakeeop.decision.verdict import AttributedBy
from fakeeop.model import Behaviour, CertificateFacts, InboundConnector, Tenant
from fakeeop.model.addresses import Mailbox
from fakeeop.why.repair.values import Question
from fakeeop.why.trace import Candidate, Condition

__all__ = ["Look", "Situation", "certificate_faults", "listed", "mailbox_text", "most_exact", "one_tenant"]

_SHOWN = 6  # values listed before "and N more"


@frozen(eq=False)
class Situation(Question):
    """The facts of one recipient; every method is total and tells, or tests, one thing."""

    behaviour: Behaviour = field(init=False)
    presented: CertificateFacts | None = field(init=False)
    usable: bool = field(init=False)

    @behaviour.default
    def _behaviour(self) -> Behaviour:
        return self.forest.behaviour

    @presented.default
    def _presented(self) -> CertificateFacts | None:
        return self.tls.certificate if self.tls is not None else None

    @usable.default
    def _usable(self) -> bool:
        return usable(self.presented, self.forest.behaviour)

    # --- connectors -------------------------------------------------------------------------------------------------

    def enabled(self, connector: InboundConnector) -> Condition:
        """A disabled connector is as if absent."""
        return Condition("Enabled", "true", _truth(connector.enabled), connector.enabled, "§2.7, C32")

    def named(self, connector: InboundConnector) -> NameMatch | None:
        """The presented name that satisfies the connector, usable or not."""
        pattern = connector.tls_sender_certificate_name
        if pattern is None or self.presented is None:
            return None
        matching = self.behaviour.wildcard_certificate == "match"
        return best_match(pattern, self.presented.names, wildcard_certificate=matching)

    def certificate(self, connector: InboundConnector, source: str = "§2.1 A1, §3") -> tuple[Condition, ...]:
        """Usable (told only if not), and its name."""
        pattern = connector.tls_sender_certificate_name
        wanted = "not set" if pattern is None else str(pattern)
        match = self.named(connector)
        if self.presented is None:
            why = "no TLS, so no client certificate" if self.tls is None else "no client certificate was presented"
            return (Condition("TlsSenderCertificateName", wanted, why, holds=False, source=source),)
        actual = match.name if match is not None else listed(self.presented.names) or "a certificate without names"
        name = Condition("TlsSenderCertificateName", wanted, actual, match is not None, source)
        if self.usable:
            return (name,)
        faults = "; ".join(certificate_faults(self.presented, self.behaviour))
        sound = Condition(
            "ClientCertificate", "a valid chain to a trusted CA", faults, holds=False, source="§2.5 T6, §3"
        )
        return sound, name

    def address(self, connector: InboundConnector, source: str = "§2.1 A3") -> Condition:
        """Do the ranges that count hold the peer's address?"""
        ranges = rules.identifying_ips(connector, self.behaviour)
        holds = any(block.covers(self.peer.ip) for block in ranges)
        return Condition("SenderIPAddresses", listed(map(str, ranges)) or "none", str(self.peer.ip), holds, source)

    def certificate_domain(self, tenant: Tenant, connector: InboundConnector) -> Condition:
        """Is the domain of TlsSenderCertificateName accepted in the connector's tenant?"""
        pattern = connector.tls_sender_certificate_name
        holds = pattern is not None and rules.certificate_domain_accepted(tenant, pattern)
        return Condition("CertificateDomain", _accepted_of(tenant), str(pattern), holds, "§2.1 A2, A2n, A2w")

    def mail_from_domain(self, tenant: Tenant, source: str = "§2.1 A3") -> Condition:
        """Is the reverse-path's domain accepted in the tenant?"""
        domain = self.reverse_path.domain
        holds = tenant.accepted(domain) is not None
        return Condition("MailFromDomain", _accepted_of(tenant), domain or "<> (no domain)", holds, source)

    def rcpt_to_domain(self, tenant: Tenant) -> Condition:
        """Is the forward-path's domain accepted in the tenant?"""
        domain = self.recipient.domain
        holds = tenant.accepted(domain) is not None
        return Condition("RcptToDomain", _accepted_of(tenant), domain or "none", holds, "§2.1 A4, §1.5")

    def sender_domains(self, connector: InboundConnector, source: str = "§1.1, 2.3-6") -> Condition:
        """Does SenderDomains cover the reverse-path's domain?"""
        holds = rules.sender_specificity(connector, (self.reverse_path.domain,)) is not None
        actual = self.reverse_path.domain or "<> (no domain)"
        return Condition("SenderDomains", listed(map(str, connector.sender_domains)), actual, holds, source)

    def associated_domains(self, tenant: Tenant, connector: InboundConnector) -> tuple[Condition, ...]:
        """AssociatedAcceptedDomains, told only where it limits anything."""
        side = rules.associated_side(connector, self.behaviour)
        if side == "ignored":
            return ()
        actual = (self.reverse_path if side == "sender" else self.recipient).domain or "<> (no domain)"
        holds = rules.fits_associated_domains(
            tenant, connector, self.reverse_path.domain, self.recipient.domain, self.behaviour
        )
        wanted = listed(connector.associated_accepted_domains)
        return (Condition("AssociatedAcceptedDomains", wanted, f"{actual} ({side})", holds, "§1.1 C1"),)

    def on_premises_scope(self, tenant: Tenant, connector: InboundConnector) -> tuple[Condition, ...]:
        """What beyond certificate and address decides whether an OnPremises connector applies."""
        conditions = self.associated_domains(tenant, connector)
        if self.behaviour.on_premises_sender_domains == "scope":
            conditions = (self.sender_domains(connector, "2.3-5"), *conditions)
        return conditions

    def restrictions(self, connector: InboundConnector) -> tuple[Condition, ...]:
        """The Restrict flags of a Partner connector, each with what the connection offers."""
        conditions: list[Condition] = []
        if connector.restrict_domains_to_certificate:
            tests = self.certificate(connector)
            holds = all(test.holds for test in tests)
            actual = tests[0].actual  # the certificate's fault comes before its name
            name = "RestrictDomainsToCertificate"
            conditions.append(Condition(name, tests[-1].expected, actual, holds, "§2.4 P5, P7"))
        if connector.restrict_domains_to_ip_addresses:
            test = self.address(connector)
            name = "RestrictDomainsToIPAddresses"
            conditions.append(Condition(name, test.expected, test.actual, test.holds, "§2.4 P6, P7"))
        return tuple(conditions)

    def inputs(self) -> tuple[tuple[str, str], ...]:
        """The question in words, for the head of a trace."""
        tls = "none (clear text)" if self.tls is None else f"{self.tls.version} {self.tls.cipher}".strip()
        certificate = "none presented"
        if self.presented is not None:
            certificate = listed(self.presented.names) or self.presented.subject
            faults = certificate_faults(self.presented, self.behaviour)
            certificate += f" ({'; '.join(faults)})" if faults else " (valid)"
        return (
            ("client address", str(self.peer.ip)),
            ("TLS", tls),
            ("client certificate", certificate),
            ("MAIL FROM", mailbox_text(self.reverse_path)),
            ("RCPT TO", mailbox_text(self.recipient)),
        )


def certificate_faults(certificate: CertificateFacts, behaviour: Behaviour) -> tuple[str, ...]:
    """Why the certificate counts as none, in words; empty if it counts."""
    faults = [
        _FAULTS.get(problem.value, problem.value).format(c=certificate, said=certificate.said_of(problem))
        for problem in certificate.problems
    ]
    if not usage_allowed(certificate, behaviour):
        usages = listed(certificate.extended_key_usages or ()) or "none"
        faults.append(f"its extended key usage is {usages}")
    return tuple(faults)


_FAULTS = {
    "self-signed": "it is self-signed",
    "untrusted": "its chain ends in a root that is not trusted",
    "incomplete": "an intermediate certificate was not sent",
    "another-authority": "it is {said}",
    "expired": "it is expired since {c.not_after:%Y-%m-%d %H:%M} UTC",
    "not-yet-valid": "it is not valid before {c.not_before:%Y-%m-%d %H:%M} UTC",
    "revoked": "it is revoked",
    "revocation-unknown": "its revocation list cannot be had",
    "weak-key": "its key is too weak",
    "unreadable": "{said}",
    "other": "its chain is not valid",
}


def listed(values: Iterable[str]) -> str:
    """``a, b, c and 4 more``."""
    words = list(values)
    if len(words) > _SHOWN:
        return ", ".join(words[:_SHOWN]) + f" and {len(words) - _SHOWN} more"
    return ", ".join(words)


def mailbox_text(mailbox: Mailbox) -> str:
    """``<local@domain>``, ``<>`` for null."""
    return f"<{mailbox}>"


def _accepted_of(tenant: Tenant) -> str:
    domains = [f"*.{d.domain_name}" if d.match_sub_domains else d.domain_name for d in tenant.accepted_domains]
    return f"an accepted domain of {tenant.name}: {listed(domains) or 'it has none'}"


def _truth(value: bool) -> str:
    return "true" if value else "false"


@define(eq=False)
class Look:
    """``identity`` is what the connection decides, ``message`` the scope, ``domain`` what ties it to the tenant."""

    order: int  # of the tenant, in the file
    tenant: Tenant
    connector: InboundConnector
    by: AttributedBy
    identity: tuple[Condition, ...] = ()
    message: tuple[Condition, ...] = ()
    domain: tuple[Condition, ...] = ()
    lost: tuple[Condition, ...] = ()  # all held, yet another one won
    rank: int = -1  # how exact
    selected: bool = False

    @property
    def label(self) -> str:
        """``connector 'SMTP Relay' of contoso``."""
        return f"connector {self.connector.name!r} of {self.tenant.name}"

    @property
    def identified(self) -> bool:
        """True if the connection is this connector's, whatever the message says."""
        return all(condition.holds for condition in self.identity)

    @property
    def holds(self) -> bool:
        """True if every condition holds."""
        return all(condition.holds for condition in self.conditions)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that decide, in order."""
        return (*self.identity, *self.message, *self.domain)

    @property
    def failed(self) -> tuple[Condition, ...]:
        """What kept it from winning."""
        return tuple(condition for condition in (*self.conditions, *self.lost) if not condition.holds)

    def with_domain(self, condition: Condition) -> Look:
        """The same look under another domain test."""
        return evolve(self, domain=(condition,), lost=(), selected=False)

    def candidate(self) -> Candidate:
        """The look as it goes into a trace."""
        return Candidate(self.tenant.name, self.connector.name, (*self.conditions, *self.lost), self.selected)


def most_exact(looks: list[Look]) -> list[Look]:
    """The looks of the highest rank, in file order; the others are marked as lost (§2.1 A2)."""
    best = max((look.rank for look in looks), default=0)
    for look in looks:
        if look.rank < best:
            winner = next(other.connector.name for other in looks if other.rank == best)
            look.lost = (
                Condition("MostExactName", f"as exact as {winner!r}", "less exact", holds=False, source="§2.1 A2"),
            )
    return [look for look in looks if look.rank == best]


def one_tenant(looks: list[Look], behaviour: Behaviour) -> Look | None:
    """The first look if all are of one tenant; several tenants are a tie (2.3-10, knob ``TenantTie``)."""
    if not looks:
        return None
    tenants = list(dict.fromkeys(look.tenant.name for look in looks))
    if len({look.order for look in looks}) > 1:
        if behaviour.tenant_tie == "none":
            for look in looks:
                look.lost = (Condition("UniqueTenant", "one tenant", ", ".join(tenants), holds=False, source="2.3-10"),)
            return None
        first = min(look.order for look in looks)
        looks = [look for look in looks if look.order == first]
    return looks[0]
