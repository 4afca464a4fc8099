"""Which limit a peer or a recipient meets."""

from __future__ import annotations

import ipaddress

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.guard.limits.engine import (
    BLOCK_KEYS,
    LimitEngine,
    RecipientCheck,
    block_of,
    region_refusal,
    unauthenticated_ipv6,
)
from fakeeop.model.limits import BLOCK_KINDS, DEFAULTS, Block, Limits
from fakeeop.smtp.replies.rows import ROW

IP = ipaddress.ip_address("203.0.113.25")
IP6 = ipaddress.ip_address("2001:db8::25")


def test_every_block_has_its_row():
    assert set(BLOCK_KEYS) == set(BLOCK_KINDS)
    assert set(BLOCK_KEYS.values()) <= set(ROW)


def test_what_is_said_goes_over_what_is_wider():
    wide = Limits(message_size=10, errors_per_session=3)
    assert Limits(message_size=0).over(wide).over(DEFAULTS) == evolve(DEFAULTS, message_size=0, errors_per_session=3)
    assert wide.over(Limits()) == wide


def test_connections_of_one_address_are_counted():
    engine = LimitEngine(evolve(DEFAULTS, connections_per_address=2))
    assert [engine.connected(IP) for _ in range(3)] == [None, None, "too-many-connections"]
    assert engine.connected(IP6) is None
    engine.left(IP)
    assert engine.connected(IP) == "too-many-connections"
    for _ in range(3):
        engine.left(IP)
    assert engine.connected(IP) is None


@given(st.lists(st.booleans(), max_size=60))
def test_as_many_as_are_open_count(steps: list[bool]):
    engine, opened = LimitEngine(evolve(DEFAULTS, connections_per_address=3)), 0
    for comes in steps:
        if comes:
            opened += 1
            assert (engine.connected(IP) is None) is (opened <= 3)
        elif opened:
            opened -= 1
            engine.left(IP)


def test_the_bucket_spares_mail_of_a_connector():
    limits = evolve(DEFAULTS, recipients_per_minute=60, recipient_burst=2)
    engine = LimitEngine(limits)
    asked = RecipientCheck(IP, limits)
    assert [engine.recipient(asked, 0.0) for _ in range(3)] == [None, None, "server-busy"]
    assert engine.recipient(evolve(asked, by_connector=True), 0.0) is None
    assert engine.recipient(asked, 1.0) is None


@pytest.mark.parametrize("kind", BLOCK_KINDS)
def test_blocked_addresses(kind: str):
    limits = evolve(DEFAULTS, blocked=(Block(kind, ipaddress.ip_network("203.0.113.0/24")),))
    assert LimitEngine(DEFAULTS).recipient(RecipientCheck(IP, limits, by_connector=True), 0.0) == BLOCK_KEYS[kind]
    assert block_of(ipaddress.ip_address("198.51.100.1"), limits) is None
    assert block_of(IP6, limits) is None


def test_ipv6_needs_a_reverse_name_or_a_connector():
    limits = evolve(DEFAULTS, ipv6_reverse_name=True)
    engine = LimitEngine(limits)
    assert engine.recipient(RecipientCheck(IP6, limits), 0.0) == "ipv6-no-reverse-name"
    assert engine.recipient(RecipientCheck(IP6, limits, reverse_name="mail.contoso.com"), 0.0) is None
    assert engine.recipient(RecipientCheck(IP6, limits, by_connector=True), 0.0) is None
    assert engine.recipient(RecipientCheck(IP, limits), 0.0) is None


def test_a_tenant_that_takes_no_ipv6():
    limits = evolve(DEFAULTS, accept_ipv6=False)
    assert (
        LimitEngine(DEFAULTS).recipient(RecipientCheck(IP6, limits, reverse_name="a.example"), 0.0)
        == "ipv6-not-accepted"
    )


def test_ipv6_needs_a_signature_or_spf():
    limits = evolve(DEFAULTS, ipv6_authentication=True)
    assert unauthenticated_ipv6(IP6, limits, signed=False)
    assert not unauthenticated_ipv6(IP6, limits, signed=True)
    assert not unauthenticated_ipv6(IP, limits, signed=False)
    assert not unauthenticated_ipv6(IP6, DEFAULTS, signed=False)
    passing = evolve(limits, ipv6_spf_passes=(ipaddress.ip_network("2001:db8::/32"),))
    assert not unauthenticated_ipv6(IP6, passing, signed=False)


def test_recipients_of_a_tenant():
    limits = evolve(DEFAULTS, recipients_per_message=2)
    engine = LimitEngine(DEFAULTS)
    assert engine.recipient(RecipientCheck(IP, limits, accepted_of_tenant=1), 0.0) is None
    assert engine.recipient(RecipientCheck(IP, limits, accepted_of_tenant=2), 0.0) == "too-many-recipients"


@pytest.mark.parametrize(
    ("here", "earlier", "new", "key"),
    [
        (None, (), "EUR", None),
        ("EUR", (), None, None),
        ("EUR", (), "eur", None),
        ("EUR", (), "NAM", "wrong-region"),
        (None, ("EUR",), "NAM", "several-regions"),
        (None, (None, "EUR"), "EUR", None),
        ("EUR", ("EUR",), "NAM", "wrong-region"),
    ],
)
def test_regions(here: str | None, earlier: tuple[str | None, ...], new: str | None, key: str | None):
    assert region_refusal(here, earlier, new) == key
