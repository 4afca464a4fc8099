"""What every MTA's ledger does with attempts."""

from __future__ import annotations

from harness.mtas.base import DeliveryStatus
from harness.mtas.ledger import MtaLedger


def status(word, recipient="b@x.example"):
    return DeliveryStatus(recipient, word, "2.0.0", "mx", "said")


def test_attempts_of_a_recipient_are_counted_and_the_latest_counts():
    ledger = MtaLedger()
    assert ledger.taken("Q")
    assert (ledger.open(), ledger.pending("Q"), ledger.tried("Q")) == (("Q",), 1, 0)
    ledger.attempt("Q", status("deferred"))
    ledger.attempt("Q", status("sent"))
    assert [(each.status, each.attempts) for each in ledger.statuses("Q")] == [("sent", 2)]
    assert ledger.tried("Q") == 2


def test_expiry_ends_what_was_deferred():
    ledger = MtaLedger()
    ledger.attempt("Q", status("deferred"))
    ledger.attempt("Q", status("sent", "c@x.example"))
    ledger.expired("Q")
    assert [each.status for each in ledger.statuses("Q")] == ["expired", "sent"]


def test_what_is_removed_has_nothing_pending():
    ledger = MtaLedger()
    ledger.message("Q").removed = True
    assert (ledger.open(), ledger.pending("Q"), ledger.removed("Q")) == ((), 0, True)


def test_a_message_nobody_knows_is_not_made_by_asking():
    ledger = MtaLedger()
    assert (ledger.statuses("?"), ledger.tried("?"), ledger.removed("?"), ledger.open()) == ((), 0, False, ())
