"""Every pattern that a client can feed, fed with a megabyte of its worst case.

Nothing is timed: what is linear takes milliseconds here, what is quadratic would take an hour.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from fakeeop.authenticity.dkim_check import check_dkim
from fakeeop.authenticity.signing import _relaxed_body
from fakeeop.errors import ProtocolViolation
from fakeeop.guard.faults.magic import magic_fault
from fakeeop.message.fields import Head
from fakeeop.message.headers import FIELD, fields, from_addresses, from_domains, message_id, overlong_from
from fakeeop.message.received import looping, trail
from fakeeop.model.zone import Zone
from fakeeop.smtp import grammar
from fakeeop.smtp.auth import Credentials, SessionAuth
from fakeeop.smtp.lineends import has_bare_line_feed, scan
from fakeeop.smtp.session import stray
from fakeeop.smtp.transaction import Transcript
from fakeeop.smtp.xclient import parse_xclient

MEGABYTE = 1 << 20
PIECES = (
    *("a", " ", "<", "@", "@ ", "a @ ", '"', '"\\"', "\\", "(", "(\\", ",", ";", "["),
    *("\r\n ", "a\n\t", '"a" <', "a@b.c,", "ä", "a.", "IPv6:", "\r"),
)
SAID = ("a", " ", "@", '"\\"', "a.", ":", "1", "+4", "A=B ")
pieces = pytest.mark.parametrize("piece", PIECES)


class Nobody:
    def authenticate(self, credentials: Credentials) -> bytes | None:
        raise AssertionError(credentials)


def much(piece: str, octets: int = MEGABYTE) -> bytes:
    raw = piece.encode()
    return raw * (octets // len(raw) + 1)


@pieces
def test_header_fields(piece):
    content = b"From: " + much(piece) + b"x\r\n\r\nbody"
    assert isinstance(from_domains(content), tuple)
    from_addresses(content)
    overlong_from(content)
    fields(content)
    message_id(b"Message-ID: " + much(piece) + b"x\r\n\r\nbody")
    content = b"Received: from " + much(piece) + b"\r\n\r\nbody"
    looping(content)
    trail(Head.of(content))


@pytest.mark.parametrize("line", ["From", "From : x", "Message-ID\t", "Received: from ("])
@pytest.mark.parametrize("end", ["\r\n", " \n ", ""])
def test_header_lines(line, end):
    content = much(line + end) + b"\r\n\r\nbody"
    assert isinstance(from_domains(content), tuple)
    from_addresses(content)
    overlong_from(content)
    message_id(content)
    fields(content)
    looping(content)
    Head.of(content)


@pieces
def test_bodies(piece):
    body = much(piece) + b"x"
    assert _relaxed_body(body)
    scan(body)
    has_bare_line_feed([body])


@pytest.mark.parametrize("piece", [" ", "\t", "\r\n", "\r\n a", "a "])
def test_signed_messages(piece):
    head = (
        b"From: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=b.example; s=s; h=From;\r\n"
        b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
    )
    for content in (head + b"\r\n" + much(piece) + b"x\r\n", head + b"X: " + much(piece) + b"x\r\n\r\nbody\r\n"):
        assert check_dkim(Zone(), content, bool).result != "pass"


def test_a_body_of_empty_lines():
    assert _relaxed_body(much("\r\n")) == b""
    assert _relaxed_body(b"x" + much(" \r\n")) == b"x\r\n"


@pytest.mark.parametrize("piece", SAID)
def test_commands(piece):
    auth = SessionAuth(Nobody(), Transcript())
    for start, end in ((b"<", b">"), (b"<a@b> ENVID=", b"?")):
        said = start + much(piece) + end
        for parse in (
            grammar.parse_hello,
            lambda octets: grammar.parse_mail(b"FROM:" + octets),
            lambda octets: grammar.parse_rcpt(b"TO:<a@b> ORCPT=rfc822;" + octets, smtputf8=True),
            lambda octets: grammar.parse_rcpt(b"TO:<a@b> ORCPT=utf-8;" + octets, smtputf8=True),
            grammar.parse_bdat,
            lambda octets: parse_xclient(b"NAME=" + octets),
            lambda octets: parse_xclient(b"HELO=" + octets),
        ):
            with suppress(ProtocolViolation):
                parse(said)
        stray(b"GET " + said)
        stray(said.upper())
        auth.without_parameter(b" AUTH" + said)
        auth.without_parameter(said)
        magic_fault("fault-delay-" + said.decode())


def test_of_a_long_from_field_the_beginning_counts():
    content = b"From: a@b.example," + b" " * FIELD + b"c@d.example\r\n\r\n"
    assert from_domains(content) == ("b.example",)
    assert from_addresses(content) == ("a@b.example",)
    assert overlong_from(content) == len(" a@b.example,") + FIELD + len("c@d.example\r")
    assert overlong_from(b"From: a@b.example\r\nX: " + b"x" * FIELD + b"\r\n\r\n") == 0


@pytest.mark.parametrize(
    "value", ['"open <a@b.example>', "(open <a@b.example>", "(open (closed x@y) <a@b.example>", '\\" a@b.example']
)
def test_what_is_not_closed_stays(value):
    assert from_domains(f"From: {value}\r\n\r\n".encode()) == ("b.example",)
