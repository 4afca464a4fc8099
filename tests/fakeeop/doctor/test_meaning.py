"""What answers mean, and what kind of server gives them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.doctor.meaning import KINDS, kind_of, meaning, row_of
from fakeeop.doctor.troubles import connect_trouble, is_loopback
from fakeeop.smtp.replies.rows import ROWS

READY = "Microsoft ESMTP MAIL Service ready at Sun, 9 Mar 2025 19:25:28 +0000 [08DD3FA5DBC8F401]"


@pytest.mark.parametrize(("banner", "extensions", "port", "kind"), [
    (f"220 AM4PEPF00027A5E.mail.protection.outlook.com {READY}", ["SIZE 157286400"], 25, "mx"),
    (f"220 SY5P282CA0097.outlook.office365.com {READY}", [], 587, "submission"),
    (f"220 AM4PEPF00027A5E.mail.protection.outlook.com {READY}", ["AUTH LOGIN XOAUTH2"], 25, "submission"),
    (f"220 AM4PEPF00027A5E.mail.protection.outlook.com {READY}", ["SIZE 49283072"], 25, "consumer"),
    (f"220 EX01.contoso.local {READY}", ["AUTH NTLM"], 25, "exchange"),
    ("220 mail.example.net ESMTP Postfix", ["AUTH PLAIN LOGIN"], 587, "other-submission"),
    ("220 mail.example.net ESMTP Postfix", ["AUTH PLAIN LOGIN"], 25, "other"),
    ("220", [], 25, "other"),
])  # fmt: skip
def test_kinds(banner, extensions, port, kind):
    assert kind_of(banner, extensions, port) == kind
    assert kind in KINDS


@pytest.mark.parametrize(("reply", "stage", "key"), [
    ("550 5.7.64 TenantAttribution; Relay Access Denied [a b c]", "rcpt", "relay-access-denied"),
    ("250 2.1.5 Recipient OK", "rcpt", "rcpt"),
])  # fmt: skip
def test_rows_of_known_replies(reply, stage, key):
    row = row_of(reply, stage)
    assert row is not None
    assert row.key == key


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_row_is_found_by_its_own_text(row):
    found = row_of(row.line, row.stages[0])
    assert found is not None
    assert (found.code, found.status) == (row.code, row.status)


def test_replies_of_others_are_told_by_their_first_digit():
    assert meaning("554 5.9.9 go away", "rcpt") == ("refused for good; no reply that is known of Exchange Online",)
    assert meaning("450 greylisted", "rcpt")[0].startswith("refused for now: try again later")
    assert meaning("999 what", "rcpt")[0].startswith("no reply that SMTP knows")


@given(st.text(max_size=80))
def test_any_text_has_a_meaning(text):
    assert all(isinstance(each, str) for each in meaning(text, "rcpt"))


@pytest.mark.parametrize(("host", "here"), [
    ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("LOCALHOST.", True),
    ("example.net", False), ("203.0.113.1", False),
])  # fmt: skip
def test_this_machine(host, here):
    assert is_loopback(host) is here


def test_a_time_out_on_port_25_is_the_provider_most_often():
    says = connect_trouble(TimeoutError(), "203.0.113.1", 25, "", 20)
    assert says[0] == "no connection within 20 s"
    assert "block outbound port 25" in says[1]
    assert "port 25" not in " ".join(connect_trouble(TimeoutError(), "203.0.113.1", 587, "", 20))


def test_other_troubles_are_told_in_the_words_of_the_system():
    assert "no way there" in connect_trouble(OSError(101, "Network is unreachable"), "2001:db8::1", 25, "", 1)[0]
    assert connect_trouble(OSError(5, "Input/output error"), "127.0.0.1", 25, "", 1) == (
        "no connection: Input/output error",
    )
    assert "is it the right port?" in connect_trouble(ConnectionRefusedError(), "203.0.113.1", 26, "", 1)
