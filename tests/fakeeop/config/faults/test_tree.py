"""``Faults:`` as people write it."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.faults.tree import KEYS, faults_from_tree, read_faults
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError, Problem
from fakeeop.model.fault import Fault


def test_one_line():
    (fault,) = faults_from_tree(
        load_marked(
            "[{at: rcpt, first: 2, reply: '451 4.7.500 Server busy. Please try again later from [{ip}].'}]", "f"
        )
    )
    assert fault == Fault("rcpt", first=2, reply="451 4.7.500 Server busy. Please try again later from [{ip}].")
    assert fault.label == "at rcpt: 451 4.7.500 Server busy. Please try again later from [{ip}]."


def test_every_key():
    tree = {
        "at": "RCPT",
        "name": "busy",
        "address": ["203.0.113.25", "2001:db8::/32"],
        "tenant": "contoso",
        "recipient": "*@contoso.com",
        "sender": "",
        "tls": True,
        "per": "recipient",
        "nth": [2, 3],
        "first": 5,
        "every": 1,
        "probability": 0.5,
        "until": "1m30s",
        "reply": "451 4.3.2 no",
        "suffix": False,
        "delay": "200ms",
        "drip": "10ms",
        "do": "close",
    }
    assert set(KEYS) - set(tree) == {"hide"}
    assert faults_from_tree(tree) == (
        Fault(
            at="rcpt",
            name="busy",
            addresses=(ipaddress.ip_network("203.0.113.25"), ipaddress.ip_network("2001:db8::/32")),
            tenant="contoso",
            recipient="*@contoso.com",
            sender="",
            tls=True,
            per="recipient",
            nth=(2, 3),
            first=5,
            every=1,
            probability=0.5,
            until_seconds=90.0,
            reply="451 4.3.2 no",
            suffix=False,
            delay=0.2,
            drip=0.01,
            do="close",
        ),
    )


def test_until_in_three_forms():
    faults = faults_from_tree([{"at": "mail", "do": "drop", "until": until} for until in (5, "5s", "recovered")])
    assert [(fault.until_count, fault.until_seconds, fault.until_flag) for fault in faults] == [
        (5, None, None),
        (None, 5.0, None),
        (None, None, "recovered"),
    ]


def test_extensions_are_hidden_in_any_case():
    (fault,) = faults_from_tree({"at": "ehlo", "hide": ["chunking", "PIPELINING"]})
    assert fault.hide == ("CHUNKING", "PIPELINING")


@pytest.mark.parametrize(
    ("tree", "code", "words"),
    [
        ("x", "wrong-type", "is not a list of faults"),
        (["x"], "wrong-type", "is not a fault"),
        ({"do": "drop"}, "missing-field", "at is not given"),
        ({"at": "rcpt"}, "missing-field", "it does nothing"),
        ({"at": "recpt", "do": "drop"}, "bad-value", "did you mean rcpt?"),
        ({"at": "rcpt", "do": "drop", "frist": 2}, "unknown-field", "did you mean first?"),
        ({"at": "rcpt", "do": "explode"}, "bad-value", "not allowed"),
        ({"at": "rcpt", "do": "old-tls"}, "bad-value", "handshake only"),
        ({"at": "rcpt", "hide": ["DSN"]}, "bad-value", "at ehlo only"),
        ({"at": "ehlo", "hide": ["XEXCH50"]}, "bad-value", "is not an extension"),
        ({"at": "handshake", "reply": "451 no"}, "bad-value", "no reply at handshake"),
        ({"at": "after-250", "do": "lose-reply"}, "bad-value", "is about a reply"),
        ({"at": "rcpt", "do": "lose-reply", "reply": "451 no"}, "bad-value", "sends no reply"),
        ({"at": "mail", "do": "drop", "recipient": "*"}, "bad-value", "no recipient is known"),
        ({"at": "ehlo", "do": "drop", "sender": "*"}, "bad-value", "no sender is known"),
        ({"at": "banner", "do": "drop", "tenant": "a"}, "bad-value", "no tenant is known"),
        ({"at": "mail", "do": "drop", "per": "recipient"}, "bad-value", "count per address"),
        ({"at": "rcpt", "do": "drop", "first": 0}, "bad-value", "is not a count"),
        ({"at": "rcpt", "do": "drop", "first": [1, 2]}, "wrong-type", "one number"),
        ({"at": "rcpt", "do": "drop", "nth": True}, "bad-value", "is not a count"),
        ({"at": "rcpt", "do": "drop", "probability": 2}, "bad-value", "is not a probability"),
        ({"at": "rcpt", "do": "drop", "until": "!"}, "bad-value", "is not one of these"),
        ({"at": "rcpt", "do": "drop", "address": "contoso.com"}, "bad-value", "does not appear"),
        ({"at": "rcpt", "do": "drop", "tls": "yes"}, "wrong-type", "neither true nor false"),
        ({"at": "rcpt", "do": "drop", "sender": 5}, "wrong-type", "not text"),
        ({"at": "rcpt", "reply": "go away"}, "bad-value", "is not a reply"),
        ({"at": "rcpt", "reply": "451 4.3.2 {who}"}, "bad-value", "placeholder"),
        ({"at": "rcpt", "delay": "soon"}, "bad-value", "is not a time span"),
    ],
)
def test_mistakes(tree: Any, code: str, words: str):
    with pytest.raises(ConfigError) as caught:
        faults_from_tree(tree)
    assert any(problem.code == code and words in str(problem) for problem in caught.value.problems)


def test_a_problem_names_file_line_and_field():
    with pytest.raises(ConfigError) as caught:
        faults_from_tree(load_marked("- at: rcpt\n  do: drop\n- at: rcpt\n  do: jump\n", "f.yaml"), "f.yaml")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.where) == ("f.yaml", 4, ("Faults", "number 2", "do"))


def test_nothing_is_no_fault():
    assert faults_from_tree(None) == ()
    assert faults_from_tree([]) == ()


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2)
)


@given(st.lists(st.dictionaries(st.sampled_from((*KEYS, "other")), _VALUES, max_size=6), max_size=3) | _VALUES)
def test_anything_gives_faults_or_problems(tree: Any):
    problems: list[Problem] = []
    faults = read_faults(tree, "f", problems)
    assert all(fault.at for fault in faults)
    assert all(problem.message and problem.path == "f" for problem in problems)
