from __future__ import annotations

import re

import pytest

from fakeeop.smtp.replies.every import EVERY, PLACEHOLDERS, docs_text, lookup
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS

STAGES = {"connect", "ehlo", "starttls", "mail", "rcpt", "data", "message", "any", "quit", "auth", "report"}
OURS = ("both", "mx", "submission")
# the class of the reply and of the status differ, and are quoted so
ODD = {
    "tls-required-451-5.7.3",
    "starttls-required",
    "no-mail-subscription-550",
    "must-issue-starttls",
    "queue-expired",
}
# seen without a suffix, or after the text of a success
BARE = {"address-listed-2014"}


def test_keys_are_unique():
    assert len({row.key for row in EVERY}) == len(EVERY)


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.key)
def test_row_is_whole(row):
    assert 200 <= row.code < 600
    assert row.stages
    assert set(row.stages) <= STAGES
    assert ("report" in row.stages) <= (row.kind in ("report", "outbound"))
    assert row.trigger
    assert row.source
    assert row.confidence in CONFIDENCE
    assert row.kind in KINDS
    assert row.key in ODD or not row.status or row.status[0] == str(row.code)[0]
    assert set(re.findall(r"{(\w+)}", row.text)) <= set(PLACEHOLDERS)
    if row.kind in OURS:
        assert "(text not known)" not in row.text
        assert row.key in BARE or (row.suffix > 0) == (row.code >= 400)  # wire §2: error replies only


def test_what_is_not_ours_is_never_given_by_a_rule_of_ours():
    assert {row.kind for row in EVERY} == set(KINDS)
    assert len([row for row in EVERY if row.kind not in OURS]) > 40


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5.7.68", {"direct-send-rejected"}),
        ("550 5.4.1 Recipient address", {"recipient-unknown", "recipient-unknown-2020", "recipient-unknown-2012",
                                   "all-recipients-rejected"}),
        ("aka.ms/EXOSmtpErrors", {"recipient-unknown"}),
        ("KB 3169958", {"relay-access-denied-attr36-notice"}),
        ("421", {"too-many-errors", "service-unavailable", "old-tls", "message-rate", "too-many-connections",
                 "session-lifetime", "forest-connections"}),
        ("partner-restriction", {"partner-restriction"}),
        ("550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources "
         "[X 2025]", {"direct-send-rejected"}),
        ("5.7.705", {"tenant-threshold"}),
        ("451 5.7.64", set()),
        ("", set()),
        ("9.9.9", set()),
        ("nonsense words", set()),
    ],
)  # fmt: skip
def test_lookup(text, keys):
    assert {row.key for row in lookup(text)} == keys


def test_lookup_by_status_finds_every_wording():
    assert {row.key for row in lookup("5.7.64")} >= {"relay-access-denied", "relay-access-denied-attr36"}


def test_the_page_is_up_to_date(repository):
    page = (repository / "docs" / "replies.md").read_text(encoding="utf-8")
    assert page == docs_text(), "run: fakeeop replies --markdown > docs/replies.md"
