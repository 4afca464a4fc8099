"""Journals in a folder of the test's own, and emulators that keep theirs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fakeeop.config.loader import forest_from_tree
from fakeeop.journal.sql.journal import StoredJournal
from fakeeop.journal.sql.places import place_of
from fakeeop.journal.sql.writing import KEEP, Keep

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ]
}


@pytest.fixture
def make_journal(tmp_path: Path) -> Iterator[Callable[..., StoredJournal]]:
    """``make_journal(where=None, front="one", keep=KEEP)``: opened, and closed at the end of the test."""
    with ExitStack() as stack:

        def make(where: str | None = None, front: str = "one", keep: Keep = KEEP) -> StoredJournal:
            place = place_of(where or str(tmp_path / "journal.sqlite"))
            assert place is not None
            journal = StoredJournal(place, front, lambda tree: forest_from_tree(tree, "the journal"), keep)
            stack.callback(journal.close)
            return journal

        yield make


@pytest.fixture
def tree() -> dict[str, Any]:
    """A tenant with one connector."""
    return TREE
