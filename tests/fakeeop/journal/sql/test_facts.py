from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import StoreError
from fakeeop.journal.sql.facts import PROTOCOL, micros, moment, pack, unpack

TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.binary(),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back(value):
    assert unpack(pack(value, PROTOCOL)) == value


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back(when):
    assert moment(micros(when)) == when


def test_no_moment():
    assert micros(None) is None
    assert moment(None) is None


@pytest.mark.parametrize(
    "octets", [b"", b"rubbish", pickle.dumps(datetime(2026, 1, 1, tzinfo=UTC)), pickle.dumps(print)], ids=range(4)
)
def test_nothing_but_plain_values_is_read(octets):
    with pytest.raises(StoreError, match="no front end wrote"):
        unpack(octets)
