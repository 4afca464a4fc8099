"""Reports where the journal has to keep a message before it is accepted."""

from __future__ import annotations

import smtplib

from fakeeop.config.loader import forest_from_tree
from fakeeop.emulator import Emulator
from fakeeop.journal.records import Pending
from fakeeop.journal.sql.journal import StoredJournal
from fakeeop.journal.sql.places import place_of

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["ann@contoso.com"],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ]
}


def journal_in(folder) -> StoredJournal:
    place = place_of(str(folder / "journal.sqlite"))
    assert place is not None
    return StoredJournal(place, "one", lambda tree: forest_from_tree(tree, "the journal"))


def test_a_message_that_is_kept_is_reported_and_the_report_survives(tmp_path):
    journal = journal_in(tmp_path)
    with Emulator.from_tree(TREE, peers={"127.0.0.25": "203.0.113.25"}, journal=journal) as eop:
        host, port = eop.addresses[0]
        with smtplib.SMTP(host, port, source_address=("127.0.0.25", 0), timeout=60) as client:
            client.sendmail("ann@contoso.com", ["gone@contoso.com", "ann@contoso.com"], "Subject: x\r\n\r\nx")
        assert journal.wait_for_reports(1, timeout=60)
    journal.close()
    again = journal_in(tmp_path)
    [report] = again.reports()
    again.close()
    assert (report["action"], report["final-recipient"]) == ("failed", "gone@contoso.com")


def test_what_is_to_be_done_for_kept_copies_is_done_once_they_are():
    done: list[str] = []
    pending = Pending()
    pending.kept = lambda: done.append("kept")
    assert done == []
    pending.settled(None)
    assert done == ["kept"]


def test_nothing_is_done_for_copies_that_were_not_kept():
    done: list[str] = []
    pending = Pending()
    pending.kept = lambda: done.append("kept")
    pending.settled("insufficient-storage")
    assert done == []
