"""The failure texts, golden: what a user reads first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakeeop.config.marked import load_marked
from harness.match.final import match_final
from harness.match.step import match_step
from harness.model.result import Mismatch, Observation
from harness.scenario.expand import expand
from harness.scenario.loader import scenario_from_tree
from harness.steps.failure_text import failure_text

TEXT = """\
schema: fakeeop.scenario/1
title: T
requirement: R.
level: must
evidence: [{kind: doc, ref: x}]
world: {hosts: {stranger: 198.51.100.9}, tenant: {Name: contoso}}
clients: [swaks]
VARIANTS
steps:
  - submit: {from-host: stranger, mail-from: a@contoso.com, rcpt-to: [b@fabrikam.example]}
    expect:
      outcome: rejected
      reply: REPLY
expect:
  sessions:
    - attributed-to: {connector: Office relay}
  messages:
    - body: |
        one
        two
"""
NEAREST = {
    "tenant": "contoso",
    "connector": "Office relay",
    "failed": "SenderIPAddresses",
    "detail": "198.51.100.9 not in 203.0.113.25",
}
RELAY = "550 5.7.1 Unable to relay"


@pytest.fixture(autouse=True)
def checkout(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed names the root unless it is ./scenarios."""
    monkeypatch.chdir(repository)


@pytest.fixture
def case_with():
    def make(reply, variants=""):
        text = TEXT.replace("REPLY", reply).replace("VARIANTS", variants)
        path = Path("scenarios/connectors/denied.yaml")
        return expand(scenario_from_tree(load_marked(text), path, Path("scenarios"), text))[0]

    return make


def step_text(case: Any, reply: str, journal_reply: str | None = None, wire: str = "") -> str:
    session = {"recipients": [{"rcpt-to": "b@fabrikam.example", "reply": journal_reply}], "nearest": [NEAREST]}
    observation = Observation("rejected", "rcpt", reply).tree()
    step = case.steps[0]
    journal = session if journal_reply else None
    matched = match_step(step.verb, step.expect, observation, path="steps[1].expect", line=11, journal=journal)
    return failure_text(case, matched.mismatches, wire=wire)


def test_the_line_the_expectation_both_views_and_the_connector(case_with):
    case = case_with('"550 5.7.1 TenantAttribution; Relay Access Denied *"')
    assert step_text(case, RELAY, RELAY, ".harness/runs/1/transcript.txt") == (
        "scenarios/connectors/denied.yaml:13  connectors/denied::swaks\n"
        '  13 |       reply: "550 5.7.1 TenantAttribution; Relay Access Denied *"\n'
        "     |              expected the text to match, at steps[1].expect.reply\n"
        "     actual (client):  550 5.7.1 Unable to relay\n"
        "     actual (journal): 550 5.7.1 Unable to relay\n"
        '     nearest connector: "Office relay", failed on SenderIPAddresses (198.51.100.9 not in 203.0.113.25)\n'
        "     wire: .harness/runs/1/transcript.txt     rerun: harness run connectors/denied::swaks"
    )


def test_a_value_of_a_variant_is_written_out(case_with):
    case = case_with('"{{variant.reply}}"', 'variants: {one: {reply: "550 5.7.64 *"}}')
    assert step_text(case, RELAY) == (
        "scenarios/connectors/denied.yaml:13  connectors/denied::one-swaks\n"
        '  13 |       reply: "{{variant.reply}}"\n'
        "     |              expected the enhanced status to be 5.7.64, at steps[1].expect.reply\n"
        "     expected:         550 5.7.64 *\n"
        "     actual (client):  550 5.7.1 Unable to relay\n"
        "     rerun: harness run connectors/denied::one-swaks"
    )


def test_a_reply_of_several_lines_is_aligned(case_with):
    assert "     actual (client):  250-one\n                       250 two\n" in step_text(
        case_with("550"), "250-one\n250 two"
    )


def test_what_the_journal_holds(case_with):
    case = case_with("550")
    sessions = [{"attributed-to": "none", "nearest": [NEAREST]}]
    messages = [{"body": "one\r\nthree\r\n"}]
    matched = match_final(case.expect, sessions, messages)
    assert failure_text(case, matched.mismatches) == (
        "scenarios/connectors/denied.yaml:16  connectors/denied::swaks\n"
        "  16 |     - attributed-to: {connector: Office relay}\n"
        "     |                      expected a record with connector, at expect.sessions[1].attributed-to\n"
        "     actual (journal): none\n"
        '     nearest connector: "Office relay", failed on SenderIPAddresses (198.51.100.9 not in 203.0.113.25)\n'
        "     rerun: harness run connectors/denied::swaks\n"
        "scenarios/connectors/denied.yaml:18  connectors/denied::swaks\n"
        "  18 |     - body: |\n"
        "     |             expected exactly this text, at expect.messages[1].body\n"
        "     --- expected\n"
        "     +++ actual\n"
        "     @@ -1,2 +1,2 @@\n"
        "      one\n"
        "     -two\n"
        "     +three\n"
        "     rerun: harness run connectors/denied::swaks"
    )


def test_a_mismatch_that_no_line_of_the_file_stands_for(case_with):
    text = failure_text(case_with("550"), [Mismatch("steps[2]", None, "a message", "none", "a message to arrive")])
    assert text == (
        "scenarios/connectors/denied.yaml  connectors/denied::swaks\n"
        "     | expected a message to arrive, at steps[2]\n"
        "     actual (client):  none\n"
        "     rerun: harness run connectors/denied::swaks"
    )


def test_a_long_expectation_that_the_line_shows_in_other_words_is_not_repeated(case_with):
    long = Mismatch("steps[1].expect.reply", 13, "x" * 61, "y", "something")
    assert "expected:" not in failure_text(case_with("550"), [long])


def test_paths_are_shortened(case_with):
    text = step_text(case_with("250"), RELAY)
    assert text.splitlines()[0].startswith("scenarios/connectors/denied.yaml:13")
    case = case_with("250")
    matched = match_step("submit", case.steps[0].expect, Observation("accepted").tree(), path="p", line=11)
    short = failure_text(case, matched.mismatches, relative_to=Path("scenarios"))
    assert short.startswith("connectors/denied.yaml:12  connectors/denied::swaks\n")
