"""A reply that waits for the disk, and everything else that may be in its way."""

from __future__ import annotations

import smtplib
import socket
import ssl
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.journal.sql.journal import StoredJournal

DEADLINE = 30.0
FOREIGN = "someone@fabrikam.example"


def emulator(journal: StoredJournal, tree: Any) -> Emulator:
    return Emulator.from_tree(tree, listeners=(Listener("127.0.0.1", 0, peer="203.0.113.25"),), journal=journal)


def ready(eop: Emulator) -> smtplib.SMTP:
    """A client whose message is whole but for its end."""
    client = smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE)
    client.ehlo("relay.contoso.com")
    client.mail("printer@contoso.com")
    client.rcpt(FOREIGN)
    client.docmd("DATA")
    return client


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ({"At": "after-250", "Do": "drop"}, b"250 2.6.0"),
        ({"At": "end-of-data", "Do": "lose-reply"}, b""),
        ({"At": "end-of-data", "Delay": "0.05"}, b"250 2.6.0"),
        ({"At": "end-of-data", "Drip": "0.001"}, b"250 2.6.0"),
    ],
)
def test_faults_at_the_end_of_a_message(make_journal, tree, fault, reply):
    journal = make_journal()
    with emulator(journal, tree) as eop:
        eop.set_faults([fault])
        client = ready(eop)
        client.send(b"hi\r\n.\r\n")
        assert client.sock is not None
        said = client.sock.makefile("rb").readline()
        assert said.startswith(reply)
        assert bool(said) is bool(reply)
        client.close()
        assert journal.wait_for_messages(1, DEADLINE)
        assert journal.wait_for_sessions_to_end(DEADLINE)
    journal.close()
    again = make_journal()
    (session,) = again.session_records()
    assert [stage for stage, _, _ in session.faults] == [fault["At"]]
    assert next(again.sessions_newest_first(faulty=True)).id == session.id
    assert len(again.message_records()) == 1


def test_a_client_that_does_not_wait(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop:
        client = ready(eop)
        client.send(b"hi\r\n.\r\n")
        client.close()
        assert journal.wait_for_messages(1, DEADLINE)
        assert journal.wait_for_sessions_to_end(DEADLINE)
        (session,) = journal.session_records()
        assert session.messages == 1


def test_a_client_that_only_half_closes(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop, ready(eop) as client:
        rest = b"MAIL FROM:<printer@contoso.com>\r\nRCPT TO:<someone@fabrikam.example>\r\nBDAT 4 LAST\r\nhi\r\n"
        assert client.sock is not None
        client.sock.sendall(b"hi\r\n.\r\n" + rest)
        client.sock.shutdown(socket.SHUT_WR)
        assert [client.getreply()[0] for _ in range(4)] == [250, 250, 250, 250]
        assert client.sock.recv(1) == b""
        client.close()
        assert journal.wait_for_sessions_to_end(DEADLINE)
        assert journal.remembered == 2
        assert journal.session_records()[0].closed_by == "client"


def test_under_tls(make_journal, tree):
    journal = make_journal()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with emulator(journal, tree) as eop, smtplib.SMTP(*eop.addresses[0], timeout=DEADLINE) as client:
        client.starttls(context=context)
        for _ in range(3):
            client.sendmail("printer@contoso.com", [FOREIGN], b"hi\r\n")
        records = journal.message_records()
        assert len(records) == 3
        assert records[0].session.tls.version == "TLSv1.3"


def test_two_commands_behind_a_message(make_journal, tree):
    journal = make_journal()
    with emulator(journal, tree) as eop, ready(eop) as client:
        client.send(b"hi\r\n.\r\nNOOP\r\n")
        client.send(b"RSET\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 250]
        assert client.quit()[0] == 221
        assert journal.wait_for_sessions_to_end(DEADLINE)
        said = [line for line in journal.sessions()[0]["transcript"] if line.startswith("S: ")]
        assert said[-4].startswith("S: 250 2.6.0")
        assert said[-1].startswith("S: 221")
        assert "S: " not in said
