"""``.PSObject``, and what is always there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Play


@pytest.mark.parametrize(("text", "expected"), [
    ("$o.PSObject.Properties.Name", ["A", "B"]),
    ("$o.PSObject.Properties['b'].Value", ["x"]),
    ("if ($o.PSObject.Properties['C']) { 1 } else { 2 }", [2]),
    ("$o.PSObject.Properties.Remove('A'); $o.PSObject.Properties.Name", ["B"]),
    ("foreach ($p in $o.PSObject.Properties) { $p.Value = 'z' }; \"$($o.A)$($o.B)\"", ["zz"]),
    ("$c = $o.PSObject.Copy(); $c.A = 5; $o.A", [1]),
    ("$o | Add-Member -NotePropertyName C -NotePropertyValue 3; $o.C", [3]),
    ("($o | Add-Member -MemberType NoteProperty -Name D -Value 4 -PassThru).D", [4]),
    ("$o | Add-Member @{ E = 1; F = 2 }; $o.F", [2]),
    ("$o | Add-Member A 9 -Force; $o.A", [9]),
    ("1, 1, 2, 1 | Get-Unique", [1, 2, 1]),
    ("(1..10 | Get-Random -Count 3).Count; (Get-Random -Minimum 5 -Maximum 6)", [3, 5]),
    ("(Get-Random -SetSeed 1) -eq (Get-Random -SetSeed 1)", [True]),
])  # fmt: skip
def test_it_works(play: Play, text: str, expected: list[Any]):
    found = play(f"$o = [pscustomobject]@{{A = 1; B = 'x'}}; {text}")
    assert (found.values, found.told, found.end) == (expected, [], None)


def test_members_are_not_added_twice(play: Play):
    assert "already exists" in play("[pscustomobject]@{A=1} | Add-Member A 2").told[0]
    assert "ScriptProperty" in str(play("[pscustomobject]@{A=1} | Add-Member -MemberType ScriptProperty X {1}").end)


def test_where_a_script_is(play: Play, tmp_path: Path):
    path = str(tmp_path / "a.ps1")
    found = play("$PSScriptRoot; $PSCommandPath; $MyInvocation.MyCommand.Name", path=path).values
    assert found == [str(tmp_path), path, "a.ps1"]


@pytest.mark.parametrize(("text", "expected"), [
    ("$PSVersionTable.PSVersion.Major", [5]),
    ("\"$($PSVersionTable.PSVersion)\".Split('.')[1]", ["1"]),
    ("$PSVersionTable.PSEdition", ["Desktop"]),
    ("$PSScriptRoot", [""]),
    ("function F { param([switch]$On) $On.IsPresent }; F -On; F", [True, False]),
])  # fmt: skip
def test_what_is_always_there(play: Play, text: str, expected: list[Any]):
    assert play(text).values == expected
