"""Functions: what they declare is kept to, never passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exoshell.powershell.errors import ParameterError, Unsupported

from .conftest import Play

WORKS = {
    "by position and by name": ("function F { param($A, $B) \"$A-$B\" }; F 1 2; F -B 1 2", ["1-2", "2-1"]),
    "a default": ("function F { param([int]$A = '7') $A + 1 }; F", [8]),
    "a switch": ("function F { param([switch]$On) $On }; F; F -On; F -On:$false", [False, True, False]),
    "an alias": ("function F { param([Alias('N', 'M')]$Name) $Name }; F -n a; F -M b", ["a", "b"]),
    "another place": (
        "function F { param([Parameter(Position=1)]$A, [Parameter(Position=0)]$B) \"$A$B\" }; F x y", ["yx"]),
    "what is left": ("function F { param($A, [Parameter(ValueFromRemainingArguments)]$R) $R.Count }; F 1 2 3", [2]),
    "args": ("function F { $args.Count; $args[1] }; F a b", [2, "b"]),
    "a typed list": ("function F { param([string[]]$N) $N.Count; $N[0] }; F a, b; F c", [2, "a", 1, "c"]),
    "what was given": ("function F { param($A, $B) $PSBoundParameters.Keys -join ','; $PSBoundParameters.Count }"
                       "; F -B 1", ["B", 1]),
    "what was given is splatted on": (
        "function G { param($A) \"g$A\" }; function F { param($A) G @PSBoundParameters }; F 3", ["g3"]),
    "one object after the other": (
        "function F { param([Parameter(ValueFromPipeline)]$N) process { \"n=$N\" } }; 1, 2 | F", ["n=1", "n=2"]),
    "mandatory from the pipeline": (
        "function F { param([Parameter(Mandatory, ValueFromPipeline=$true)]$N) process { $N } }; 3, 4 | F", [3, 4]),
    "properties of objects": (
        "function F { param([Parameter(ValueFromPipelineByPropertyName)][Alias('Identity')]$Name, $B)"
                              " process { \"$Name$B\" } }; [pscustomobject]@{Name='x'}, @{Identity='y'} | F -B 1",
                              ["x1", "y1"]),
    "the last without process": ("function F { param([Parameter(ValueFromPipeline)]$N) $N }; 1, 2 | F", [2]),
    "begin and end": ("function F { begin { 'b' } process { $_ } end { 'e' } }; 1, 2 | F", ["b", 1, 2, "e"]),
    "return in process": ("function F { process { if ($_ -eq 1) { return }; $_ } }; 1, 2 | F", [2]),
    "input": ("function F { \"i=$input\" }; 1, 2 | F", ["i=1 2"]),
    "a filter": ("filter Twice { $_ * 2 }; 1, 2 | Twice", [2, 4]),
    "a variable that is a block": (
        "$b = { param($q) \"q=$q\" }; & $b 3; $b.Invoke(4); & 'Write-Output' x", ["q=3", "q=4", "x"]),
    "its own scope": ("$v = 1; function F { $v = 2; $script:w = 3 }; F; $v; $w", [1, 3]),
    "the preference of errors": ("function F { [CmdletBinding()] param() Get-Content no.txt; 'on' }"
                                 "; F -ErrorAction SilentlyContinue", ["on"]),
    "itself": ("function F($n) { if ($n -le 1) { return 1 }; $n + (F ($n - 1)) }; F 100", [5050]),
    "a script that declares": ("[CmdletBinding()]\nparam([string]$Name, [switch]$On)\n\"$Name $On\"", [" False"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WORKS.values(), ids=WORKS.keys())
def test_it_works(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


REFUSED = {
    "a mandatory one is missing": (
        'function F { param([Parameter(Mandatory=$true)][string]$Name) "n=$Name" }; F',
        "Cannot process command because of one or more missing mandatory parameters: Name.",
    ),
    "a mandatory one is empty": (
        "function F { param([Parameter(Mandatory)][string]$Name) 1 }; F ''",
        "Cannot bind argument to parameter 'Name' because it is an empty string.",
    ),
    "not of the set": (
        "function F { param([ValidateSet('A', 'B')]$X) $X }; F C",
        'Cannot validate argument on parameter \'X\'. The argument "C" does not belong to the set "A,B"',
    ),
    "too large": (
        "function F { param([ValidateRange(-1, 5)][int]$X) $X }; F 6",
        "The 6 argument is greater than the maximum allowed range of 5.",
    ),
    "no match": ("function F { param([ValidatePattern('^a')]$X) $X }; F b", 'The argument "b" does not match the "^a"'),
    "empty": ("function F { param([ValidateNotNullOrEmpty()]$X) $X }; F ''", "The argument is null or empty."),
    "too many": ("function F { param([ValidateCount(1, 2)]$X) $X }; F a, b, c", "number of provided arguments, (3)"),
    "too long": ("function F { param([ValidateLength(1, 2)]$X) $X }; F abc", "has to be 1 to 2"),
    "by a block": ("function F { param([ValidateScript({ $_ -gt 3 })]$X) $X }; F 2", "did not return a result of True"),
    "no number": (
        "function F([int]$N) { $N }; F abc",
        "Cannot process argument transformation on parameter 'N'. Cannot convert value \"abc\" to type",
    ),
    "not a boolean": ("function F([bool]$B) { $B }; F x", "Boolean parameters accept only Boolean values"),
    "unknown": (
        "function F { [CmdletBinding()] param($A) $A }; F -Nome x",
        "A parameter cannot be found that matches parameter name 'Nome'.",
    ),
    "one too many": (
        "function F { [CmdletBinding()] param($A) $A }; F 1 2",
        "A positional parameter cannot be found that accepts argument '2'.",
    ),
    "nothing of the object": (
        "function F { param([Parameter(Mandatory, ValueFromPipelineByPropertyName)]$Name) process { $Name } }; 1 | F",
        "The input object cannot be bound to any parameters for the command",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(play: Play, text: str, message: str):
    found = play(text)
    assert found.values == []
    (error,) = found.errors
    assert isinstance(error, ParameterError)
    assert message in error.message
    assert error.position is not None


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_allowed_passes_its_checks(play: Play, text: str, message: str):
    del message
    good = {"F": "F q", "F ''": "F q", "F C": "F b", "F 6": "F 5", "F b": "F ab", "F a, b, c": "F a, b",
            "F abc": "F 12",
            "F 2": "F 4", "F x": "F $true", "F -Nome x": "F -A x", "F 1 2": "F 1",
            "1 | F": "[pscustomobject]@{Name='x'} | F"}  # fmt: skip
    declared, _, call = text.rpartition("; ")
    assert play(f"{declared}; {good[call]}").told == []


@pytest.mark.parametrize("text", [
    "function F { param([ValidateSecret()]$X) $X }",
    "function F { param([Parameter(ParameterSetName='A')]$X) $X }",
    "function F { [CmdletBinding(SupportsPaging)] param($X) $X }",
    "function F { param([ValidateSet('A', IgnoreCase=$false)]$X) $X }",
])  # fmt: skip
def test_what_it_declares_and_nobody_knows_is_an_error(play: Play, text: str):
    assert isinstance(play(text).end, Unsupported)


SHOULD = (
    "function F { [CmdletBinding(SupportsShouldProcess)] param($N) if ($PSCmdlet.ShouldProcess($N, 'Do')) { 'did' } }; "
)


def test_what_if_and_confirm_of_a_function(play: Play):
    assert play(f"{SHOULD} F x").values == ["did"]
    found = play(f"{SHOULD} F x -WhatIf")
    assert (found.values, found.hosted) == ([], ['What if: Performing the operation "Do" on target "x".'])
    assert play(f"{SHOULD} F x -Confirm", answers=(False,)).values == []
    assert play(f"{SHOULD} F x -Confirm", answers=(True,)).values == ["did"]


def test_confirmation_of_what_matters(play: Play):
    high = SHOULD.replace("SupportsShouldProcess", "SupportsShouldProcess, ConfirmImpact='High'")
    assert play(f"{high} F x").values == []
    assert play(f"{high} F x", answers=(True,)).values == ["did"]
    assert play(f"{high} F x -Confirm:$false; $ConfirmPreference = 'None'; F x").values == ["did", "did"]
    assert play(f"{SHOULD} $ConfirmPreference = 'Low'; F x", answers=(False,)).values == []


def test_what_if_reaches_the_commands_in_it(play: Play):
    text = (
        "function F { [CmdletBinding(SupportsShouldProcess)] param() Set-Content x.txt 1; Test-Path x.txt }; F -WhatIf"
    )
    assert play(text).values == [False]


def test_verbose_reaches_the_commands_in_it(play: Play):
    text = "function F { [CmdletBinding()] param() Write-Verbose 'v' }; F; F -Verbose"
    assert play(text).said == [("verbose", "v")]


def test_arguments_of_a_script(play: Play):
    text = 'param([Parameter(Mandatory)][string]$Name, [switch]$On, [int]$N = 1)\n"$Name $On $($N + 1)"'
    assert play(text, "-Name", "a", "-On", "-N", "4").values == ["a True 5"]
    assert play(text, "a", "-On:$false").values == ["a False 2"]
    end = play(text).end
    assert isinstance(end, ParameterError)
    assert "missing mandatory parameters: Name" in end.message
    assert "'Nope'" in str(play(text, "a", "-Nope").end)


def test_a_function_that_never_ends_calling_itself(play: Play):
    found = play("function F { F; F }; F; 'on'")
    assert found.end is not None
    assert found.end.message == "The script failed due to call depth overflow."
    assert found.values == []


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
