"""Text of a tenant file, changed in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.editor.text import Editor, block, flow
from fakeeop.config.marked import load_marked

YAML = """\
# head
A:   1   # one
List:
- x   # first
# between
- 'y'

Map:
    one: "1"
    # about two
    two: [a, b]  # ab
Flow: {p: 1, q: [r, s]}
Empty:
End: last"""

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT | st.sampled_from(["on", "0x1", "1e3", "*", "~"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("way", "key", "value", "old", "new"),
    [
        ((), "A", 2, "A:   1   # one", "A:   2   # one"),
        ((), "a", "x: y", "A:   1   # one", 'A:   "x: y"   # one'),
        (("Map",), "one", "off", 'one: "1"', 'one: "off"'),
        (("Map",), "three", True, "two: [a, b]  # ab\n", "two: [a, b]  # ab\n    three: true\n"),
        (("Map",), "two", ["b", "c"], "[a, b]", "[b, c]"),
        (("Flow",), "z", ["1.5"], "{p: 1, q: [r, s]}", '{p: 1, q: [r, s], z: ["1.5"]}'),
        ((), "Empty", "full", "Empty:", "Empty: full"),
        ((), "New", {"k": "v"}, "End: last", "End: last\nNew:\n  k: v"),
        ((), "List", ["x", "z"], "# between\n- 'y'\n", "- z\n# between\n"),
        ((), "List", ["y"], "- x   # first\n", ""),
        ((), "List", "plain", "List:\n- x   # first\n# between\n- 'y'", "List: plain"),
    ],
)  # fmt: skip
def test_set(way, key, value, old, new):
    editor = Editor(YAML)
    editor.set(way, key, value)
    assert editor.text == YAML.replace(old, new, 1)


@pytest.mark.parametrize(
    ("way", "key", "old", "new"),
    [
        ((), "A", "A:   1   # one\n", ""),
        ((), "End", "End: last", ""),
        ((), "Nothing", "", ""),
        (("Map",), "one", '    one: "1"\n', ""),
        (("Map",), "two", "    two: [a, b]  # ab\n", ""),
        (("Flow",), "p", "p: 1, ", ""),
        (("Flow",), "q", ", q: [r, s]", ""),
    ],
)
def test_unset(way, key, old, new):
    editor = Editor(YAML)
    editor.unset(way, key)
    assert editor.text == YAML.replace(old, new, 1)


def test_an_element_of_a_list_goes_and_the_comments_around_it_stay():
    text = "L:\n  # one\n  - {n: 1}\n  # two\n  - n: 2\n    m: x # in\n\n  # three\n  - n: 3\n# end\n"
    editor = Editor(text)
    editor.remove(("L",), 1)
    assert editor.text == "L:\n  # one\n  - {n: 1}\n  # two\n\n  # three\n  - n: 3\n# end\n"
    editor.remove(("L",), 1)
    editor.remove(("L",), 0)
    assert load_marked(editor.text, "x") == {"L": []}
    assert "# three" in editor.text


def test_the_first_key_behind_a_dash_goes():
    editor = Editor("L:\n  - a: 1\n    b: 2\n")
    editor.unset(("L", 0), "a")
    assert editor.text == "L:\n  - b: 2\n"
    editor.unset(("L", 0), "b")
    assert editor.text == "L:\n  - {}\n"


def test_json_stays_json_in_its_lines():
    import json  # noqa: PLC0415  for this one test

    text = json.dumps({"Tenants": [{"Name": "c", "L": [{"n": 1}], "T": ["a"]}]}, indent=2)
    editor = Editor(text)
    editor.append(("Tenants", 0), "L", {"n": "x", "y": None})
    editor.set(("Tenants", 0), "T", ["b", "c"])
    editor.set(("Tenants", 0, "L", 0), "m", True)
    assert json.loads(editor.text) == {
        "Tenants": [{"Name": "c", "L": [{"n": 1, "m": True}, {"n": "x", "y": None}], "T": ["b", "c"]}]
    }
    assert editor.text.count("\n") >= text.count("\n")


def test_line_ends_of_windows_stay():
    editor = Editor("A:\r\n  - n: 1\r\nB: 2\r\n")
    editor.append((), "A", {"k": 2, "m": 3})
    assert editor.text == "A:\r\n  - n: 1\r\n  - k: 2\r\n    m: 3\r\nB: 2\r\n"


def test_characters_beyond_ascii_do_not_shift_places():
    editor = Editor("A: äöü 😀 x # ä\nB: {c: é, d: 1}\n")
    editor.set(("B",), "d", "😀")
    editor.set((), "A", "z")
    assert editor.text == 'A: z # ä\nB: {c: é, d: "😀"}\n'


@given(VALUES)
def test_what_is_written_reads_as_it_was(value):
    for text in (flow(value), flow(value, quoted=True)):
        assert load_marked(f"[{text}]", "x") == [value]
    if isinstance(value, dict) and value:
        assert load_marked(block(value, 0), "x") == value
        assert load_marked(block([value, value], 0), "x") == [value, value]


@given(st.lists(TEXT, max_size=5), st.lists(TEXT, max_size=5), st.booleans())
def test_any_list_becomes_any_other(old, new, brackets):
    text = flow({"L": old}) if brackets else f"L:{''.join(f'{chr(10)}  - {flow(each)} # c' for each in old) or ' []'}\n"
    editor = Editor(text)
    editor.set((), "L", new)
    assert sorted(load_marked(editor.text, "x")["L"]) == sorted(new)
