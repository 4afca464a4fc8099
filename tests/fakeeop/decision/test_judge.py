"""What the judge does beside RCPT: at MAIL, at the end of data; and that its cost does not grow with the forest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from fakeeop.decision.directory import Directory
from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import AttributedBy, Direction, Reason, Stage
from fakeeop.model import (
    AcceptedDomain,
    Behaviour,
    CertificateFacts,
    ConnectorType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip

IP = "203.0.113.10"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
TLS = TlsFacts("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384")
NULL = Mailbox("", "")
USER = Mailbox("user", "contoso.com")
PARTNER = Mailbox("x", "partner.example")
STRANGER = Mailbox("x", "example.net")
BY_HEADER = Behaviour(partner_sender_scope="p2")


def partner(*senders: str, name: str = "Partner", **more: Any) -> InboundConnector:
    domains = tuple(map(DomainPattern.parse, senders or ("*",)))
    return InboundConnector(name, ConnectorType.PARTNER, sender_domains=domains, **more)


def on_premises(**more: Any) -> InboundConnector:
    return InboundConnector("Relay", ConnectorType.ON_PREMISES, sender_ip_addresses=(IpRange.parse(IP),), **more)


def judge(
    *connectors: InboundConnector,
    behaviour: Behaviour,
    ip: str = IP,
    tls: TlsFacts | None = None,
    accepted: tuple[str, ...] = ("contoso.com", "other-own.com"),
) -> ConnectionJudge:
    tenant = Tenant("contoso", tuple(map(AcceptedDomain, accepted)), connectors)
    return Directory(Forest((tenant,), behaviour)).connection(PeerFacts(parse_ip(ip)), tls)


class TestAtEndOfData:
    LOCK = partner("partner.example", restrict_domains_to_ip_addresses=True, sender_ip_addresses=(IpRange.parse(IP),))

    def test_the_header_from_is_in_scope_of_a_restriction(self):
        at = judge(self.LOCK, behaviour=BY_HEADER, ip="198.51.100.9", tls=TLS)
        assert at.judge_recipient(PARTNER, USER).reason is Reason.INCOMING_ANONYMOUS
        verdict = at.judge_message(STRANGER, (USER,), ("example.net", "partner.example"))
        assert verdict is not None
        assert (verdict.reason, verdict.stage) == (Reason.PARTNER_RESTRICTION, Stage.DATA)

    def test_a_header_from_out_of_scope_passes_whatever_the_reverse_path(self):
        at = judge(self.LOCK, behaviour=BY_HEADER, ip="198.51.100.9", tls=TLS)
        assert at.judge_message(PARTNER, (USER,), ("example.net",)) is None
        assert at.judge_message(PARTNER, (USER,), ()) is None

    def test_no_header_from_is_the_null_sender(self):
        lock = evolve(self.LOCK, sender_domains=(DomainPattern.parse("*"),))
        assert judge(lock, behaviour=BY_HEADER, ip="198.51.100.9").judge_message(PARTNER, (USER,), ()) is not None

    def test_require_tls_waits_for_the_header_from(self):
        at = judge(partner("partner.example", sender_ip_addresses=(IpRange.parse(IP),)), behaviour=BY_HEADER)
        assert at.judge_recipient(STRANGER, USER).reason is Reason.INCOMING_BY_CONNECTOR
        assert at.judge_message(STRANGER, (USER,), ("example.net",)) is None
        verdict = at.judge_message(STRANGER, (USER,), ("partner.example",))
        assert verdict is not None
        assert (verdict.reason, verdict.stage) == (Reason.TLS_REQUIRED, Stage.DATA)

    def test_p1_leaves_nothing_for_the_end(self):
        at = judge(self.LOCK, behaviour=Behaviour(), ip="198.51.100.9")
        assert at.judge_message(PARTNER, (USER,), ("partner.example",)) is None

    def test_originating_and_external_recipients_are_not_asked(self):
        at = judge(on_premises(), self.LOCK, behaviour=BY_HEADER)
        assert at.judge_message(Mailbox("a", "contoso.com"), (USER, STRANGER), ("partner.example",)) is None
        assert at.judge_message(STRANGER, (STRANGER,), ("partner.example",)) is None

    def test_mail_tied_to_an_on_premises_connector_is_spared_on_wish(self):
        lock = partner(
            restrict_domains_to_certificate=True, tls_sender_certificate_name=DomainPattern.parse("gateway.example")
        )
        held = judge(on_premises(), lock, behaviour=BY_HEADER).judge_message(STRANGER, (USER,), ("example.net",))
        assert held is not None
        spared = evolve(BY_HEADER, recipient_attribution_restrictions="skip")
        assert judge(on_premises(), lock, behaviour=spared).judge_message(STRANGER, (USER,), ("example.net",)) is None


class TestPartnerChoice:
    @pytest.mark.parametrize("swap", [False, True])
    def test_the_more_specific_sender_domains_win(self, swap):
        both = [partner("*", name="Wide"), partner("partner.example", name="Narrow")]
        at = judge(*(both[::-1] if swap else both), behaviour=Behaviour(), tls=TLS)
        assert at.judge_recipient(PARTNER, USER).attribution.connector is both[1]

    def test_of_equals_the_first_in_the_file_wins(self):
        both = (partner(name="First"), partner(name="Second"))
        assert (
            judge(*both, behaviour=Behaviour(), tls=TLS).judge_recipient(PARTNER, USER).attribution.connector is both[0]
        )

    def test_any_sender_beside_an_address_does_not_identify_strangers(self):
        by_address = partner(sender_ip_addresses=(IpRange.parse(IP),))
        elsewhere = judge(by_address, behaviour=Behaviour(), ip="198.51.100.9").judge_recipient(STRANGER, USER)
        assert elsewhere.reason is Reason.INCOMING_ANONYMOUS
        assert judge(by_address, behaviour=Behaviour()).judge_recipient(STRANGER, USER).reason is Reason.TLS_REQUIRED

    def test_a_void_address_list_identifies_nobody_by_address(self):
        by_address = partner(sender_ip_addresses=(IpRange.parse(IP),), require_tls=False)
        void = Behaviour(partner_ip_identifies="with-restrict")
        attribution = judge(by_address, behaviour=void).judge_recipient(STRANGER, USER).attribution
        assert attribution.by is AttributedBy.SENDER_DOMAIN

    def test_a_blocked_partner_connector_refuses(self):
        blocked = partner("partner.example", blocked=True)
        verdict = judge(blocked, behaviour=Behaviour(), tls=TLS).judge_recipient(PARTNER, USER)
        assert verdict.reason is Reason.CONNECTOR_BLOCKED


def test_the_directory_is_not_asked_for_originating_mail():
    tenant = Tenant("contoso", (AcceptedDomain("contoso.com"),), (on_premises(),), frozenset({"user@contoso.com"}))
    held = Directory(Forest((tenant,))).connection(PeerFacts(parse_ip(IP)), None)
    verdict = held.judge_recipient(USER, Mailbox("nobody", "contoso.com"))
    assert verdict.accepted
    assert verdict.attribution.direction is Direction.ORIGINATING
    assert held.judge_recipient(STRANGER, Mailbox("nobody", "contoso.com")).reason is Reason.RECIPIENT_UNKNOWN


def test_a_recipient_is_internal_if_its_domain_is_the_attributed_tenants():
    at = judge(on_premises(), behaviour=Behaviour())
    assert at.judge_recipient(USER, USER).recipient_is_internal
    assert not at.judge_recipient(USER, STRANGER).recipient_is_internal
    assert at.judge_recipient(STRANGER, USER).recipient_is_internal
    assert not at.judge_recipient(STRANGER, STRANGER).recipient_is_internal


def test_a_tie_of_tenants_goes_to_the_first_on_wish():
    connectors = [on_premises(), on_premises()]
    forest = Forest(
        (
            Tenant("b", (AcceptedDomain("contoso.com", match_sub_domains=True),), (connectors[0],)),
            Tenant("a", (AcceptedDomain("sub.contoso.com"),), (connectors[1],)),
        )
    )
    sender = Mailbox("x", "sub.contoso.com")
    tied = Directory(forest).connection(PeerFacts(parse_ip(IP)), None).judge_recipient(sender, STRANGER)
    assert tied.reason is Reason.RELAY_ACCESS_DENIED_ATTR36
    first = Directory(evolve(forest, behaviour=Behaviour(tenant_tie="first")))
    won = first.connection(PeerFacts(parse_ip(IP)), None).judge_recipient(sender, STRANGER)
    assert won.attribution.connector is connectors[0]


def test_c37_each_message_of_a_connection_is_attributed_anew():
    at = judge(on_premises(), behaviour=Behaviour())
    assert at.judge_recipient(USER, STRANGER).reason is Reason.ORIGINATING_BY_IP_ADDRESS
    assert at.judge_recipient(STRANGER, STRANGER).reason is Reason.RELAY_ACCESS_DENIED_ATTR36
    assert at.judge_recipient(USER, STRANGER).reason is Reason.ORIGINATING_BY_IP_ADDRESS


def test_c24_c68_what_ties_the_mail_is_told():
    assert judge(on_premises(), behaviour=Behaviour()).judge_recipient(STRANGER, USER).attribution.by is (
        AttributedBy.IP_ADDRESS
    )
    elsewhere = judge(on_premises(), behaviour=Behaviour(), ip="198.51.100.9")
    assert elsewhere.judge_recipient(USER, USER).attribution.by is AttributedBy.RECIPIENT_DOMAIN


def test_a_tie_by_certificate_is_broken_by_the_sender():
    pattern = DomainPattern.parse("*.contoso.com")
    both = [InboundConnector("Cert", ConnectorType.ON_PREMISES, tls_sender_certificate_name=pattern) for _ in range(2)]
    forest = Forest(
        (
            Tenant("a", (AcceptedDomain("contoso.com"),), (both[0],)),
            Tenant("b", (AcceptedDomain("sub.contoso.com"),), (both[1],)),
        )
    )
    facts = CertificateFacts(("mail.contoso.com",), "CN=mail", "CN=CA", DAY, DAY)
    at = Directory(forest).connection(PeerFacts(parse_ip(IP)), evolve(TLS, certificate=facts))
    assert at.judge_recipient(Mailbox("x", "sub.contoso.com"), STRANGER).attribution.connector is both[1]
    assert at.judge_recipient(STRANGER, STRANGER).reason is Reason.RELAY_ACCESS_DENIED_ATTR36


def test_the_longest_prefix_names_the_connector():
    ranges = tuple(map(IpRange.parse, ("203.0.113.10", "203.0.113.0/24")))
    both = evolve(on_premises(), sender_ip_addresses=ranges)
    middle = evolve(both, sender_ip_addresses=(IpRange.parse("203.0.113.0/28"),))
    for connectors in ((both, middle), (middle, both)):
        assert judge(*connectors, behaviour=Behaviour()).judge_recipient(USER, STRANGER).attribution.connector is both
    beside = judge(both, middle, behaviour=Behaviour(), ip="203.0.113.11")
    assert beside.judge_recipient(USER, STRANGER).attribution.connector is middle
