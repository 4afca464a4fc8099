"""Errors as PowerShell shows them."""

from __future__ import annotations

import pytest

from exoshell.cli.screen import Screen, error_lines
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import Position


def test_an_error_is_shown_with_its_place():
    error = PsError("no", error_id="X,Y", category="Z", position=Position(3, 3, "  $x.Send()", "s.ps1"))
    assert list(error_lines(error)) == [
        *("no", "At s.ps1:3 char:3", "+ $x.Send()", "+ ~~~~~~~"),
        *("    + CategoryInfo          : Z: (:) [], X", "    + FullyQualifiedErrorId : X,Y"),
    ]
    named = PsError("no", position=Position(1, 6, "'a'; Get-Thing; 'b'"))
    lines = list(error_lines(named))
    assert lines[0] == "Get-Thing : no"
    assert lines[1:4] == ["At line:1 char:6", "+ 'a'; Get-Thing; 'b'", "+      ~~~~~~~~~"]


@pytest.mark.parametrize(("answers", "expected"), [
    (["y", "n"], [True, False]),
    (["", "no"], [True, False]),
    (["A"], [True, True]),
])  # fmt: skip
def test_confirmations(answers: list[str], expected: list[bool]):
    screen = Screen(lambda _question, _secret: answers.pop(0))
    assert [screen.confirm("Sure?", "x") for _ in expected] == expected


def test_nobody_confirms():
    with pytest.raises(PsError, match=r"add -Confirm:\$false"):
        Screen().confirm("Sure?", "x")
