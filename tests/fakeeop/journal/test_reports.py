from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from fakeeop.journal.memory import Journal
from fakeeop.journal.reports import Reported, ReportRecord, Reports, report_tree

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTENT = b"Subject: Undeliverable: x\r\nContent-Type: multipart/report\r\n\r\nno such\r\nuser\r\n"


def record(name: str = "1", content: bytes = CONTENT) -> ReportRecord:
    recipients = (
        Reported("gone@contoso.com", "5.1.10", "550 5.1.10 no", "rfc822;Gone@contoso.com", None),
        Reported("x@gone.example", "5.1.351", "550 5.1.351 no -> 550 no", None, "mx.gone.example"),
    )
    return ReportRecord(
        name, NOON, "failed", "ann@contoso.com", recipients, content, message="7", session="08DD", envid="job+2B42"
    )


def test_a_report_is_told_whole_with_its_first_recipient_at_the_top():
    assert report_tree(record()) == {
        "id": "1",
        "kind": "dsn",
        "action": "failed",
        "final-recipient": "gone@contoso.com",
        "original-recipient": "rfc822;Gone@contoso.com",
        "status": "5.1.10",
        "diagnostic-code": "550 5.1.10 no",
        "remote-mta": None,
        "envid": "job+2B42",
        "recipients": [
            {
                "final-recipient": "gone@contoso.com",
                "original-recipient": "rfc822;Gone@contoso.com",
                "status": "5.1.10",
                "diagnostic-code": "550 5.1.10 no",
                "remote-mta": None,
            },
            {
                "final-recipient": "x@gone.example",
                "original-recipient": None,
                "status": "5.1.351",
                "diagnostic-code": "550 5.1.351 no -> 550 no",
                "remote-mta": "mx.gone.example",
            },
        ],
        "mail-from": "<>",
        "rcpt-to": ["ann@contoso.com"],
        "session": "08DD",
        "message": "7",
        "made": "2026-11-24T12:00:00Z",
        "outcome": "recorded",
        "detail": "",
        "size": len(CONTENT),
        "headers": [["Subject", "Undeliverable: x"], ["Content-Type", "multipart/report"]],
        "body": "no such\nuser\n",
        "raw": CONTENT.decode("latin-1"),
    }


def test_without_content_neither_body_nor_raw_is_told():
    assert not {"body", "raw"} & set(report_tree(record(), content=False))


@pytest.mark.parametrize(
    ("entries", "octets", "left"), [(2, 10_000, ["2", "3"]), (10, 250, ["2", "3"]), (10, 50, ["3"])]
)
def test_the_oldest_go_first_and_the_last_stays(entries, octets, left):
    reports = Reports()
    for name in ("1", "2", "3"):
        reports.add(record(name, b"x" * 100), entries, octets)
    assert [each.id for each in reports.records()] == left
    assert (reports.octets, reports.made) == (100 * len(left), 3)


def test_the_journal_remembers_tells_and_forgets():
    journal = Journal()
    told: list[ReportRecord] = []
    journal.on_report = told.append
    one = record()
    journal.report(one)
    assert told == journal.report_records() == [one]
    assert [tree["action"] for tree in journal.reports()] == ["failed"]
    journal.clear()
    assert journal.reports() == []


def test_a_reader_may_wait_for_reports():
    journal = Journal()
    writer = threading.Thread(target=journal.report, args=(record(),))
    writer.start()
    assert journal.wait_for_reports(1, timeout=5)
    writer.join()
    assert not journal.wait_for_reports(2, timeout=0)
