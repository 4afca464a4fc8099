"""Which fault strikes an event."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.guard.faults.engine import Event, FaultEngine, chance
from fakeeop.model.fault import PER, Fault

IP = ipaddress.ip_address("203.0.113.25")
OTHER = ipaddress.ip_address("198.51.100.9")
EVENT = Event("rcpt", IP, "S1", "app@contoso.com", ("user@contoso.com",), ("contoso",), tls=False)
BUSY = Fault("rcpt", reply="451 4.7.500 Server busy")


def struck(engine: FaultEngine, *events: Event) -> str:
    """One letter an event: ``x`` where a fault fired."""
    return "".join("." if engine.fire(event) is None else "x" for event in events)


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        (BUSY, "xxxxxx"),
        (evolve(BUSY, first=2), "xx...."),
        (evolve(BUSY, nth=(3,)), "..x..."),
        (evolve(BUSY, nth=(1, 4)), "x..x.."),
        (evolve(BUSY, every=2), ".x.x.x"),
        (evolve(BUSY, every=2, first=4), ".x.x.."),
        (evolve(BUSY, every=2, until_count=1), ".x...."),
        (evolve(BUSY, probability=0.0), "......"),
        (evolve(BUSY, probability=1.0), "xxxxxx"),
        (evolve(BUSY, at="mail"), "......"),
    ],
)
def test_counting(fault: Fault, pattern: str):
    assert struck(FaultEngine([fault]), *[EVENT] * 6) == pattern


@pytest.mark.parametrize(
    ("conditions", "hit"),
    [
        ({"addresses": (ipaddress.ip_network("203.0.113.0/24"),)}, True),
        ({"addresses": (ipaddress.ip_network("2001:db8::/32"), ipaddress.ip_network("198.51.100.0/24"))}, False),
        ({"recipient": "*@CONTOSO.com"}, True),
        ({"recipient": "*@fabrikam.com"}, False),
        ({"sender": "app@*"}, True),
        ({"sender": ""}, False),
        ({"tenant": "Contoso"}, True),
        ({"tenant": "fabrikam"}, False),
        ({"tls": False}, True),
        ({"tls": True}, False),
    ],
)
def test_matching(conditions: dict[str, Any], hit: bool):
    engine = FaultEngine([evolve(BUSY, **conditions)])
    assert (engine.fire(EVENT) is not None) is hit
    assert engine.fired() == (int(hit),)


@pytest.mark.parametrize(
    ("per", "pattern"), [("all", "x..."), ("address", "xx.."), ("recipient", "x.x."), ("session", "x..x")]
)
def test_each_key_is_counted_for_itself(per: str, pattern: str):
    events = (
        EVENT,
        evolve(EVENT, ip=OTHER),
        evolve(EVENT, recipients=("Other@contoso.com",)),
        evolve(EVENT, session="S2"),
    )
    assert struck(FaultEngine([evolve(BUSY, first=1, per=per)]), *events) == pattern


def test_a_fault_ends_with_time_or_with_a_flag():
    engine = FaultEngine([evolve(BUSY, until_seconds=30.0)], started=100.0)
    assert struck(engine, evolve(EVENT, now=129.9), evolve(EVENT, now=130.0)) == "x."
    engine = FaultEngine([evolve(BUSY, until_flag="recovered")])
    assert struck(engine, EVENT) == "x"
    engine.flags.add("recovered")
    assert struck(engine, EVENT) == "."


def test_two_faults_in_a_row_are_a_sequence():
    engine = FaultEngine([evolve(BUSY, first=2), Fault("rcpt", first=1, reply="550 5.7.606 banned")])
    fired = [engine.fire(EVENT) for _ in range(4)]
    assert [each and (each.fault.reply[:3], each.count) for each in fired] == [
        ("451", 1),
        ("451", 2),
        ("550", 1),
        None,
    ]


def test_the_stages_that_matter():
    assert FaultEngine([BUSY, Fault("banner", do="drop")]).stages == {"rcpt", "banner"}
    assert FaultEngine([]).fire(EVENT) is None


@given(st.integers(), st.floats(0, 1), st.sampled_from(PER), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_the_same_seed_fires_the_same(seed: int, probability: float, per: str, steps: list[tuple[int, int]]):
    fault = evolve(BUSY, probability=probability, per=per)

    def run(prefix: str) -> str:
        events = [
            evolve(EVENT, session=f"{prefix}{session}", recipients=(f"r{recipient}@contoso.com",))
            for session, recipient in steps
        ]
        return struck(FaultEngine([fault], seed), *events)

    assert run("A") == run("B"), "the ids of sessions may differ"


@given(st.lists(st.integers(0, 2), max_size=40), st.randoms())
def test_what_one_recipient_meets_does_not_depend_on_the_others(order: list[int], random):
    fault = evolve(BUSY, probability=0.5, per="recipient")

    def run(sequence: list[int]) -> dict[int, str]:
        engine, met = FaultEngine([fault], seed=7), {number: "" for number in range(3)}
        for number in sequence:
            met[number] += struck(engine, evolve(EVENT, recipients=(f"r{number}@contoso.com",)))
        return met

    mixed = list(order)
    random.shuffle(mixed)
    assert run(order) == run(mixed)


def test_chance_is_spread_evenly():
    values = [chance(f"0\0{number}") for number in range(2000)]
    assert all(0 <= value < 1 for value in values)
    assert 900 < sum(value < 0.5 for value in values) < 1100
