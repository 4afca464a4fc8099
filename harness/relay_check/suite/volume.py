"""Many recipients, many messages."""

from __future__ import annotations

from harness.relay_check.judges import all_of, arrived_once, attempted_again, delivered_in_the_end
from harness.relay_check.values import RelayCase, SampleMessage

__all__ = ["CASES"]

CASES = (
    RelayCase(
        id="many-recipients",
        family="volume",
        title="Sixty recipients, twenty a transaction (452 4.5.3): all have it, once",
        requirement="Recipients beyond the limit are refused for now (452 4.5.3); the relay sends the rest by itself.",
        source="RFC 5321 section 4.5.3.1.10",
        judge=all_of(delivered_in_the_end, attempted_again),
        limits={"RecipientsPerMessage": 20},
        messages=(SampleMessage(to=tuple(f"outside{number}" for number in range(1, 61))),),
        needs=frozenset({"many"}),
        retries=True,
    ),
    RelayCase(
        id="many-messages",
        family="volume",
        title="Twelve messages in a row: all arrive, each once",
        requirement="Reused or parallel connections lose nothing and double nothing.",
        source="RFC 5321 section 4.5.4.1",
        judge=arrived_once,
        messages=tuple(SampleMessage(to=(f"outside{number}",)) for number in range(1, 13)),
    ),
    RelayCase(
        id="one-connection-only",
        family="volume",
        title="One connection at a time (421 4.3.2): twelve messages arrive, each once",
        requirement="A limit of connections slows the relay down, and loses nothing.",
        source="Microsoft Learn, Message rate limits; RFC 5321 section 3.8",
        judge=all_of(delivered_in_the_end, attempted_again),
        limits={"ConnectionsPerAddress": 1},
        messages=tuple(SampleMessage(to=(f"outside{number}",)) for number in range(1, 13)),
        retries=True,
    ),
)
