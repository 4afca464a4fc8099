"""What is shown, in which order, under which header."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting import Display, DisplayStreams
from exoshell.powershell.interpreter import Interpreter, Recorder
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost

from .conftest import Play


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
