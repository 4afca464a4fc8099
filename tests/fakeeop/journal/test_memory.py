from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import pytest

from fakeeop.decision.directory import Directory
from fakeeop.journal.memory import Journal, Judgement, MessageRecord, SessionRecord
from fakeeop.model import (
    AcceptedDomain,
    CertificateFacts,
    ChainProblem,
    Envelope,
    Forest,
    PeerFacts,
    Recipient,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.smtp.transaction import Transcript
from fakeeop.why.narrate import ConnectionNarrator

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PEER = PeerFacts(parse_ip("203.0.113.25"), 4711, "127.0.0.25")

JUDGE = Directory(Forest((Tenant("contoso", (AcceptedDomain("contoso.com"),)),))).connection(PEER, None)
SENDER, RECIPIENT = Mailbox("a", "b.example"), Mailbox("user", "contoso.com")


def session_record(journal: Journal, name: str = "08DD") -> SessionRecord:
    record = SessionRecord(name, "127.0.0.1:2525", PEER, NOON, Transcript())
    journal.session_started(record)
    return record


def add_message(
    journal: Journal, record: SessionRecord, content: bytes = b"Subject: x\r\n\r\nhi\r\n", name: str = "1"
) -> None:
    verdict = JUDGE.judge_recipient(SENDER, RECIPIENT)
    envelope = Envelope(SENDER, (Recipient(RECIPIENT),))
    recipients = [Recipient(RECIPIENT)]
    journal.message(
        MessageRecord(name, record, envelope, "internal", recipients, verdict, content, NOON, b"250 2.6.0 ok\r\n")
    )


def judge(journal: Journal, record: SessionRecord, recipient: Mailbox = RECIPIENT) -> None:
    verdict = JUDGE.judge_recipient(SENDER, recipient)
    journal.recipient(record, Judgement(1, SENDER, recipient, (), verdict, b"250 ok\r\n", ConnectionNarrator(JUDGE)))


def test_an_open_session():
    journal = Journal()
    session_record(journal)
    assert journal.sessions() == [
        {
            "id": "08DD",
            "listener": "127.0.0.1:2525",
            "peer": "203.0.113.25",
            "socket-peer": "127.0.0.25",
            "started": "2026-11-24T12:00:00Z",
            "ended": None,
            "closed-by": None,
            "helo": None,
            "esmtp": False,
            "tls": None,
            "tls-failure": None,
            "authenticated": None,
            "notes": [],
            "recipients": [],
            "attributed-to": None,
            "verdict": None,
            "nearest": None,
            "refusals": [],
            "faults": [],
            "transcript": [],
        }
    ]


def test_a_judged_recipient():
    journal = Journal()
    record = session_record(journal)
    judge(journal, record)
    judge(journal, record, Mailbox("x", "example.net"))
    [session] = journal.sessions()
    accepted, refused = session["recipients"]
    assert accepted == {
        "transaction": 1,
        "mail-from": "a@b.example",
        "rcpt-to": "user@contoso.com",
        "reply": "250 ok",
        "verdict": "incoming-anonymous",
        "attributed-to": {
            "tenant": "contoso",
            "connector": None,
            "by": "recipient-domain",
            "direction": "Incoming",
        },
        "nearest": [],
    }
    assert refused["attributed-to"] == "none"
    assert (session["attributed-to"], session["verdict"]) == ("none", "relay-access-denied")


def test_tls_and_certificate():
    journal = Journal()
    record = session_record(journal)
    record.tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", server_name="mx.example")
    assert journal.sessions()[0]["tls"]["peer-certificate"] is None
    record.tls = TlsFacts(
        "TLSv1.2",
        "X",
        CertificateFacts(
            ("relay.contoso.com",),
            "CN=relay.contoso.com",
            "CN=lab",
            NOON,
            NOON,
            problems=(ChainProblem.EXPIRED, ChainProblem.UNTRUSTED),
            extended_key_usages=("clientAuth",),
            chain=("CN=relay.contoso.com",),
            key="EC P-256",
        ),
    )
    tree = journal.sessions()[0]["tls"]["peer-certificate"]
    assert (tree["chain"], tree["problems"]) == ("expired", ["expired", "untrusted"])
    assert (tree["names"], tree["extended-key-usages"]) == (["relay.contoso.com"], ["clientAuth"])
    assert tree["not-after"] == "2026-11-24T12:00:00Z"
    record.tls = TlsFacts("TLSv1.2", "X", CertificateFacts(("a",), "CN=a", "CN=b", NOON, NOON))
    assert journal.sessions()[0]["tls"]["peer-certificate"]["chain"] == "valid"


def test_trees_are_json():
    journal = Journal()
    record = session_record(journal)
    judge(journal, record)
    add_message(journal, record, bytes(range(256)))
    assert json.loads(json.dumps([journal.sessions(), journal.messages(), journal.reports()]))


@pytest.mark.parametrize(
    ("content", "body", "headers"),
    [
        (b"Subject: x\r\n\r\nhi\r\n", "hi\n", [["Subject", "x"]]),
        (b"Subject: a\r\n\tb\r\nX:\r\n\r\n", "", [["Subject", "a\tb"], ["X", ""]]),
        (b"no header at all\r\n", "no header at all\n", []),
        (b"\r\nbody only\r\n", "body only\n", []),
        (b"Subject: lf\n\nhi\n", "hi\n", [["Subject", "lf"]]),
        (
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw6Q=\r\n",
            "ä",
            [["Content-Type", "text/plain; charset=utf-8"], ["Content-Transfer-Encoding", "base64"]],
        ),
        (
            b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\none\r\n--B--\r\n",
            "one",
            [["Content-Type", "multipart/mixed; boundary=B"]],
        ),
        (
            b"Content-Type: text/plain; charset=nonsense\r\n\r\nhi\r\n",
            "hi\n",
            [["Content-Type", "text/plain; charset=nonsense"]],
        ),
    ],
)
def test_messages_are_readable(content, body, headers):
    journal = Journal()
    add_message(journal, session_record(journal), content)
    [message] = journal.messages()
    assert message["body"] == body
    assert message["headers"] == headers
    assert message["raw"].encode("latin-1") == content
    assert message["size"] == len(content)


def test_limits():
    journal = Journal(entries=3, octets=100)
    record = session_record(journal)
    for number in range(5):
        session_record(journal, str(number))
        add_message(journal, record, b"x" * 10, str(number))
    assert [session["id"] for session in journal.sessions()] == ["2", "3", "4"]
    assert [message["id"] for message in journal.messages()] == ["2", "3", "4"]
    add_message(journal, record, b"x" * 85, "big")
    assert [message["id"] for message in journal.messages()] == ["4", "big"]
    add_message(journal, record, b"x" * 101, "huge")
    assert journal.messages() == []
    assert journal.messages_received == 7


def test_clear_keeps_open_sessions():
    journal = Journal()
    ended, still_open = session_record(journal, "1"), session_record(journal, "2")
    judge(journal, still_open)
    add_message(journal, ended)
    journal.session_ended(ended, NOON, "client")
    journal.clear()
    assert [session["id"] for session in journal.sessions()] == ["2"]
    assert journal.sessions()[0]["recipients"] == []
    assert journal.messages() == []
    journal.session_ended(still_open, NOON, "server")
    assert journal.session("2") is still_open
    assert journal.session("1") is None
    assert journal.wait_for_sessions_to_end(0)


def test_subscribers():
    journal = Journal()
    seen: list[object] = []
    journal.on_recipient = lambda record, judgement: seen.append((record.id, judgement.recipient))
    journal.on_message = lambda message: seen.append(message.id)
    journal.on_session_end = lambda record: seen.append(record.closed_by)
    record = session_record(journal)
    judge(journal, record)
    add_message(journal, record)
    journal.session_ended(record, NOON, "client")
    assert seen == [("08DD", RECIPIENT), "1", "client"]


def test_waiting_in_another_thread():
    journal = Journal()
    record = session_record(journal)
    assert not journal.wait_for_sessions_to_end(0.01)
    outcome = []

    def waiter() -> None:
        outcome.append(journal.wait_for_messages(2, 20))
        outcome.append(journal.wait_for_sessions_to_end(20))

    thread = threading.Thread(target=waiter)
    thread.start()
    add_message(journal, record)
    add_message(journal, record)
    journal.session_ended(record, NOON, "client")
    thread.join(20)
    assert outcome == [True, True]


def test_reading_while_the_loop_writes():
    journal = Journal(entries=200)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            record = session_record(journal)
            judge(journal, record)
            add_message(journal, record)
            journal.session_ended(record, NOON, "client")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert journal.wait_for_messages(150, 20)
        for _ in range(20):
            assert len(journal.sessions()) <= 201
            assert len(journal.messages()) <= 201
    finally:
        stop.set()
        thread.join()
