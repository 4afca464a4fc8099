"""The rows of facts connectors §6.1-§6.5 that the core alone can show, one test a row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve, field, frozen

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Reason, Stage, Verdict
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
from fakeeop.why.narrate import narrate

IP1, IP8, IP9 = "203.0.113.10", "203.0.113.200", "198.51.100.9"
OWN, FOREIGN, NULL = "app@contoso.com", "x@example.net", ""
USER, BOB, EXTERNAL = "user@contoso.com", "bob@fabrikam.com", "a@example.org"
RELAY = InboundConnector("Relay", ConnectorType.ON_PREMISES, sender_ip_addresses=(IpRange.parse(IP1),))

R64, R64_ATTR36 = Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36
R51, R68, R541 = Reason.PARTNER_RESTRICTION, Reason.DIRECT_SEND_REJECTED, Reason.RECIPIENT_UNKNOWN
BY_CERT, BY_IP = Reason.ORIGINATING_BY_CERTIFICATE, Reason.ORIGINATING_BY_IP_ADDRESS
ANONYMOUS, BY_CONNECTOR = Reason.INCOMING_ANONYMOUS, Reason.INCOMING_BY_CONNECTOR
TLS_REQUIRED = Reason.TLS_REQUIRED


def mailbox(text: str) -> Mailbox:
    local, _, domain = text.rpartition("@")
    return Mailbox(local, domain.lower())


def on_premises(
    name: str = "Relay", *, ips: tuple[str, ...] = (), cert: str | None = None, **more: Any
) -> InboundConnector:
    return connector(ConnectorType.ON_PREMISES, name, ips, cert, **more)


def partner(
    name: str = "Partner", *, ips: tuple[str, ...] = (), cert: str | None = None, **more: Any
) -> InboundConnector:
    return connector(ConnectorType.PARTNER, name, ips, cert, **{"require_tls": False, **more})


def connector(
    kind: ConnectorType,
    name: str,
    ips: tuple[str, ...],
    cert: str | None,
    *,
    senders: tuple[str, ...] = ("*",),
    **more: Any,
) -> InboundConnector:
    return InboundConnector(
        name,
        kind,
        sender_domains=tuple(map(DomainPattern.parse, senders)),
        sender_ip_addresses=tuple(map(IpRange.parse, ips)),
        tls_sender_certificate_name=DomainPattern.parse(cert) if cert else None,
        **more,
    )


def lock_down(*, ips: tuple[str, ...] = (), cert: str | None = None, **more: Any) -> InboundConnector:
    flag = "restrict_domains_to_certificate" if cert else "restrict_domains_to_ip_addresses"
    return partner("Lock-down", ips=ips, cert=cert, **{flag: True, **more})


def contoso(*connectors: InboundConnector, accepted: tuple[str, ...] = (), sub: bool = False, **more: Any) -> Tenant:
    names = ("contoso.com", "contoso.onmicrosoft.com", "other-own.com", *accepted)
    domains = [AcceptedDomain(name) for name in names]
    if sub:
        domains[0] = AcceptedDomain("contoso.com", DomainType.INTERNAL_RELAY, match_sub_domains=True)
    known = {USER, "user@contoso.onmicrosoft.com", "user@other-own.com"}
    return Tenant("contoso", tuple(domains), connectors, **{"recipients": frozenset(known), **more})


def fabrikam(*connectors: InboundConnector, accepted: tuple[str, ...] = (), **more: Any) -> Tenant:
    domains = tuple(AcceptedDomain(name) for name in ("fabrikam.com", *accepted))
    return Tenant("fabrikam", domains, connectors, **{"recipients": frozenset({BOB}), **more})


def cert(
    *names: str, eku: tuple[str, ...] | None = ("serverAuth",), problems: tuple[ChainProblem, ...] = ()
) -> CertificateFacts:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return CertificateFacts(
        names, f"CN={names[0]}", "CN=Lab CA", day, day, names[0], names, extended_key_usages=eku, problems=problems
    )


@frozen
class Row:
    id: str
    tenants: tuple[Tenant, ...]
    ip: str
    sender: str
    recipient: str
    reason: Reason
    via: str | None = None  # the connector's name
    cert: CertificateFacts | None = None
    tls: bool = False
    behaviour: Behaviour = field(factory=Behaviour)
    earlier: tuple[str, ...] = ()
    of: str | None = None  # the tenant, where it is not told by the reason
    stage: Stage = Stage.RCPT


def row(
    id: str, tenants: Tenant | tuple[Tenant, ...], ip: str, sender: str, recipient: str, reason: Reason, **more: Any
):
    several = tenants if isinstance(tenants, tuple) else (tenants, fabrikam())
    made = Row(id, several, ip, sender, recipient, reason, **more)
    return evolve(made, tls=made.tls or made.cert is not None)


def judged(case: Row) -> Verdict:
    tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", case.cert) if case.tls else None
    judge = Directory(Forest(case.tenants, case.behaviour)).connection(PeerFacts(parse_ip(case.ip)), tls)
    return judge.judge_recipient(mailbox(case.sender), mailbox(case.recipient), tuple(map(mailbox, case.earlier)))


INTERNAL_RELAY = Tenant("contoso", (AcceptedDomain("contoso.com", DomainType.INTERNAL_RELAY),), (), frozenset({USER}))
ON_IP = on_premises(ips=(IP1,))
MAIL = cert("mail.contoso.com")
STAR = on_premises("Cert", cert="*.contoso.com")
FQDN = on_premises("Cert", cert="mail.contoso.com")
B_ON_IP = on_premises("B relay", ips=(IP1,))
PARTNER_TLS = partner(senders=("partner.example",), require_tls=True)
PARTNER_CERT = lock_down(cert="mail.partner.example", senders=("partner.example",), require_tls=True)
PARTNER_IP = lock_down(ips=(IP1,), senders=("partner.example",))
FROM_PARTNER = "x@partner.example"
CLOSED = lock_down(ips=(IP1,))
GATEWAY = lock_down(cert="gateway.filter.example", require_tls=True)
DIRECT: dict[str, Any] = {"reject_direct_send": True}
CLIENT_AUTH = Behaviour(client_certificate_eku="client-auth")

# One row of the facts to one or two lines.
# fmt: off
ROWS = [
    # 6.1 no connector
    row("C01", contoso(), IP9, FOREIGN, USER, ANONYMOUS),
    row("C02", contoso(), IP9, "printer@contoso.com", USER, ANONYMOUS),
    row("C03", contoso(), IP9, "nobody-here@contoso.com", USER, ANONYMOUS),
    row("C04", contoso(), IP9, "printer@contoso.com", EXTERNAL, R64),
    row("C05", contoso(), IP9, FOREIGN, BOB, ANONYMOUS, of="fabrikam"),
    row("C06-own", contoso(), IP9, FOREIGN, USER, ANONYMOUS),
    row("C06-external", contoso(), IP9, FOREIGN, EXTERNAL, R64, earlier=(USER,)),
    row("C07", contoso(), IP9, FOREIGN, "nobody@contoso.com", R541),
    row("C08", INTERNAL_RELAY, IP9, FOREIGN, "nobody@contoso.com", ANONYMOUS),
    row("C09", contoso(), IP9, FOREIGN, "x@sub.contoso.com", R64),
    row("C10", contoso(sub=True), IP9, FOREIGN, "x@sub.contoso.com", ANONYMOUS),
    row("C11", contoso(), IP9, NULL, USER, ANONYMOUS),
    row("C12", contoso(), IP9, FOREIGN, "user@CONTOSO.COM", ANONYMOUS),
    row("C13", contoso(), IP9, FOREIGN, "user@contoso.onmicrosoft.com", ANONYMOUS),
    row("C14", contoso(), IP9, FOREIGN, "user@[203.0.113.1]", R64),
    row("C15", contoso(mail_enabled=False), IP9, FOREIGN, USER, Reason.NO_MAIL_SUBSCRIPTION),
    # 6.2 OnPremises by IP
    row("C20", contoso(ON_IP), IP1, OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C21", contoso(ON_IP), IP9, OWN, EXTERNAL, R64),
    row("C22", contoso(ON_IP), IP1, FOREIGN, EXTERNAL, R64_ATTR36),
    row("C22-never", contoso(ON_IP), IP1, FOREIGN, EXTERNAL, R64, behaviour=Behaviour(attr36_text="never")),
    row("C21-always", contoso(ON_IP), IP9, OWN, EXTERNAL, R64_ATTR36, behaviour=Behaviour(attr36_text="always")),
    row("C24", contoso(ON_IP), IP1, FOREIGN, USER, BY_CONNECTOR, via="Relay"),
    row("C24-incoming", contoso(ON_IP), IP1, FOREIGN, USER, ANONYMOUS,
        behaviour=Behaviour(ip_recipient_attribution="incoming")),
    row("C25", contoso(ON_IP), IP1, NULL, EXTERNAL, R64_ATTR36),
    row("C26", contoso(ON_IP), IP1, NULL, USER, BY_CONNECTOR, via="Relay"),
    row("C27", contoso(ON_IP), IP1, "x@sub.contoso.com", EXTERNAL, R64_ATTR36),
    row("C28", contoso(ON_IP, sub=True), IP1, "x@sub.contoso.com", EXTERNAL, BY_IP, via="Relay"),
    row("C29", contoso(ON_IP, accepted=("sub.contoso.com",)), IP1, "x@sub.contoso.com", EXTERNAL, BY_IP, via="Relay"),
    row("C30-last", contoso(on_premises(ips=("203.0.113.0/25",))), "203.0.113.127", OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C30-after", contoso(on_premises(ips=("203.0.113.0/25",))), "203.0.113.128", OWN, EXTERNAL, R64),
    row("C31", contoso(on_premises(ips=("203.0.113.10/25",))), "203.0.113.1", OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C32", contoso(on_premises(ips=(IP1,), enabled=False)), IP1, OWN, EXTERNAL, R64),
    *[
        row(f"C33-{ip}", contoso(on_premises(ips=(IP1, "203.0.113.77", "198.51.100.32/28"))), ip, OWN, EXTERNAL, BY_IP,
            via="Relay")
        for ip in (IP1, "203.0.113.77", "198.51.100.47")
    ],
    row("C34", contoso(ON_IP), IP1, "app@CONTOSO.COM", EXTERNAL, BY_IP, via="Relay"),
    row("C35", contoso(on_premises(ips=(IP1,), senders=("fabrikam.com",))), IP1, OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C35-scope", contoso(on_premises(ips=(IP1,), senders=("fabrikam.com",))), IP1, OWN, EXTERNAL, R64_ATTR36,
        behaviour=Behaviour(on_premises_sender_domains="scope")),
    row("C36", contoso(ON_IP), IP1, OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C36-enforced", contoso(ON_IP), IP1, OWN, EXTERNAL, TLS_REQUIRED, via="Relay",
        behaviour=Behaviour(on_premises_require_tls="enforced")),
    row("C36-enforced-own", contoso(ON_IP), IP1, FOREIGN, USER, TLS_REQUIRED, via="Relay",
        behaviour=Behaviour(on_premises_require_tls="enforced")),
    row("C36-enforced-tls", contoso(ON_IP), IP1, OWN, EXTERNAL, BY_IP, via="Relay", tls=True,
        behaviour=Behaviour(on_premises_require_tls="enforced")),
    row("C38", contoso(ON_IP), IP1, OWN, BOB, BY_IP, via="Relay", of="contoso"),
    row("C39", contoso(ON_IP), IP1, FOREIGN, BOB, ANONYMOUS, of="fabrikam"),
    row("C40", contoso(ON_IP), IP1, OWN, USER, BY_IP, via="Relay", earlier=(EXTERNAL,)),
    row("C41", contoso(ON_IP), IP1, FOREIGN, "user@other-own.com", BY_CONNECTOR, via="Relay", earlier=(USER,)),
    row("C41-refuse", contoso(ON_IP), IP1, FOREIGN, "user@other-own.com", Reason.MULTIPLE_DOMAINS, earlier=(USER,),
        behaviour=Behaviour(multi_domain_session="refuse")),
    row("C41-refuse-same", contoso(ON_IP), IP1, FOREIGN, USER, BY_CONNECTOR, via="Relay", earlier=("b@contoso.com",),
        behaviour=Behaviour(multi_domain_session="refuse")),
    row("C41-refuse-stranger", contoso(ON_IP), IP9, FOREIGN, "user@other-own.com", ANONYMOUS, earlier=(USER,),
        behaviour=Behaviour(multi_domain_session="refuse")),
    row("C41-refuse-certificate", contoso(ON_IP, FQDN), IP1, FOREIGN, "user@other-own.com", BY_CONNECTOR, via="Cert",
        earlier=(USER,), cert=MAIL, behaviour=Behaviour(multi_domain_session="refuse")),
    row("C42", (contoso(ON_IP), fabrikam(B_ON_IP)), IP1, OWN, EXTERNAL, BY_IP, via="Relay", of="contoso"),
    row("C43", (contoso(ON_IP), fabrikam(B_ON_IP)), IP1, FOREIGN, EXTERNAL, R64_ATTR36),
    row("C44", (contoso(ON_IP), fabrikam(B_ON_IP)), IP1, FOREIGN, BOB, BY_CONNECTOR, via="B relay", of="fabrikam"),
    row("C45", contoso(ON_IP, **DIRECT), IP1, OWN, USER, BY_IP, via="Relay"),
    row("C46", contoso(evolve(ON_IP, blocked=True)), IP1, OWN, EXTERNAL, Reason.CONNECTOR_BLOCKED, via="Relay"),
    row("C46-own", contoso(evolve(ON_IP, blocked=True)), IP1, FOREIGN, USER, Reason.CONNECTOR_BLOCKED, via="Relay"),
    row("C47", contoso(ON_IP), "2001:db8::1", OWN, EXTERNAL, R64),
    row("C47-mapped", contoso(ON_IP), f"::ffff:{IP1}", OWN, EXTERNAL, BY_IP, via="Relay"),
    # 6.3 OnPremises by certificate
    row("C50", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=MAIL),
    row("C51", contoso(STAR), IP9, NULL, EXTERNAL, BY_CERT, via="Cert", cert=MAIL),
    row("C52", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=cert("foo.internal",
        "mail.contoso.com")),
    row("C53", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=evolve(MAIL,
        subject_alternative_names=())),
    row("C54", contoso(FQDN), IP9, FOREIGN, EXTERNAL, R64_ATTR36, cert=MAIL),
    row("C55", contoso(FQDN, accepted=("mail.contoso.com",)), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=MAIL),
    row("C56", contoso(FQDN), IP9, OWN, EXTERNAL, BY_CERT, via="Cert", cert=MAIL),
    row("C56-refuse", contoso(FQDN), IP9, OWN, EXTERNAL, R64_ATTR36, cert=MAIL,
        behaviour=Behaviour(cert_fallback="refuse")),
    row("C57", contoso(on_premises("Cert", cert="contoso.com")), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert",
        cert=cert("contoso.com")),
    row("C58", contoso(on_premises("Cert", cert="contoso.com")), IP9, FOREIGN, EXTERNAL, R64, cert=MAIL),
    row("C59", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=cert("a.b.contoso.com")),
    row("C60", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=cert("contoso.com")),
    row("C61-suffix", contoso(STAR), IP9, FOREIGN, EXTERNAL, R64, cert=cert("evilcontoso.com")),
    row("C61-prefix", contoso(STAR), IP9, FOREIGN, EXTERNAL, R64, cert=cert("contoso.com.evil.example")),
    row("C62", contoso(FQDN, accepted=("mail.contoso.com",)), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert",
        cert=cert("*.contoso.com")),
    row("C62-no-match", contoso(FQDN, accepted=("mail.contoso.com",)), IP9, FOREIGN, EXTERNAL, R64,
        cert=cert("*.contoso.com"), behaviour=Behaviour(wildcard_certificate="no-match")),
    row("C62-one-label", contoso(on_premises(cert="a.b.contoso.com"), accepted=("a.b.contoso.com",)), IP9, FOREIGN,
        EXTERNAL, R64, cert=cert("*.contoso.com")),
    *[
        row(id, contoso(STAR), IP9, FOREIGN, EXTERNAL, R64, cert=cert("mail.contoso.com", problems=(problem,)))
        for id, problem in (
            ("C63", ChainProblem.SELF_SIGNED),
            ("C64", ChainProblem.EXPIRED),
            ("C65", ChainProblem.INCOMPLETE),
            ("C66-revoked", ChainProblem.REVOKED),
            ("C66-unreachable", ChainProblem.REVOCATION_UNKNOWN),
        )
    ],
    row("C67", contoso(STAR), IP9, FOREIGN, EXTERNAL, R64, tls=True),
    row("C68", contoso(STAR), IP9, OWN, USER, ANONYMOUS),
    row("C69", contoso(FQDN), IP9, FOREIGN, EXTERNAL, R64, cert=cert("mail2.contoso.com")),
    *[
        row(f"C70-{behaviour.client_certificate_eku}-{eku}", contoso(STAR), IP9, FOREIGN, EXTERNAL,
            BY_CERT if good else R64, via="Cert" if good else None, cert=cert("mail.contoso.com", eku=eku),
            behaviour=behaviour)
        for behaviour, eku, good in (
            (Behaviour(), ("clientAuth",), True),
            (Behaviour(), ("serverAuth",), True),
            (Behaviour(), ("serverAuth", "clientAuth"), True),
            (Behaviour(), None, True),
            (Behaviour(), ("anyExtendedKeyUsage",), True),
            (Behaviour(), ("codeSigning",), False),
            (CLIENT_AUTH, ("serverAuth",), False),
            (CLIENT_AUTH, ("serverAuth", "clientAuth"), True),
            (CLIENT_AUTH, None, True),
            (Behaviour(client_certificate_eku="any"), ("codeSigning",), True),
        )
    ],
    row("C71", contoso(STAR), IP9, FOREIGN, EXTERNAL, BY_CERT, via="Cert",
        cert=cert("mail1.fabrikam.net", "mail.contoso.com")),
    row("C73", contoso(ON_IP, STAR), IP1, FOREIGN, EXTERNAL, BY_CERT, via="Cert", cert=MAIL),
    row("C74", (contoso(ON_IP), fabrikam(on_premises("B cert", cert="*.fabrikam.com"))), IP1, OWN, EXTERNAL, BY_CERT,
        via="B cert", of="fabrikam", cert=cert("mail.fabrikam.com")),
    row("C75", (contoso(STAR), fabrikam(on_premises("B cert", cert="*.contoso.com"))), IP9, FOREIGN, EXTERNAL, BY_CERT,
        via="Cert", of="contoso", cert=MAIL),
    row("C76", (contoso(STAR), fabrikam(on_premises("B cert", cert="mail.contoso.com"),
        accepted=("mail.contoso.com",))),
        IP9, FOREIGN, EXTERNAL, BY_CERT, via="B cert", of="fabrikam", cert=MAIL),
    row("C77", Tenant("contoso", (AcceptedDomain("jpn.contoso.com"),), (STAR,)), IP9, FOREIGN, EXTERNAL, BY_CERT,
        via="Cert", cert=MAIL),
    row("C78", contoso(STAR), IP9, FOREIGN, BOB, BY_CERT, via="Cert", of="contoso", cert=cert("gw.contoso.com")),
    row("C79", contoso(evolve(STAR, enabled=False)), IP9, FOREIGN, EXTERNAL, R64, cert=MAIL),
    row("C80", contoso(FQDN), IP9, FOREIGN, EXTERNAL, R64, tls=True),
    row("C81", contoso(on_premises(ips=(IP1,), cert="*.contoso.com")), IP1, OWN, EXTERNAL, BY_IP, via="Relay"),
    row("C81-and", contoso(on_premises(ips=(IP1,), cert="*.contoso.com")), IP1, OWN, EXTERNAL, R64,
        behaviour=Behaviour(ip_and_certificate="and")),
    row("C81-and-both", contoso(on_premises(ips=(IP1,), cert="*.contoso.com")), IP1, OWN, EXTERNAL, BY_CERT, cert=MAIL,
        via="Relay", behaviour=Behaviour(ip_and_certificate="and")),
    # 6.4 Partner connectors
    row("C90", contoso(PARTNER_TLS), IP9, FROM_PARTNER, USER, TLS_REQUIRED, via="Partner"),
    row("C91", contoso(PARTNER_TLS), IP9, FROM_PARTNER, USER, BY_CONNECTOR, via="Partner", tls=True),
    row("C92", contoso(PARTNER_TLS), IP9, "x@other.example", USER, ANONYMOUS),
    *[
        row(f"C93-{domain}", contoso(evolve(PARTNER_TLS, sender_domains=(DomainPattern.parse("*.partner.example"),))),
            IP9, f"x@{domain}", USER, TLS_REQUIRED, via="Partner")
        for domain in ("partner.example", "a.partner.example")
    ],
    row("C94", contoso(PARTNER_TLS), IP9, "x@a.partner.example", USER, ANONYMOUS),
    row("C95", contoso(PARTNER_CERT), IP9, FROM_PARTNER, USER, R51, tls=True),
    row("C96", contoso(PARTNER_CERT), IP9, FROM_PARTNER, USER, BY_CONNECTOR, via="Lock-down",
        cert=cert("mail.partner.example")),
    row("C97", contoso(PARTNER_CERT), IP9, FROM_PARTNER, USER, R51,
        cert=cert("mail.partner.example", problems=(ChainProblem.SELF_SIGNED,))),
    row("C98", contoso(PARTNER_IP), IP9, FROM_PARTNER, USER, R51),
    row("C98-data", contoso(PARTNER_IP), IP9, FROM_PARTNER, USER, R51, stage=Stage.DATA,
        behaviour=Behaviour(stage_5751="data")),
    row("C99", contoso(PARTNER_IP), IP1, FROM_PARTNER, USER, BY_CONNECTOR, via="Lock-down"),
    row("C100", contoso(PARTNER_IP), IP9, "x@other.example", USER, ANONYMOUS),
    row("C101", contoso(CLOSED), IP9, FOREIGN, USER, R51),
    row("C102", contoso(CLOSED), IP9, FOREIGN, "user@contoso.onmicrosoft.com", R51),
    row("C103", contoso(CLOSED), IP9, NULL, USER, R51),
    row("C104", contoso(CLOSED), IP9, FOREIGN, EXTERNAL, R64),
    row("C105", contoso(partner(ips=(IP1,))), IP1, OWN, EXTERNAL, R64),
    row("C106", contoso(STAR, lock_down(cert="*.contoso.com")), IP9, FOREIGN, USER, BY_CERT, via="Cert", cert=MAIL),
    row("C107", contoso(STAR, lock_down(cert="*.contoso.com")), IP9, OWN, USER, R51, tls=True),
    row("C108", contoso(FQDN, GATEWAY), IP9, FOREIGN, USER, R51, cert=MAIL),
    row("C108-skip", contoso(FQDN, GATEWAY), IP9, FOREIGN, USER, BY_CONNECTOR, via="Cert", cert=MAIL,
        behaviour=Behaviour(recipient_attribution_restrictions="skip")),
    row("C109", contoso(partner(senders=("partner.example",)), CLOSED), IP9, FROM_PARTNER, USER, R51),
    row("C110", contoso(GATEWAY, CLOSED), IP1, FOREIGN, USER, BY_CONNECTOR, via="Lock-down"),
    row("C110-all", contoso(GATEWAY, CLOSED), IP1, FOREIGN, USER, R51, behaviour=Behaviour(restrict_combination="all")),
    row("C111", contoso(evolve(CLOSED, enabled=False)), IP9, FOREIGN, USER, ANONYMOUS),
    row("C112", contoso(on_premises(ips=(IP1,), restrict_domains_to_ip_addresses=True)), IP9, FOREIGN, USER, ANONYMOUS),
    row("C113", contoso(evolve(CLOSED, associated_accepted_domains=("contoso.com",))), IP9, FOREIGN,
        "user@other-own.com", ANONYMOUS),
    row("C113-own", contoso(evolve(CLOSED, associated_accepted_domains=("contoso.com",))), IP9, FOREIGN, USER, R51),
    row("C113-sender", contoso(evolve(CLOSED, associated_accepted_domains=("contoso.com",))), IP9, OWN,
        "user@other-own.com", R51, behaviour=Behaviour(associated_accepted_domains="sender")),
    row("C113-ignored", contoso(evolve(CLOSED, associated_accepted_domains=("contoso.com",))), IP9, FOREIGN,
        "user@other-own.com", R51, behaviour=Behaviour(associated_accepted_domains="ignored")),
    row("C114", contoso(CLOSED, **DIRECT), IP9, OWN, USER, R51),
    row("C115", (contoso(ON_IP), fabrikam(CLOSED)), IP1, OWN, BOB, BY_IP, via="Relay", of="contoso"),
    row("C116", contoso(ON_IP, lock_down(ips=(IP8,))), IP1, OWN, USER, BY_IP, via="Relay"),
    row("C117", contoso(PARTNER_IP), IP9, "x@other.example", USER, ANONYMOUS),
    # 6.5 RejectDirectSend
    row("C120", contoso(**DIRECT), IP9, OWN, USER, R68),
    row("C120-data", contoso(**DIRECT), IP9, OWN, USER, R68, stage=Stage.DATA, behaviour=Behaviour(stage_5768="data")),
    row("C121", contoso(**DIRECT), IP9, FOREIGN, USER, ANONYMOUS),
    row("C123", contoso(partner(ips=(IP1,)), **DIRECT), IP1, OWN, USER, BY_CONNECTOR, via="Partner"),
    row("C124", contoso(partner(cert="printer.contoso.com"), **DIRECT), IP9, OWN, USER, BY_CONNECTOR, via="Partner",
        cert=cert("printer.contoso.com")),
    row("C125", contoso(partner(senders=("contoso.com",)), **DIRECT), IP9, OWN, USER, R68, via="Partner"),
    row("C126", contoso(partner(ips=(IP1,), enabled=False), **DIRECT), IP1, OWN, USER, R68),
    row("C127", contoso(**DIRECT), IP9, "x@sub.contoso.com", USER, ANONYMOUS),
    row("C128", contoso(sub=True, **DIRECT), IP9, "x@sub.contoso.com", USER, R68),
    row("C129", contoso(**DIRECT), IP9, NULL, USER, ANONYMOUS),
    row("C130", contoso(**DIRECT), IP9, "x@fabrikam.com", USER, ANONYMOUS),
    row("C131", (contoso(), fabrikam(**DIRECT)), IP9, OWN, BOB, ANONYMOUS, of="fabrikam"),
    row("C132-own", contoso(**DIRECT), IP9, OWN, USER, R68),
    row("C132-other", contoso(**DIRECT), IP9, OWN, BOB, ANONYMOUS, of="fabrikam", earlier=(USER,)),
    row("C134", contoso(**DIRECT), IP9, OWN, "nobody@contoso.com", R68),
]
# fmt: on


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.id)
def test_row(case):
    verdict = judged(case)
    assert verdict.reason is case.reason
    assert verdict.stage is case.stage
    connector_name = verdict.attribution.connector.name if verdict.attribution.connector else None
    assert connector_name == case.via
    expected = None if case.reason in {R64, R64_ATTR36} else case.of or "contoso"
    assert (verdict.attribution.tenant.name if verdict.attribution.tenant else None) == expected


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.id)
def test_row_narrated(case):
    verdict = judged(case)
    tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", case.cert) if case.tls else None
    trace = narrate(
        Directory(Forest(case.tenants, case.behaviour)),
        PeerFacts(parse_ip(case.ip)),
        tls,
        mailbox(case.sender),
        mailbox(case.recipient),
        tuple(map(mailbox, case.earlier)),
    )
    assert trace.reason is verdict.reason
    assert trace.attribution.connector is verdict.attribution.connector
    assert bool(trace.fixes) or verdict.accepted
