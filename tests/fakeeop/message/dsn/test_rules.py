from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.dsn.rules import (
    Action,
    envelope_id,
    original_recipient,
    returns_whole,
    wanted,
    xtext_decoded,
)
from fakeeop.model import DsnParameters, Recipient
from fakeeop.model.addresses import Mailbox

SENDER, NOBODY, TO = Mailbox("a", "contoso.com"), Mailbox("", ""), Mailbox("b", "fabrikam.example")


@pytest.mark.parametrize(
    ("notify", "actions"),
    [
        (None, {"failed", "delayed"}),
        (("NEVER",), set()),
        (("FAILURE",), {"failed"}),
        (("DELAY",), {"delayed"}),
        (("SUCCESS",), {"delivered", "relayed"}),
        (("success", "Failure"), {"delivered", "relayed", "failed"}),
        (("SUCCESS", "FAILURE", "DELAY"), {"delivered", "relayed", "failed", "delayed"}),
    ],
)
def test_notify_decides_what_is_told(notify, actions):
    recipient = Recipient(TO, DsnParameters(notify))
    assert {action.value for action in Action if wanted(action, SENDER, recipient)} == actions


@pytest.mark.parametrize("action", Action)
def test_the_null_reverse_path_is_never_told_anything(action):
    assert not wanted(action, NOBODY, Recipient(TO, DsnParameters(("SUCCESS", "FAILURE", "DELAY"))))


@pytest.mark.parametrize(
    ("action", "ret", "whole"),
    [
        (Action.FAILED, None, True),
        (Action.FAILED, "FULL", True),
        (Action.FAILED, "full", True),
        (Action.FAILED, "HDRS", False),
        (Action.DELAYED, "FULL", False),
        (Action.DELIVERED, "FULL", False),
        (Action.RELAYED, None, False),
    ],
)
def test_ret_counts_for_failures_alone(action, ret, whole):
    assert returns_whole(action, ret) is whole


@pytest.mark.parametrize(
    ("given_id", "told"),
    [
        (None, None),
        ("QQ314159", "QQ314159"),
        ("job+2B42", "job+42"),
        ("a+20b", "a b"),
        ("a+0D+0AX:+20y", "a+0D+0AX:+20y"),
        ("a+E4", "a+E4"),
    ],
)
def test_an_envelope_id_is_decoded_if_that_is_printable(given_id, told):
    assert envelope_id(given_id) == told


@pytest.mark.parametrize(
    ("orcpt", "told"),
    [
        (None, None),
        ("rfc822;Ann@contoso.com", "rfc822;Ann@contoso.com"),
        ("rfc822;ann+2Bscan@contoso.com", "rfc822;ann+scan@contoso.com"),
        ("x400;/S=a+3Db", "x400;/S=a=b"),
        ("utf-8;b\\x{FC}cher@example.com", "utf-8;bücher@example.com"),
        ("utf-8;bücher@example.com", "utf-8;bücher@example.com"),
        ("utf-8;a\\x{0A}b@example.com", "utf-8;a\\x{0A}b@example.com"),
        ("utf-8;a\\x{D800}b@example.com", "utf-8;a\\x{D800}b@example.com"),
        ("utf-8;a\\x{FFFFFF}b@example.com", "utf-8;a\\x{FFFFFF}b@example.com"),
    ],
)
def test_an_original_recipient_is_decoded_by_its_type(orcpt, told):
    assert original_recipient(orcpt) == told


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_xtext_comes_back_as_it_was(value):
    encoded = "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in value)
    assert xtext_decoded(encoded) == value


@given(value=st.text())
def test_no_control_character_comes_out_of_ascii(value):
    encoded = "".join(f"+{octet:02X}" for octet in value.encode())
    assert all(" " <= character <= "~" for character in xtext_decoded(encoded))
