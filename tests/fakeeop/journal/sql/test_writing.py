"""How much is kept."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import pytest

from fakeeop.journal.sql.writing import Keep
from tests.fakeeop.journal.sql.copies import NOON, copy_of, session_of


def add(journal, *contents: bytes) -> None:
    """Sessions of one message each, kept when this returns."""
    for content in contents:
        name = f"{journal.sessions_started:04}"
        session = session_of(name)
        journal.session_started(session)
        journal.message(copy_of(name, session, content))
        journal.pending()
        journal.session_ended(session, NOON, "client")
    journal.flush()
    journal._writer.call(lambda _: None)


def test_at_most_so_many(make_journal):
    journal = make_journal(keep=Keep(messages=5))
    add(journal, *(b"%d" % number for number in range(12)))
    assert [each.whole() for each in journal.message_records()] == [b"7", b"8", b"9", b"10", b"11"]
    assert len(journal.session_records()) == 5
    totals = journal.reader.totals()
    assert (totals.messages.held, totals.messages.ever, totals.sessions.held) == (5, 12, 5)


def test_at_most_so_large(make_journal):
    journal = make_journal(keep=Keep(octets=100))
    add(journal, b"a" * 60, b"b" * 30, b"c" * 30)
    assert [each.whole()[:1] for each in journal.message_records()] == [b"b", b"c"]
    assert journal.reader.totals().messages.octets == 60
    add(journal, b"d" * 500)  # the last one stays, however large
    assert [each.whole()[:1] for each in journal.message_records()] == [b"d"]
    add(journal, b"e")
    assert [each.whole()[:1] for each in journal.message_records()] == [b"e"]


def test_a_limit_that_was_lowered_is_reached_in_batches(make_journal):
    journal = make_journal()
    add(journal, *(b"%d" % number for number in range(1200)))
    journal.close()
    journal = make_journal(keep=Keep(messages=10))
    held = []
    for number in range(4):
        add(journal, b"new %d" % number)
        held.append(journal.reader.totals().messages.held)
    assert held == [701, 202, 10, 10]


def test_not_for_longer_than_so(make_journal, tmp_path):
    journal = make_journal()
    add(journal, b"old", b"young")
    journal.close()
    connection = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    for table in ("messages", "sessions"):
        connection.execute(f"UPDATE fakeeop_{table} SET at=at-2*86400000000 WHERE seq=1")  # noqa: S608  constants
    connection.close()
    journal = make_journal(keep=Keep(days=1.0))
    add(journal, b"new")
    assert [each.whole() for each in journal.message_records()] == [b"young", b"new"]


def test_numbers_go_on_when_all_is_forgotten(make_journal):
    journal = make_journal()
    add(journal, b"one", b"two")
    journal.clear()
    add(journal, b"three")
    totals = journal.reader.totals()
    assert (totals.messages.ever, totals.messages.held) == (3, 1)
    assert [seq for seq, _ in journal.reader.messages()] == [3]


@pytest.mark.parametrize("count", [1, 3])
def test_what_spoils_a_transaction_does_not_take_the_others_along(make_journal, count):
    journal = make_journal()
    said: list[str] = []
    journal.on_trouble = said.append
    refused: list[bytes | None] = []
    session = session_of("s")
    journal._gathering._loop = object()  # as if a loop gathered: everything goes into one transaction
    for number in range(count):
        reply: Any = threading.Lock() if number == 0 else b"250 ok\r\n"
        journal.message(copy_of(f"{number}", session, b"x", reply))
        pending, journal._now = journal._now, type(journal._now)()
        pending.refuse = lambda key: key.encode()
        pending.when(refused.append)
    journal.flush()
    journal._writer.call(lambda _: None)
    assert refused == [b"temporary-server-error", *[None] * (count - 1)]
    assert [each.id for each in journal.message_records()] == [str(number) for number in range(1, count)]
    assert "1 messages refused, 0 sessions not in it" in said[0]


def test_two_front_ends_at_once(make_journal):
    journals = [make_journal(front=name) for name in ("one", "two")]
    threads = [threading.Thread(target=add, args=(each, *[b"x"] * 150)) for each in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = journals[0].reader
    assert [seq for seq, _ in reader.messages()] == list(range(1, 301))
    totals = reader.totals()
    assert (totals.messages.ever, totals.messages.octets, totals.sessions.ever) == (300, 300, 300)


def add_message(journal, content: bytes) -> None:
    """A message of a session that goes on, in a transaction of its own."""
    session = session_of("s")
    journal.message(copy_of("m", session, content))
    journal.pending()
    journal._writer.call(lambda _: None)


def test_two_front_ends_take_turns(make_journal):
    one, two = make_journal(front="one"), make_journal(front="two")
    for number in range(24):
        add_message(two if number % 3 else one, b"%d" % number)
    stored = list(one.reader.messages())
    assert [seq for seq, _ in stored] == list(range(1, 25))
    assert [record.whole() for _, record in stored] == [b"%d" % number for number in range(24)]
    assert one.reader.totals().messages.octets == sum(len(record.whole()) for _, record in stored)


@pytest.mark.parametrize("between", [0, 1])
def test_another_front_end_forgets_all(make_journal, between):
    one, two = make_journal(front="one"), make_journal(front="two")
    add_message(one, b"1")
    add_message(one, b"2")
    for _ in range(between):
        add_message(two, b"3")
    two.clear()
    for number in range(3):
        add_message(one, b"%d" % number)
        totals = one._writer._commits._ends["messages"]
        assert (totals.ever, totals.held, totals.octets) == (3 + between + number, 1 + number, 1 + number)
    assert [seq for seq, _ in two.reader.messages()] == [3 + between, 4 + between, 5 + between]


def test_messages_alone_are_one_statement(make_journal):
    journal = make_journal()
    add_message(journal, b"one")
    said: list[str] = []
    journal._writer._commits._connection.set_trace_callback(said.append)
    add_message(journal, b"two")
    assert [line.partition(" ")[0] for line in said] == ["INSERT", "BEGIN", "COMMIT"]  # the last two: of the call
    assert journal.reader.totals().messages.ever == 2


def test_messages_alone_stay_within_the_limit(make_journal):
    journal = make_journal(keep=Keep(messages=5))
    for number in range(12):
        add_message(journal, b"%d" % number)
    assert [each.whole() for each in journal.message_records()] == [b"7", b"8", b"9", b"10", b"11"]
