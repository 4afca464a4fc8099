"""Scripts that run scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Play


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib.ps1").write_text("function Twice($n) { $n * 2 }\n$set = 'there'\n")
    (tmp_path / "other.ps1").write_text(
        'param([Parameter(Mandatory)][string]$Name, [switch]$On)\n$set = 1\n"$Name $On"'
    )
    (tmp_path / "leaves.ps1").write_text("'a'\nexit 3\n'b'")
    (tmp_path / "wrong.ps1").write_text("'a'\n\nGet-Nope\n'b'")
    (tmp_path / "where.ps1").write_text("Split-Path $PSCommandPath -Leaf")
    return tmp_path


@pytest.mark.parametrize(("text", "expected"), [
    (". .\\lib.ps1; Twice 3; $set", [6, "there"]),
    (". ./lib.ps1\nTwice 4", [8]),
    (". \"$PSScriptRoot/lib.ps1\"; Twice 1", [2]),
    (".\\other.ps1 -Name x -On; $set", ["x True"]),
    ("& '.\\other.ps1' x", ["x False"]),
    ("& $PSScriptRoot\\other.ps1 -Name y", ["y False"]),
    ("$r = & ./other.ps1 z; \"<$r>\"", ["<z False>"]),
    (".\\leaves.ps1; $LASTEXITCODE; 'on'", [3, "on"]),
    (".\\where.ps1; . .\\where.ps1; Split-Path $PSCommandPath -Leaf", ["where.ps1", "where.ps1", "main.ps1"]),
])  # fmt: skip
def test_it_runs(play: Play, scripts: Path, text: str, expected: list[Any]):
    found = play(text, path=str(scripts / "main.ps1"))
    assert (found.told, found.end) == ([], None)
    assert found.values[-len(expected) :] == expected


def test_an_error_names_its_own_file(play: Play, scripts: Path):
    found = play(".\\wrong.ps1", path=str(scripts / "main.ps1"))
    (error,) = found.errors
    assert error.position is not None
    assert (Path(error.position.path).name, error.position.line) == ("wrong.ps1", 3)
    assert found.values == ["a", "b"]


@pytest.mark.parametrize("text", [".\\nowhere.ps1", ". .\\nowhere.ps1", "& nowhere.ps1", ".\\other.ps1"])
def test_what_does_not_work(play: Play, scripts: Path, text: str):
    found = play(text, path=str(scripts / "main.ps1"))
    assert found.values == []
    assert len(found.told) == 1


def test_a_script_that_runs_itself(play: Play, scripts: Path):
    (scripts / "self.ps1").write_text(".\\self.ps1")
    end = play(".\\self.ps1", path=str(scripts / "main.ps1")).end
    assert end is not None
    assert "call depth" in end.message
