"""Static members, and the methods of texts and tables that take their values."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Play

CASES = {
    "math": ("[math]::Pow(2,3); [math]::Sqrt(9); [math]::Truncate(-2.7)", [8, 3, -2]),
    "string": ("[string]::Format('{0}-{1}', 1, 2); [string]::Concat('a', 'b')", ["1-2", "ab"]),
    "encodings": (
        "$t = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('hi')); $t;"
        " [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($t))",
        ["aGk=", "hi"],
    ),
    "regex": (
        "[regex]::Match('ab12', '\\d+').Value; [regex]::IsMatch('a', '\\d'); [regex]::Replace('a1', '\\d', 'x');"
        " [regex]::Escape('a.b'); [regex]::Match('k=v', '(?<n>\\w)=').Groups['n'].Value",
        ["12", False, "ax", "a\\.b", "k"],
    ),
    "numbers": ("[int]::Parse('12'); [Convert]::ToInt32('7')", [12, 7]),
    "guid": ('"$([guid]::Empty)"', ["00000000-0000-0000-0000-000000000000"]),
    "comparisons of texts": (
        "'Abc'.StartsWith('abc'); 'Abc'.EndsWith('BC', [StringComparison]::OrdinalIgnoreCase);"
        " 'AbC'.Equals('abc', 'OrdinalIgnoreCase')",
        [False, True, True],
    ),
    "full parts only": ("'a,,b'.Split(',', [StringSplitOptions]::RemoveEmptyEntries).Count", [2]),
    "a method of each": ("('a','b').ToUpper()", ["A", "B"]),
    "environment": ("[Environment]::MachineName.Length -gt 0", [True]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_a_member_is_worth(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


def test_a_key_cannot_be_added_twice(play: Play):
    (error,) = play("$h = @{a = 1}; $h.Add('A', 2)").told
    assert "already been added" in str(error)


def test_a_member_that_is_not_here_is_named(play: Play):
    assert "[math]::Nope" in str(play("[math]::Nope(1)").end)
