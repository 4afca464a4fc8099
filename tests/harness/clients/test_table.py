"""docs/clients.md says what the drivers declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.clients.registry import KNOWN
from harness.clients.table import _MEANINGS, markdown_tables, updated
from harness.steps.capabilities import CLIENT_CAPABILITIES

DOCUMENT = Path(__file__).parents[3] / "docs" / "clients.md"


def test_the_document_is_in_step():
    text = DOCUMENT.read_text("utf-8")
    assert text == updated(text), "run: python -m harness.clients.table docs/clients.md"


def test_every_capability_has_its_words():
    assert _MEANINGS.keys() == CLIENT_CAPABILITIES


def test_every_built_client_is_a_column_and_told_of():
    text = DOCUMENT.read_text("utf-8")
    head = markdown_tables().splitlines()[0]
    for name, known in KNOWN.items():
        assert (f" {name} |" in head) == known.built
        assert name in text


def test_a_document_without_marks():
    with pytest.raises(ValueError, match="no <!-- clients"):
        updated("# Clients\n")
