"""Refused for good: the sender learns of it once, and nobody tries again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model.result import Assertion
from harness.mtas.form import Submitted
from harness.relay_check.judges import all_of, arrived_once, no_storm, not_arrived, reported_once
from harness.relay_check.values import RelayCase, RelayObservation, SampleMessage, found

__all__ = ["CASES"]


def _refused(row: str, recipient: str) -> tuple[Mapping[str, Any], ...]:
    return ({"at": "rcpt", "recipient": f"{recipient}.{{tag}}@*", "reply": {"row": row}},)


def _bounces(name: str, row: str, code: str, about: str, to: str = "outside") -> RelayCase:
    return RelayCase(
        id=name,
        family="refusals",
        title=f"{code} bounces once, to the sender",
        requirement=f"{about} ({code}): the relay does not try again, and reports it to the sender, once.",
        source="RFC 5321 section 4.2.1 (5yz) and 6.1; the reply: Microsoft Learn, NDR codes",
        judge=all_of(not_arrived, no_storm, reported_once),
        faults=_refused(row, to),
        messages=(SampleMessage(to=(to,)),),
    )


def _partly(seen: RelayObservation) -> list[Assertion]:
    """The first recipient has it, the second is reported."""
    found_here = []
    for one in seen.submitted:
        taken = Submitted(one.sender, one.recipients[:1], taken=one.taken, code=None, statuses=one.statuses)
        found_here += arrived_once(_with(seen, taken))
        refused = [each for each in one.recipients[1:] if seen.copies(each)]
        if refused:
            found_here.append(found(False, f"{refused[0]} has it, though it was refused"))
    return [*found_here, *no_storm(seen), *reported_once(seen)]


def _with(seen: RelayObservation, one: Submitted) -> RelayObservation:
    from attrs import evolve  # noqa: PLC0415  only here

    return evolve(seen, submitted=(one,))


CASES = (
    _bounces("refused-5.7.64", "relay-access-denied", "5.7.64", "No connector fits any more"),
    _bounces("refused-5.7.51", "partner-restriction", "5.7.51", "A partner connector shuts it out", "own2"),
    _bounces("refused-5.7.68", "direct-send-rejected", "5.7.68", "Direct Send is switched off", "own2"),
    _bounces("refused-5.4.1", "recipient-unknown", "5.4.1", "There is no such mailbox", "own2"),
    _bounces("refused-5.7.606", "address-banned", "5.7.606", "The address of the relay is banned"),
    RelayCase(
        id="one-of-two-refused",
        family="refusals",
        title="One recipient of two is refused: the other has it, the sender learns of one",
        requirement="A refusal of one recipient concerns that one only.",
        source="RFC 5321 section 3.3",
        judge=_partly,
        faults=_refused("recipient-unknown", "own2"),
        messages=(SampleMessage(to=("outside", "own2")),),
        needs=frozenset({"many"}),
    ),
)
