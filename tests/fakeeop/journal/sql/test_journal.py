"""The stored journal as an emulator uses it, and after a restart."""

from __future__ import annotations

import smtplib
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import StoreError
from fakeeop.journal.reports import Reported, ReportRecord
from fakeeop.journal.sql.journal import StoredJournal
from fakeeop.journal.sql.writer import chunk_name
from fakeeop.journal.sql.writing import Keep
from fakeeop.why.render import trace_tree

DEADLINE = 30.0
FOREIGN = "someone@fabrikam.example"


def emulator(journal: StoredJournal, tree: Any, **settings: Any) -> Emulator:
    return Emulator.from_tree(
        tree, listeners=(Listener("127.0.0.1", 0, peer="203.0.113.25"),), journal=journal, **settings
    )


def send(eop: Emulator, *contents: bytes, recipients: tuple[str, ...] = (FOREIGN,)) -> list[bytes]:
    """The last replies."""
    replies = []
    with smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
        for content in contents:
            client.ehlo("relay.contoso.com")
            client.mail("printer@contoso.com")
            for recipient in recipients:
                client.rcpt(recipient)
            code, text = client.data(content)
            replies.append(b"%d %s" % (code, text))
    return replies


def test_everything_reads_the_same_after_a_restart(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop:
        send(eop, b"Subject: x\r\n\r\none\r\n", b"two\r\n.\r\n", recipients=(FOREIGN, "ann@contoso.com"))
        with smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
            client.ehlo("stranger.example")
            client.mail("a@b.example")
            assert client.rcpt(FOREIGN)[0] == 550
        assert journal.wait_for_sessions_to_end(DEADLINE)
        sessions, messages = journal.sessions(), [dict(each) for each in journal.messages()]
        trace = trace_tree(eop.explain())
        text = eop.explain_text(sessions[-1]["id"])
    journal.close()
    again = make_journal()
    assert again.starts == 2
    with emulator(again, tree) as eop:
        assert again.sessions() == sessions
        assert [{**each, "deliveries": None} for each in again.messages()] == [
            {**each, "deliveries": None} for each in messages
        ]
        assert trace_tree(eop.explain()) == trace
        assert eop.explain_text(sessions[-1]["id"]) == text
        assert (again.remembered, again.ended) == (4, 2)
        assert again.message_record(messages[0]["id"]).whole() == b"Subject: x\r\n\r\none\r\n"
        assert {each["recipient-scope"] for each in messages} == {"internal", "external"}
        send(eop, b"three\r\n")
        names = [each["id"] for each in again.messages()]
        assert len(set(names)) == 5  # another start gives other ids


def test_pages(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop:
        send(eop, *(b"Subject: %d\r\n\r\nx\r\n" % number for number in range(7)))
        page, more = journal.message_page(lambda _: True, 3, None)
        rest, last = journal.message_page(lambda _: True, 9, more)
        assert [record.whole()[9:10] for record in page + rest] == [b"%d" % number for number in range(7)]
        assert last is None
        named, _ = journal.message_page(lambda _: True, 9, None, sender="PRINTER@contoso.com", tenant="contoso")
        assert len(named) == 7
        none, _ = journal.message_page(lambda _: True, 9, None, connector="other")
        assert none == []
        with pytest.raises(LookupError):
            journal.message_page(lambda _: True, 9, "no such")
        assert journal.wait_for_sessions_to_end(DEADLINE)
        with smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
            client.ehlo("open.example")
            first, more = journal.session_page(lambda _: True, 1, None)
            second, last = journal.session_page(lambda _: True, 5, more)
            assert [each.ended is None for each in first + second] == [False, True]
            assert last is None
            assert journal.session_page(lambda _: True, 5, second[0].id) == ([], None)
            found, _ = journal.session_page(lambda each: each.helo == "open.example", 5, None)
            assert [each.id for each in found] == [second[0].id]


def test_clear_forgets_all_but_open_sessions(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop:
        send(eop, b"one\r\n")
        assert journal.wait_for_sessions_to_end(DEADLINE)
        before = journal.changes
        with smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
            client.ehlo("open.example")
            journal.clear()
            assert journal.message_records() == []
            assert [each.helo for each in journal.session_records()] == ["open.example"]
            assert (journal.remembered, journal.ended, journal.changes) == (0, 0, before)
        send(eop, b"two\r\n")
        assert journal.remembered == 1
        assert journal.changes > before
    journal.close()
    assert [each.whole() for each in make_journal().message_records()] == [b"two\r\n"]


def test_a_large_message_lies_in_chunks(make_journal, tree, tmp_path):
    journal = make_journal(keep=Keep(messages=2))
    large = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 120_000
    with emulator(journal, tree) as eop:
        assert send(eop, large, recipients=(FOREIGN, "ann@contoso.com"))[0].startswith(b"250")
        one, two = journal.message_records()
        assert not isinstance(one.content, bytes)
        assert b"".join(one.pieces()) == two.whole() == large
        assert one.content.read(262_140, 9) == large[262_140:262_149]
        assert len(one.content) == len(large)
        with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as reader:
            assert reader.execute("SELECT count(*) FROM fakeeop_chunks").fetchone() == (9,)
            assert reader.execute("SELECT count(content) FROM fakeeop_messages").fetchone() == (0,)
        send(eop, b"a\r\n", b"b\r\n")  # both copies are forgotten, and their chunks with the last
        assert [each.whole() for each in journal.message_records()] == [b"a\r\n", b"b\r\n"]
        reader = sqlite3.connect(tmp_path / "journal.sqlite")
        assert reader.execute("SELECT count(*) FROM fakeeop_chunks").fetchone() == (0,)
        reader.close()


def test_chunks_that_a_killed_server_left_are_taken_away(make_journal, tree, tmp_path):
    journal = make_journal()
    large = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 70_000
    with emulator(journal, tree) as eop:
        send(eop, large)
    journal.close()
    names = [chunk_name(time.time_ns() - age) for age in (2 * 86_400_000_000_000, 0)]
    connection = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    connection.executemany("INSERT INTO fakeeop_chunks VALUES (?, 0, x'00')", [(name,) for name in names])
    connection.execute("UPDATE fakeeop_chunks SET large='0-kept' WHERE large NOT IN (?, ?)", names)
    connection.execute("UPDATE fakeeop_messages SET large='0-kept'")
    journal = make_journal()
    with emulator(journal, tree) as eop:
        send(eop, b"small\r\n")
        assert [each.whole() for each in journal.message_records()] == [large, b"small\r\n"]
    left = connection.execute("SELECT DISTINCT large FROM fakeeop_chunks ORDER BY large").fetchall()
    connection.close()
    assert left == [("0-kept",), (names[1],)]  # another front end may be at the young one


def test_pipelined_commands_wait_behind_the_reply(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop, smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
        client.ehlo("relay.contoso.com")
        one = b"MAIL FROM:<printer@contoso.com>\r\nRCPT TO:<someone@fabrikam.example>\r\nBDAT 4 LAST\r\nhi\r\n"
        client.send(one * 3 + b"NOOP\r\n")
        codes = [client.getreply()[0] for _ in range(10)]
        assert codes == [250] * 10
        assert journal.remembered == 3


def test_what_a_full_disk_does(make_journal, tree):
    journal = make_journal()
    said: list[str] = []
    journal.on_trouble = said.append
    with emulator(journal, tree) as eop:
        assert send(eop, b"before\r\n")[0].startswith(b"250")
        _limit_pages(journal)
        replies = send(eop, *(b"x" * 900_000 + b"\r\n" for _ in range(3)))
        assert all(reply.startswith(b"452 4.3.1 Insufficient system resources") for reply in replies)
        assert journal.wait_for_sessions_to_end(DEADLINE)
        assert [each.whole() for each in journal.message_records()] == [b"before\r\n"]
        assert journal.messages_received == journal.remembered == 1
        assert "full" in said[0]
        journal._writer.call(lambda cursor: cursor.execute("PRAGMA max_page_count=1000000"))
        assert send(eop, b"after\r\n")[0].startswith(b"250")
        assert journal.wait_for_sessions_to_end(DEADLINE)
        refusals = [each for record in journal.session_records() for each in record.refusals]
        assert [(stage, key) for stage, _, key in refusals] == [("message", "insufficient-storage")] * 3
    journal.close()
    again = make_journal()
    assert [each.whole() for each in again.message_records()] == [b"before\r\n", b"after\r\n"]
    assert len(again.session_records()) == 3


def _limit_pages(journal: StoredJournal) -> None:
    """The file may grow by a few pages only."""

    def limit(cursor: Any) -> None:
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={pages + 8}")

    journal._writer.call(limit)


def test_other_trouble_is_a_451_and_passes(make_journal, tree, tmp_path):
    journal = make_journal()
    said: list[str] = []
    journal.on_trouble = said.append
    with emulator(journal, tree) as eop:
        send(eop, b"before\r\n")
        other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
        other.execute("ALTER TABLE fakeeop_messages RENAME TO hidden")
        assert send(eop, b"lost\r\n")[0].startswith(b"451 4.3.2")
        other.execute("ALTER TABLE hidden RENAME TO fakeeop_messages")
        other.close()
        assert send(eop, b"after\r\n")[0].startswith(b"250")
        assert "no such table" in said[0]
        assert [each.whole() for each in journal.message_records()] == [b"before\r\n", b"after\r\n"]


def test_reports_are_kept(make_journal):
    journal = make_journal()
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    reported = (Reported("x@contoso.com", "5.1.1"),)
    journal.report(ReportRecord("r1", moment, "failed", "a@b.example", reported, b"no\r\n", outcome="returned"))
    assert [each.id for each in journal.report_records()] == ["r1"]
    journal.close()
    (again,) = make_journal().report_records()
    assert (again.outcome, again.content, again.recipients) == ("returned", b"no\r\n", reported)


def test_a_session_of_which_only_messages_are_left(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop, smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
        client.ehlo("relay.contoso.com")
        client.sendmail("printer@contoso.com", [FOREIGN], b"hi\r\n")
        (message,) = make_journal(front="two").message_records()
        session = make_journal(front="three").session(message.session.id)
        assert session.helo == "relay.contoso.com"
        assert "its end is not in the journal" in session.notes[0]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("UPDATE fakeeop_journal SET version=99", "written by a later fakeeop"),
        ("UPDATE fakeeop_journal SET version=0", "version 0 cannot be read"),
    ],
)
def test_other_versions_are_refused(make_journal, tmp_path, spoil, says):
    make_journal().close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        connection.execute(spoil)
    connection.close()
    with pytest.raises(StoreError, match=says):
        make_journal()


def test_other_files_are_refused(make_journal, tmp_path):
    path = tmp_path / "journal.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="another program's database"):
        make_journal()
    path.write_text("my letters to aunt Mary, which are no database\n" * 50)
    with pytest.raises(StoreError, match="cannot be opened"):
        make_journal()


def test_mail_is_nobody_elses_business(make_journal, tmp_path):
    make_journal()
    assert (tmp_path / "journal.sqlite").stat().st_mode & 0o077 == 0


def test_secrets_of_the_tenant_file_are_not_kept(make_journal, tree, tmp_path):
    journal = make_journal()
    mailbox = {"PrimarySmtpAddress": "ann@contoso.com", "Password": "correct horse"}
    secret = {"Tenants": [{**tree["Tenants"][0], "Mailboxes": [mailbox]}]}
    with emulator(journal, secret) as eop:
        send(eop, b"hi\r\n")
    journal.close()
    assert b"correct horse" not in (tmp_path / "journal.sqlite").read_bytes()
