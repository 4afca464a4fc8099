from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.identity import Identity, header_date, header_moment
from fakeeop.message.numbers import ticks

MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


def test_the_forms_of_times():
    moment = datetime(2023, 11, 1, 10, 27, 56, 856_789, tzinfo=UTC)
    assert header_date(moment) == "Wed, 1 Nov 2023 10:27:56 +0000"
    assert header_moment(moment) == "01 Nov 2023 10:27:56.8567 (UTC)"


@given(st.integers(0, 1 << 64), MOMENTS)
def test_the_network_message_id_ends_with_the_time(seed, arrived):
    one = Identity(seed, arrived)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one.network_message_id)
    assert int(one.network_message_id[-12:], 16) == ticks(one.submitted) >> 16
    assert one == Identity(seed, arrived)
    assert one.network_message_id == Identity(seed, arrived).network_message_id


@given(st.integers(0, 1 << 64), MOMENTS)
def test_the_steps_follow_each_other_within_two_seconds(seed, arrived):
    one = Identity(seed, arrived)
    assert arrived < one.submitted < one.filtered < one.delivered <= arrived + timedelta(seconds=2)
    assert timedelta(seconds=0.09) < one.submitted - arrived < timedelta(seconds=0.5)
    seconds = float(one.latency.rpartition(":")[2])
    assert abs((one.delivered - arrived).total_seconds() - seconds) < 0.000_01


def test_other_messages_have_other_ids():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({Identity(seed, moment).network_message_id for seed in range(1000)}) == 1000
