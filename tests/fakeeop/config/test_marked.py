"""YAML and JSON with line marks: what is taken, what stays text, what is refused and where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.marked import MarkedDict, MarkedList, line_of, load_marked, read_text
from fakeeop.errors import ConfigError


def refused(text: str) -> tuple[str, int | None, str]:
    with pytest.raises(ConfigError) as caught:
        load_marked(text, "file.yaml")
    (problem,) = caught.value.problems
    assert problem.path == "file.yaml"
    return problem.code, problem.line, problem.fix


def test_every_key_and_element_knows_its_line():
    tree = load_marked("a: 1\nb:\n  - x\n  -\n    c: {d: 2,\n      e: 3}\n")
    assert tree == {"a": 1, "b": ["x", {"c": {"d": 2, "e": 3}}]}
    assert isinstance(tree, MarkedDict)
    assert isinstance(tree["b"], MarkedList)
    assert (line_of(tree), line_of(tree, "a"), line_of(tree, "b")) == (1, 1, 2)
    assert (line_of(tree["b"], 0), line_of(tree["b"], 1)) == (3, 5)
    inner = tree["b"][1]["c"]
    assert (line_of(inner), line_of(inner, "d"), line_of(inner, "e")) == (5, 5, 6)


def test_what_has_no_mark_of_its_own_has_the_line_of_its_container_or_none():
    tree = load_marked("\na: [1]")
    assert line_of(tree, "absent") == 2
    assert line_of(tree["a"], 9) == 2
    assert line_of({"a": 1}, "a") is None
    assert line_of([1], 0) is None
    assert line_of("text") is None


@pytest.mark.parametrize("text", [
    "on", "NO", "yes", "12:30", "0550", "1_000", "0x1F", "2026-01-01", "1.", ".5", "+1", "True", "NULL", "203.0.113.25",
    "9" * 200, "1e999", "٣", "'1'",
])  # fmt: skip
def test_what_is_no_json_scalar_stays_text(text: str):
    assert load_marked(f"a: {text}") == {"a": text.strip("'")}


@pytest.mark.parametrize(("text", "value"), [
    ("1", 1), ("-0", 0), ("1.50", 1.5), ("-2e3", -2000.0), ("true", True), ("false", False), ("null", None),
    ("~", None), ("", None), ("{smtp:*;1}", {"smtp:*;1": None}),
])  # fmt: skip
def test_scalars(text: str, value: object):
    found = load_marked(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value) or isinstance(found, dict)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_nothing(text: str):
    assert load_marked(text) is None


@pytest.mark.parametrize(("text", "code", "line", "fix"), [
    ("a: 1\nb: *", "syntax", 2, "put it in quotes: '*' and"),
    ("a: [*.contoso.com]", "syntax", 1, "put it in quotes: '*' and"),
    ("a: @(1)", "syntax", 1, "write a YAML list"),
    ("a: `x", "syntax", 1, "put it in quotes"),
    ("a: %x", "syntax", 1, "put it in quotes"),
    ("a:\n\t- b", "syntax", 2, "indent with spaces"),
    ("a: [1\nb: 2", "syntax", 2, ""),
    ("a: 1\n---\nb: 2", "syntax", 2, ""),
    ("a: &x [1]\nb: *x", "alias", 1, "write it out"),
    ("a: &x 1\nb: *x", "alias", 1, "write it out"),
    ("a: 1\nb: !ruby/object x", "tag", 2, "take !ruby/object out"),
    ("a: !!int '3'", "tag", 1, "take"),
    ("a: 1\nb: 2\na: 3", "duplicate-key", 3, "remove one"),
    ("? [a]\n: b", "key", 1, ""),
    ("a: \x01", "syntax", None, ""),
    ("a: 1\nb: \ud800", "not-text", 2, ""),
    ("[" * 400_000, "syntax", None, "flatten it"),
    ("{a: " * 400_000, "syntax", None, "flatten it"),
    ("- " * 400_000, "syntax", None, "flatten it"),
])  # fmt: skip
def test_what_is_refused(text: str, code: str, line: int | None, fix: str):
    found = refused(text)
    assert found[:2] == (code, line)
    assert found[2].startswith(fix)


def test_a_nest_of_brackets_that_is_not_too_deep():
    assert load_marked("[" * 100 + "]" * 100) is not None
    assert load_marked(json.dumps([{"a": ["b"]}] * 2000)) == [{"a": ["b"]}] * 2000


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(
    tree=st.lists(JSON, max_size=3) | st.dictionaries(TEXT, JSON, max_size=3), indent=st.sampled_from([None, 2, "\t"])
)
def test_json_is_read_as_json_reads_it(tree: Any, indent: int | str | None):
    assert load_marked(json.dumps(tree, indent=indent)) == tree


@given(text=st.text(alphabet="ab:-*&!?[]{}\n\t '\"#|>%@,1", max_size=40) | st.text(max_size=20))
def test_any_text_is_data_or_a_config_error(text: str):
    try:
        tree = load_marked(text)
    except ConfigError as why:
        problems = why.problems
    else:
        problems = ()
        assert tree is None or isinstance(tree, dict | list | str | int | float)
    assert all(problem.message for problem in problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_with_their_marks(encoding: str):
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    assert read_text((mark + "Käse: 日本\n").encode(encoding), "f") == "Käse: 日本\n"


@pytest.mark.parametrize(("data", "line"), [
    (b"a: 1\nb: \xe4\n", 2), (b"\xff\xfea", 1), (b"\xfe\xff\x00a\x00\n\xd8\x00", 2),
])  # fmt: skip
def test_bytes_that_are_no_text(data: bytes, line: int):
    with pytest.raises(ConfigError) as caught:
        read_text(data, "f.yaml")
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.line) == ("not-text", "f.yaml", line)
