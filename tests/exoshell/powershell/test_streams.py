"""What a script says: errors as exceptions, and where redirections send everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exoshell.powershell.errors import Unsupported

from .conftest import Play

WORKS = {
    "made and caught": (
        "try { throw [System.ArgumentException]::new('bad') } catch [System.ArgumentException] {"
        " $_.Exception.Message; $_.Exception.GetType().FullName }",
        ["bad", "System.ArgumentException"],
    ),
    "by New-Object": ("try { throw (New-Object System.Exception 'bad') } catch { \"$_\" }", ["bad"]),
    "the first that fits": (
        "try { Get-Nope } catch [System.IO.IOException] { 1 }"
        " catch [System.Management.Automation.CommandNotFoundException] { 2 } catch { 3 }",
        [2],
    ),
    "none fits but the last": ("try { throw 'x' } catch [System.IO.IOException] { 1 } catch { 3 }", [3]),
    "a path that is not there": (
        "try { Get-Content no.txt -ea Stop } catch [System.Management.Automation.ItemNotFoundException] { 'no' }",
        ["no"],
    ),
    "a division": ("try { 1 / 0 } catch [System.DivideByZeroException] { 'zero' }", ["zero"]),
    "a parameter": (
        "try { Get-Date -Nope } catch [System.Management.Automation.ParameterBindingException] { 'p' }",
        ["p"],
    ),
    "every one": ("try { throw 'x' } catch [Exception] { 'e' }", ["e"]),
    "inside": ("$e = [Exception]::new('a', [Exception]::new('b')); $e.InnerException.Message", ["b"]),
    "of an error record": (
        "Get-Content no.txt -ea Ignore; Get-Content no.txt -ea 0; $e = $Error[0].CategoryInfo; $e.Reason; $e.Category",
        ["ItemNotFoundException", "ObjectNotFound"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WORKS.values(), ids=WORKS.keys())
def test_it_works(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


@pytest.mark.parametrize(("text", "message"), [
    ("'abc'.Substring(5)", 'Exception calling "Substring" with "1" argument(s): "Index and length must refer'),
    ("'abc'.PadLeft()", 'Cannot find an overload for "PadLeft" and the argument count: "0".'),
    ("'abc'.PadLeft('x')", 'Cannot convert value "x" to type "System.Int32".'),
    ("[IO.File]::ReadAllBytes('no.bin')", 'Exception calling "ReadAllBytes" with "1" argument(s): "No such file'),
    ("[string]::Join(',')", 'Cannot find an overload for "Join"'),
    ("(Get-Date).ToString('q')", "Input string was not in a correct format."),
    ("(Get-Date).AddDays(99999999)", 'Exception calling "AddDays"'),
    ("'{0:d99999999}' -f 5", "99999999 digits"),
    ("'{0,99999999}' -f 5", "the width 99999999"),
    ("'x' * 999999999999", "out of range"),
    ("1..2000000", "is too long"),
    ("1..99999999999", "too large or too small for an Int32"),
    ("[int]1e400", "too large or too small for an Int32"),
])  # fmt: skip
def test_what_goes_wrong_is_an_error_with_a_place(play: Play, text: str, message: str):
    found = play(f"{text}; 'on'")
    assert found.end is None
    assert found.values == ["on"]
    (error,) = found.errors
    assert message in error.message
    assert error.position is not None
    assert error.position.line == 1


def test_lists_as_keys_are_themselves(play: Play):
    assert play("$k = 1, 2; $h = @{}; $h[$k] = 'x'; $h[$k]; $h[@(1, 2)]").values == ["x"]


@pytest.mark.parametrize(("text", "content"), [
    ("'a', 'b' > x.txt", "a\nb\n"),
    ("'a' > x.txt; Write-Output b >> x.txt", "a\nb\n"),
    ("$f = 'x.txt'; Write-Output a > $f", "a\n"),
    ("Write-Output a >x.txt", "a\n"),
    ("function F { 'a' }; F > 'x.txt'", "a\n"),
    ("& { 'a' } > x.txt", "a\n"),
])  # fmt: skip
def test_into_a_file(play: Play, tmp_path: Path, text: str, content: str):
    found = play(text)
    assert (found.values, found.told, found.end) == ([], [], None)
    assert (tmp_path / "x.txt").read_text() == content


@pytest.mark.parametrize(("text", "values", "told", "said"), [
    ("Get-Content no.txt 2>$null; 'on'", ["on"], 0, 0),
    ("Get-Content no.txt 2> $null; $Error.Count; $?", [1, True], 0, 0),
    ("Write-Output 1 > $null; Write-Output 2 | Write-Output >$null", [], 0, 0),
    ("Write-Warning w 3>$null; Write-Host h 6>$null; Write-Host g", [], 0, 1),
    ("function F { 'a'; Write-Host h; Get-Content no.txt }; F *>$null", [], 0, 0),
    ("$r = Get-Content no.txt 2>&1; $r.Exception.GetType().Name", ["ItemNotFoundException"], 0, 0),
    ("Write-Output 1 2>&1", [1], 0, 0),
    ("Get-Nope 2>$null; 'on'", ["on"], 0, 0),
    ("Get-Content no.txt; 'on'", ["on"], 1, 0),
])  # fmt: skip
def test_elsewhere(play: Play, text: str, values: list[Any], told: int, said: int):
    found = play(text)
    assert (found.values, len(found.told), len(found.said), found.end) == (values, told, said, None)


@pytest.mark.parametrize("text", ["Get-Date 2> x.txt", "Get-Date 3>&1", "Get-Date *> x.txt", "Get-Date >&2"])
def test_what_is_not_supported(play: Play, tmp_path: Path, text: str):
    assert play(text).end is not None
    assert not (tmp_path / "x.txt").exists()


def test_an_error_that_ends_the_script_is_not_silenced(play: Play):
    assert play("Get-Content no.txt -ErrorAction Stop 2>$null; 'on'").end is not None
    assert isinstance(play("[Foo]::Bar() 2>$null").end, Unsupported)
