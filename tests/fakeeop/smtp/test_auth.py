from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import ProtocolViolation
from fakeeop.smtp.auth import LONGEST_LINE, AuthExchange, Credentials, begin

USER, SECRET = "printer@contoso.com", "Pä55 word"
KEYS = {"auth-cancelled", "auth-base64", "auth-too-long", "xoauth2-invalid", "no-authentication", "invalid-arguments"}


def b64(text: str | bytes) -> bytes:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode())


def walk(said: bytes, *answers: bytes) -> AuthExchange | Credentials:
    outcome = begin(said)
    for answer in answers:
        if isinstance(outcome, Credentials):
            break
        outcome = outcome.answer(answer)
    return outcome


def refused(said: bytes, *answers: bytes) -> str:
    with pytest.raises(ProtocolViolation) as caught:
        walk(said, *answers)
    return caught.value.reply_key


def test_login_asks_for_name_and_password():
    exchange = begin(b"login")
    assert isinstance(exchange, AuthExchange)
    assert exchange.prompt == "auth-username"
    assert exchange.answer(b64(USER)) is exchange
    assert exchange.prompt == "auth-password"
    assert exchange.answer(b64(SECRET)) == Credentials("LOGIN", USER, SECRET)


def test_login_with_an_initial_response_asks_for_the_password_only():
    exchange = begin(b"LOGIN " + b64(USER))
    assert isinstance(exchange, AuthExchange)
    assert exchange.prompt == "auth-password"
    assert exchange.answer(b64(SECRET)) == Credentials("LOGIN", USER, SECRET)


@pytest.mark.parametrize("said", [b"LOGIN =", b"LOGIN"])
def test_an_empty_name_and_an_empty_password_are_answers(said):
    exchange = begin(said)
    assert isinstance(exchange, AuthExchange)
    if exchange.prompt == "auth-username":
        exchange.answer(b"")
    assert exchange.answer(b"") == Credentials("LOGIN", "", "")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_xoauth2_at_once_and_when_asked(scheme):
    data = b64(f"user={USER}\1auth={scheme} token-1\1\1")
    whole = Credentials("XOAUTH2", USER, "token-1")
    assert begin(b"XOAUTH2 " + data) == whole
    exchange = begin(b"XOAUTH2")
    assert isinstance(exchange, AuthExchange)
    assert exchange.prompt == "auth-continue"
    assert exchange.answer(data) == whole


@pytest.mark.parametrize("data", [
    "", "user=a", "user=a\1auth=Bearer t\1", "user=a\1auth=Basic t\1\1", "user=\1auth=Bearer t\1\1",
    "auth=Bearer t\1\1", "user=a\1auth=Bearer \1\1", "user=a\1auth=Bearer t\1\1more",
])  # fmt: skip
def test_what_is_no_xoauth2_data(data):
    assert refused(b"XOAUTH2", b64(data)) == "xoauth2-invalid"


@pytest.mark.parametrize(("said", "answers", "key"), [
    (b"", (), "invalid-arguments"), (b"LOGIN a b", (), "invalid-arguments"),
    (b"PLAIN AGEAYg==", (), "no-authentication"), (b"CRAM-MD5", (), "no-authentication"),
    (b"LOGIN", (b"*",), "auth-cancelled"), (b"LOGIN *", (), "auth-cancelled"),
    (b"LOGIN", (b64("a"), b"*"), "auth-cancelled"), (b"XOAUTH2", (b"*",), "auth-cancelled"),
    (b"LOGIN", (b"a",), "auth-base64"), (b"LOGIN !", (), "auth-base64"), (b"LOGIN", (b" " + b64("a"),), "auth-base64"),
    (b"LOGIN", (b"A" * (LONGEST_LINE - 1),), "auth-too-long"),
])  # fmt: skip
def test_what_is_refused(said, answers, key):
    assert refused(said, *answers) == key


def test_a_line_of_the_longest_length_is_taken():
    exchange = begin(b"LOGIN")
    assert isinstance(exchange, AuthExchange)
    assert exchange.answer(b"A" * (LONGEST_LINE - 4)) is exchange


def test_octets_that_are_no_text_belong_to_nobody():
    exchange = begin(b"LOGIN " + b64(b"\xff"))
    assert isinstance(exchange, AuthExchange)
    assert exchange.answer(b64("x")) == Credentials("LOGIN", "\\xff", "x")


def test_a_secret_is_not_shown():
    assert SECRET not in repr(Credentials("LOGIN", USER, SECRET))


@given(st.text(), st.text(), st.booleans())
def test_login_gives_what_was_said(user, secret, at_once):
    first = b64(user) or b"="
    outcome = begin(b"LOGIN " + first) if at_once else begin(b"LOGIN")
    if not at_once:
        assert isinstance(outcome, AuthExchange)
        outcome = outcome.answer(b64(user))
    assert isinstance(outcome, AuthExchange)
    assert outcome.answer(b64(secret)) == Credentials("LOGIN", user, secret)


@given(st.binary(), st.lists(st.binary(), max_size=3))
def test_whatever_is_said_has_an_outcome(said, answers):
    key = ""
    try:
        assert isinstance(walk(said, *answers), AuthExchange | Credentials)
    except ProtocolViolation as fault:
        key = fault.reply_key
    assert key in {"", *KEYS}
