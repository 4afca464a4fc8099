from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.accounts.usage import DAY, MINUTE, Usage, UsageOfMailboxes
from fakeeop.model.mailbox import SubmissionLimits

LIMITS = SubmissionLimits(messages_per_minute=2, recipients_per_day=10, concurrent_connections=1)


def test_messages_of_a_sliding_minute():
    usage = Usage()
    for now in (0.0, 30.0):
        assert usage.over("a", 1, now, LIMITS) is None
        usage.sent(1, now)
    assert usage.over("a", 1, 59.9, LIMITS) == "message-rate"
    assert usage.over("a", 1, MINUTE, LIMITS) is None
    assert usage.messages(MINUTE) == 1


def test_recipients_of_a_sliding_day():
    usage = Usage()
    usage.sent(8, 0.0)
    assert usage.over("a", 2, 100.0, LIMITS) is None
    assert usage.over("a", 3, 100.0, LIMITS) == "recipient-rate"
    assert usage.over("a", 3, DAY, LIMITS) is None
    assert usage.recipients(DAY) == 0


def test_the_connections_that_came_first_may_send():
    ledger = UsageOfMailboxes()
    for session in "ab":
        ledger.joined("printer@contoso.com", session)
    usage = ledger.of("printer@contoso.com")
    assert usage.over("a", 1, 0.0, LIMITS) is None
    assert usage.over("b", 1, 0.0, LIMITS) == "concurrent-connections"
    ledger.left("printer@contoso.com", "a")
    ledger.left("printer@contoso.com", "a")
    assert usage.over("b", 1, 0.0, LIMITS) is None
    assert ledger.of("boss@contoso.com").over("b", 1, 0.0, LIMITS) is None


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5)), max_size=60))
def test_what_passed_was_never_too_much(attempts):
    usage, now = Usage(), 0.0
    sent: list[tuple[float, int]] = []
    for wait, recipients in attempts:
        now += wait
        if usage.over("a", recipients, now, LIMITS) is None:
            usage.sent(recipients, now)
            sent.append((now, recipients))
        assert sum(1 for time, _ in sent if time > now - MINUTE) <= LIMITS.messages_per_minute
        assert sum(count for time, count in sent if time > now - DAY) <= LIMITS.recipients_per_day
