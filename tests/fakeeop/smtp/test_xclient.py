"""The arguments of XCLIENT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import ProtocolViolation
from fakeeop.model.addresses import parse_ip
from fakeeop.smtp.xclient import ATTRIBUTES, XclientCommand, parse_xclient


def test_every_attribute():
    command = parse_xclient(
        b"NAME=Relay.Contoso.com ADDR=203.0.113.25 PORT=40000 PROTO=esmtp HELO=[203.0.113.25] "
        b"DESTADDR=192.0.2.1 DESTPORT=25"
    )
    assert command == XclientCommand(
        parse_ip("203.0.113.25"),
        40_000,
        "relay.contoso.com",
        "[203.0.113.25]",
        "ESMTP",
        parse_ip("192.0.2.1"),
        25,
    )
    assert str(command) == (
        "NAME=relay.contoso.com ADDR=203.0.113.25 PORT=40000 PROTO=ESMTP HELO=[203.0.113.25] "
        "DESTADDR=192.0.2.1 DESTPORT=25"
    )


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        (b"ADDR=IPV6:2001:db8::25", "2001:db8::25"),
        (b"addr=ipv6:2001:DB8::25", "2001:db8::25"),
        (b"ADDR=IPV6:::ffff:203.0.113.25", "203.0.113.25"),
        (b"  ADDR=203.0.113.25  ", "203.0.113.25"),
        (b"ADDR=203+2E0.113.25", "203.0.113.25"),
    ],
)
def test_addresses(argument: bytes, address: str):
    assert parse_xclient(argument) == XclientCommand(parse_ip(address))


def test_what_is_not_known():
    command = parse_xclient(b"NAME=[UNAVAILABLE] ADDR=[tempunavail]")
    assert command == XclientCommand(unknown=frozenset({"NAME", "ADDR"}))
    assert str(command) == "NAME=unknown ADDR=unknown"


@pytest.mark.parametrize(
    "argument",
    [
        *(b"", b"  ", b"ADDR", b"ADDR=", b"ADDR=relay", b"ADDR=2001:db8::25", b"ADDR=IPV6:fe80::1%lo", b"LOGIN=ann"),
        *(b"ADDR=1.2.3.4 ADDR=1.2.3.5", b"NAME=[UNAVAILABLE] NAME=a", b"NAME=-a", b"NAME=a+2", b"NAME=a+00"),
        *(b"PORT=65536", b"PORT=-1", b"PORT=+31+", b"PROTO=LMTP", b"HELO=a+20b", b"HELO=\xe4", b"DESTPORT=x"),
        *(b"DESTADDR=x", b"HELO=" + b"x" * 256),
    ],
)
def test_what_is_wrong(argument: bytes):
    with pytest.raises(ProtocolViolation) as caught:
        parse_xclient(argument)
    assert caught.value.reply_key == "invalid-arguments"


def test_a_session_starts_anew_for_a_trusted_client(new_desk):
    desk = new_desk()
    assert desk.say("XCLIENT ADDR=198.51.100.3\n")[0].startswith("500 5.3.3 Unrecognized command 'XCLIENT' [")
    desk = new_desk(xclient=True)
    assert desk.say("EHLO x\n")[-2:] == ["250-SMTPUTF8", "250 XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT"]
    assert desk.codes("xclient addr=198.51.100.3\nNOOP\nMAIL FROM:<a@contoso.com>\nEHLO x\n") == [
        *("220", "250", "503", "250")
    ]
    assert desk.policy.spoken_for == XclientCommand(parse_ip("198.51.100.3"))
    assert desk.say("HELO x\n") == ["250 SN1PEPF000252A1.mail.protection.outlook.com Hello [198.51.100.3]"]
    assert desk.codes("MAIL FROM:<a@contoso.com>\nXCLIENT ADDR=198.51.100.4\nRSET\nXCLIENT ADDR=x\n") == [
        *("250", "503", "250", "501")
    ]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80))
def test_xtext_carries_every_printable_character(helo: str):
    octets = "".join(each if each.isalnum() else f"+{ord(each):02X}" for each in helo).encode()
    assert parse_xclient(b"HELO=" + octets) == XclientCommand(helo=helo)


@given(st.lists(st.tuples(st.sampled_from(ATTRIBUTES), st.binary(max_size=20)), max_size=4))
def test_any_octets_give_a_command_or_a_violation(pairs):
    try:
        parse_xclient(b" ".join(name.encode() + b"=" + value for name, value in pairs))
    except ProtocolViolation as why:
        reply_key = why.reply_key
    else:
        reply_key = "invalid-arguments"
    assert reply_key == "invalid-arguments"
