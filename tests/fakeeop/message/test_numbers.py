from __future__ import annotations

from datetime import UTC, datetime

from fakeeop.message.numbers import mark_of, mixed, ticks


def test_ticks_begin_with_our_era():
    assert ticks(datetime(1, 1, 1, tzinfo=UTC)) == 0
    arrival, network_message_id = datetime(2023, 11, 1, 10, 27, 56, 856_700, tzinfo=UTC), 0x08DB_DAC5_3723  # sample 01
    assert 0 < network_message_id - (ticks(arrival) >> 16) < 500 / 6.5536  # milliseconds


def test_numbers_and_texts_are_told_apart():
    assert len({mixed(number) for number in range(1000)}) == 1000
    assert len({mark_of(f"box{number}.prod.outlook.com") for number in range(1000)}) == 1000
    assert mark_of("box") == mark_of("box") < 1 << 64
