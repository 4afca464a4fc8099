from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import ProtocolViolation
from fakeeop.smtp.auth import (
    LONGEST_LINE,
    AuthExchange,
    Credentials,
    SessionAuth,
    begin,
    unconfidential,
)
from fakeeop.smtp.names import SUBMISSION_HOSTS, HostNames
from fakeeop.smtp.state import State
from fakeeop.smtp.transaction import Transcript

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


NAME, WORD = base64.b64encode(b"printer@contoso.com").decode(), base64.b64encode(b"Pa55word").decode()
GOOD = f"AUTH LOGIN\n{NAME}\n{WORD}\n"


GOOD_WORDS = {"Pa55word"}


class Porter:
    """Lets ``Pa55word`` in; the user ``close`` is answered by 421."""

    def __init__(self) -> None:
        self.seen: list[Credentials] = []

    def authenticate(self, credentials: Credentials) -> bytes | None:
        self.seen.append(credentials)
        if credentials.user == "close":
            return b"421 4.7.66 no\r\n"
        return None if credentials.secret in GOOD_WORDS else b"535 5.7.3 no\r\n"


def opened(new_desk: Any, *, tls: bool = True) -> tuple[Any, Porter]:
    """A session of a submission endpoint that takes AUTH lines of 13,312 octets, EHLO said."""
    porter = Porter()
    desk = new_desk(auth_line=13_312, authenticator=porter)
    desk.session.tls = tls
    desk.say("EHLO x\n")
    return desk, porter


def state(desk: Any) -> State:
    return desk.session.state  # type: ignore[no-any-return]


def noted(desk: Any) -> bytes:
    return b"".join(what for _, what in desk.session.transcript.entries if isinstance(what, bytes))


def codes(replies: list[str]) -> list[str]:
    return [reply[:3] for reply in replies]


def test_the_exchange_is_a_state_and_ends_in_ready(new_desk):
    desk, porter = opened(new_desk)
    assert desk.say("AUTH LOGIN\n") == ["334 VXNlcm5hbWU6"]
    assert state(desk) is State.AUTH
    assert desk.say(f"{NAME}\n") == ["334 UGFzc3dvcmQ6"]
    assert desk.say(f"{WORD}\n") == ["235 2.7.0 Authentication successful"]
    assert state(desk) is State.READY
    assert porter.seen == [Credentials("LOGIN", "printer@contoso.com", "Pa55word")]


def test_a_verb_in_an_exchange_is_an_answer(new_desk):
    desk, _ = opened(new_desk)
    desk.say("AUTH LOGIN\n")
    assert desk.say("QUIT\n") == ["334 UGFzc3dvcmQ6"]  # base64 of something
    assert codes(desk.say("QUIT \n")) == ["501"]
    assert state(desk) is State.READY
    assert desk.policy.refusals[-1][0] == "auth"


def test_refused_tried_again_and_once_only(new_desk):
    desk, _ = opened(new_desk)
    assert codes(desk.say(f"AUTH LOGIN {NAME}\nAAAA\n")) == ["334", "535"]
    assert codes(desk.say(GOOD)) == ["334", "334", "235"]
    assert codes(desk.say("AUTH LOGIN\n")) == ["503"]


def test_a_421_ends_the_session(new_desk):
    desk, _ = opened(new_desk)
    closing = base64.b64encode(b"close").decode()
    assert codes(desk.say(f"AUTH LOGIN {closing}\n{WORD}\nNOOP\n")) == ["334", "421"]
    assert desk.session.closed


@pytest.mark.parametrize(("forest", "suffix"), [
    ("AUSP282", "X.AUSP282.PROD.OUTLOOK.COM"), ("namprd17", "X.namprd17.prod.outlook.com"),
])  # fmt: skip
def test_the_names_of_port_587(forest, suffix):
    hosts = HostNames("X", forest, domain=SUBMISSION_HOSTS.domain)
    assert (hosts.banner_name, hosts.suffix_name) == ("X.outlook.office365.com", suffix)


def test_not_before_tls(new_desk):
    desk, _ = opened(new_desk, tls=False)
    assert codes(desk.say("AUTH LOGIN\n")) == ["504"]
    assert not any("AUTH" in line for line in desk.say("EHLO x\n"))


def test_the_list_has_auth_before_8bitmime(new_desk):
    desk, _ = opened(new_desk)
    lines = desk.say("EHLO x\n")
    assert lines.index("250-AUTH LOGIN XOAUTH2") + 1 == lines.index("250-8BITMIME")


def test_without_8bitmime_it_stands_before_the_last(new_desk):
    _, porter = opened(new_desk)
    auth = SessionAuth(porter, Transcript())
    assert auth.announce(b"250-x\r\n250 SIZE\r\n", tls=True) == b"250-x\r\n250-AUTH LOGIN XOAUTH2\r\n250 SIZE\r\n"


@pytest.mark.parametrize("start", ["AUTH XOAUTH2\n", "AUTH XOAUTH2 "])
def test_an_overlong_token_is_refused_and_not_shown(new_desk, start):
    desk, _ = opened(new_desk)
    replies = desk.say(start + "QUFB" * 5_000 + "\n")
    assert codes(replies)[-1] == "500"
    assert state(desk) is State.READY
    assert b"QUFBQUFB" not in noted(desk)
    desk.say("AUTH LOGIN\n")
    half = "QUFB" * 4_000
    assert desk.say(half) == []
    assert codes(desk.say(half + "\n")) == ["500"]
    assert b"QUFBQUFB" not in noted(desk)
    assert codes(desk.say("NOOP\n")) == ["250"]


@given(st.lists(st.integers(0, len(GOOD) + 12), max_size=6))
def test_no_split_brings_a_secret_into_the_transcript(new_desk, cuts):
    desk, _ = opened(new_desk)
    data = f"{GOOD}MAIL FROM:<>\n"
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    replies = [line for piece in pieces if piece for line in desk.say(piece)]
    assert codes(replies) == ["334", "334", "235", "250"]
    assert WORD.encode() not in noted(desk)
    assert NAME.encode() not in noted(desk)
    assert noted(desk).count(b"<credentials>") == 2


def test_cancelling_shows(new_desk):
    desk, _ = opened(new_desk)
    assert codes(desk.say("AUTH LOGIN\n*\n")) == ["334", "501"]
    assert b"*\r\n" in noted(desk)


@pytest.mark.parametrize(("said", "shown"), [
    (b"AUTH LOGIN eA==\r\n", b"AUTH LOGIN <credentials>\r\n"),
    (b"auth  plain  AA ==\r\n", b"auth  plain  <credentials>\r\n"),
    (b"AUTH LOGIN\r\n", b"AUTH LOGIN\r\n"),
    (b"NOOP\r\nAUTH X y\r\nQUIT\r\n", b"NOOP\r\nAUTH X <credentials>\r\nQUIT\r\n"),
])  # fmt: skip
def test_commands_as_they_may_be_shown(said, shown):
    assert unconfidential(said) == shown


@pytest.mark.parametrize("parameter", ["AUTH=<>", "auth=x+40y.example SIZE=5", "SIZE=5 AUTH=<>"])
def test_the_parameter_of_mail_is_let_pass(new_desk, parameter):
    desk, _ = opened(new_desk)
    assert codes(desk.say(f"MAIL FROM:<a@contoso.com> {parameter}\n")) == ["250"]
    mx = new_desk()
    assert codes(mx.say(f"EHLO x\nMAIL FROM:<a@contoso.com> {parameter}\n"))[-1] == "501"


SECRETS = ("AHByaW50ZXIAUGE1NXdvcmQ=", "UGE1NXdvcmQ=", "cHJpbnRlckBjb250b3NvLmNvbQ==")
_PLAIN, _WORD, _USER = SECRETS
DIALOGUES = (
    f"AUTH PLAIN {_PLAIN}\n",
    f"AUTH PLAIN\n{_PLAIN}\n",
    f"AUTH PLAIN \n{_PLAIN}\nNOOP\n",
    f"auth plain {_PLAIN}\n",
    f"AUTH  PLAIN  {_PLAIN}\n",
    f"AUTH\tPLAIN\t{_PLAIN}\n",
    f"AUTH\vPLAIN\v{_PLAIN}\n",
    f"AUTH\vPLAIN {_PLAIN}\n",
    f"AUTH PLAIN\v{_PLAIN}\n",
    f"\vAUTH PLAIN {_PLAIN}\n",
    f" AUTH PLAIN {_PLAIN}\n",
    f"AUTH\0PLAIN\0{_PLAIN}\n",
    f"AUTH {_PLAIN}\n",
    f"AUTH{_PLAIN}\n",
    f"AUTH={_PLAIN}\n",
    f"AUTH PLAIN={_PLAIN}\n",
    f"AUTH LOGIN {_USER}\n{_WORD}\n",
    f"AUTH LOGIN\n{_USER}\n{_WORD}\n",
    f"AUTH LOGIN\n{_USER}\n{_WORD}\n{_WORD}\n{_PLAIN}\n",
    f"AUTH LOGIN\n{_USER} {_WORD}\n{_WORD}\n",
    f"AUTH LOGIN\n*\n{_WORD}\n",
    f"AUTH LOGIN\n!\n{_USER}\n{_WORD}\n",
    f"AUTH LOGIN {_USER} {_WORD}\n{_WORD}\n",
    f"AUTH XOAUTH2 {_PLAIN}\n",
    f"AUTH XOAUTH2\n{_PLAIN}\n{_WORD}\n",
    f"AUTH CRAM-MD5\n{_PLAIN}\n",
    f"AUTH NTLM {_USER}\n{_PLAIN}\n",
    f"AUTH UNKNOWN {_PLAIN}\n",
    f"AUTH PLAIN\n\n{_PLAIN}\n",
    f"AUTH PLAIN\n\0{_PLAIN}\n",
    f"AUTH PLAIN\n {_PLAIN}\n",
    f"AUTH PLAIN\n{_PLAIN}\r\n{_WORD}\r\n",
    f"{GOOD}AUTH PLAIN {_PLAIN}\n",
    f"{GOOD}AUTH PLAIN\n{_PLAIN}\n",
    f"{GOOD}AUTH LOGIN\n{_USER}\n{_WORD}\n",
    f"{GOOD}{_WORD}\n",
    f"NOOP\nAUTH LOGIN\n{_USER}\n{_WORD}\nRSET\n",
    f"MAIL FROM:<a@contoso.com>\nAUTH PLAIN\n{_PLAIN}\n",
    f"AUTH PLAIN\nnonsense\nnonsense {_WORD}\n",
    f"STARTTLS now\nAUTH PLAIN\n{_PLAIN}\n",
    "AUTH PLAIN " + _PLAIN * 900 + "\n",
    "AUTH PLAIN\n" + _PLAIN * 900 + "\n" + _WORD + "\n",
    "\vAUTH " + "A" * 14_000 + _PLAIN + "\n",
)


@pytest.mark.parametrize("listener", ["mx", "mx-tls", "submission", "submission-tls"])
@pytest.mark.parametrize("piece", [1 << 20, 7], ids=["at-once", "in-pieces"])
def test_no_dialogue_brings_a_secret_into_the_transcript(new_desk, listener, piece):
    for dialogue in DIALOGUES:
        desk = new_desk() if listener.startswith("mx") else new_desk(auth_line=13_312, authenticator=Porter())
        desk.session.tls = listener.endswith("tls")
        desk.say("EHLO x\n")
        for start in range(0, len(dialogue), piece):
            desk.say(dialogue[start : start + piece])
        shown = noted(desk)
        for secret in (*SECRETS, NAME, WORD):
            assert secret.encode() not in shown, (dialogue, shown)
            assert secret.upper().encode() not in shown, (dialogue, shown)


def test_after_a_known_command_lines_show_again(new_desk):
    desk = new_desk()
    desk.say("EHLO x\nAUTH PLAIN\nAAAA\nNOOP\nBOGUS\n")
    shown = noted(desk)
    assert b"AUTH PLAIN\r\n<credentials>\r\nNOOP\r\nBOGUS\r\n" in shown
    assert b"'<credentials>'" in shown
    assert b"'BOGUS'" in shown


_LINES = st.sampled_from([
    *("AUTH LOGIN", f"AUTH LOGIN {NAME}", "AUTH XOAUTH2", "AUTH PLAIN AA==", NAME, WORD, "*", "", "AAAA", "!"),
    *("EHLO x", "MAIL FROM:<a@contoso.com>", "RCPT TO:<b@contoso.com>", "DATA", ".", "BDAT 0 LAST", "RSET", "NOOP"),
])  # fmt: skip


@given(st.lists(_LINES, max_size=25), st.lists(st.integers(0, 500), max_size=8))
def test_whatever_is_said_nobody_gets_in_without_the_password(new_desk, lines, cuts):
    desk, porter = opened(new_desk)
    data = "".join(f"{line}\r\n" for line in lines).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    replies: list[str] = []
    for piece in (data[start:end] for start, end in pairwise(edges)):
        replies += desk.say(piece) if piece else []
    welcome = [reply for reply in replies if reply.startswith("235")]
    right = [each for each in porter.seen if each.secret in GOOD_WORDS]
    assert len(welcome) == len(right) <= 1
    assert desk.session.auth.authenticated == bool(welcome)
    if state(desk) is not State.CLOSED and state(desk) is not State.DATA:
        assert (state(desk) is State.AUTH) == desk.session.auth.waiting
