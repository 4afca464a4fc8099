"""What expressions are worth."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Play

ARRAYS = {
    "a list of one stays a list": ("$a = @(1); $b = $a; $b += 2; $b -join ','", ["1,2"]),
    "an empty list stays one": ("$a = @(); $b = $a; $b += 2; $b.GetType().Name", ["Object[]"]),
    "the comma before one": ("$x = ,1; $x += 2; $x.Count", [2]),
    "in parentheses": ("(@('a')).GetType().Name", ["Object[]"]),
    "in a hash table": ("$h = @{ A = @('x'); B = @() }; $h.A += 'y'; $h.A.Count; $null -eq $h.B", [2, False]),
    "of a cast": ("$o = [pscustomobject]@{ L = [string[]]'a' }; $o | ConvertTo-Json -Compress", ['{"L":["a"]}']),
    "of lists": ("$l = @(@('a', 'b'), @('c', 'd')); $l.Count; $l[1][0]", [2, "c"]),
    "what a command gives is taken apart": ("$x = Write-Output a; $x.GetType().Name", ["String"]),
    "nothing has no members": ("$null.Count; $null.Length; $null.Name", [0, 0]),
}
STEPS = {
    "behind": ("$x = 3; $y = $x--; \"$x $y\"", ["2 3"]),
    "before": ("$x = 3; $y = ++$x; \"$x $y\"", ["4 4"]),
    "alone": ("$x = 3; $x++; $x", [4]),
    "an assignment is worth its value": ("$a = $b = 3; $a; if ($c = 'x') { $c }", [3, "x"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*ARRAYS.values(), *STEPS.values()], ids=[*ARRAYS, *STEPS])
def test_what_it_is_worth(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


@pytest.mark.parametrize("text", ["-not $x = 1", "!$x = 1", "-$x = 1", "-not#\n$x = 1"])
def test_what_cannot_be_assigned_to(play: Play, text: str):
    end = play(text).end
    assert end is not None
    assert "The assignment expression is not valid." in end.message
