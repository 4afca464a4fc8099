"""Statements: loops and the ways out of them, errors and what they end."""

from __future__ import annotations

from typing import Any

import pytest

from exoshell.powershell.errors import EndlessLoop, Unsupported

from .conftest import Play

WORKS = {
    "continue with a label": (
        ":outer foreach ($i in 1..3) { foreach ($j in 1..3) { if ($j -eq 2) { continue outer }; \"$i$j\" } }",
        ["11", "21", "31"],
    ),
    "break with a label": (
        ":a while ($true) {\n for (;;) {\n  'x'\n  break a\n }\n}\n'on'",
        ["x", "on"],
    ),
    "words that look like one": ("'say continue outer'; Write-Output break up", ["say continue outer", "break", "up"]),
    "an error is in $?": ("Get-Content no.txt -ErrorAction SilentlyContinue; $?; 1; $?", [False, 1, True]),
    "a condition that assigns": ("if ($x = Write-Output 5) { $x }; while ($y = $x - 5) { 'no' }", [5]),
    "caught Stop": ("try { Get-Content no.txt -ErrorAction Stop; 'no' } catch { 'caught' }", ["caught"]),
    "thrown on": ("try { try { throw 'a' } catch { throw } } catch { \"b $_\" }", ["b a"]),
    "a silent preference": ("$ErrorActionPreference = 'SilentlyContinue'; Get-Nope; $Error.Count", [1]),
    "sizes": ("2MB; 1.5KB", [2 * 2**20, 1536.0]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WORKS.values(), ids=WORKS.keys())
def test_it_works(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


@pytest.mark.parametrize("text", [
    "Get-Content no.txt -ErrorAction Stop",
    "Get-Content no.txt -ea 1",
    "$ErrorActionPreference = 'Stop'; Get-Content no.txt",
    "$ErrorActionPreference = 'Stop'; Get-Nope",
    "Write-Error 'e' -ErrorAction Stop",
    "throw 'e'",
    "try { Get-Nope } catch { throw }",
])  # fmt: skip
def test_what_ends_a_script(play: Play, text: str):
    found = play(f"{text}; 'on'")
    assert found.end is not None
    assert (found.values, found.errors) == ([], [])


@pytest.mark.parametrize("text", ["Get-Content no.txt", "Get-Nope -ErrorAction Stop", "1 / 0", "Write-Error 'e'"])
def test_what_ends_a_statement_only(play: Play, text: str):
    found = play(f"{text}; 'on'")
    assert found.end is None
    assert found.values == ["on"]
    assert len(found.errors) == 1


def test_an_error_action_that_does_not_exist(play: Play):
    assert 'Cannot convert value "Sometimes"' in play("Get-Content x -ErrorAction Sometimes").told[0]


@pytest.mark.parametrize(
    "text", ["while ($true) { }", "for (;;) { try { throw 'x' } catch { } }", "do { } until ($false)"]
)
def test_an_endless_loop_ends_and_is_no_error_to_catch(play: Play, text: str):
    end = play(f"try {{ {text} }} catch {{ 'caught' }}").end
    assert isinstance(end, EndlessLoop)
    assert "endless loop" in str(end)


@pytest.mark.parametrize("text", ["trap { 1 }", "class A { }", "1 | Out-Null; [Foo]::Bar()"])
def test_what_is_not_supported_says_where(play: Play, text: str):
    end = play(f"\n  {text}").end
    assert isinstance(end, Unsupported)
    assert end.position is not None
    assert end.position.line == 2


STRICT = "Set-StrictMode -Version Latest; "


@pytest.mark.parametrize(("text", "message"), [
    ("$never", "The variable '$never' cannot be retrieved because it has not been set."),
    ("\"x $never\"", "The variable '$never' cannot be retrieved"),
    ("$o = [pscustomobject]@{A=1}; $o.B", "The property 'B' cannot be found on this object."),
    ("$h = @{A=1}; $h.B", "The property 'B' cannot be found on this object."),
    ("$n = $null; $n.A", "The property 'A' cannot be found on this object."),
])  # fmt: skip
def test_strict_mode(play: Play, text: str, message: str):
    assert message in play(STRICT + text).told[0]
    assert play(text).told == []
    assert play(f"{STRICT} Set-StrictMode -Off; {text}").told == []


@pytest.mark.parametrize("text", [
    "$x = $null; $x",
    "function F { param($A) $A; $args; $PSBoundParameters; $input }; F",
    "'a' | ForEach-Object { $_; $PSItem }",
    "$o = [pscustomobject]@{A=$null}; $o.A; $o.PSObject.Properties.Name; @(1).Count; 'x'.Length; (Get-Date).Year",
    "$env:NO_SUCH_NAME; $true; $Error; $?; $PSScriptRoot; $ErrorActionPreference",
    "foreach ($i in 1..2) { $i }; $i",
    "$h = @{A=1}; $h['B']; $h.Count; $h.Keys",
])  # fmt: skip
def test_strict_mode_lets_pass_what_is_there(play: Play, text: str):
    found = play(STRICT + text)
    assert (found.told, found.end) == ([], None)


@pytest.mark.parametrize(
    "text", ["$using:x", "$function:F", "foreach -parallel ($i in 1..2) { $i }", "Test-Path env:X"]
)
def test_what_would_be_silently_nothing_is_an_error(play: Play, text: str):
    assert isinstance(play(text).end, Unsupported)
