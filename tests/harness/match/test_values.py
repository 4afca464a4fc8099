from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.match.values import address_key, duration, glob_pattern, parse_reply, reply_pattern, show

GLOB = st.text("ab*?[].\n", max_size=8)


@given(GLOB, st.text("ab[].\n", max_size=8))
def test_a_glob_is_star_and_question_mark_only(glob, text):
    """The same as fnmatch, once ``[`` is made harmless there."""
    expected = re.compile(fnmatch.translate(glob.replace("[", "[[]")), re.DOTALL).match(text) is not None
    assert (glob_pattern(glob).fullmatch(text) is not None) == expected


@given(st.text(max_size=20))
def test_any_text_without_wildcards_matches_itself(text):
    if "*" not in text and "?" not in text:
        assert glob_pattern(text).fullmatch(text)


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("200ms", 0.2), ("1.5m", 90), (3, 3), (0.5, 0.5)])
def test_durations(text, seconds):
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["10", "s", "10 s", "-1s", -1, True, None, "", []])
def test_no_durations(text):
    with pytest.raises(ValueError, match="is not a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("reply", "code", "status", "text"),
    [
        ("250 2.1.0 Sender OK", "250", "2.1.0", "Sender OK"),
        ("220 host ready", "220", "", "host ready"),
        ("250-host Hello\n250-SIZE 1\n250 STARTTLS", "250", "", "host Hello\nSIZE 1\nSTARTTLS"),
        ("250-host Hello\r\n250 STARTTLS", "250", "", "host Hello\nSTARTTLS"),
        ("550-5.7.1 One\n550 5.7.1 Two", "550", "5.7.1", "One\nTwo"),
        ("550 5.7.1 One\nTwo", "550", "5.7.1", "One\nTwo"),
        ("354", "354", "", ""),
        ("550 5.7.1", "550", "5.7.1", ""),
        ("250 8.1.1 no status", "250", "", "8.1.1 no status"),
        ("", "", "", ""),
    ],
)
def test_replies_are_taken_apart(reply, code, status, text):
    seen = parse_reply(reply)
    assert (seen.code, seen.status, seen.text) == (code, status, text)


@given(
    st.integers(200, 599).map(str),
    st.sampled_from(["", "2.1.0", "5.7.64", "4.4.318"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_a_reply_that_is_put_together_comes_apart_again(code, status, text):
    text = text.strip()
    if re.match(r"[245]\.\d{1,3}\.\d{1,3}", text):
        return
    seen = parse_reply(" ".join(part for part in (code, status, text) if part))
    assert (seen.code, seen.status, seen.text) == (code, status, text)


@pytest.mark.parametrize("text", ["", "25", "650", "2500", "abc", "250x", "25x1", "250  5.7.1".replace("  ", "\t")])
def test_no_reply_patterns(text):
    with pytest.raises(ValueError, match="is not a reply"):
        reply_pattern(text)


@pytest.mark.parametrize("text", ["250", "2xx", "25x", "354", "354 Start *", "3xx", "451 4.7.0", "550 5.7.64 Relay *"])
def test_reply_patterns(text):
    assert reply_pattern(text).code == text[:3]


def test_addresses_compare_with_case_in_the_local_part_only():
    assert address_key("Ann@CONTOSO.com") == address_key("Ann@contoso.com.")
    assert address_key("Ann@contoso.com") != address_key("ann@contoso.com")
    assert address_key("<>") == address_key("") == ""
    assert address_key("<a@b.example>") == "a@b.example"
    assert address_key("a@not a domain") == "a@not a domain"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ({"a": [1, "x", None]}, "{a: [1, x, null]}"),
        (["a, b"], "['a, b']"),
        ("plain", "plain"),
        ("x" * 301, "x" * 300 + "… (301 characters)"),
    ],
)
def test_values_are_shown_as_one_would_write_them(value, text):
    assert show(value) == text
