from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import get_args, get_type_hints

import pytest

from fakeeop.decision.eras import DATED, RELEASED, behaviour_as_of, changes, defaults_as_of, parse_day
from fakeeop.model import Behaviour
from fakeeop.smtp.replies.rows import CONFIDENCE

ALLOWED = {name: get_args(hint) for name, hint in get_type_hints(Behaviour).items()}


@pytest.mark.parametrize("knob", DATED, ids=lambda knob: knob.field)
def test_a_history_is_in_order_and_ends_in_the_present(knob):
    days = [change.since for change in knob.changes]
    assert days == sorted(set(days))
    values = [knob.first, *(change.value for change in knob.changes)]
    assert set(values) <= set(ALLOWED[knob.field])
    assert all(one != other for one, other in pairwise(values))
    assert knob.value_on(RELEASED) == getattr(Behaviour(), knob.field)
    assert knob.what
    assert all(change.source and change.confidence in CONFIDENCE for change in knob.changes)


@pytest.mark.parametrize(
    ("change", "knob", "before"), list(changes()), ids=lambda each: str(getattr(each, "field", ""))
)
def test_a_change_holds_from_its_day_on(change, knob, before):
    assert knob.value_on(change.since) == change.value
    assert knob.value_on(change.since - timedelta(days=1)) == before


def test_the_defaults_are_those_of_the_release():
    assert behaviour_as_of(RELEASED, {}) == Behaviour()
    assert behaviour_as_of(date(2027, 2, 1), {}).allow_basic_auth_smtp_default == "false"


def test_a_day_of_2019():
    found = behaviour_as_of(date(2019, 6, 1), {})
    assert (found.header_from_relay, found.minimum_tls, found.direct_send_setting) == ("accepted", "1.0", "ignored")
    assert (found.suffix_form, found.box_names, found.recipient_unknown_text) == ("box", "ft", "2020")
    assert found.relay_condition == "domain"
    assert behaviour_as_of(date(2017, 7, 4), {}).relay_condition == "none"


def test_what_is_chosen_by_hand_wins():
    day = date(2019, 6, 1)
    assert behaviour_as_of(day, {"suffix_form": "full"}).suffix_form == "full"
    ready = behaviour_as_of(day, Behaviour(attr5_code="550", suffix_form="none"))
    assert (ready.attr5_code, ready.suffix_form, ready.box_names) == ("550", "none", "ft")


def test_only_dated_knobs_are_touched():
    assert set(defaults_as_of(date(2015, 1, 1))) == {knob.field for knob in DATED}


def test_days():
    assert parse_day(" 2019-06-01 ") == date(2019, 6, 1)
    for wrong in ("", "2019", "2019-13-01", "June", "2019-06-01T00:00"):
        with pytest.raises(ValueError, match="write 2019-06-01"):
            parse_day(wrong)
