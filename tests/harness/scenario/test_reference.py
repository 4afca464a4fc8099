from __future__ import annotations

from pathlib import Path

from harness.scenario.reference import tables, updated

DOCUMENT = Path(__file__).parents[3] / "docs" / "scenarios.md"


def test_the_document_is_in_step():
    text = DOCUMENT.read_text("utf-8")
    assert text == updated(text), "run: python -m harness.scenario.reference docs/scenarios.md"


def test_every_table_is_used():
    text = DOCUMENT.read_text("utf-8")
    left_out = {"verb-disconnect", "expect-starttls", "verb-retry", "verb-stop"}  # told in a sentence
    expected = tables().keys() - left_out
    assert {name for name in expected if f"<!-- table {name} -->" not in text} == set()
