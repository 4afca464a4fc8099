"""The index, the narration and a plain reading of facts connectors §2.9 come to the same verdict, for any input."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args, get_type_hints

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import AttributedBy, Reason, Stage
from fakeeop.model import (
    AcceptedDomain,
    Behaviour,
    CertificateFacts,
    ChainProblem,
    ConnectorType,
    DomainType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox
from fakeeop.why.narrate import ConnectionNarrator
from fakeeop.why.render import trace_text, trace_tree

T = TypeVar("T")

# --- a plain reading ------------------------------------------------------------------------------------------------


class Plain:
    """§2.9 by loops over the forest, straight from the text."""

    def __init__(
        self,
        forest: Forest,
        peer: PeerFacts,
        tls: TlsFacts | None,
        sender: Mailbox,
        recipient: Mailbox,
        earlier: tuple[Mailbox, ...],
    ):
        self.forest, self.b, self.peer, self.tls = forest, forest.behaviour, peer, tls
        self.s, self.r, self.recipient, self.earlier = sender.domain, recipient.domain, recipient, earlier
        cert = tls.certificate if tls else None
        self.names = cert.names if cert and not cert.problems and self.eku(cert.extended_key_usages) else ()

    def eku(self, usages) -> Any:
        if usages is None or self.b.client_certificate_eku == "any":
            return True
        wanted = {"clientAuth"}
        if self.b.client_certificate_eku == "lenient":
            wanted |= {"serverAuth", "anyExtendedKeyUsage"}
        return bool(wanted & set(usages))

    def exactness(self, c: InboundConnector) -> Any:
        """None: no match. (2,): equal names. (1, labels): under a wildcard. (0,): through a wildcard certificate."""
        pattern = c.tls_sender_certificate_name
        if pattern is None:
            return None
        found: list[tuple[int, ...]] = []
        for name in self.names:
            labels = name.split(".")
            if pattern.subdomains:
                wanted = pattern.domain.split(".")
                bare = labels[1:] if labels[0] == "*" else labels
                if bare[-len(wanted) :] == wanted:
                    found.append((1, len(wanted)))
            elif name == pattern.domain:
                found.append((2,))
            elif self.b.wildcard_certificate == "match" and labels == ["*", *pattern.domain.split(".")[1:]]:
                found.append((0,))
        return max(found, default=None)

    def prefix(self, c: InboundConnector) -> Any:
        if c.is_partner and self.b.partner_ip_identifies == "with-restrict" and not c.restrict_domains_to_ip_addresses:
            return None
        return max((r.network.prefixlen for r in c.sender_ip_addresses if r.covers(self.peer.ip)), default=None)

    def covers(self, c, domain) -> Any:
        widths = [
            0 if p.is_any else 2 * len(p.domain.split(".")) + (not p.subdomains)
            for p in c.sender_domains
            if p.covers(domain)
        ]
        return max(widths, default=None)

    def associated(self, tenant, c) -> Any:
        side = self.b.associated_accepted_domains
        if side == "by-type":
            side = "recipient" if c.is_partner else "sender"
        if not c.associated_accepted_domains or side == "ignored":
            return True
        accepted = tenant.accepted(self.s if side == "sender" else self.r)
        return accepted is not None and accepted.domain_name in c.associated_accepted_domains

    def in_scope(self, tenant, c) -> Any:
        if self.b.on_premises_sender_domains == "scope" and self.covers(c, self.s) is None:
            return False
        return self.associated(tenant, c)

    def matched(self, how) -> Any:
        """OnPremises connectors that the connection satisfies, in file order."""
        for tenant in self.forest.tenants:
            for c in tenant.inbound_connectors:
                if c.enabled and not c.is_partner and how(c) is not None:
                    both = c.sender_ip_addresses and c.tls_sender_certificate_name
                    one_missing = self.prefix(c) is None or self.exactness(c) is None
                    if not (both and one_missing and self.b.ip_and_certificate == "and"):
                        yield tenant, c

    def unique(self, found) -> Any:
        if not found:
            return None
        if len({id(tenant) for tenant, _ in found}) > 1 and self.b.tenant_tie == "none":
            return None
        return found[0]

    def best_of_first(self, found, how) -> Any:
        won = self.unique(found)
        if won is None:
            return None
        return max((pair for pair in found if pair[0] is won[0]), key=lambda pair: how(pair[1]))

    def name_accepted(self, tenant, c) -> Any:
        pattern = c.tls_sender_certificate_name
        below = pattern.subdomains and any(pattern.covers(d.domain_name) for d in tenant.accepted_domains)
        return bool(below) or tenant.accepted(pattern.domain) is not None

    def judge(self) -> Any:
        """(reason, connector, by, stage)."""
        c1, c2 = list(self.matched(self.exactness)), list(self.matched(self.prefix))
        in1 = [pair for pair in c1 if self.in_scope(*pair)]
        in2 = [pair for pair in c2 if self.in_scope(*pair)]
        passed = [pair for pair in in1 if self.name_accepted(*pair)]
        top = max((self.exactness(c) for _, c in passed), default=None)
        won = self.unique([pair for pair in passed if self.exactness(pair[1]) == top])
        if won is None and self.b.cert_fallback == "allow":
            won = self.best_of_first([(t, c) for t, c in in1 if t.accepted(self.s)], self.exactness)
        if won is None and self.b.relay_condition == "none":
            won = self.best_of_first(in1, self.exactness)
        owner = self.owner()
        if won is not None:
            return self.originating(won, AttributedBy.CERTIFICATE, Reason.ORIGINATING_BY_CERTIFICATE)
        won = self.best_of_first([(t, c) for t, c in in2 if t.accepted(self.s)], self.prefix)
        if won is None and self.b.relay_condition == "none":
            won = self.best_of_first(in2, self.prefix)
        if won is not None:
            return self.originating(won, AttributedBy.IP_ADDRESS, Reason.ORIGINATING_BY_IP_ADDRESS)
        if owner is None:
            known = {"by-case": bool(c1 or c2), "never": False, "always": True}[self.b.attr36_text]
            late = self.b.header_from_relay == "accepted" and (c1 or c2)
            stage = Stage.DATA if late else Stage.RCPT
            return Reason.RELAY_ACCESS_DENIED_ATTR36 if known else Reason.RELAY_ACCESS_DENIED, None, None, stage
        own1 = [c for t, c in in1 if t is owner]
        own2 = [c for t, c in in2 if t is owner]
        return self.incoming(owner, own1, own2)

    def owner(self) -> Any:
        found = [(t, t.accepted(self.r)) for t in self.forest.tenants]
        widths = [(len(accepted.domain_name), t) for t, accepted in found if accepted is not None]
        return max(widths, key=lambda pair: pair[0])[1] if widths else None

    def unknown(self, owner) -> Any:
        authoritative = owner.accepted(self.r).domain_type is DomainType.AUTHORITATIVE
        return authoritative and owner.recipients is not None and str(self.recipient).lower() not in owner.recipients

    def clear(self, c) -> Any:
        return self.tls is None and c.require_tls

    def originating(self, won, by, reason) -> Any:
        _tenant, c = won
        if c.blocked:
            reason = Reason.CONNECTOR_BLOCKED
        elif self.clear(c) and self.b.on_premises_require_tls == "enforced":
            reason = Reason.TLS_REQUIRED
        return reason, c, by, Stage.RCPT

    def incoming(self, t, own1, own2) -> Any:
        b, plain = self.b, (None, AttributedBy.RECIPIENT_DOMAIN)
        if not t.mail_enabled:
            return Reason.NO_MAIL_SUBSCRIPTION, *plain, Stage.RCPT
        attributed = None
        if own1 and b.cert_recipient_attribution == "connector":
            attributed = max(own1, key=self.exactness), AttributedBy.CERTIFICATE
        elif own2 and b.ip_recipient_attribution == "connector":
            attributed = max(own2, key=self.prefix), AttributedBy.IP_ADDRESS
        by_ip = own2 and not (attributed and attributed[1] is AttributedBy.CERTIFICATE)
        others = [m for m in self.earlier if m.domain != self.r and t.accepted(m.domain)]
        if b.multi_domain_session == "refuse" and by_ip and others:
            return Reason.MULTIPLE_DOMAINS, *plain, Stage.RCPT
        partner = None
        if not attributed or b.recipient_attribution_restrictions == "apply":
            if self.restricted(t):
                return Reason.PARTNER_RESTRICTION, *plain, Stage.DATA if b.stage_5751 == "data" else Stage.RCPT
            partner = self.partner(t)
        won = attributed or partner
        if won and won[0].blocked:
            return Reason.CONNECTOR_BLOCKED, *won, Stage.RCPT
        if partner and self.clear(partner[0]) and b.partner_sender_scope == "p1":
            return Reason.TLS_REQUIRED, *partner, Stage.RCPT
        if attributed and self.clear(attributed[0]) and b.on_premises_require_tls == "enforced":
            return Reason.TLS_REQUIRED, *attributed, Stage.RCPT
        exempt = own1 or own2 or (partner and partner[1] is not AttributedBy.SENDER_DOMAIN)
        refuses = t.reject_direct_send and b.direct_send_setting == "honoured"
        if refuses and t.accepted(self.s) and not exempt:
            return Reason.DIRECT_SEND_REJECTED, *(won or plain), Stage.DATA if b.stage_5768 == "data" else Stage.RCPT
        if self.unknown(t):
            return Reason.RECIPIENT_UNKNOWN, *(won or plain), Stage.RCPT
        return Reason.INCOMING_BY_CONNECTOR if won else Reason.INCOMING_ANONYMOUS, *(won or plain), Stage.RCPT

    def met(self, c) -> Any:
        certificate = not c.restrict_domains_to_certificate or self.exactness(c) is not None
        return certificate and (not c.restrict_domains_to_ip_addresses or self.prefix(c) is not None)

    def partners(self, t) -> Any:
        return [c for c in t.inbound_connectors if c.enabled and c.is_partner and self.associated(t, c)]

    def restricted(self, t) -> Any:
        if self.b.partner_sender_scope == "p2":
            return False
        met = [self.met(c) for c in self.partners(t) if c.is_restricting and self.covers(c, self.s) is not None]
        return bool(met) and not (any(met) if self.b.restrict_combination == "any" else all(met))

    def partner(self, t) -> Any:
        late = self.b.partner_sender_scope == "p2"
        width = (lambda _: 0) if late else (lambda c: self.covers(c, self.s))
        fitting = [c for c in self.partners(t) if width(c) is not None and self.met(c)]
        named = [c for c in fitting if self.exactness(c) is not None]
        if named:
            return max(named, key=lambda c: (self.exactness(c), width(c))), AttributedBy.CERTIFICATE
        located = [c for c in fitting if self.prefix(c) is not None]
        if located:
            return max(located, key=width), AttributedBy.IP_ADDRESS
        if late:
            return None

        def marked(c: InboundConnector) -> bool:
            void = self.b.partner_ip_identifies == "with-restrict"
            return c.tls_sender_certificate_name is not None or (bool(c.sender_ip_addresses) and not void)

        meant = [c for c in fitting if not c.is_restricting and (width(c) > 0 or not marked(c))]
        return (max(meant, key=width), AttributedBy.SENDER_DOMAIN) if meant else None


# --- any input ------------------------------------------------------------------------------------------------------

DOMAINS = (
    "contoso.com",
    "mail.contoso.com",
    "a.mail.contoso.com",
    "fabrikam.com",
    "partner.example",
    "evilcontoso.com",
)
PATTERNS = tuple(
    map(DomainPattern.parse, ("*", "*.contoso.com", "*.mail.contoso.com", "partner.example", *DOMAINS[:4]))
)
NAMES = ("mail.contoso.com", "*.contoso.com", *DOMAINS, "*.mail.contoso.com", "*.com", "com", "*.", "")
RANGES = tuple(map(IpRange.parse, ("203.0.113.10", "203.0.113.0/28", "203.0.113.77/24", "198.51.100.9")))
PEERS = tuple(map(ipaddress.ip_address, ("203.0.113.10", "203.0.113.99", "198.51.100.9", "192.0.2.1", "2001:db8::1")))
LOCALS = ("user", "User", "nobody")
KNOWN = [f"user@{domain}" for domain in DOMAINS]
LIKELY = ("contoso.com", "contoso.com", "contoso.com", *DOMAINS)
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def some(values: Sequence[T], most: int = 2, least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True).map(tuple)


def mostly(usual: T, other: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The usual value three times out of four, so that the interesting paths are reached."""
    return st.integers(0, 3).flatmap(lambda n: st.just(usual) if n else other)


def connector_of(kind: ConnectorType) -> st.SearchStrategy[InboundConnector]:
    partner = kind is ConnectorType.PARTNER
    return st.builds(
        InboundConnector,
        st.sampled_from(["One", "Two", "Three"]),
        st.just(kind),
        sender_domains=mostly((PATTERNS[0],), some(PATTERNS)),
        sender_ip_addresses=some(RANGES),
        tls_sender_certificate_name=st.one_of(st.none(), st.sampled_from(PATTERNS[1:])),
        require_tls=st.booleans(),
        restrict_domains_to_ip_addresses=mostly(False, st.booleans()) if partner else st.just(True),
        restrict_domains_to_certificate=mostly(False, st.booleans()) if partner else st.just(True),
        associated_accepted_domains=mostly((), some(DOMAINS)),
        enabled=mostly(True, st.booleans()),
        blocked=mostly(False, st.booleans()),
    )


connectors = st.one_of(connector_of(ConnectorType.ON_PREMISES), connector_of(ConnectorType.PARTNER))
accepted_domains = st.builds(AcceptedDomain, st.sampled_from(LIKELY), st.sampled_from(DomainType), st.booleans())
tenants = st.builds(
    Tenant,
    st.sampled_from(["contoso", "fabrikam"]),
    st.lists(accepted_domains, min_size=1, max_size=3).map(tuple),
    st.lists(connectors, max_size=4).map(tuple),
    recipients=mostly(None, some(KNOWN, 3).map(frozenset)),
    reject_direct_send=st.booleans(),
    mail_enabled=mostly(True, st.booleans()),
)
behaviours = st.one_of(
    st.just(Behaviour()),
    st.builds(Behaviour, **{name: st.sampled_from(get_args(hint)) for name, hint in get_type_hints(Behaviour).items()}),
)
forests = st.builds(Forest, st.lists(tenants, min_size=1, max_size=3).map(tuple), behaviours)
certificates = st.builds(
    CertificateFacts,
    some(NAMES, 2, 1),
    st.just("CN=leaf"),
    st.just("CN=Lab CA"),
    st.just(DAY),
    st.just(DAY),
    extended_key_usages=mostly(
        ("serverAuth",),
        st.one_of(st.none(), some(("serverAuth", "clientAuth", "codeSigning", "anyExtendedKeyUsage"))),
    ),
    problems=mostly((), some(tuple(ChainProblem))),
)
in_the_clear: st.SearchStrategy[TlsFacts | None] = st.none()
sessions = st.one_of(
    in_the_clear,
    st.builds(TlsFacts, st.just("TLSv1.3"), st.just("X"), st.one_of(st.none(), certificates)),
    st.builds(TlsFacts, st.just("TLSv1.3"), st.just("X"), certificates),
)
peers = st.builds(PeerFacts, st.sampled_from(PEERS))
own = st.builds(Mailbox, st.sampled_from(LOCALS), st.sampled_from(LIKELY))
others = st.builds(Mailbox, st.sampled_from(LOCALS), st.sampled_from(("example.net", "", "[203.0.113.1]")))
mailboxes = st.one_of(own, own, others)
reverse_paths = st.one_of(st.just(Mailbox("", "")), mailboxes, mailboxes, mailboxes)
earliers = st.lists(own, max_size=2).map(tuple)
thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(forests, peers, sessions, reverse_paths, mailboxes, earliers)
def test_the_judge_agrees_with_a_plain_reading(forest, peer, tls, sender, recipient, earlier):
    verdict = Directory(forest).connection(peer, tls).judge_recipient(sender, recipient, earlier)
    reason, connector, by, stage = Plain(forest, peer, tls, sender, recipient, earlier).judge()
    assert verdict.reason is reason
    assert verdict.attribution.connector is connector
    assert verdict.attribution.by is by
    assert verdict.stage is stage


@thorough
@given(forests, peers, sessions, reverse_paths, mailboxes, earliers)
def test_the_narration_agrees_with_the_judge(forest, peer, tls, sender, recipient, earlier):
    judge = Directory(forest).connection(peer, tls)
    verdict = judge.judge_recipient(sender, recipient, earlier)
    trace = ConnectionNarrator(judge).explain(sender, recipient, earlier)
    assert trace.reason is verdict.reason
    assert trace.attribution.tenant is verdict.attribution.tenant
    assert trace.attribution.connector is verdict.attribution.connector
    assert trace.attribution.by is verdict.attribution.by
    assert trace.attribution.direction is verdict.attribution.direction
    assert all(miss.failed and miss.fix for miss in trace.nearest)
    assert all(not condition.holds for miss in trace.nearest for condition in miss.failed)
    assert trace_text(trace).endswith("\n")
    assert trace_tree(trace)["verdict"] == verdict.reason.value


@thorough
@given(forests, peers, sessions, reverse_paths, mailboxes, some(DOMAINS))
def test_any_input_gives_a_verdict_at_every_stage(forest, peer, tls, sender, recipient, header_from):
    judge = Directory(forest).connection(peer, tls)
    assert judge.judge_recipient(sender, recipient).reason in Reason
    at_end = judge.judge_message(sender, (recipient,), header_from)
    assert at_end is None or (not at_end.accepted and forest.behaviour.partner_sender_scope == "p2")


@thorough
@given(forests, peers, sessions, reverse_paths, st.lists(mailboxes, min_size=2, max_size=3))
def test_a_judge_keeps_nothing_of_the_mail_before(forest, peer, tls, sender, recipients):
    directory = Directory(forest)
    used = directory.connection(peer, tls)
    for recipient in recipients:
        fresh = directory.connection(peer, tls).judge_recipient(sender, recipient)
        again = used.judge_recipient(sender, recipient)
        assert (again.reason, again.attribution.connector) == (fresh.reason, fresh.attribution.connector)
