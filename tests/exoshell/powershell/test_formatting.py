"""Lists and tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.formats import cell
from exoshell.powershell.formatting import Display, DisplayStreams, columns_of, list_lines, shown_lines, table_lines
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.moments import format_date, format_span
from exoshell.powershell.streams import Recorder
from exoshell.powershell.values import FormatView, HashTable, PsObject

from .conftest import Play

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


class Screen(Recorder):
    """Everything on one sheet."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def host(self, text: str, *, newline: bool = True) -> None:
        assert newline
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.lines.append(f"WARNING: {text}")

    def error(self, error: Exception) -> None:
        self.lines.append(f"ERROR: {error}")


def shown(text: str) -> list[str]:
    lines: list[str] = []
    display = Display(lines.append, lambda: 80)
    registry = Registry()
    add_general_commands(registry, ShellHost(lambda: datetime(2026, 1, 2, tzinfo=UTC), lambda: 80))
    try:
        Interpreter(registry, DisplayStreams(Screen(lines), display)).run(text, emit=display.emit)
    except PsError as why:
        display.flush()
        lines.append(f"END: {why}")
    display.end()
    return lines


A, B = "[pscustomobject]@{A=1;B='x'}", "[pscustomobject]@{A=22;B='yyyy'}"
FIVE = "[pscustomobject]@{A=1;B=2;C=3;D=4;E=5}"


@pytest.mark.parametrize(("text", "expected"), [
    ("foreach ($i in 1..2) { Write-Host \"h$i\"; \"o$i\" }", ["h1", "o1", "h2", "o2"]),
    ("if (1) { 'a'; Write-Error 'e'; 'b' }", ["a", "ERROR: e", "b"]),
    ("function F { 'a'; Write-Warning 'w'; return 'b' }; F; 'c'", ["a", "WARNING: w", "b", "c"]),
    ("1..2 | ForEach-Object { Write-Host \"h$_\"; $_ }", ["h1", "1", "h2", "2"]),
    ("function F { process { Write-Host \"h$_\"; $_ } }; 1..2 | F", ["h1", "1", "h2", "2"]),
    ("while ($true) { 'a'; throw 'x' }", ["a", "END: x"]),
    ("try { 'a'; throw 'x' } catch { 'c' } finally { 'f' }", ["a", "c", "f"]),
    ("switch (1, 2) { { Write-Host 'no'; $_ -gt 1 } { 'big' } }", ["no", "no", "big"]),
    ("function F { Write-Host 'in'; 5 }; if (F) { 'yes' }; $x = F; F > $null; \"$(F)\"",
     ["in", "yes", "in", "in", "in", "5"]),
])  # fmt: skip
def test_everything_comes_in_its_order(text: str, expected: list[str]):
    assert shown(text) == expected


def test_rows_of_one_kind_stand_under_one_header():
    assert shown(f"{A}; {B}; 'text'; {A}") == [
        *("", " A B", " - -", " 1 x", "22 yyyy", "", "text", "", "A B", "- -", "1 x", ""),
    ]  # fmt: skip


def test_what_is_said_between_rows_does_not_repeat_the_header():
    assert shown(f"{B}; Write-Host 'h'; {A}") == ["", " A B", " - -", "22 yyyy", "h", " 1 x", ""]


def test_a_row_is_what_the_object_was_when_it_came():
    assert shown(f"$o = {A}; $o; $o.B = 'z'; $o") == ["", "A B", "- -", "1 x", "1 z", ""]


def test_blocks_of_a_list_have_one_blank_line_between():
    block = [f"{name} : {number}" for number, name in enumerate("ABCDE", 1)]
    assert shown(f"{FIVE}; {FIVE}") == ["", *block, "", *block, ""]
    assert shown(f"{FIVE} | Format-List A, B; 'x'") == ["", "A : 1", "B : 2", "", "x"]


@pytest.mark.parametrize(("text", "expected"), [
    ("$r = try { 'a'; throw 'x' } catch { 'c' }; $r", ["a", "c"]),
    ("$r = foreach ($i in 1..3) { $i; if ($i -eq 2) { break } }; $r", [1, 2]),
    ("function F { 'a'; 'b' }; $x = F; $x", ["a", "b"]),
    ("$x = & { Write-Output 1; 2 }; $x", [1, 2]),
    ("@(if (1) { 3 }).Count", [1]),
    ("'a'; break; 'b'", ["a"]),
])  # fmt: skip
def test_what_is_caught_is_not_shown_on_its_way(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.end) == (expected, None)


def test_how_many_elements_of_a_list_are_shown():
    lists = "[pscustomobject]@{ L = 1..6 }"
    assert shown(lists)[3] == "{1, 2, 3, 4…}"
    assert shown(f"$FormatEnumerationLimit = -1; {lists}")[3] == "{1, 2, 3, 4, 5, 6}"
    assert shown(f"$FormatEnumerationLimit = 2; {lists} | Format-List")[1] == "L : {1, 2…}"
    assert shown(lists)[3] == "{1, 2, 3, 4…}"
