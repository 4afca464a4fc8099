"""What operators, casts, typed variables and ``-f`` are worth, as a table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.powershell.formats import formatted
from exoshell.powershell.values import Position

from .conftest import Play

OPERATORS = {
    "-as": ("'5' -as [int]; $null -eq ('x' -as [int])", [5, True]),
    "shifts": ("1 -shl 3; 16 -shr 2; 1 -shl 31", [8, 4, -(2**31)]),
    "bits": ("5 -band 3; 5 -bor 3; 5 -bxor 3; -bnot 5", [1, 7, 6, -6]),
    "-is": ("@() -is [array]; @{} -is [hashtable]; 5 -is [int]; 5 -is [string]", [True, True, True, False]),
    "the left one decides": ("'5' + 3; 3 + '5'; 10 -gt '9'; '10' -gt 9; $null -eq 0", ["53", 8, True, False, False]),
    "-split by plain text": ("'a.b' -split '.',0,'SimpleMatch'; 'a,b,c' -split ',',2", ["a", "b", "a", "b,c"]),
    "-replace by groups": ("'John Smith' -replace '(\\w+) (\\w+)','$2 $1'", ["Smith John"]),
    "signs of -replace": (
        r"'ab' -replace 'a','$$'; 'ab' -replace 'b','[$&]$9'; 'x' -replace 'x','a\nb'",
        ["$b", "a[b]$9", r"a\nb"],
    ),
    "lists are filtered": ("'ab','cd' -like 'a*'; 'a','b' -ne 'a'; 'a','b' -notmatch 'a'", ["ab", "b", "b"]),
    "a range is joined": ("1..3 -join ','", ["1,2,3"]),
    "a step in front is silent": ("$i = 1; ++$i; --$i; ++$i; $i", [2]),
    "the comma binds before the plus": ("(1,2+3).Count; 1,2+3", [3, 1, 2, 3]),
    "dates": (
        "([datetime]'2026-01-10' - [datetime]'2026-01-02').Days;"
        " ([datetime]'2026-01-10' - [timespan]::FromDays(1)).Day;"
        " ([datetime]'2026-01-10' + [timespan]::FromDays(1)).Day",
        [8, 9, 11],
    ),
}
TYPED = {
    "it is converted": ("[int]$x = '5'; $x = '7'; $x + 1", [8]),
    "a text": ("[string]$s = 5; $s = 6; $s + 'a'", ["6a"]),
    "a list": ("[string[]]$l = 'a'; $l = 1; $l += 2; $l", ["1", "2"]),
    "in its scope only": ("function F { [int]$x = '5'; $x }; F; $x = 'a'; $x", [5, "a"]),
    "letters": ("[char]65; [int][char]'A'", ["A", 65]),
    "lists of .NET": (
        "$l = [System.Collections.Generic.List[string]]::new(); $l.Add('a'); $l.Count;"
        " $m = [System.Collections.ArrayList]@(1, 2); $m.Remove(1); $m",
        [1, 2],
    ),
    "an ArrayList": (
        "$l = New-Object System.Collections.ArrayList; [void]$l.Add(1); $l.Add('b') | Out-Null; $l",
        [1, "b"],
    ),
}
FORMATS = {
    "whole": ("'{0:D3} {0:00} {0:X}' -f 10", ["010 10 A"]),
    "custom": ("'{0:0.00} {0:0.##} {0:#,##0}' -f 12345.5", ["12345.50 12345.5 12,346"]),
    "small and negative": ("'{0:0.0} {1:#.##} {2:000}' -f -0.5, 0.25, 7", ["-0.5 .25 007"]),
    "widths": ("'{0,5}|{1,-5}|' -f 1, 2", ["    1|2    |"]),
    "braces": ("'{{0}} {0}' -f 1", ["{0} 1"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), [*OPERATORS.values(), *TYPED.values(), *FORMATS.values()], ids=[*OPERATORS, *TYPED, *FORMATS]
)
def test_what_it_is_worth(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


@pytest.mark.parametrize("text", ["1 / 0", "[int]$x = 'a'", "[int]$x = 1; $x = 'a'", "'{1}' -f 1"])
def test_what_cannot_be_is_told(play: Play, text: str):
    found = play(text)
    assert found.told


def test_a_workflow_is_refused(play: Play):
    assert "workflow" in str(play("workflow W { 1 }").end)


def test_an_option_of_split_that_is_not_here_is_no_other_one(play: Play):
    assert play("'a' -split 'a', 0, 'Multiline'").end is not None


@given(st.integers(-(10**9), 10**9))
def test_thousands_are_those_of_python(number: int):
    assert formatted("{0:#,##0}", [number], Position(0, 0)) == f"{number:,}"
