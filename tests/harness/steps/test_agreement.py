from __future__ import annotations

from typing import Any

import pytest

from harness.steps.agreement import SessionObservation, disagreeing

SESSION = {
    "id": "S1",
    "recipients": [{"rcpt-to": "ann@contoso.com", "reply": "250 2.1.5 Recipient OK"}],
    "tls": {"version": "TLSv1.3"},
}
MESSAGES = [
    {"session": "S1", "reply": "250 2.6.0 one", "rcpt-to": ["ann@contoso.com"]},
    {"session": "S1", "reply": "250 2.6.0 one", "rcpt-to": ["bob@xn--bcher-kva.example"]},
    {"session": "S2", "reply": "250 2.6.0 two", "rcpt-to": ["other@contoso.com"]},
]
TREE = {
    "recipients": {"ann@contoso.com": {"reply": "250 2.1.5 Recipient OK"}},
    "tls": {"version": "TLSv1.3"},
    "outcome": "accepted",
}


def seen(**changes):
    values: dict[str, Any] = {
        "path": "steps[1]",
        "line": 7,
        "tree": TREE,
        "taken": ("250 2.6.0 one",),
        "recipients": ("ann@Contoso.com", "bob@bücher.example"),
    }
    return SessionObservation(**(values | changes))


def test_agreement_looks_through_case_and_idn():
    assert disagreeing(seen(), SESSION, MESSAGES) == ()


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"taken": ()}, "steps[1].outcome", "number of accepted messages"),
        ({"taken": ("250 2.6.0 other",)}, "steps[1].reply", "the reply to the message"),
        ({"recipients": ("ann@contoso.com",)}, "steps[1].recipients", "the recipients of the message"),
        ({"tree": TREE | {"tls": None}}, "steps[1].tls.version", "agree on TLS"),
        (
            {"tree": TREE | {"recipients": {"ann@contoso.com": {"reply": "550 5.4.1 no"}}}},
            "steps[1].recipients.ann@contoso.com.reply",
            "agree on the reply",
        ),
    ],
)
def test_each_difference_is_told(changes, path, words):
    (mismatch,) = disagreeing(seen(**changes), SESSION, MESSAGES)
    assert (mismatch.path, mismatch.line, mismatch.seen_by) == (path, 7, "both-disagree")
    assert words in mismatch.note


def test_a_dialogue_knows_no_recipients():
    assert disagreeing(seen(whole=False, recipients=()), SESSION, MESSAGES) == ()


def test_a_client_may_give_up_after_the_server_finished_its_handshake():
    tree: dict[str, Any] = {"recipients": {}, "tls": None, "outcome": "tls-failed"}
    assert disagreeing(seen(tree=tree, taken=(), recipients=()), SESSION, []) == ()


def test_a_connection_that_the_journal_does_not_know():
    (mismatch,) = disagreeing(seen(), None, MESSAGES)
    assert "a session in the journal" in mismatch.note
