from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.marked import line_of, load_marked
from harness.scenario.templates import substitute

ANSWERS: dict[tuple[str, str | None], Any] = {
    ("run", "id"): "r1",
    ("target", "port"): 2525,
    ("target", "host"): "127.0.0.1",
    ("host", "relay"): "203.0.113.25",
    ("pki", "own"): "/x/own.pem",
}


def ask(kind: str, name: str | None) -> Any:
    return ANSWERS[kind, name]


def test_names_are_looked_up():
    tree = load_marked(
        'a: "{{run.id}}"\nb: ["{{target.port}}", "[{{target.host}}]:{{ target.port }}"]\n'
        'c: {"{{host(relay)}}": "{{pki(own)}}"}\nd: "{{pki(null)}}"\n'
    )
    assert substitute(tree, ask) == {
        "a": "r1",
        "b": [2525, "[127.0.0.1]:2525"],
        "c": {"203.0.113.25": "/x/own.pem"},
        "d": "",
    }
    assert tree["a"] == "{{run.id}}"


def test_line_marks_stay():
    filled = substitute(load_marked('a: 1\nb:\n  - x\n  - "{{run.id}}"\n'), ask)
    assert (line_of(filled, "b"), line_of(filled["b"], 1)) == (2, 4)


def test_flags_inside_text():
    assert substitute("is {{run.id}}", lambda *_: True) == "is true"
    assert substitute("is {{run.id}}", lambda *_: None) == "is "


@given(
    st.recursive(
        st.text("ab{} ", max_size=8) | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
    )
)
def test_what_holds_no_name_is_the_same_object(tree):
    def never(kind: str, name: str | None) -> Any:
        raise AssertionError((kind, name))

    if "{{" not in str(tree):
        assert substitute(tree, never) is tree
