"""AUTH in a session: replies, states, and a transcript without secrets, however the octets come."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.smtp.auth import Credentials
from fakeeop.smtp.auth_door import AuthDoor, ConfidentialTranscript, unconfidential
from fakeeop.smtp.names import SUBMISSION_FACE, Face
from fakeeop.smtp.state import State

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
    """A session of a submission endpoint that takes lines of 13,312 octets, EHLO said."""
    desk = new_desk(line=13_312)
    transcript = ConfidentialTranscript()
    porter = Porter()
    desk.session.transcript = transcript
    desk.session.auth = AuthDoor(porter, transcript)
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
    face = Face("X", forest, door=SUBMISSION_FACE.door)
    assert (face.banner_name, face.suffix_name) == ("X.outlook.office365.com", suffix)


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
    door = AuthDoor(porter, ConfidentialTranscript())
    assert door.announce(b"250-x\r\n250 SIZE\r\n", tls=True) == b"250-x\r\n250-AUTH LOGIN XOAUTH2\r\n250 SIZE\r\n"


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
