"""The results: what a client saw, what did not fit, how a case is graded. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import field, frozen

__all__ = ["Assertion", "CaseResult", "Grade", "Matched", "Mismatch", "Observation", "RunResult", "asserted", "grade"]


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
    delivery_status: tuple[dict[str, Any], ...] = ()  # of an MTA: one record a recipient, see harness.mtas.base

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
            "delivery-status": list(self.delivery_status),
        }


@frozen
class Mismatch:
    """One expectation that does not hold. ``path`` is as in ``steps[1].expect.reply`` (counted from 1), ``line`` the
    key's line. ``note`` says what was expected, to be read after "expected": ``the text to match``. ``level`` None:
    that of the case.
    """

    path: str
    line: int | None
    expected: str
    actual: str
    note: str = ""
    seen_by: str = "client"  # client, journal, both-disagree
    nearest: str = ""  # the nearest connector and what failed it
    actual_journal: str = ""  # what the journal holds for the same thing, if it holds it
    detail: str = ""  # several lines: the first hunk of a diff, the alternatives that were tried
    level: str | None = None


@frozen
class Assertion:
    """One thing that a judge looked at. ``text`` says what was seen; ``cause`` is a key of the advice.

    ``pending``: it may still come; at the end it is "not seen in time". ``level`` None: that of the case.
    """

    holds: bool
    text: str
    cause: str = ""
    pending: bool = False
    level: str | None = None


@frozen
class Matched:
    """What was found. ``deviations`` come from ``first-of`` branches graded ``deviation`` that did hold;
    ``unobservable`` are the paths that neither the client nor the journal could see. ``assertions`` is everything that
    judges looked at, in order.
    """

    mismatches: tuple[Mismatch, ...] = ()
    deviations: tuple[Mismatch, ...] = ()
    unobservable: tuple[str, ...] = ()
    assertions: tuple[Assertion, ...] = ()

    @property
    def pending(self) -> bool:
        """True if something that does not hold may still come."""
        return any(each.pending and not each.holds for each in self.assertions)

    @property
    def holds(self) -> bool:
        """True if nothing failed; deviations count as holding."""
        return not self.mismatches

    def __add__(self, other: Matched) -> Matched:
        return Matched(
            self.mismatches + other.mismatches,
            self.deviations + other.deviations,
            self.unobservable + other.unobservable,
            self.assertions + other.assertions,
        )


def asserted(assertions: Iterable[Assertion]) -> Matched:
    """What judges looked at, as it is graded: all that does not hold, and will not, is a mismatch."""
    every = tuple(assertions)
    bad = [each for each in every if not each.holds and not each.pending]
    return Matched(tuple(Mismatch("", None, "", each.text, level=each.level) for each in bad), assertions=every)


def grade(level: str, matched: Matched, *, known_gap: bool = False) -> Grade:
    """The grade of a case that ran: what does not hold decides; what may still come never passes.

    A known gap that passes is a failure: the gap is closed, the mark must go.
    """
    if known_gap:
        return Grade.FAIL if matched.holds else Grade.KNOWN_GAP
    if any((each.level or level) == "must" for each in matched.mismatches):
        return Grade.FAIL
    if matched.pending:
        return Grade.UNSUPPORTED
    return Grade.DEVIATION if matched.mismatches or matched.deviations else Grade.PASS


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
    requirement: str = ""
    text: str = ""  # the mismatches, rendered for a terminal
    transcript: tuple[str, ...] = ()  # of every step, the client's lines
    assumptions: bool = False  # all of its evidence is assumption
    needs: tuple[str, ...] = ()  # what it takes to run it
    assertions: tuple[Assertion, ...] = ()  # what judges looked at, what holds as well
    advice: tuple[str, ...] = ()  # what to change
    log: tuple[str, ...] = ()  # of the program under test

    @property
    def why(self) -> tuple[str, ...]:
        """What judges saw that is not as it should be."""
        return tuple(dict.fromkeys(each.text for each in self.assertions if not each.holds))

    @property
    def causes(self) -> tuple[str, ...]:
        """The keys of the advice."""
        return tuple(dict.fromkeys(each.cause for each in self.assertions if not each.holds and each.cause))


@frozen
class RunResult:
    """A whole run."""

    cases: tuple[CaseResult, ...]
    selection: tuple[str, ...] = ()
    target: str = "embedded"
    seed: int | None = None

    out: str = ""  # folder of the files written
    duration: float = 0.0  # seconds

    def counts(self) -> dict[Grade, int]:
        """How many cases of each grade, every grade present."""
        return {grade: sum(case.grade is grade for case in self.cases) for grade in Grade}
