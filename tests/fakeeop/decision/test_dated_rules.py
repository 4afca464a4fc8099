"""The rules of other days (facts connectors §2.2, §1.6): one connector by address, one by certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from fakeeop.decision.directory import Directory
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
from fakeeop.why.narrate import ConnectionNarrator, HeaderFromNarrator

DAY = datetime(2026, 1, 1, tzinfo=UTC)
RELAY, STRANGER = PeerFacts(parse_ip("203.0.113.10")), PeerFacts(parse_ip("198.51.100.9"))
FOREIGN, OWN, OUTSIDE = Mailbox("x", "example.net"), Mailbox("app", "contoso.com"), Mailbox("a", "example.org")
CERTIFICATE = TlsFacts("TLSv1.3", "X", CertificateFacts(("mail.other.example",), "", "", DAY, DAY + timedelta(1), "ec"))
TENANT = Tenant(
    "contoso",
    accepted_domains=(AcceptedDomain("contoso.com"),),
    inbound_connectors=(
        InboundConnector("By address", ConnectorType.ON_PREMISES, sender_ip_addresses=(IpRange.parse("203.0.113.10"),)),
        InboundConnector(
            "By certificate",
            ConnectorType.ON_PREMISES,
            tls_sender_certificate_name=DomainPattern.parse("mail.other.example"),
        ),
    ),
)


def judge(peer=RELAY, tls=None, tenant=TENANT, **knobs):
    return Directory(Forest((tenant,), Behaviour(**knobs))).connection(peer, tls)


@pytest.mark.parametrize(
    ("peer", "tls", "by"), [(RELAY, None, AttributedBy.IP_ADDRESS), (STRANGER, CERTIFICATE, AttributedBy.CERTIFICATE)]
)
def test_before_july_2017_a_match_was_enough(peer, tls, by):
    assert judge(peer, tls).judge_recipient(FOREIGN, OUTSIDE).reason is Reason.RELAY_ACCESS_DENIED_ATTR36
    verdict = judge(peer, tls, relay_condition="none").judge_recipient(FOREIGN, OUTSIDE)
    assert (verdict.accepted, verdict.attribution.by) == (True, by)
    assert verdict.attribution.direction is Direction.ORIGINATING
    assert not judge(STRANGER, relay_condition="none").judge_recipient(FOREIGN, OUTSIDE).accepted


def test_the_trace_of_a_match_alone_says_so():
    trace = ConnectionNarrator(judge(relay_condition="none")).explain(FOREIGN, OUTSIDE)
    assert [step.name for step in trace.steps if step.name.endswith("-alone")] == ["ip-address-alone"]


def test_until_november_2023_the_header_from_could_relay():
    then = judge(header_from_relay="accepted")
    late = then.judge_recipient(FOREIGN, OUTSIDE)
    assert (late.accepted, late.stage) == (False, Stage.DATA)
    assert judge().judge_recipient(FOREIGN, OUTSIDE).stage is Stage.RCPT
    assert judge(STRANGER, header_from_relay="accepted").judge_recipient(FOREIGN, OUTSIDE).stage is Stage.RCPT
    rescued = then.judge_header_from(OUTSIDE, ("example.net", "contoso.com"))
    assert rescued is not None
    assert (rescued.reason, rescued.attribution.by) == (Reason.ORIGINATING_BY_IP_ADDRESS, AttributedBy.IP_ADDRESS)
    assert then.judge_header_from(OUTSIDE, ("example.net",)) is None
    assert judge(STRANGER, CERTIFICATE).judge_header_from(OUTSIDE, ("contoso.com",)) is not None


def test_the_trace_of_a_rescue_ends_in_the_header_from():
    then = judge(header_from_relay="accepted")
    rescued = then.judge_header_from(OUTSIDE, ("contoso.com",))
    assert rescued is not None
    trace = HeaderFromNarrator(ConnectionNarrator(then), ("contoso.com",), rescued).explain(FOREIGN, OUTSIDE)
    assert (trace.reason, trace.steps[-1].name) == (rescued.reason, "header-from")
    assert "contoso / By address" in trace.steps[-1].conclusion
    assert not trace.nearest


def test_before_april_2025_there_was_no_reject_direct_send():
    strict = evolve(TENANT, reject_direct_send=True)
    inside = Mailbox("user", "contoso.com")
    assert judge(STRANGER, tenant=strict).judge_recipient(OWN, inside).reason is Reason.DIRECT_SEND_REJECTED
    before = judge(STRANGER, tenant=strict, direct_send_setting="ignored")
    assert before.judge_recipient(OWN, inside).reason is Reason.INCOMING_ANONYMOUS
    assert ConnectionNarrator(before).explain(OWN, inside).reason is Reason.INCOMING_ANONYMOUS
