"""What is told of one verdict: every step with what it looked at, the nearest misses, the fixes that were tried."""

from __future__ import annotations

from attrs import frozen

from fakeeop.decision.verdict import Attribution, Reason
from fakeeop.why.repair.values import Fix

__all__ = ["Candidate", "Condition", "NearestMiss", "Step", "Trace"]


@frozen
class Condition:
    """One test: ``name`` is Exchange's parameter or a fixed word, the rest is for reading.

    >>> Condition("SenderIPAddresses", "203.0.113.25", "198.51.100.9", holds=False, source="§2.1 A3")
    """

    name: str
    expected: str
    actual: str
    holds: bool
    source: str = ""


@frozen
class Candidate:
    """One tenant or connector that a step looked at; ``selected`` if the step chose it."""

    tenant: str
    connector: str | None
    conditions: tuple[Condition, ...]
    selected: bool = False


@frozen
class Step:
    """One step of §2.9, in order: ``name`` is fixed, ``conclusion`` is a sentence."""

    name: str
    rule: str
    candidates: tuple[Candidate, ...]
    conclusion: str


@frozen
class NearestMiss:
    """The connector that came closest, the conditions that failed it, and what to do about it.

    ``fix`` is a whole sentence with the actual values and the fixes that were tried: "connector 'SMTP Relay' lists
    203.0.113.25; you came from 198.51.100.9: send from the listed address 203.0.113.25".
    """

    tenant: str
    connector: str
    failed: tuple[Condition, ...]
    fix: str


@frozen
class Trace:
    """Everything that was looked at for one recipient, in order.

    ``fixes`` are those of a refusal, the best first; ``left_out`` counts the connectors of tenants that it does not
    concern.
    """

    inputs: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    reason: Reason
    attribution: Attribution
    nearest: tuple[NearestMiss, ...] = ()
    advice: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    left_out: int = 0
