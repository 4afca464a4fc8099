"""Lists and tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exoshell.powershell.formats import cell
from exoshell.powershell.formatting import columns_of, list_lines, shown_lines, table_lines
from exoshell.powershell.moments import format_date, format_span
from exoshell.powershell.values import FormatView, HashTable, PsObject

MOMENT = datetime(2026, 11, 4, 13, 6, 5, 120000, tzinfo=UTC)


def of(**properties: Any) -> PsObject:
    return PsObject(HashTable(properties))


def test_a_table_is_as_wide_as_its_content_and_numbers_stand_right():
    rows = [of(Name="Relay", Count=5, On=True), of(Name="B", Count=20, On=False)]
    assert shown_lines(rows, 80) == [
        "",
        "Name  Count On",
        "----  ----- --",
        "Relay     5 True",
        "B        20 False",
        "",
    ]


def test_five_properties_are_a_list():
    lines = shown_lines([of(A=1, Bcd=None, C=["x", "y"], D="", E=MOMENT)], 80)
    assert lines == ["", "A   : 1", "Bcd : ", "C   : {x, y}", "D   : ", "E   : 11/4/2026 1:06:05 PM", ""]


def test_a_view_chooses_columns():
    view = FormatView(("B",))
    assert shown_lines([PsObject(HashTable({"A": 1, "B": "x"}), "T", view)], 80) == ["", "B", "-", "x", ""]


@pytest.mark.parametrize("width", [1, 10, 25, 60])
def test_a_table_fits_its_width_or_is_cut_with_an_ellipsis(width: int):
    rows = [of(First="a" * 30, Second="b" * 20, Third="c")]
    for auto in (True, False):
        lines = table_lines(rows, columns_of(["First", "Second", "Third"]), width, auto_size=auto)
        assert max(map(len, lines)) <= max(width, 5)
        assert ("…" in lines[3]) is (width < 53)


def test_long_values_of_a_list_go_on_below():
    assert list_lines([of(N="x" * 25)], None, 24) == ["", "N : " + "x" * 20, "    " + "x" * 5, ""]


@pytest.mark.parametrize(("value", "text"), [
    (["a"], "{a}"),
    ([], "{}"),
    (list("abcde"), "{a, b, c, d…}"),
    (HashTable({"a": 1}), "{[a, 1]}"),
    (1.5, "1.5"),
    (2.0, "2"),
    (None, ""),
    (timedelta(days=1, seconds=61), "1.00:01:01"),
])  # fmt: skip
def test_cells(value: Any, text: str):
    assert cell(value) == text


@pytest.mark.parametrize(("form", "text"), [
    ("g", "11/4/2026 1:06 PM"),
    ("s", "2026-11-04T13:06:05"),
    ("yyyy-MM-dd HH:mm", "2026-11-04 13:06"),
    ("o", "2026-11-04T13:06:05.1200000Z"),
    ("u", "2026-11-04 13:06:05Z"),
    ("ddd d MMM yy h:m:s tt", "Wed 4 Nov 26 1:6:5 PM"),
    ("'at' HH\\h", "at 13h"),
    ("r", "Wed, 04 Nov 2026 13:06:05 GMT"),
    ("zzz", "+00:00"),
])  # fmt: skip
def test_dates(form: str, text: str):
    assert format_date(MOMENT, form) == text


def test_a_format_that_does_not_exist():
    with pytest.raises(ValueError, match="not in a correct format"):
        format_date(MOMENT, "q")


def test_spans():
    assert format_span(timedelta(hours=-1, microseconds=-5)) == "-01:00:00.0000050"
