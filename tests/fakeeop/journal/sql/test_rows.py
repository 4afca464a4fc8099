"""Record → row → record: the trees that people read are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.loader import forest_from_tree
from fakeeop.decision.directory import Directory
from fakeeop.journal.records import Judgement, MessageRecord, SessionRecord
from fakeeop.journal.reports import Reported, ReportRecord, report_tree
from fakeeop.journal.sql.judged import Judged
from fakeeop.journal.sql.rows import FAULTY, JUDGED, REFUSED, Rows, message_of, report_of, session_of
from fakeeop.journal.trees import message_tree, session_tree
from fakeeop.model import CertificateFacts, ChainProblem, Envelope, PeerFacts, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.model.envelope import BodyType, DsnParameters
from fakeeop.smtp.transaction import CLIENT, CONTENT, NOTE, SERVER, Transcript
from fakeeop.why.narrate import ConnectionNarrator
from fakeeop.why.render import trace_tree

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
DIRECTORY = Directory(forest_from_tree(TREE, "test"))
ROWS = Rows("one", lambda _: "digest")
JUDGED_BY = Judged(lambda digest: DIRECTORY if digest == "digest" else None)

TEXT = st.text(max_size=20)
ODD = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates, NUL: what a HELO may hold
OCTETS = st.binary(max_size=60)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
PEERS = st.builds(
    PeerFacts,
    st.sampled_from(["203.0.113.25", "198.51.100.9", "2001:db8::9"]).map(parse_ip),
    st.integers(0, 65535),
    TEXT,
    st.none() | TEXT,
)
CERTIFICATES = st.builds(
    CertificateFacts,
    st.lists(TEXT, max_size=2).map(tuple),
    TEXT,
    TEXT,
    MOMENTS,
    MOMENTS,
    st.none() | TEXT,
    extended_key_usages=st.none() | st.lists(TEXT, max_size=2).map(tuple),
    problems=st.lists(st.sampled_from(ChainProblem), max_size=2).map(tuple),
)
TLS = st.builds(TlsFacts, st.just("TLSv1.3"), TEXT, st.none() | CERTIFICATES, st.none() | TEXT)
MAILBOXES = st.builds(
    Mailbox, st.text(min_size=1, max_size=8), st.sampled_from(["contoso.com", "fabrikam.example", "b.example"])
)
SENDERS = MAILBOXES | st.just(Mailbox("", ""))
DSN = st.builds(DsnParameters, st.none() | st.just(("SUCCESS", "DELAY")), st.none() | TEXT)
RECIPIENTS = st.lists(st.builds(Recipient, MAILBOXES, DSN), min_size=1, max_size=4)


@st.composite
def transcripts(draw: Any) -> Transcript:
    found = Transcript()
    for kind in draw(st.lists(st.sampled_from([CLIENT, SERVER, CONTENT, NOTE]), max_size=6)):
        found.note(kind, draw({CONTENT: st.integers(0, 9999), NOTE: TEXT}.get(kind, OCTETS)))
    return found


@st.composite
def sessions(draw: Any) -> SessionRecord:
    record = SessionRecord(draw(TEXT), draw(TEXT), draw(PEERS), draw(MOMENTS), draw(transcripts()))
    record.ended = draw(st.none() | MOMENTS)
    record.closed_by = draw(st.sampled_from([None, "client", "server"]))
    record.helo = draw(st.none() | ODD)
    record.esmtp = draw(st.booleans())
    record.tls = draw(st.none() | TLS)
    record.tls_failure = draw(st.none() | TEXT)
    record.authenticated = draw(st.none() | TEXT)
    record.notes = draw(st.lists(TEXT, max_size=2).map(tuple))
    record.faults = draw(st.lists(st.tuples(TEXT, TEXT, st.integers(0, 9)), max_size=2).map(tuple))
    record.refusals = draw(st.lists(st.tuples(TEXT, OCTETS, st.none() | TEXT), max_size=2))
    judge = DIRECTORY.connection(record.peer, record.tls)
    for transaction in range(1, draw(st.integers(0, 2)) + 1):
        sender = draw(SENDERS)
        earlier: tuple[Mailbox, ...] = ()
        for recipient in draw(st.lists(MAILBOXES, max_size=4)):
            verdict = judge.judge_recipient(sender, recipient, earlier)
            reply = b"250 2.1.5 Recipient OK\r\n" if verdict.accepted else b"550 5.7.64 no\r\n"
            record.judgements.append(
                Judgement(transaction, sender, recipient, earlier, verdict, reply, ConnectionNarrator(judge))
            )
            if verdict.accepted:
                earlier = (*earlier, recipient)
    return record


@st.composite
def messages(draw: Any) -> MessageRecord:
    session = draw(sessions())
    recipients = draw(RECIPIENTS)
    everyone = tuple(recipients) if draw(st.booleans()) else tuple(recipients + draw(RECIPIENTS))
    envelope = Envelope(
        draw(SENDERS),
        everyone,
        draw(st.sampled_from(BodyType)),
        draw(st.none() | st.integers(0, 1 << 40)),
        draw(st.booleans()),
        draw(st.sampled_from([None, "HDRS"])),
        draw(st.none() | TEXT),
    )
    verdict = DIRECTORY.connection(session.peer, session.tls).judge_recipient(
        envelope.reverse_path, recipients[0].mailbox
    )
    record = MessageRecord(
        draw(TEXT), session, envelope, "internal", recipients, verdict, draw(OCTETS), draw(MOMENTS), draw(OCTETS)
    )
    record.directory = DIRECTORY
    record.lone_dots = draw(st.lists(st.integers(0, 50), max_size=2).map(tuple))
    return record


@given(sessions())
def test_sessions_come_back(record):
    row = ROWS.session(record, 7)
    seq, at, front, name, peer, helo, marks, facts, transcript = row
    assert (seq, at, front, name) == (0, 7, "one", record.id)
    assert peer == str(record.peer.ip)
    assert bool(marks & FAULTY) is bool(record.faults)
    assert bool(marks & JUDGED) is bool(record.judgements)
    assert bool(marks & REFUSED) is any(not each.verdict.accepted for each in record.judgements)
    assert helo is None or "\0" not in helo
    (helo or "").encode()  # a database can hold it
    again = session_of(name, facts, lambda: transcript, JUDGED_BY)
    assert session_tree(again) == session_tree(record)
    assert (again.peer, again.tls, again.messages) == (record.peer, record.tls, record.messages)
    for theirs, ours in zip(again.judgements, record.judgements, strict=True):
        assert theirs.earlier == ours.earlier
        assert trace_tree(theirs.trace()) == trace_tree(ours.trace())


@given(messages())
def test_messages_come_back(record):
    row = ROWS.message(record, 7, None)
    name, session, size, facts, content = row[3], row[4], row[9], row[12], row[13]
    assert size == len(record.content)
    again = message_of(
        name, session, facts, lambda: content, JUDGED_BY, lambda digest: DIRECTORY if digest == "digest" else None
    )
    assert message_tree(again) == message_tree(record)
    assert again.envelope == record.envelope
    assert again.whole() == record.whole()
    assert again.directory is DIRECTORY
    assert again.verdict.attribution.tenant is record.verdict.attribution.tenant
    assert again.verdict.attribution.connector is record.verdict.attribution.connector
    ours, theirs = record.session, again.session
    assert (theirs.peer, theirs.tls, theirs.helo, theirs.authenticated) == (
        *(ours.peer, ours.tls, ours.helo, ours.authenticated),
    )


def test_reports_come_back():
    record = ReportRecord(
        *("r1", datetime(2026, 11, 24, tzinfo=UTC), "failed", "a@b.example"),
        (Reported("x@contoso.com", "5.1.1", "550 no", "rfc822;x", None),),
        b"Subject: undeliverable\r\n\r\nno\r\n",
        message="1",
        session="08DF",
        detail="told",
    )
    row = ROWS.report(record, 7)
    assert report_tree(report_of("r1", row[4])) == report_tree(record)


def test_no_password_is_kept():
    record = SessionRecord("1", "l", PeerFacts(parse_ip("127.0.0.1")), datetime(2026, 11, 24, tzinfo=UTC), Transcript())
    record.transcript.note(CLIENT, b"Auth PLAIN AGFubgBzZWNyZXQ=\r\n")
    transcript = ROWS.session(record, 7)[8]
    assert b"AGFubgBzZWNyZXQ" not in transcript
    assert b"<credentials>" in transcript


def test_a_trace_of_tenants_that_were_not_kept():
    judge = DIRECTORY.connection(PeerFacts(parse_ip("127.0.0.1")), None)
    record = SessionRecord("1", "l", PeerFacts(parse_ip("127.0.0.1")), datetime(2026, 11, 24, tzinfo=UTC), Transcript())
    sender, recipient = Mailbox("a", "b.example"), Mailbox("x", "fabrikam.example")
    verdict = judge.judge_recipient(sender, recipient)
    record.judgements.append(Judgement(1, sender, recipient, (), verdict, b"550 no\r\n", ConnectionNarrator(judge)))
    facts = Rows("one", lambda _: "").session(record, 7)[7]
    (again,) = session_of("1", facts, lambda: b"", JUDGED_BY).judgements
    assert again.trace().reason is verdict.reason
    assert "the journal does not have them" in again.trace().advice[0]
