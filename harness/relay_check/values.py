"""What a check of a relay is made of: cases, what both sides saw of one, what a judge finds. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from harness.mtas.form import Configuration, Submitted
from harness.scenario.result import Grade

__all__ = [
    "Case",
    "CheckResult",
    "Finding",
    "Judge",
    "Letter",
    "Seen",
    "World",
    "found",
]


@frozen
class World:
    """What the emulator is for one case.

    ``connector`` is the one of the sample tenant that the relay shall come in by: ``ip``, ``certificate`` or ``none``.
    ``faults`` are as in a tenant file; ``{tag}`` in a text is the case's own. ``limits`` go over the tenant's.
    """

    connector: str = "ip"
    faults: tuple[Mapping[str, Any], ...] = ()
    limits: Mapping[str, Any] = field(factory=dict)


@frozen
class Letter:
    """One message to submit. Addresses are words: ``own`` (of the accepted domain), ``own2``, ``foreign``,
    ``outside``, ``outside2``, or empty for the null sender; the engine makes addresses of them.
    """

    sender: str = "own"
    to: tuple[str, ...] = ("outside",)
    body: bytes = b"A test message of a relay.\r\n"
    headers: tuple[str, ...] = ()


@frozen
class Seen:
    """What both sides saw of one case so far.

    ``sees`` is what can be seen of the relay: ``queue`` (its queue and its word on each recipient), ``exit`` (how its
    program ended), ``configuration``. ``final``: nothing more can come. ``certificate_name`` is what the connector asks
    for, ``address`` the public one that the relay is taken to have.
    """

    sees: frozenset[str]
    submitted: tuple[Submitted, ...] = ()
    sessions: Sequence[Mapping[str, Any]] = ()
    messages: Sequence[Mapping[str, Any]] = ()
    left: tuple[str, ...] = ()  # queue ids
    log: Sequence[str] = ()
    final: bool = False
    waited: float = 0.0
    domain: str = ""
    certificate_name: str = ""
    configuration: Configuration | None = None
    retries: bool = False  # the case wants another attempt
    connector: str | None = None  # of an own tenant: the one to come in by, empty for any; None: the sample's

    def copies(self, recipient: str) -> list[Mapping[str, Any]]:
        """The messages that arrived for a recipient, bounces not counted."""
        return [each for each in self.messages if each["mail-from"] != "<>" and _same(recipient, each["rcpt-to"])] or [
            each for each in self.messages if _same(recipient, each["rcpt-to"]) and not self._is_sender(recipient)
        ]

    def bounces(self, sender: str) -> list[Mapping[str, Any]]:
        """The messages from the null sender that arrived for a sender."""
        return [each for each in self.messages if each["mail-from"] == "<>" and _same(sender, each["rcpt-to"])]

    def judgements(self) -> list[Mapping[str, Any]]:
        """Every recipient that the emulator judged, bounces not counted, in order."""
        senders = {one.sender.lower() for one in self.submitted if one.sender}
        return [
            {**each, "session": session}
            for session in self.sessions
            for each in session["recipients"]
            if not (each["mail-from"] == "<>" and each["rcpt-to"].lower() in senders)
        ]

    def _is_sender(self, address: str) -> bool:
        return address.lower() in {one.sender.lower() for one in self.submitted}


def _same(address: str, among: Iterable[str]) -> bool:
    return address.lower() in {each.lower() for each in among}


@frozen
class Finding:
    """One thing that a judge looked at. ``text`` says what was seen; ``cause`` is a key of the advice.

    ``pending``: it may still come; at the end it is "not seen in time". ``level`` None: that of the case.
    """

    holds: bool
    text: str
    cause: str = ""
    pending: bool = False
    level: str | None = None


def found(holds: bool, text: str, cause: str = "", *, pending: bool = False, level: str | None = None) -> Finding:
    """One finding; a pending one is never one that holds."""
    return Finding(holds, text, cause, pending and not holds, level)


Judge = Callable[[Seen], list[Finding]]


@frozen
class Case:
    """One case of the suite. ``needs``: what the form must be able to do (``queue``, ``retry``, ``certificate``,
    ``configuration``, ``many``, ``content``, ``null``, ``sender``). ``refusable``: it may refuse to take such mail.
    ``swap``: between two letters the certificate is renewed.
    """

    name: str
    family: str
    title: str
    requirement: str
    judge: Judge
    level: str = "must"
    source: str = ""
    world: World = World()
    letters: tuple[Letter, ...] = (Letter(),)
    needs: frozenset[str] = frozenset()
    retries: bool = False  # the relay has to try again
    refusable: bool = False
    swap: bool = False

    def tree(self) -> dict[str, Any]:
        """For ``--list --json``."""
        return {
            "name": self.name,
            "family": self.family,
            "title": self.title,
            "requirement": self.requirement,
            "level": self.level,
            "source": self.source,
            "needs": sorted(self.needs),
        }


@frozen
class CheckResult:
    """One case, run. ``why``: sentences; ``advice``: what to change in the relay."""

    case: Case
    grade: Grade
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    why: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    explanation: str = ""
    transcript: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    duration: float = 0.0

    def tree(self) -> dict[str, Any]:
        """JSON-ready; the keys are stable."""
        return {
            **self.case.tree(),
            "grade": self.grade.value,
            "reason": self.reason,
            "seen": [{"holds": each.holds, "text": each.text, "cause": each.cause} for each in self.findings],
            "why": list(self.why),
            "causes": list(self.causes),
            "advice": list(self.advice),
            "explanation": self.explanation,
            "transcript": list(self.transcript),
            "log": list(self.log),
            "seconds": round(self.duration, 3),
        }

    def short(self) -> CheckResult:
        """Without dialogue and log."""
        return evolve(self, transcript=(), log=())
