"""Magic recipients."""

from __future__ import annotations

import pytest

from fakeeop.guard.faults.magic import magic_fault


@pytest.mark.parametrize(
    ("local", "at", "reply", "do", "delay"),
    [
        ("temperror", "rcpt", "451 4.3.2", "", 0),
        ("PermError+5.7.64", "rcpt", "550 5.7.64", "", 0),
        ("temperror+4.7.500", "rcpt", "451 4.7.500", "", 0),
        ("fault-451-4.7.500", "rcpt", "451 4.7.500", "", 0),
        ("fault-552", "rcpt", "552", "", 0),
        ("fault-data-550-5.7.509", "end-of-data", "550 5.7.509", "", 0),
        ("fault-drop", "rcpt", "", "drop", 0),
        ("fault-data-reset", "end-of-data", "", "reset", 0),
        ("fault-stall", "rcpt", "", "stall", 0),
        ("fault-data-lose-reply", "end-of-data", "", "lose-reply", 0),
        ("fault-delay-5s", "rcpt", "", "", 5),
    ],
)
def test_what_a_local_part_asks_for(local: str, at: str, reply: str, do: str, delay: float):
    fault = magic_fault(local)
    assert fault is not None
    assert (fault.at, fault.reply, fault.do, fault.delay) == (at, reply, do, delay)
    assert fault.name == f"magic recipient {local.lower()}"


@pytest.mark.parametrize(
    "local",
    ["user", "temperror2", "fault", "fault-", "fault-250", "fault-lose-reply", "fault-delay-soon", "permerror+x"],
)
def test_ordinary_ones(local: str):
    assert magic_fault(local) is None
