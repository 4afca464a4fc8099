"""The language, through a session: what a script puts out, says, and how it fails."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.powershell.commands import Command, Invocation, Param, Registry
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.functions import call_with
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.streams import Recorder
from exoshell.powershell.values import HashTable


def host(call: Invocation) -> None:
    call.streams.host(" ".join(str(each) for each in call.get("Object", [])))


def each_of(call: Invocation) -> list[Any]:
    return [one for item in call.input for one in call_with(call.context, call.get("Process"), item)]


def chosen(call: Invocation) -> list[Any]:
    return [item for item in call.input if call_with(call.context, call.get("FilterScript"), item) == [True]]


SHOW = Command(
    "Show-Bound",
    lambda call: [dict(call.bound)],
    (
        Param("Name", position=0),
        Param("ConnectorType", "enum", values=("OnPremises", "Partner")),
        Param("SenderDomains", "multivalued"),
        Param("RequireTls", "bool"),
        Param("Force", "switch"),
        Param("NameToo"),
    ),
    aliases=("Show",),
    supports_what_if=True,
)


def made(*answers: bool) -> tuple[Interpreter, Recorder]:
    registry = Registry()
    registry.add(
        SHOW,
        Command("Write-Host", host, (Param("Object", "objects", position=0, remaining=True),)),
        Command("ForEach-Object", each_of, (Param("Process", "scriptblock", position=0),), aliases=("%",)),
        Command("Where-Object", chosen, (Param("FilterScript", "scriptblock", position=0),), aliases=("?",)),
    )
    streams = Recorder(list(answers))
    return Interpreter(registry, streams, now=lambda: datetime(2026, 1, 2, 3, 4, tzinfo=UTC)), streams


def out(text: str) -> list[Any]:
    session, streams = made()
    found = session.run(text)
    assert streams.errors == []
    return found


CASES = {
    "arithmetic": ("1+2*3; (1+2)*3; 7 % 4", [7, 9, 3]),
    "a string with variables": ('$a = 5; $a++; "v $a and $($a*2) and ${a}x"', ["v 6 and 12 and 6x"]),
    "a literal string": ("'$a ''b'''", ["$a 'b'"]),
    "escapes": ('"a`tb`"c`$d"', ['a\tb"c$d']),
    "a here-string": ('$s = @"\nhello $(1 + 1)\n"@\n$s', ["hello 2"]),
    "a literal here-string": ("@'\n$a\n'@", ["$a"]),
    "a range": ("1..3; $n = 2; 1..$n", [1, 2, 3, 1, 2]),
    "a pipeline": ("1..5 | % { $_ * 2 } | ? { $_ -gt 4 }", [6, 8, 10]),
    "foreach": ("foreach ($i in 1..2) { \"x$i\" }", ["x1", "x2"]),
    "for": ("for ($i=0; $i -lt 3; $i++) { $i }", [0, 1, 2]),
    "while, continue and break": (
        "$i=0; while ($true) { $i++; if ($i -eq 3) {continue}; if ($i -gt 4) {break}; $i }",
        [1, 2, 4],
    ),
    "do": ("do { $k++ } while ($k -lt 3); $k", [3]),
    "if": ("if ($null -eq $x) { 'null' } elseif (1) { 2 } else { 3 }", ["null"]),
    "an if is a value": ("$x = if (0) { 'y' } else { 'n' }; $x", ["n"]),
    "switch": ("switch ('b') { 'a' {1} 'b' {2} default {3} }", [2]),
    "switch by default": ("switch ('z') { 'a' {1} default {3} }", [3]),
    "a function": ("function F([string]$n = 'z', [int]$k) { \"$n-$k\" }; F -n q -k 3; F", ["q-3", "z-0"]),
    "blocks of a function": (
        "function G { param([Parameter(Mandatory=$true)][string]$Name, [switch]$On)"
        " begin { 'b' } process { \"$Name $On\" } end { 'e' } }; G -Name q -On",
        ["b", "q True", "e"],
    ),
    "a script block": ("& { param($a) \"got $a\" } 5", ["got 5"]),
    "an object": ("$h = [pscustomobject]@{A=1;B='x'}; $h.A; $h.B.ToUpper()", [1, "X"]),
    "a hash table": ("$h = @{A=1}; $h['b'] = 2; $h.A; $h.B; $h.Count", [1, 2, 2]),
    "a list": ("$l = @(); $l += 1; $l += 2,3; $l.Count; $l[-1]; $l[0..1]", [3, 3, 1, 2]),
    "several targets": ("$a,$b = 1,2; $b", [2]),
    "split and join": ("'a,b,c'.Split(',') -join '+'", ["a+b+c"]),
    "replace": ("'abc' -replace 'b(.)', '<$1>'", ["a<c>"]),
    "match": ("if ('abc' -match 'b(.)') { $Matches[1] }", ["c"]),
    "format": ("'{0:N2} {1}' -f 3.14159, 'x'", ["3.14 x"]),
    "casts": ("[int]'12' + 1; [string]5 + 'x'", [13, "5x"]),
    "comparisons": (
        "'x' -in 'a','x'; 'ABC' -like 'a*'; 'A' -ceq 'a'; -not $true; 1,2,3 -contains 2",
        [True, True, False, False, True],
    ),
    "a comparison filters a list": ("1,2,3 -gt 1", [2, 3]),
    "return": ("1; return 5; 6", [1, 5]),
    "try": ("try { throw 'oops' } catch { \"caught $_\" } finally { 'fin' }", ["caught oops", "fin"]),
    "a caught command": ("try { Show -Nome x } catch { 'caught' }", ["caught"]),
    "what a broken round has put out": ("foreach ($x in 1..3) { $x; if ($x -eq 2) { break } }", [1, 2]),
    "what a switch has put out": ("switch (1) { { $_ } { 'a'; break } default { 'b' } }", ["a"]),
    "into nothing": ("$null = 3; 4", [4]),
    "lists in texts": ("\"a, b $('c, d') $(\"e, f\")\"; 'a, b'; 1, 2  # x, y", ["a, b c, d e, f", "a, b", 1, 2]),
    "nothing": ("", []),
    "comments only": ("# one\n<# two\nthree #>\n", []),
    "comments": ("# one\n<# two\n three #> 1 # four", [1]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_a_script_puts_out(text: str, expected: list[Any]):
    assert out(text) == expected


def test_what_is_splatted_is_bound():
    text = """
    $splat = @{
        ## コネクタの名前を定義します。
        Name = 'SMTP Relay'
        ConnectorType = 'onpremises'
        SenderDomains = '*'
        RequireTLS = $true
    }
    Show-Bound @splat"""
    wanted = {"Name": "SMTP Relay", "ConnectorType": "OnPremises", "SenderDomains": ["*"], "RequireTls": True}
    assert out(text) == [wanted]


def test_arguments_of_every_form():
    (found,) = out("Show -Name:x -Conn Partner -SenderDomains a.com,b.com -Force `\n -RequireTls $false")
    assert found == {
        "Name": "x",
        "ConnectorType": "Partner",
        "SenderDomains": ["a.com", "b.com"],
        "Force": True,
        "RequireTls": False,
    }
    (found,) = out("Show -SenderDomains a.com, 1.2.3.0/24,\n a@b.c, 'd' -Name x")
    assert found == {"Name": "x", "SenderDomains": ["a.com", "1.2.3.0/24", "a@b.c", "d"]}
    (found,) = out("Show x -SenderDomains @{Add='a.com'}")
    assert found["Name"] == "x"
    assert isinstance(found["SenderDomains"], HashTable)


WRONG = {
    "an unknown command": ("\n  Nope-Command", 2, 3, "CommandNotFoundException", "'Nope-Command'"),
    "an unknown parameter": ("Show -Nome x", 1, 6, "NamedParameterNotFound", "'Nome'"),
    "a value of no such kind": ("Show -ConnectorType Bad", 1, 6, "ParameterArgumentTransformationError", '"Bad"'),
}


@pytest.mark.parametrize(("text", "line", "column", "error_id", "word"), WRONG.values(), ids=WRONG.keys())
def test_an_error_of_a_statement_is_shown_and_the_script_goes_on(
    text: str, line: int, column: int, error_id: str, word: str
):
    session, streams = made()
    assert session.run(f"{text}\n'on'") == ["on"]
    (error,) = streams.errors
    assert error.position is not None
    assert (error.position.line, error.position.column) == (line, column)
    assert error.error_id.startswith(error_id)
    assert word in error.message


@pytest.mark.parametrize("text", ["class A {}", "[Net.SecurityProtocolType]::NoSuch", "'a' 2> file.txt"])
def test_what_is_not_supported_ends_the_script_and_says_so(text: str):
    session, _ = made()
    with pytest.raises(Unsupported, match="not supported here"):
        session.run(f"{text}\n'on'")


def test_a_throw_ends_the_script():
    session, _ = made()
    with pytest.raises(PsError, match="oops"):
        session.run("throw 'oops'\n'on'")


def test_silence_keeps_the_error():
    session, streams = made()
    session.run("Show -Name x -ErrorAction SilentlyContinue; Nope -ErrorAction SilentlyContinue")
    assert [each.error_id for each in streams.errors] == ["CommandNotFoundException"]


@pytest.mark.parametrize("text", ["$x = 'a", "if (1) {", "Show (", "@{a=1"])
def test_a_prompt_asks_for_more(text: str):
    session, _ = made()
    assert not session.is_complete(text)
    with pytest.raises(PsError):
        session.run(text)


def test_variables_and_functions_stay_in_the_session():
    session, _ = made()
    session.run("$a = 3; function F { $a }")
    assert session.run("F; $a") == [3, 3]


def test_completion():
    session, _ = made()
    session.run("$connector = 1")
    assert session.complete("sho") == ["Show-Bound"]
    assert session.complete("$conn") == ["$connector"]
    assert "-ConnectorType" in session.complete("Show-Bound -Con")
    assert session.complete("Show-Bound -ConnectorType p") == ["Partner"]
    assert session.complete("Show-Bound -RequireTls ") == ["$true", "$false"]


def test_a_script_without_an_end_is_ended():
    registry = Registry()
    session = Interpreter(registry, Recorder(), steps=500)
    with pytest.raises(PsError):
        session.run("while ($true) { $i++ }")


@given(st.text(alphabet="abc $`\"'{}()#@;\n日本語コネクタäß€", max_size=60))
def test_a_quoted_text_is_itself(text: str):
    assert out(f"'{text.replace(chr(39), chr(39) * 2)}'") == [text]


@given(st.text(alphabet="$abc(){}[]@'\"|;,.-=+1 \n", max_size=30))
def test_noise_never_crashes(text: str):
    with contextlib.suppress(PsError):
        Interpreter(Registry(), Recorder(), steps=300).run(text)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_numbers(left: int, right: int):
    assert out(f"{left} + {right}; {left} -lt {right}") == [left + right, left < right]
