from __future__ import annotations

from fakeeop.smtp.replies.every import EVERY
from fakeeop.smtp.replies.rows import VARIANTS, reason_of
from fakeeop.why.code_advice import CODE_ADVICE

KEYS = {row.key for row in EVERY} | set(VARIANTS)


def test_advice_is_for_replies_that_there_are():
    assert set(CODE_ADVICE) <= KEYS


def test_advice_is_found_by_the_row_of_a_reply():
    """``reason_of`` leads from each wording of a reply to one key."""
    reached = {reason_of(row) for row in EVERY} | {row.key for row in EVERY}
    assert set(CODE_ADVICE) - set(VARIANTS) <= reached


def test_advice_is_sentences():
    assert all(each and not each.endswith(".") for sentences in CODE_ADVICE.values() for each in sentences)
    assert all(CODE_ADVICE.values())
