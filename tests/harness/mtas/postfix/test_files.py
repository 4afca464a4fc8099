"""main.cf and master.cf, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mtas.lint import ConfigurationError
from harness.mtas.postfix.files import logical_lines, main_without, services


def test_lines_are_joined_and_comments_left_out():
    text = "# x\na = 1\n  , 2\n\n  # in between\n    , 3\nb=4\n"
    assert logical_lines(text) == [(2, "a = 1\n  , 2\n    , 3"), (7, "b=4")]
    assert main_without(text, ["a"]) == "b=4\n"
    assert main_without("a = 1\nb = 2\na = 3\n", []) == "a = 3\nb = 2\n"


@given(st.text())
def test_any_text_can_be_read(text):
    assert main_without(text, []) == main_without(main_without(text, []), [])


def test_a_line_that_is_not_a_service():
    with pytest.raises(ConfigurationError, match=r"master\.cf:2: a service needs 8 columns, this has 3: smtp inet n"):
        services("\nsmtp inet n\n", "master.cf")


def test_of_two_services_of_one_name_the_later_counts():
    found = services("smtp unix - - n - - smtp -o a=1\nsmtp unix - - n - - smtp\n  -o { b = x y } -o flag\n", "m")
    assert [(each.at, each.options) for each in found] == [(2, {"b": "x y"})]
