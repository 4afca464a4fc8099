"""main.cf and master.cf, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mtas.postfix.form_files import (
    logical_lines,
    main_without,
    master_cf,
    route,
    seconds,
    services,
)


def test_lines_are_joined_and_comments_left_out():
    text = "# x\na = 1\n  , 2\n\n  # in between\n    , 3\nb=4\n"
    assert logical_lines(text) == ["a = 1\n  , 2\n    , 3", "b=4"]
    assert main_without(text, ["a"]) == "b=4\n"
    assert main_without("a = 1\nb = 2\na = 3\n", []) == "a = 3\nb = 2\n"


@given(st.text())
def test_any_text_can_be_read(text):
    assert main_without(text, []) == main_without(main_without(text, []), [])


@pytest.mark.parametrize(
    ("value", "host", "port", "brackets"),
    [
        ("[a.example]:25", "a.example", "25", True),
        ("[a.example]", "a.example", "25", True),
        ("a.example", "a.example", "25", False),
        ("a.example:587", "a.example", "587", False),
        ("smtp:[a.example]:submission", "a.example", "submission", True),
        ("relay:a.example", "a.example", "25", False),
        (":[a.example]", "a.example", "25", True),
        ("[a.example]:25, [b.example]", "a.example", "25", True),
    ],
)
def test_routes(value, host, port, brackets):
    found = route("relayhost", value)
    assert found is not None
    assert (found.host, found.port, found.brackets) == (host, port, brackets)


@pytest.mark.parametrize("value", ["", "smtp:", "local:", "[a.example"])
def test_what_names_no_host(value):
    assert route("relayhost", value) is None


@pytest.mark.parametrize(("text", "wanted"), [("300s", 300), ("5d", 432000), ("7", 7), ("1h", 3600), ("x", None)])
def test_times(text, wanted):
    assert seconds(text) == wanted


def test_a_time_without_unit_has_that_of_its_setting():
    assert seconds("5", "d") == 432000


MASTER = """\
smtp      inet  n       -       y       -       -       smtpd
  -o content_filter=x
smtp      unix  -       -       y       -       -       smtp
  -o smtp_bind_address=192.0.2.1 -o { smtp_helo_name = a b }
slow      unix  -       -       n       -       1       smtp
filter    unix  -       n       n       -       10      pipe
  flags=Rq user=nobody argv=/bin/cat
"""


def test_master_cf_keeps_smtp_clients_and_lets_nothing_out():
    text, replaced = master_cf(MASTER, {"smtp_bind_address": "127.0.0.1"})
    found = {each.key: each for each in services(text)}
    assert ("smtp", "inet") not in found
    assert found["smtp", "unix"].options == {"smtp_helo_name": "a b"}
    assert found["smtp", "unix"].fields[2] == "n"  # no chroot
    assert found["slow", "unix"].command == "smtp"
    assert {found[name, "unix"].command for name in ("filter", "local", "virtual", "lmtp")} == {"discard"}
    assert found["submit", "unix"].options["mynetworks"] == "127.0.0.0/8"
    assert {each.name for each in replaced} == {"master.cf: filter", "master.cf: smtp -o smtp_bind_address"}


def test_a_line_that_is_none():
    with pytest.raises(ValueError, match="3 fields of 8"):
        master_cf("smtp inet n\n", {})
