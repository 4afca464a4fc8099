"""Where output, errors and the rest go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exoshell.powershell.errors import Unsupported

from .conftest import Play


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
