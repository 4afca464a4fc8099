"""The writer and the loop: who waits for whom."""

from __future__ import annotations

import asyncio
import sqlite3

from fakeeop.journal.records import SessionRecord
from tests.fakeeop.journal.sql.copies import copy_of, session_of


def begin(journal, name: str) -> SessionRecord:
    session = session_of(name)
    journal.session_started(session)
    return session


def give(journal, session: SessionRecord, content: bytes) -> asyncio.Future[bytes | None]:
    """The reply that says no, or None, when it is known."""
    told: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    name = f"{session.id}-{content[:9].decode()}"
    journal.message(copy_of(name, session, content))
    pending = journal.pending()
    pending.refuse = lambda key: key.encode()
    pending.when(told.set_result)
    return told


def run(journal, scene) -> None:
    async def all_of_it() -> None:
        session = begin(journal, "first")
        assert await give(journal, session, b"the thread opens the database") is None
        await scene(session)

    asyncio.run(all_of_it())


def test_the_loop_waits_for_no_other_front_end(make_journal, tmp_path):
    journal = make_journal()
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)

    async def scene(first: SessionRecord) -> None:
        other.execute("BEGIN IMMEDIATE")
        told = give(journal, first, b"one")
        for _ in range(50):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            turn.get_loop().call_soon(turn.set_result, None)
            await turn
        assert not told.done()  # and the loop runs
        other.execute("COMMIT")
        assert await told is None

    run(journal, scene)
    other.close()
    assert [each.whole() for each in journal.message_records()][1:] == [b"one"]


def test_a_database_that_breaks_is_told_once(make_journal, tmp_path):
    journal = make_journal()
    said: list[str] = []
    journal.on_trouble = said.append

    async def scene(first: SessionRecord) -> None:
        breaker = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
        breaker.execute("ALTER TABLE fakeeop_messages RENAME TO elsewhere")
        breaker.close()
        assert await give(journal, first, b"one") == b"temporary-server-error"

    run(journal, scene)
    assert len(said) == 1
    assert "1 messages refused" in said[0]
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("ALTER TABLE elsewhere RENAME TO fakeeop_messages")
    other.close()
