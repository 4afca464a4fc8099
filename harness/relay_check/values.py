"""What a check of a relay is made of: cases, what both sides saw of one, what a judge finds. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from harness.model.result import Assertion
from harness.mtas.form import Configuration, Submitted

__all__ = [
    "Judge",
    "RelayCase",
    "RelayObservation",
    "SampleMessage",
    "found",
]


@frozen
class SampleMessage:
    """One message to submit. Addresses are words: ``own`` (of the accepted domain), ``own2``, ``foreign``,
    ``outside``, ``outside2``, or empty for the null sender; the engine makes addresses of them.
    """

    sender: str = "own"
    to: tuple[str, ...] = ("outside",)
    body: bytes = b"A test message of a relay.\r\n"
    headers: tuple[str, ...] = ()


@frozen
class RelayObservation:
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
    runaway: int = 0  # messages that it made without an end; it was stopped then
    private: bool = False  # the connector demands a certificate or TLS, or so does the relay
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


def found(holds: bool, text: str, cause: str = "", *, pending: bool = False, level: str | None = None) -> Assertion:
    """One assertion; a pending one is never one that holds."""
    return Assertion(holds, text, cause, pending and not holds, level)


Judge = Callable[[RelayObservation], list[Assertion]]


@frozen
class RelayCase:
    """One case of the suite. ``needs``: what the form must be able to do (``queue``, ``retry``, ``certificate``,
    ``configuration``, ``many``, ``content``, ``null``, ``sender``). ``refusable``: it may refuse to take such mail.
    ``swap``: between two messages the certificate is renewed.

    Its world: ``connector`` is the one of the sample tenant that the relay has to come in by: ``ip``, ``certificate``
    or ``none``; ``faults`` are as in a tenant file, where ``{tag}`` in a text is the case's own; ``limits`` go over the
    tenant's.
    """

    id: str
    family: str
    title: str
    requirement: str
    judge: Judge
    level: str = "must"
    source: str = ""
    connector: str = "ip"
    faults: tuple[Mapping[str, Any], ...] = ()
    limits: Mapping[str, Any] = field(factory=dict)
    messages: tuple[SampleMessage, ...] = (SampleMessage(),)
    needs: frozenset[str] = frozenset()
    retries: bool = False  # the relay has to try again
    refusable: bool = False
    swap: bool = False
    seconds: float = 60.0

    @property
    def known_gap(self) -> bool:
        """Nobody's gaps are known."""
        return False

    @property
    def path(self) -> str:
        """The suite."""
        return "<check-relay>"

    @property
    def hosts(self) -> Mapping[str, str]:
        """None: a relay is one host, which its listener names."""
        return {}

    @property
    def pki(self) -> Mapping[str, Any]:
        """None: the relay has its own."""
        return {}

    def tree(self) -> dict[str, Any]:
        """For ``--list --json``."""
        return {
            "name": self.id,
            "family": self.family,
            "title": self.title,
            "requirement": self.requirement,
            "level": self.level,
            "source": self.source,
            "needs": sorted(self.needs),
        }
