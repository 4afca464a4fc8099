"""Spans of time."""

from __future__ import annotations

import pytest

from fakeeop.model.durations import seconds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30s", 30.0),
        ("200ms", 0.2),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("1 d", 86400.0),
        ("00:05:00", 300.0),
        ("1.00:00:01", 86401.0),
        ("12", 12.0),
        (7, 7.0),
        (0.5, 0.5),
    ],
)
def test_what_is_understood(text: object, wanted: float):
    assert seconds(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "soon", "-5", -1, "5 weeks", True, None, [], "nan", float("inf")])
def test_what_is_not(text: object):
    with pytest.raises(ValueError, match=r"span|number"):
        seconds(text)
