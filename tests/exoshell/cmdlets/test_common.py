"""How lists are edited, for any lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.cmdlets.common import edited_list
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import HashTable

NAMES = ["a.example", "A.example", "smtp:a.example;1", "*.a.example", "203.0.113.1", "203.0.113.0/24"]
LISTS = st.lists(st.sampled_from(NAMES), max_size=4)


def bare(entries: list[str]) -> list[str]:
    return [each.lower().removeprefix("smtp:").removesuffix(";1") for each in entries]


@given(LISTS, LISTS, LISTS)
def test_add_and_remove(old, added, removed):
    new = edited_list(old, HashTable({"ADD": added, "remove": removed}))
    stays = [each for each in old if bare([each])[0] not in bare(removed)]
    assert new[: len(stays)] == stays, "what stays keeps its place and spelling"
    assert set(bare(new)) == (set(bare(old)) - set(bare(removed))) | set(bare(added))


@given(LISTS, LISTS)
def test_a_plain_list_overwrites(old, new):
    assert edited_list(old, new) == new


@pytest.mark.parametrize("action", ["Ad", "Set", ""])
def test_any_other_action_is_an_error(action):
    with pytest.raises(PsError, match="Add and Remove"):
        edited_list([], HashTable({action: ["x"]}))


@pytest.mark.parametrize(("value", "found"), [
    (None, []),
    ("", []),
    ("a.example, b.example", ["a.example", "b.example"]),
    ("{a.example, b.example}", ["a.example", "b.example"]),
    (["a.example", None], ["a.example"]),
])  # fmt: skip
def test_lists_in_their_forms(value, found):
    assert edited_list(["x.example"], value) == found
