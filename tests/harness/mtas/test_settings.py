"""Settings over settings."""

from __future__ import annotations

from harness.mtas.settings import merged


def test_settings_win_and_sections_are_merged():
    base = {"a": "1", "transports": {"smtp": {"driver": "smtp", "port": "25"}}}
    over = {"a": "2", "transports": {"smtp": {"port": "26"}, "more": {"driver": "pipe"}}}
    assert merged(base, over) == {
        "a": "2",
        "transports": {"smtp": {"driver": "smtp", "port": "26"}, "more": {"driver": "pipe"}},
    }
    assert base == {"a": "1", "transports": {"smtp": {"driver": "smtp", "port": "25"}}}


def test_a_section_takes_the_place_of_a_text_and_a_text_that_of_a_section():
    assert merged({"retry": "x"}, {"retry": {"a": "1"}}) == {"retry": {"a": "1"}}
    assert merged({"retry": {"a": "1"}}, {"retry": "x"}) == {"retry": "x"}
