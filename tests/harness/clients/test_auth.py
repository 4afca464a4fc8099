"""Signing in, against a server that is not ours, and what the transcript shows of it."""

from __future__ import annotations

import pytest

from harness.clients.auth import Auth, encoded, shown, xoauth2
from harness.clients.raw import RawDriver
from harness.clients.smtplib_ import SmtplibDriver

BOTH = pytest.mark.parametrize("client", [RawDriver(), SmtplibDriver()], ids=lambda client: client.name)
PASSWORD = "Pa55word-of-printer"  # noqa: S105  of a lab
SIGNED = Auth("printer@contoso.com", None, "token-of-printer")


@BOTH
def test_a_password_signs_in_and_is_not_shown(client, porter, plan):
    seen = client.run(plan(porter, auth=Auth("printer@contoso.com", PASSWORD)))
    assert (seen.outcome, seen.stage) == ("accepted", "message")
    whole = "\n".join(seen.transcript)
    assert "<credentials>" in whole
    for secret in (PASSWORD, encoded(PASSWORD), encoded("printer@contoso.com")):
        assert secret not in whole


@BOTH
def test_a_refused_password_is_the_outcome(client, porter, plan):
    seen = client.run(plan(porter, auth=Auth("printer@contoso.com", "wrong")))
    assert (seen.outcome, seen.stage) == ("rejected", "auth")
    assert seen.reply.startswith("535 ")
    assert porter.handler.messages == []


@BOTH
def test_a_token_is_said_at_once_and_not_shown(client, porter, plan):
    seen = client.run(plan(porter, auth=SIGNED))
    assert (seen.outcome, seen.stage) == ("rejected", "auth")  # aiosmtpd knows no XOAUTH2
    assert "C: AUTH XOAUTH2 <credentials>" in seen.transcript
    assert encoded(xoauth2(SIGNED)) not in "\n".join(seen.transcript)


def test_smtplib_does_not_try_where_nothing_is_offered(peer, plan):
    seen = SmtplibDriver().run(plan(peer, auth=Auth("printer@contoso.com", PASSWORD)))
    assert (seen.outcome, seen.stage) == ("not-attempted", "auth")


@pytest.mark.parametrize(("line", "last", "expected"), [
    (b"AUTH LOGIN eA==\r\n", None, "C: AUTH LOGIN <credentials>"),
    (b"auth xoauth2 eA== more\r\n", "250 x", "C: auth xoauth2 <credentials>"),
    (b"AUTH LOGIN\r\n", "250 x", None),
    (b"eA==\r\n", "334 VXNlcm5hbWU6", "C: <credentials>"),
    (b"*\r\n", "334 VXNlcm5hbWU6", None),
    (b"eA==\r\n", "250 x", None),
])  # fmt: skip
def test_lines_of_a_dialogue(line, last, expected):
    assert shown(line, last) == expected


def test_the_data_of_xoauth2_and_a_repr_without_secrets():
    assert xoauth2(SIGNED) == "user=printer@contoso.com\1auth=Bearer token-of-printer\1\1"
    assert "token-of-printer" not in repr(SIGNED)
    assert PASSWORD not in repr(Auth("x", PASSWORD))
