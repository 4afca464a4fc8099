from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.commands.demo import EXPLAINED, SHOWN, demo, last_answer


@pytest.fixture
def root(repository):
    return repository / "scenarios"


def test_the_demonstration_holds_and_explains_a_refusal(root, monkeypatch):
    monkeypatch.chdir(root.parent)  # what is printed names the root unless it is ./scenarios
    stream = io.StringIO()
    assert demo(root, Console(file=stream, width=140, highlight=False)) == 0
    text = stream.getvalue()
    assert "Unofficial, not affiliated with Microsoft" in text
    assert "a TLS client certificate for *.contoso.com" in text
    assert "250 2.6.0 … Queued mail for delivery" in text
    assert "550 5.7.64 TenantAttribution; Relay Access Denied" in text
    assert "nearest miss:" in text
    assert "✗ raw" not in text
    assert "unsupported" not in text, "it shows the clients that are always there"
    assert f"harness explain {EXPLAINED}" in text


def test_what_is_shown_exists(root):
    assert EXPLAINED in [shown.scenario for shown in SHOWN]
    assert [shown.scenario for shown in SHOWN if not (root / f"{shown.scenario}.yaml").exists()] == []


def test_it_fails_when_something_is_not_as_it_should_be(tmp_path, write_scenarios, every_grade):
    write_scenarios({EXPLAINED: every_grade["x/fail"]})
    stream = io.StringIO()
    assert demo(tmp_path / "scenarios", Console(file=stream, width=140, highlight=False)) == 1
    assert "0 of 1 cases are as they should be" in stream.getvalue()


@pytest.mark.parametrize(
    ("transcript", "answer"),
    [
        (["S: 250 2.1.5 ok", "S: 550 5.7.64 No [box]", "S: 221 bye"], "550 5.7.64 No"),
        (["S: 250-x", "S: 250 y", "S: 250 2.6.0 <id> [x]"], "250 2.6.0 … Queued mail for delivery"),
        (["S: 550 5.4.1 Denied. For more see x"], "550 5.4.1 Denied"),
        ([], "no reply"),
    ],
)
def test_the_answer_that_mattered(transcript, answer):
    assert last_answer(transcript) == answer
