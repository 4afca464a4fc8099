"""What is mended for the grammar leaves texts, comments and places alone."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.streams import Recorder
from exoshell.powershell.syntax import incomplete, parse

from .conftest import Play

TEXTS = ["param(a) b", "x } 'a' { y", "say continue outer", "a, b c", "$x.foreach(1)", "f (1).b(2)", "} default { 1 }"]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_what_they_are(play: Play, text: str):
    single, double = text.replace("'", "''"), text.replace("$", "`$")
    script = f"'{single}'\n\"{double}\"\n@'\n{text}\n'@ # {text}\n<# {text} #>"
    assert play(script).values == [text, text, text]


@given(
    st.lists(
        st.sampled_from(["param(", "foreach(", ") x", "} 'a' {", "break a", ", b", "$x.y(1)", " ", "#"]), max_size=8
    )
)
def test_texts_of_such_pieces(pieces: list[str]):
    text = "".join(pieces)
    assert Interpreter(Registry(), Recorder()).run("'" + text.replace("'", "''") + "'") == [text]


@pytest.mark.parametrize(("text", "expected"), [
    ("function F { param($a) $a }; F 1", [1]),
    ("function F { param([ValidateScript({ $_ -ne ')' })]$a) $a }; F 1", [1]),
    ("switch ('b') { 'a' { 1 } 'b' { 2 } default { 3 } }", [2]),
    ("(1, 2).ForEach({ $_ * 2 })", [2, 4]),
    ("$x = 1, 2; $x.foreach({ $_ })", [1, 2]),
])  # fmt: skip
def test_what_is_mended(play: Play, text: str, expected: list[Any]):
    assert play(text).values == expected


def test_nesting_without_end_is_an_error():
    with pytest.raises(PsError, match="nested too deeply"):
        Interpreter(Registry(), Recorder()).run("(" * 5000 + "1" + ")" * 5000)


@given(st.text(max_size=80))
def test_any_text_is_a_script_or_an_error_with_a_place(text: str):
    incomplete(text)
    place = None
    with contextlib.suppress(PsError):
        try:
            place = parse(text).position
        except PsError as why:
            place = why.position
            raise
    assert place is not None
    assert 1 <= place.line <= text.count("\n") + 1


@pytest.mark.parametrize("text", [
    "if ($x) {", "foreach ($i in 1..2) {\n  'a'", "$x = @{", "Get-Thing `", "Get-Thing |", "A -B 1,", "'text", '"text',
    '"a $(1 + ', "@'\ntext", '@"\ntext', "<# comment", "if (1) { # it's", "f (", "$a[",
])  # fmt: skip
def test_more_lines_would_make_it_whole(text: str):
    assert incomplete(text)


@pytest.mark.parametrize("text", [
    "1", "", "# it's", "Get-Thing # (", "'{'", '"("', "@'\n{\n'@", "<# { #> 1", "if (1) { 2 }", "}", "Get-Thing )",
    "1 + * 'it''s'", "$x = ; # don't",
])  # fmt: skip
def test_what_is_whole_or_wrong_for_good(text: str):
    assert not incomplete(text)
