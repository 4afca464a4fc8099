"""Worlds and probes at random: legal tenants, a connection, one recipient."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from attrs import evolve

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
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip
from fakeeop.why.repair.values import Question

DAY = datetime(2026, 1, 1, tzinfo=UTC)
OWN = {
    "contoso": ("contoso.com", "mail.contoso.com", "contoso.onmicrosoft.com", "sub.contoso.com"),
    "fabrikam": ("fabrikam.com", "gw.fabrikam.com", "fabrikam.onmicrosoft.com"),
    "bank": ("bank.example", "pay.bank.example"),
}
FOREIGN = ("example.net", "a.example.org", "partner.example")
DOMAINS = tuple(domain for owned in OWN.values() for domain in owned)
NAMES = (*DOMAINS, "relay.contoso.com", "*.contoso.com", "gw2.fabrikam.com", "partner.example", "relay.example.net")
PATTERNS = (*DOMAINS, "*.contoso.com", "*.fabrikam.com", "relay.contoso.com", "gw2.fabrikam.com", "partner.example")
SCOPES = ("*", "*", "*", "partner.example", "example.net", "*.contoso.com", "contoso.com", "fabrikam.com")
LISTED = ("203.0.113.10", "203.0.113.25", "198.51.100.0/28", "198.51.100.77", "192.0.2.0/24")
PEERS = ("203.0.113.10", "203.0.113.26", "198.51.100.5", "198.51.100.78", "192.0.2.200", "233.252.0.9", "2001:db8::1")
OUTSIDE = Mailbox("someone", "outside.invalid")
STRANGERS = ("8.8.4.4", "2001:db8:ffff::1")
STRANGE_NAMES = ("evil.com", "evil.example", "evil.net", "mx.evil.org", "onmicrosoft.com.evil.net", "com", "example")


def any_question(rng: random.Random) -> Question:
    """A legal forest of one to three tenants, a connection and one recipient."""
    names = rng.sample(sorted(OWN), rng.choice((1, 1, 2, 2, 3)))
    behaviour = Behaviour()
    if rng.random() < 0.3:
        behaviour = evolve(
            behaviour,
            cert_fallback=rng.choice(("allow", "refuse")),
            ip_and_certificate=rng.choice(("or", "and")),
            on_premises_sender_domains=rng.choice(("ignored", "scope")),
            on_premises_require_tls=rng.choice(("ignored", "enforced")),
            restrict_combination=rng.choice(("any", "all")),
            associated_accepted_domains=rng.choice(("by-type", "sender", "recipient", "ignored")),
            partner_ip_identifies=rng.choice(("always", "with-restrict")),
            multi_domain_session=rng.choice(("accept", "refuse")),
            recipient_attribution_restrictions=rng.choice(("apply", "skip")),
            tenant_tie=rng.choice(("none", "first")),
            client_certificate_eku=rng.choice(("lenient", "any", "client-auth")),
        )
    forest = Forest(tuple(any_tenant(rng, name) for name in names), behaviour)
    domains = [d.domain_name for tenant in forest.tenants for d in tenant.accepted_domains]
    sender = rng.choice((*domains, *domains, *FOREIGN, *DOMAINS, ""))
    recipient = rng.choice((*domains, *domains, *FOREIGN, "sub.contoso.com", "x.bank.example", "outside.invalid"))
    earlier = tuple(Mailbox("user", rng.choice(domains)) for _ in range(rng.choice((0, 0, 0, 1, 2))))
    local = rng.choice(("user", "nobody")) if recipient in domains else "user"
    path = Mailbox("app", sender) if sender else Mailbox("", "")
    return Question(
        forest, PeerFacts(parse_ip(rng.choice(PEERS))), any_tls(rng), path, Mailbox(local, recipient), earlier
    )


def any_tenant(rng: random.Random, name: str) -> Tenant:
    owned = OWN[name][:1] + tuple(domain for domain in OWN[name][1:] if rng.random() < 0.4)
    domains = tuple(
        AcceptedDomain(domain, rng.choice(tuple(DomainType)), match_sub_domains=rng.random() < 0.15) for domain in owned
    )
    connectors = tuple(any_connector(rng, f"{name} {number}", owned) for number in range(rng.choice((0, 1, 1, 2, 3))))
    known = frozenset(f"user@{domain}" for domain in owned) if rng.random() < 0.7 else None
    return Tenant(
        name,
        domains,
        connectors,
        known,
        reject_direct_send=rng.random() < 0.4,
        mail_enabled=rng.random() < 0.95,
    )


def any_connector(rng: random.Random, name: str, owned: tuple[str, ...]) -> InboundConnector:
    partner = rng.random() < 0.45
    kind = ConnectorType.PARTNER if partner else ConnectorType.ON_PREMISES
    by = rng.choice(("ip", "ip", "cert", "cert", "both", *(("none",) if partner else ())))
    ranges = tuple(map(IpRange.parse, rng.sample(LISTED, rng.choice((1, 1, 2))))) if by in {"ip", "both"} else ()
    pattern = DomainPattern.parse(rng.choice(PATTERNS)) if by in {"cert", "both"} else None
    restrict = partner and by != "none" and rng.random() < 0.6
    return InboundConnector(
        name,
        kind,
        sender_domains=(DomainPattern.parse(rng.choice(SCOPES) if partner or rng.random() < 0.2 else "*"),),
        sender_ip_addresses=ranges,
        tls_sender_certificate_name=pattern,
        require_tls=pattern is not None or rng.random() < 0.5,
        restrict_domains_to_ip_addresses=restrict and pattern is None,
        restrict_domains_to_certificate=restrict and pattern is not None,
        associated_accepted_domains=(rng.choice(owned),) if rng.random() < 0.15 else (),
        enabled=rng.random() < 0.85,
        blocked=rng.random() < 0.07,
    )


def any_tls(rng: random.Random) -> TlsFacts | None:
    kind = rng.choice(("clear", "clear", "bare", "cert", "cert"))
    if kind == "clear":
        return None
    return TlsFacts("TLSv1.3", "X", any_certificate(rng) if kind == "cert" else None)


def any_certificate(rng: random.Random) -> CertificateFacts:
    problems = tuple(rng.sample(tuple(ChainProblem), rng.choice((1, 1, 2)))) if rng.random() < 0.35 else ()
    usages = rng.choice((("serverAuth",), ("serverAuth", "clientAuth"), None, ("codeSigning",)))
    return certificate(*rng.sample(NAMES, rng.choice((1, 1, 2))), problems=problems, usages=usages)


def certificate(
    *names: str,
    problems: tuple[ChainProblem, ...] = (),
    usages: tuple[str, ...] | None = ("serverAuth", "clientAuth"),
) -> CertificateFacts:
    return CertificateFacts(names, "CN=x", "CN=CA", DAY, DAY, extended_key_usages=usages, problems=problems)
