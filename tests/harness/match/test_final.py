from __future__ import annotations

from typing import Any

import pytest

from fakeeop.config.marked import load_marked
from harness.match.final import match_final

SESSION = {
    "peer": "198.51.100.9",
    "tls": None,
    "attributed-to": "none",
    "verdict": "relay-access-denied",
    "nearest": [{"tenant": "contoso", "connector": "Office relay", "failed": "SenderIPAddresses"}],
}
MESSAGE = {
    "rcpt-to": ["b@fabrikam.example"],
    "directionality": "Originating",
    "headers": [["Received", "x"], ["Received", "y"]],
    "dsn": {"notify": None, "orcpt": None},
}


def paths(expect: str, sessions: Any = (SESSION,), messages: Any = (MESSAGE,)) -> list[str]:
    return [one.path for one in match_final(load_marked(expect), sessions, messages).mismatches]


@pytest.mark.parametrize(
    "expect",
    [
        "{}",
        "sessions: [{peer: 198.51.100.0/24, tls: null, attributed-to: none}]",
        "sessions: [{nearest: [{connector: Office relay, failed: SenderIPAddresses}]}]",
        "messages: [{rcpt-to: [b@FABRIKAM.example], headers: {Received: {count: {ge: 1}}}}]",
        "messages: {order: any, each: {directionality: Originating}, items: [{}]}",
        "messages: [{dsn: {orcpt: {absent: true}}}]",
        "messages: {count: 1}",
        "reports: []",
    ],
)
def test_holds(expect):
    assert paths(expect) == []


@pytest.mark.parametrize(
    ("expect", "path"),
    [
        ("messages: []", "expect.messages"),
        ("sessions: []", "expect.sessions"),
        ("sessions: [{attributed-to: {tenant: contoso}}]", "expect.sessions[1].attributed-to"),
        ("sessions: [{tls: {version: TLSv1.3}}]", "expect.sessions[1].tls"),
        ("sessions: [{nearest: []}]", "expect.sessions[1].nearest"),
        ("messages: [{}, {}]", "expect.messages[2]"),
        ("messages: {each: {directionality: Incoming}}", "expect.messages.each[1].directionality"),
        ("reports: [{kind: dsn}]", "expect.reports[1]"),
    ],
)
def test_fails(expect, path):
    assert paths(expect) == [path]


def test_sessions_are_in_order():
    other = {**SESSION, "peer": "203.0.113.25"}
    expect = "sessions: [{peer: 203.0.113.25}, {peer: 198.51.100.9}]"
    assert paths(expect, (other, SESSION)) == []
    assert paths(expect, (SESSION, other)) == ["expect.sessions[1].peer", "expect.sessions[2].peer"]


def test_a_mismatch_of_a_session_names_the_connector_nearest_to_it():
    (found,) = match_final(load_marked("sessions: [{verdict: tls-required}]"), [SESSION], []).mismatches
    assert found.seen_by == "journal"
    assert found.nearest == '"Office relay", failed on SenderIPAddresses'


def test_messages_in_any_order_pair_so_that_little_is_wrong():
    one, two = {"rcpt-to": ["a@x.example"], "tenant": "t"}, {"rcpt-to": ["b@x.example"], "tenant": "t"}
    expect = "messages: {order: any, items: [{rcpt-to: [b@x.example], tenant: other}, {rcpt-to: [a@x.example]}]}"
    assert paths(expect, messages=(one, two)) == ["expect.messages.items[1].tenant"]


def test_nothing_expected_holds():
    assert match_final(None, [SESSION], []).holds


COPY = {
    "recipient": "b@fabrikam.example",
    "where": "internet",
    "hops": [{"from": "a", "by": "b", "via": None}, {"from": "b", "by": "mx.fabrikam.example", "via": None}],
    "headers": [["Received", "from b by mx.fabrikam.example"], ["Received", "from a by b"]],
}


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("delivered: [{recipient: b@FABRIKAM.example, where: internet, hops: {count: 2}}]", []),
        ("delivered: [{hops: [{from: a}, {by: {glob: 'mx.*'}, via: null}]}]", []),
        ("delivered: [{headers: {Received: [{starts-with: from b}, from a by b]}}]", []),
        ("delivered: []", ["expect.delivered"]),
        ("delivered: [{where: mailbox}]", ["expect.delivered[1].where"]),
        ("delivered: [{hops: {count: 3}}]", ["expect.delivered[1].hops"]),
        ("delivered: [{hops: [{}, {by: mx.other.example}]}]", ["expect.delivered[1].hops[2].by"]),
        ("delivered: [{headers: {Received: {count: 1}}}]", ["expect.delivered[1].headers.Received"]),
    ],
)
def test_what_was_delivered(expect, found):
    matched = match_final(load_marked(expect), (), (), delivered=(COPY,))
    assert [one.path for one in matched.mismatches] == found


ROW = {
    "RecipientAddress": "b@fabrikam.example",
    "Status": "Delivered",
    "FromIP": "203.0.113.25",
    "ToIP": None,
    "Events": [
        {"Event": "Receive", "Data": "<root>S:InboundConnectorData=Name=Relay;</root>"},
        {"Event": "Send", "Data": "<root></root>"},
    ],
}


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("trace: [{RecipientAddress: b@FABRIKAM.example, Status: Delivered, FromIP: 203.0.113.0/24, ToIP: null}]", []),
        ("trace: [{Events: [{Data: {contains: Name=Relay;}}, {Event: Send}]}]", []),
        ("trace: [{Events: {excludes: [{Event: Fail}]}}]", []),
        ("trace: []", ["expect.trace"]),
        ("trace: [{Status: Failed}]", ["expect.trace[1].Status"]),
        ("trace: [{Events: [{}, {Event: Deliver}]}]", ["expect.trace[1].Events[2].Event"]),
    ],
)
def test_the_trace(expect, found):
    matched = match_final(load_marked(expect), (), (), trace=(ROW,))
    assert [one.path for one in matched.mismatches] == found
