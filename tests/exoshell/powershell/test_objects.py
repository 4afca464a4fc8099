"""Versions and addresses."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Play


@pytest.mark.parametrize(("text", "expected"), [
    ("[version]'1.10' -gt [version]'1.9'", [True]),
    ("[version]'1.2' -lt '1.2.0'; [version]'1.2' -eq [version]'1.2'", [True, True]),
    ("$v = [version]'3.4.0.1'; $v.Major; $v.Revision; \"$v\"", [3, 1, "3.4.0.1"]),
    ("$PSVersionTable.PSVersion -ge [version]'5.1'; $PSVersionTable.PSVersion -lt '7.0'", [True, True]),
    ("$a = [ipaddress]'192.0.2.1'; \"$a\"; $a.AddressFamily", ["192.0.2.1", "InterNetwork"]),
    ("$null -eq ('300.1.1.1' -as [ipaddress])", [True]),
    ("$d = [ordered]@{z = 1; a = 2}; $d[0]; $d['a']; $d[-1]; ([ordered]@{5 = 'x'})[5]", [1, 2, 2, "x"]),
])  # fmt: skip
def test_it_works(play: Play, text: str, expected: list[Any]):
    found = play(text)
    assert (found.values, found.told, found.end) == (expected, [], None)


@pytest.mark.parametrize("text", ["[version]'1'", "[version]'a.b'", "[ipaddress]'300.1.1.1'", "[ipaddress]''"])
def test_what_is_none(play: Play, text: str):
    (message,) = play(text).told
    assert message.startswith("Cannot convert value")
