from __future__ import annotations

from pathlib import Path

import pytest

from fakeeop.errors import StoreError
from fakeeop.journal.sql.places import place_of


def test_memory_is_no_place():
    assert place_of("memory") is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("journal.sqlite", "journal.sqlite"),
        ("/srv/j.db", "/srv/j.db"),
        ("sqlite:////srv/j.db", "/srv/j.db"),
        ("sqlite:///j.db", "j.db"),
    ],
)
def test_files(text, path):
    place = place_of(text)
    assert place is not None
    assert place.path == Path(path)
    assert str(place) == path


def test_postgresql_shows_no_password():
    place = place_of("postgresql://lab:secret@db.example/journal")
    assert place is not None
    assert place.path is None
    assert place.url == "postgresql+psycopg://lab:secret@db.example/journal"
    assert str(place) == "postgresql+psycopg://lab:***@db.example/journal"


@pytest.mark.parametrize("text", ["mysql://u:secret@h/d", "sqlite://", "http://x/"])
def test_what_no_journal_can_be_in(text):
    with pytest.raises(StoreError, match="no journal can be there") as why:
        place_of(text)
    assert "secret" not in str(why.value)
