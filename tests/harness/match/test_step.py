from __future__ import annotations

from typing import Any

import pytest

from fakeeop.config.marked import load_marked
from harness.match.step import disagreements, match_step, nearest_text
from harness.model.result import Observation

DENIED = "550 5.7.64 TenantAttribution; Relay Access Denied SMTP"


def seen(**fields: Any) -> dict[str, Any]:
    fields = {"outcome": "rejected", "stage": "rcpt", "reply": DENIED, **fields}
    return Observation(**fields).tree()


def session(reply: str = DENIED, **fields: Any) -> dict[str, Any]:
    entry = {"rcpt-to": "b@fabrikam.example", "reply": reply}
    near = [{"tenant": "contoso", "connector": "Office relay", "failed": "SenderIPAddresses"}]
    return {"recipients": [entry], "refusals": [], "nearest": near, "tls": None, "closed-by": "client", **fields}


def test_nothing_expected_holds():
    assert match_step("submit", None, seen(), path="steps[1].expect").holds


def test_all_mismatches_are_reported():
    expect = load_marked("outcome: accepted\nstage: message\nreply: 250\n")
    found = match_step("submit", expect, seen(), path="steps[1].expect", line=1).mismatches
    assert [(one.path, one.line) for one in found] == [
        ("steps[1].expect.outcome", 1),
        ("steps[1].expect.stage", 2),
        ("steps[1].expect.reply", 3),
    ]


def test_the_journal_stands_beside_the_client():
    (found,) = match_step("submit", {"reply": 250}, seen(), path="p", journal=session()).mismatches
    assert (found.actual, found.actual_journal, found.seen_by) == (DENIED, DENIED, "client")
    assert found.nearest == '"Office relay", failed on SenderIPAddresses'


def test_client_and_journal_that_differ_are_told_apart():
    (found,) = match_step("submit", {"reply": 250}, seen(), path="p", journal=session("451 4.7.0 x")).mismatches
    assert (found.actual_journal, found.seen_by) == ("451 4.7.0 x", "both-disagree")


def test_a_recipients_reply_in_the_journal():
    expect = {"recipients": {"b@fabrikam.example": {"reply": 250}}}
    tree = seen(recipients={"b@fabrikam.example": {"reply": DENIED}})
    (found,) = match_step("submit", expect, tree, path="p", journal=session()).mismatches
    assert found.path == "p.recipients.b@fabrikam.example.reply"
    assert found.actual_journal == DENIED


def test_a_refusal_at_the_end_of_data_decides():
    refused = session("250 2.1.5 OK", refusals=[{"stage": "message", "reply": DENIED, "verdict": "x"}])
    (found,) = match_step("submit", {"reply": 250}, seen(), path="p", journal=refused).mismatches
    assert found.actual_journal == DENIED


@pytest.mark.parametrize(("took", "holds"), [(1.9, True), (2.1, False), (None, False)])
def test_within(took, holds):
    tree = {**seen(), "duration": took}
    assert match_step("submit", {"within": "2s"}, tree, path="p").holds is holds


def test_what_the_client_cannot_see_is_taken_from_the_journal():
    expect = load_marked("outcome: accepted\nreply: 250\nexit: 0\n")
    found = match_step(
        "submit",
        expect,
        seen(reply=None, outcome="accepted"),
        path="p",
        journal=session("250 OK"),
        observes=frozenset({"outcome"}),
    )
    assert found.mismatches == ()
    assert found.unobservable == ("p.exit",)


def test_what_the_client_cannot_see_in_plain_data():
    found = match_step("submit", {"exit": 0}, seen(), path="p", observes=frozenset())
    assert (found.mismatches, found.unobservable) == ((), ("p.exit",))


def test_the_journals_tls_stands_beside_the_clients():
    tree = seen(tls={"version": "TLSv1.3", "cipher": "x", "verified": True})
    held = session(tls={"version": "TLSv1.2", "cipher": "x", "server-name": None, "peer-certificate": None})
    (found,) = match_step("submit", {"tls": {"version": "TLSv1.1"}}, tree, path="p", journal=held).mismatches
    assert (found.actual, found.actual_journal, found.seen_by) == ("TLSv1.3", "TLSv1.2", "both-disagree")


def test_a_deviation_is_no_mismatch():
    expect = {"reply": {"first-of": [{"grade": "pass", "is": 451}, {"grade": "deviation", "is": "5xx", "why": "w"}]}}
    found = match_step("submit", expect, seen(), path="p")
    assert found.holds
    assert [one.path for one in found.deviations] == ["p.reply"]


def test_no_connector_came_near():
    assert nearest_text(None) == ""
    assert nearest_text({"nearest": None}) == ""
    several = {"nearest": [{"connector": "x", "failed": ["Enabled", "RequireTls"], "detail": "why"}]}
    assert nearest_text(several) == '"x", failed on Enabled, RequireTls (why)'


def test_disagreements():
    tree = seen(recipients={"b@fabrikam.example": {"reply": DENIED}, "c@x.example": {"reply": "250 OK"}})
    assert disagreements(tree, session(), path="steps[1]") == ()
    (found,) = disagreements(tree, session("250 2.1.5 Recipient OK"), path="steps[1]", line=4)
    assert (found.seen_by, found.actual, found.actual_journal) == ("both-disagree", DENIED, "250 2.1.5 Recipient OK")
    assert found.path == "steps[1].recipients.b@fabrikam.example.reply"


def test_reply_line_marks_do_not_make_a_disagreement():
    tree = seen(recipients={"b@fabrikam.example": {"reply": "250-a\n250 b"}})
    assert disagreements(tree, session("250-a\r\n250 b"), path="p") == ()
