"""The general commands, as scripts use them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exoshell.powershell.commands import Registry
from exoshell.powershell.formatting import shown_lines
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.streams import Recorder

THREE = (
    "$x = [pscustomobject]@{Name='b'; N=2; On=$true}, [pscustomobject]@{Name='a'; N=10; On=$false}, "
    "[pscustomobject]@{Name='c'; N=1; On=$true}; "
)


class Shell:
    """A session in a folder, its streams, and how long it waited."""

    def __init__(self, folder: Path) -> None:
        self.waited: list[float] = []
        self.streams = Recorder([True])
        registry = Registry()
        moment = datetime(2026, 11, 24, 12, 36, tzinfo=UTC)
        around = ShellHost(lambda: moment, lambda: 80, lambda: folder, None, self.waited.append)
        add_general_commands(registry, around)
        self.session = Interpreter(registry, self.streams)

    def __call__(self, text: str) -> list[Any]:
        return self.session.run(text)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize(("text", "expected"), [
    ("($x | Sort-Object N).Name", ["c", "b", "a"]),
    ("($x | sort Name -Descending | select -First 2).Name", ["c", "b"]),
    ("($x | Where-Object On -eq $true).Name", ["b", "c"]),
    ("($x | where N -gt 1).Name", ["b", "a"]),
    ("($x | ? { $_.N -lt 5 } | Select-Object -Last 1).Name", ["c"]),
    ("$x | % Name", ["b", "a", "c"]),
    ("$x | ForEach-Object { $_.N * 2 }", [4, 20, 2]),
    ("1..3 | ForEach-Object -Begin { $t = 0 } -Process { $t += $_ } -End { $t }", [6]),
    ("$x | Select-Object -ExpandProperty N", [2, 10, 1]),
    ("($x | Select-Object N* | Get-Member -MemberType NoteProperty).Name", ["N", "Name"]),
    ("($x | Measure-Object N -Sum -Maximum | Select-Object Sum).Sum", [13]),
    ("$x | Group-Object On | % Count", [2, 1]),
    ("'a','b','a' | Select-Object -Unique", ["a", "b"]),
    ("(Compare-Object @('a','b') @('b','c')).SideIndicator", ["=>", "<="]),
    ("$x | Select-Object -First 1 | ConvertTo-Json -Compress", ['{"Name":"b","N":2,"On":true}']),
    ("('{\"a\": [1, {\"b\": null}]}' | ConvertFrom-Json).a[0]", [1]),
    ("$x | ConvertTo-Csv -NoTypeInformation | Select-Object -First 2", ['"Name","N","On"', '"b","2","True"']),
    ("Get-Date -Format g", ["11/24/2026 12:36 PM"]),
    ("(New-TimeSpan -Minutes 90).TotalHours", [1.5]),
    ("Test-Path nothing.txt", [False]),
    ("Join-Path 'a' 'b.txt'", ["a/b.txt"]),
    ("Split-Path 'a\\b.txt' -Leaf", ["b.txt"]),
])  # fmt: skip
def test_what_comes_down_the_pipeline(shell: Shell, text: str, expected: list[Any]):
    assert shell(THREE + text) == expected


@pytest.mark.parametrize("kind", ["Csv", "Clixml"])
def test_files_there_and_back(shell: Shell, kind: str):
    shell(f"{THREE} $x | Export-{kind} -Path x.file")
    assert shell(f"(Import-{kind} -Path x.file).Name") == ["b", "a", "c"]


def test_clixml_keeps_types(shell: Shell):
    shell("[pscustomobject]@{A=1; B=$true; C='x','y'; D=$null; E=@{k='v'}} | Export-Clixml x.xml")
    (found,) = shell("Import-Clixml x.xml")
    assert [found.properties[name] for name in "ABCD"] == [1, True, ["x", "y"], None]
    assert found.properties["E"]["k"] == "v"


def test_contents_of_files(shell: Shell, tmp_path: Path):
    shell("'one','two' | Set-Content f.txt; Add-Content f.txt 'three'")
    assert shell("Get-Content f.txt") == ["one", "two", "three"]
    assert shell("(Get-Content f.txt -Raw).Length") == [14]
    assert shell("Get-Content f.txt -TotalCount 1") == ["one"]
    assert shell("(Get-Content -Path f.txt -Encoding Byte)[0]") == [ord("o")]
    shell("Remove-Item f.txt")
    assert not (tmp_path / "f.txt").exists()


def test_nothing_outside_the_folder_is_removed(shell: Shell, tmp_path: Path):
    other = tmp_path.parent / "kept.txt"
    other.write_text("x")
    shell("Remove-Item ..\\kept.txt -Confirm:$false")
    assert "takes away only what lies in" in shell.streams.errors[0].message
    assert other.exists()


def test_a_file_that_is_not_there_is_told_or_not(shell: Shell):
    shell("Get-Content no.txt -ErrorAction:SilentlyContinue")
    assert shell.streams.errors == []
    shell("Get-Content no.txt")
    assert shell.streams.errors[0].message.endswith("no.txt' because it does not exist.")


def test_tables_and_lists_are_lines(shell: Shell):
    assert shown_lines(shell(THREE + "$x | ft Name,N"), 80) == [
        *("", "Name  N", "----  -", "b     2", "a    10", "c     1", ""),
    ]
    assert shown_lines(shell(THREE + "$x | select -First 1 | fl Name,On"), 80) == ["", "Name : b", "On   : True", ""]


def test_waiting_is_bounded(shell: Shell):
    shell("Start-Sleep -Seconds 5; Start-Sleep -Milliseconds 250")
    assert shell.waited == [5.0, 0.25]
    shell("Start-Sleep 99999")
    assert "here it is 0 to 3600" in shell.streams.errors[0].message
    assert len(shell.waited) == 2


def test_the_streams(shell: Shell):
    shell("Write-Host 'a' 1; Write-Warning 'w'; Write-Verbose 'no'; Write-Verbose 'v' -Verbose; Write-Error 'e'")
    assert shell.streams.said == [("host", "a 1\n"), ("warning", "w"), ("verbose", "v")]
    assert [each.message for each in shell.streams.errors] == ["e"]


def test_nobody_to_ask(shell: Shell):
    shell("Get-Credential")
    assert "nobody is there to answer" in shell.streams.errors[0].message


def test_help_comes_from_the_declaration(shell: Shell):
    lines = shell("Get-Help Get-Date")
    assert "    Get-Date" in lines
    assert any("[-Format <string>]" in line for line in lines)
