"""Two front ends, one PostgreSQL."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import StoreError
from fakeeop.journal.sql.database import Database
from fakeeop.journal.sql.places import place_of
from fakeeop.journal.sql.writing import Keep
from fakeeop.system.clock import VirtualClock
from tests.fakeeop.journal.sql.cluster import cluster

DEADLINE = 30.0
FOREIGN = "someone@fabrikam.example"
LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 70_000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a cluster."""
    pytest.importorskip("psycopg")
    with cluster() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    """An empty schema of it."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS lab CASCADE")
        connection.execute("CREATE SCHEMA lab")
    return f"{server}&options=-csearch_path%3Dlab"


def emulator(journal: Any, tree: Any, **settings: Any) -> Emulator:
    listeners = (Listener("127.0.0.1", 0, peer="203.0.113.25"),)
    return Emulator.from_tree(tree, listeners=listeners, journal=journal, **settings)


def send(eop: Emulator, count: int, mark: str, content: bytes | None = None) -> None:
    with smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
        client.ehlo("relay.contoso.com")
        for number in range(count):
            text = content or f"Subject: {mark}-{number}\r\n\r\nx\r\n".encode()
            client.sendmail("printer@contoso.com", [FOREIGN], text)


def test_both_write_and_each_reads_all(make_journal, tree, url):
    one, two = make_journal(url, "one"), make_journal(url, "two")
    assert (one.starts, two.starts) == (1, 2)
    with emulator(one, tree) as first, emulator(two, tree) as second:
        threads = [
            threading.Thread(target=send, args=(eop, 40, name)) for eop, name in ((first, "one"), (second, "two")) * 2
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.wait_for_messages(160, DEADLINE)
        assert two.wait_for_messages(160, DEADLINE)
        ours = [record.whole() for record in one.message_records()]
        assert ours == [record.whole() for record in two.message_records()]
        for mark in ("one", "two"):
            assert sum(f"Subject: {mark}-0\r\n".encode() in content for content in ours) == 2
        assert sorted(seq for seq, _ in one.reader.messages()) == list(range(1, 161))
        assert two.wait(lambda journal: journal.ended == 4, DEADLINE)
        assert len({record.id for record in one.message_records()}) == 160
    fronts = Database(_place(url)).connect()
    rows = fronts.execute("SELECT front, count(*) FROM fakeeop_messages GROUP BY front ORDER BY front").fetchall()
    fronts.close()
    assert rows == [("one", 80), ("two", 80)]


def test_who_waits_sees_what_the_other_got(make_journal, tree, url):
    one, two = make_journal(url, "one"), make_journal(url, "two")
    with emulator(one, tree) as first:
        seen = threading.Event()
        end = two.watch(seen.set)
        waited: list[bool] = []
        thread = threading.Thread(target=lambda: waited.append(two.wait_for_messages(1, DEADLINE)))
        thread.start()
        send(first, 1, "one")
        thread.join()
        assert waited == [True]
        assert seen.wait(DEADLINE)
        end()


def test_large_messages_and_odd_text(make_journal, tree, url):
    one = make_journal(url, "one", Keep(messages=3))
    with emulator(one, tree) as first:
        send(first, 1, "", LARGE)
        (record,) = one.message_records()
        assert record.whole() == LARGE
        assert not isinstance(record.content, bytes)
        with smtplib.SMTP(*first.addresses[0], timeout=DEADLINE) as client:
            client.ehlo("relay.contoso.com")
            client.sendmail("printer@contoso.com", [FOREIGN], b"NUL \0 and \xff\r\n")
        assert one.message_records()[-1].whole() == b"NUL \0 and \xff\r\n"
        send(first, 4, "more")
        assert len(one.message_records()) == 3
        one.clear()
        assert one.message_records() == []
    connection = Database(_place(url)).connect()
    assert connection.execute("SELECT count(*) FROM fakeeop_chunks").fetchone() == (0,)
    connection.close()


def test_a_lost_connection_is_made_anew(make_journal, tree, url):
    one = make_journal(url, "one")
    with emulator(one, tree) as first:
        send(first, 1, "before")
        other = Database(_place(url)).connect()
        for number in range(3):
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            send(first, 1, f"after {number}")
        found = [record.whole().split(b"\r\n")[0][9:] for record in one.message_records()]
        assert found == [b"before-0", b"after 0-0", b"after 1-0", b"after 2-0"]
        other.execute("ALTER TABLE fakeeop_messages RENAME TO hidden")
        with pytest.raises(smtplib.SMTPDataError, match="Temporary server error"):
            send(first, 1, "refused")
        other.execute("ALTER TABLE hidden RENAME TO fakeeop_messages")
        other.close()
        send(first, 1, "last")
        assert one.wait_for_messages(5, DEADLINE)
        assert len(one.message_records()) == 5


def test_the_command_reads_it(make_journal, tree, url):
    one = make_journal(url, "one")
    with emulator(one, tree) as first:
        send(first, 2, "one")
        command = [sys.executable, "-m", "fakeeop", "journal", "messages", "--journal", url]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert listed.count("<printer@contoso.com> -> <someone@fabrikam.example>  (contoso / Relay)") == 2


def test_the_trace_is_of_both(make_journal, tree, url):
    one, two = make_journal(url, "one"), make_journal(url, "two")
    with emulator(one, tree) as first, emulator(two, tree) as second:
        send(first, 2, "one")
        send(second, 2, "two")
        assert one.wait_for_messages(4, DEADLINE)
        rows = second.traced()
        assert sorted(row["Subject"] for row in rows) == ["one-0", "one-1", "two-0", "two-1"]
        assert len({row["MessageTraceId"] for row in rows}) == 4
        assert all("Name=Relay;" in row["Events"][0]["Data"] for row in rows)
        command = [sys.executable, "-m", "fakeeop", "trace", "--journal", url, "--json", "--detail"]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["rows"]
        columns = ("Received", "RecipientAddress", "Status", "MessageTraceId", "Events")
        assert [[row[name] for name in columns] for row in told] == [[row[name] for name in columns] for row in rows]


def test_no_such_server(make_journal, tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        make_journal(f"postgresql://postgres@/postgres?host={tmp_path}&port=1")


def _place(url: str) -> Any:
    return place_of(url)


def test_each_tells_what_waits_of_its_own_after_a_restart(make_journal, tree, url):
    slow = {**tree, "Internet": {"Domains": {"fabrikam.example": {"Delay": "5h"}}}}
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for front in ("one", "two"):
        with emulator(make_journal(url, front), slow, clock=VirtualClock(noon)) as eop:
            send(eop, 1, front)
    for front, expected in (("two", ["two"]), ("one", ["two", "one"]), ("two", ["two", "one"])):
        journal = make_journal(url, front)
        with emulator(journal, slow, clock=VirtualClock(noon + timedelta(hours=4.5))):
            told = [(each.action, each.content) for each in journal.report_records()]
        journal.close()  # the report is in the database
        assert [action for action, _ in told] == ["delayed"] * len(expected)
        assert all(f"Subject: {name}-0".encode() in content for name, (_, content) in zip(expected, told, strict=True))
