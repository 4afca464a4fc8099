"""The results: what a client saw, what did not fit, how a case is graded. Values only."""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import field, frozen

__all__ = ["CaseResult", "Grade", "Mismatch", "Observation", "RunResult"]


class Grade(Enum):
    """How a case ended; the table in docs/scenarios.md says which grades break a run."""

    PASS = "pass"
    DEVIATION = "deviation"
    FAIL = "fail"
    KNOWN_GAP = "known-gap"
    UNSUPPORTED = "unsupported"
    SKIP = "skip"
    ERROR = "error"


@frozen
class Observation:
    """The client's view of one step. None or empty = the client cannot see it.

    ``replies`` are whole replies, lines joined by newline, in order. ``reply`` is the one that decided the outcome,
    ``stage`` where it came: connect, greeting, ehlo, starttls, mail, rcpt, data, message, quit.
    """

    outcome: str | None = None
    stage: str | None = None
    reply: str | None = None
    replies: tuple[str, ...] = ()
    recipients: dict[str, dict[str, Any]] = field(factory=dict)  # address → {"reply": …}
    capabilities: tuple[str, ...] = ()
    tls: dict[str, Any] | None = None  # version, cipher, verified
    closed_by: str | None = None
    exit: int | None = None
    transcript: tuple[str, ...] = ()  # "C: …" / "S: …"
    command: str = ""

    def tree(self) -> dict[str, Any]:
        """The observation under the names that scenarios use, for the matchers."""
        return {
            "outcome": self.outcome,
            "stage": self.stage,
            "reply": self.reply,
            "replies": list(self.replies),
            "recipients": self.recipients,
            "capabilities": list(self.capabilities),
            "tls": self.tls,
            "closed-by": self.closed_by,
            "exit": self.exit,
        }


@frozen
class Mismatch:
    """One expectation that does not hold. ``path`` is as in ``steps[1].expect.reply``, ``line`` the key's line."""

    path: str
    line: int | None
    expected: str
    actual: str
    note: str = ""
    seen_by: str = "client"  # client, journal, both-disagree
    nearest: str = ""


@frozen
class CaseResult:
    """One case, run."""

    case_id: str
    scenario_path: str
    line: int
    variant: str | None
    client: str
    level: str
    tags: tuple[str, ...]
    grade: Grade
    mismatches: tuple[Mismatch, ...] = ()
    reason: str = ""
    started: str = ""  # ISO 8601, UTC
    duration: float = 0.0  # seconds
    versions: dict[str, str] = field(factory=dict)
    evidence: tuple[str, ...] = ()
    artefacts: str = ""  # case folder, if kept
    title: str = ""
    explanation: str = ""  # the trace of the last refusal, as text


@frozen
class RunResult:
    """A whole run."""

    cases: tuple[CaseResult, ...]
    selection: tuple[str, ...] = ()
    target: str = "embedded"
    seed: int | None = None

    def counts(self) -> dict[Grade, int]:
        """How many cases of each grade, every grade present."""
        return {grade: sum(case.grade is grade for case in self.cases) for grade in Grade}
