from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import ProtocolViolation
from fakeeop.model.addresses import Mailbox
from fakeeop.smtp.grammar import parse_bdat, parse_hello, parse_mail, parse_rcpt


@pytest.mark.parametrize(
    ("path", "local", "domain"),
    [
        ("<a@b.example>", "a", "b.example"),
        (" <a@b.example>", "a", "b.example"),
        ("<A.b+c=d@B.Example>", "A.b+c=d", "b.example"),
        ('<"a b"@c.example>', '"a b"', "c.example"),
        ('<"a\\"@x"@c.example>', '"a\\"@x"', "c.example"),
        ("<@relay.example,@other.example:a@b.example>", "a", "b.example"),
        ("a@b.example", "a", "b.example"),
        ("<a@[203.0.113.1]>", "a", "[203.0.113.1]"),
        ("<a@[IPv6:2001:DB8::1]>", "a", "[ipv6:2001:db8::1]"),
        ("<a@bücher.example>", "a", "xn--bcher-kva.example"),
        ("<a@single>", "a", "single"),
    ],
)
def test_paths(path, local, domain):
    utf8 = not path.isascii()
    assert parse_mail(b"FROM:" + path.encode() + b" SMTPUTF8" * utf8).reverse_path == Mailbox(local, domain)
    assert parse_rcpt(b"to:" + path.encode(), smtputf8=utf8).mailbox == Mailbox(local, domain)


@pytest.mark.parametrize(
    "path",
    [
        *("<a@>", "<@b.example>", "<a>", "a", "<a@b@c.example>", "<a b@c.example>", "<a@b.example", "a@b.example>", ""),
        *(
            "<a..b@c.example>",
            "<.a@c.example>",
            "<a.@c.example>",
            "<a@-b.example>",
            "<a@b..example>",
            "<a@b_ .example>",
        ),
        *(
            '<"a@b.example>',
            "<a@b.example>x",
            "<ä@b.example>",
            "<a@ä.example>",
            "<a\x00@b.example>",
            "<a@[x y]>",
            "< >",
        ),
    ],
)
def test_paths_that_are_none(path):
    with pytest.raises(ProtocolViolation, match="invalid-sender"):
        parse_mail(b"FROM:" + path.encode())
    with pytest.raises(ProtocolViolation, match="invalid-recipient"):
        parse_rcpt(b"TO:" + path.encode(), smtputf8=False)


def test_octets_that_are_no_utf8():
    with pytest.raises(ProtocolViolation, match="invalid-sender"):
        parse_mail(b"FROM:<\xff@b.example> SMTPUTF8")


def test_null_path():
    assert parse_mail(b"FROM:<>").reverse_path.is_null
    assert parse_mail(b"FROM: <> SIZE=0").size == 0
    with pytest.raises(ProtocolViolation, match="invalid-recipient"):
        parse_rcpt(b"TO:<>", smtputf8=False)


@pytest.mark.parametrize(
    "words",
    [
        *(
            "SIZE=x",
            "SIZE=",
            "SIZE",
            "SIZE=-1",
            "SIZE=1 SIZE=2",
            "SIZE=" + "9" * 21,
            "BODY=9BIT",
            "BODY",
            "RET=ALL",
            "RET",
        ),
        *("ENVID=", "ENVID=a=b", "ENVID=+4", "ENVID=" + "x" * 101, "SMTPUTF8=yes", "AUTH=<>", "=x", "NOTIFY=NEVER"),
    ],
)
def test_bad_mail_parameters(words):
    with pytest.raises(ProtocolViolation, match="invalid-arguments"):
        parse_mail(b"FROM:<a@b.example> " + words.encode())


@pytest.mark.parametrize(
    "words",
    [
        *("NOTIFY=", "NOTIFY=NEVER,SUCCESS", "NOTIFY=LATER", "NOTIFY", "ORCPT=x", "ORCPT=rfc822;", "ORCPT=;x", "FOO"),
        *("ORCPT=rfc822;a+2b", "ORCPT=rfc822;" + "x" * 500, "ORCPT=rfc822;ä", "SIZE=1", "NOTIFY=DELAY NOTIFY=DELAY"),
    ],
)
def test_bad_rcpt_parameters(words):
    with pytest.raises(ProtocolViolation, match="invalid-arguments"):
        parse_rcpt(b"TO:<a@b.example> " + words.encode(), smtputf8=False)


def test_smtputf8():
    assert parse_mail("FROM:<ä@b.example> SMTPUTF8".encode()).reverse_path.local == "ä"
    assert parse_rcpt("TO:<ä@b.example>".encode(), smtputf8=True).mailbox.local == "ä"
    recipient = parse_rcpt("TO:<ä@b.example> ORCPT=utf-8;ä\\x{20}@b.example".encode(), smtputf8=True)
    assert recipient.dsn.orcpt == "utf-8;ä\\x{20}@b.example"


@pytest.mark.parametrize(
    "name", ["relay", "a_b.example", "relay.contoso.com.", "[203.0.113.1]", "[IPv6:2001:db8::1]", " x "]
)
def test_hello_names(name):
    assert parse_hello(name.encode()) == name.strip()


@pytest.mark.parametrize("name", ["", "a b", "a..b", ".", "[x]", "ü", "<a>", "x" * 256])
def test_hello_names_that_are_none(name):
    with pytest.raises(ProtocolViolation, match="invalid-name"):
        parse_hello(name.encode())


def test_bdat():
    assert parse_bdat(b"0 LAST") == (0, True)
    assert parse_bdat(b"12") == (12, False)
    assert parse_bdat(b" 7  last ") == (7, True)
    for bad in (b"", b"x", b"-1", b"1 FIRST", b"1LAST", b"9" * 19):
        with pytest.raises(ProtocolViolation, match="invalid-arguments"):
            parse_bdat(bad)


@given(octets=st.binary(max_size=80))
def test_any_octets_are_a_value_or_a_violation(octets):
    for read in (parse_mail, parse_hello, parse_bdat, lambda argument: parse_rcpt(argument, smtputf8=True)):
        for prefix in (b"", b"FROM:", b"TO:<", b"FROM:<a@b.example> "):
            try:
                read(prefix + octets)
            except ProtocolViolation:
                continue
