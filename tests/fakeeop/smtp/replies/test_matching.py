"""A row is found by its words, never by a code alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.smtp.replies.every import EVERY
from fakeeop.smtp.replies.matching import OTHER_WORDS, match_reply, said_reply
from fakeeop.smtp.replies.rows import ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE
from fakeeop.why.code_causes import CODE_CAUSES, EMULATOR_ONLY, REAL_ROWS, cause_of

WITH_WORDS = [row for row in REAL_ROWS if not row.text.startswith("(")]


def found(text: str, *, ours: bool | None = None) -> str | None:
    row = match_reply(said_reply(text, ours=ours), REAL_ROWS, cause_of)
    return row.key if row else None


@pytest.mark.parametrize("row", WITH_WORDS, ids=lambda row: row.key)
def test_a_row_is_found_by_its_own_words(row: ReplyRow):
    match = match_reply(said_reply(row.line, ours=True), REAL_ROWS, cause_of)
    assert match is not None
    assert cause_of(match) == cause_of(row)


@pytest.mark.parametrize("row", REAL_ROWS, ids=lambda row: row.key)
@given(words=st.text("bcdfghjklmnpqrstvwxz ", min_size=1, max_size=60))
def test_a_code_with_other_words_finds_nothing(row: ReplyRow, words: str):
    assert found(f"{row.code} {row.status} zz {words}", ours=True) is None


def test_every_refusal_has_a_cause_or_is_the_emulators_alone():
    refusals = {row.key for row in EVERY if row.code >= 400}
    assert {row.key for row in REAL_ROWS} | EMULATOR_ONLY == refusals
    assert refusals >= EMULATOR_ONLY
    assert set(OTHER_WORDS) <= {row.key for row in REAL_ROWS}
    assert all(cause and not cause.endswith(".") for cause in CODE_CAUSES.values())


@pytest.mark.parametrize("row", REAL_ROWS, ids=lambda row: row.key)
def test_every_real_cause_has_advice(row: ReplyRow):
    assert CODE_ADVICE.get(row.key) or CODE_ADVICE.get(reason_of(row))


@pytest.mark.parametrize(("text", "key"), [
    ("550 5.7.64 TenantAttribution; Relay Access Denied SMTP", "relay-access-denied"),
    ("TenantAttribution; Relay Access Denied", "relay-access-denied"),
    ("5.7.708 Access denied, traffic not accepted from this IP", "traffic-not-accepted"),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "address-banned"),
    ("432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "concurrent-connections"),
    ("450 4.7.230 Connecting Exchange server version is out-of-date; connection to Exchange Online throttled for 5 "
     "mins/hr.", "out-of-date-throttled"),
    ("535 5.7.139 Authentication unsuccessful, federated STS service was unreachable.", None),
    ("451 4.4.4 Temporary server error. Please try again later ATTR3", None),
    ("550 5.4.1 <bob@fabrikam.example>: Recipient address rejected: Access denied", None),
    ("530 Must issue a STARTTLS command first.", None),
    ("550 5.7.1 Relay access denied", None),
    ("552 5.2.3 Message size exceeds fixed maximum message size (10485760)", None),
])  # fmt: skip
def test_words(text, key):
    assert found(text) == key
