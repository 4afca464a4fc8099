"""Ids are found in a table that grows at one end and shrinks at the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, create_engine, delete

from fakeeop.journal.sql.reader import Places

TABLE = Table("rows", MetaData(), Column("seq", Integer, primary_key=True), Column("id", Text))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        TABLE.create(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def places(connection) -> Places:
    def read(what: Any) -> list[Any]:
        return list(connection.execute(what).all())

    return Places(TABLE, read)


def add(connection: Connection, first: int, last: int) -> None:
    connection.execute(TABLE.insert(), [{"seq": seq, "id": f"id{seq}"} for seq in range(first, last + 1)])


def test_what_was_added_since_is_found(connection, places):
    assert places.find(["id1"]) == {}
    add(connection, 1, 2)
    assert places.find(["id1", "id3"]) == {"id1": 1}
    add(connection, 3, 3)
    assert places.find(["id1", "id3"]) == {"id1": 1, "id3": 3}


def test_more_than_is_read_at_once(connection, places):
    add(connection, 1, 25_000)
    assert places.find(["id1", "id10000", "id10001", "id25000"]) == {
        "id1": 1,
        "id10000": 10_000,
        "id10001": 10_001,
        "id25000": 25_000,
    }


def test_the_latest_of_an_id_that_repeats(connection, places):
    connection.execute(TABLE.insert(), [{"seq": 1, "id": "same"}, {"seq": 2, "id": "same"}])
    assert places.find(["same"]) == {"same": 2}


def test_what_was_forgotten_is_not_found(connection, places):
    add(connection, 1, 3)
    assert places.find(["id1", "id2"]) == {"id1": 1, "id2": 2}
    connection.execute(delete(TABLE).where(TABLE.c.seq <= 1))
    assert places.find(["id1", "id2"]) == {"id2": 2}


def test_after_all_was_forgotten_numbers_go_on(connection, places):
    add(connection, 1, 3)
    assert places.find(["id3"]) == {"id3": 3}
    connection.execute(delete(TABLE))
    assert places.find(["id3"]) == {}
    assert len(places) == 0
    add(connection, 4, 4)
    assert places.find(["id3", "id4"]) == {"id4": 4}


def test_the_memory_it_takes_has_a_limit(connection, places):
    for step in range(5):
        add(connection, step * 5_000 + 1, step * 5_000 + 5_000)
        connection.execute(delete(TABLE).where(TABLE.c.seq < step * 5_000 + 4_990))
        assert places.find(["id1"]) == {}
    assert len(places) <= 10_000 + 11
    assert places.find(["id24999"]) == {"id24999": 24_999}
