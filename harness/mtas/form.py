"""A relay under ``harness check-relay``: a form makes one for each case, and it is watched to the end.

``OwnConfiguration`` is the form of the MTAs in ``harness.mtas``: a private instance of a user's configuration, whose
queue is seen and whose retries are ours to force (``QueuedRelay``).
"""

from __future__ import annotations

import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, Generic, Protocol

from attrs import evolve, field, frozen

from harness.clients.base import Credential
from harness.errors import DeadlineExceeded, DriverError, HarnessError
from harness.mtas.base import DeliveryStatus, Mail, Mta
from harness.mtas.driver import P, needed

__all__ = [
    "SOURCE",
    "Configuration",
    "Form",
    "NextHop",
    "OwnConfiguration",
    "QueuedRelay",
    "Refused",
    "Relay",
    "RelayRequest",
    "Replaced",
    "SmartHost",
    "Submitted",
]

SOURCE: Final = "127.0.0.1"  # what a private instance connects from: the kernel lets nothing out from there
_RETRIES: Final = 6  # forced; the faults of the suite are over after three
_LAST: Final = 6  # lines of a log in an error
_LOOP: Final = 40  # messages of its own making, beside one for each recipient: no report takes so many
_FORCED: Final = 30.0  # seconds that an MTA may take to try its queue when it is told to
_DIED: Final = re.compile(r"\b(?:fatal|panic): |\berror: open .*No such file")  # of a daemon that cannot work
_TRIED: Final = 10.0  # seconds that an MTA may take to try a message for the first time


# -- values ---------------------------------------------------------------------------------------------------------


@frozen
class NextHop:
    """One way that the configuration names for mail: ``where`` it stands, ``value`` as it is written."""

    where: str
    value: str
    host: str
    port: str
    brackets: bool = True


@frozen
class Configuration:
    """What is known of a relay from its configuration. Times are in seconds, None where it does not say."""

    routes: tuple[NextHop, ...] = ()
    first_retry: float | None = None
    longest_retry: float | None = None
    lifetime: float | None = None
    held: tuple[str, ...] = ()  # settings by which it never tries by itself
    certificate: str = ""  # file of the client certificate
    demands_tls: str = ""  # the setting by which nothing is to leave in clear text
    silenced: tuple[str, ...] = ()  # settings by which a sender does not hear of a refusal
    settings: Mapping[str, str] = field(factory=dict)  # those that advice quotes


@frozen
class Replaced:
    """What a private instance has otherwise than the user's configuration. ``name`` is the setting with its place
    (``transports: remote_smtp: interface``), ``old`` what was written, ``new`` what stands there now; empty if nothing.
    """

    name: str
    old: str
    new: str
    why: str = ""

    def tree(self) -> dict[str, str]:
        """JSON-ready."""
        return {"name": self.name, "old": self.old, "new": self.new, "why": self.why}


@frozen
class Submitted:
    """The result of handing a message over. ``said``: the relay's or the program's own words; ``code``: exit code."""

    sender: str
    recipients: tuple[str, ...]
    taken: bool
    said: str = ""
    code: int | None = None
    queue_id: str = ""
    statuses: tuple[DeliveryStatus, ...] = ()


class SmartHost(Protocol):
    """The emulator as the smart host of one case. ``tag`` is in the addresses of the case's messages."""

    @property
    def tag(self) -> str:
        """Of this case alone."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""

    def connected(self) -> bool:
        """Has anybody connected at all?"""

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again after every message and every end of a session."""

    def quiet(self, seconds: float) -> bool:
        """Until no session is open."""


@frozen
class RelayRequest:
    """What a form needs to make a relay for one case. ``credential``: to be shown instead of the configured one."""

    smart_host: SmartHost
    folder: Path
    seconds: float
    ca_pem: bytes = field(default=b"", repr=False)
    credential: Credential | None = None
    retries: bool = False


# -- what a form and a relay are ------------------------------------------------------------------------------------


class Refused(Exception):
    """The relay itself does not take this message; the text is its own."""


class Relay(Protocol):
    """One relay, up for one case. What does not go as it should raises a HarnessError with the program's own words."""

    def submit(self, mail: Mail) -> Submitted:
        """Hand it one message. Raises Refused."""

    def renewed(self) -> None:
        """Its certificate file has been replaced: as after a renewal, have it take notice."""

    def settle(self, done: Callable[[], bool]) -> bool:
        """Wait until ``done`` and the relay has nothing left to do, or the time is over: is that so for good?"""

    def now(self, submitted: Sequence[Submitted]) -> tuple[tuple[Submitted, ...], tuple[str, ...], list[str]]:
        """What it says by now: the messages with their statuses, the ids still queued, its log."""

    def runaway(self) -> int:
        """How many messages it made of those that it was given, if that had no end; it is stopped then. Else 0."""

    def stop(self) -> None:
        """End it, leave nothing."""


class Form(ABC):
    """A kind of relay. ``mta``: whose settings the advice names; ``can``: what cases may need; ``sees``: of a relay.

    Of most relays nothing is known before there is one; a form says what it knows.
    """

    name: str
    mta: str
    can: frozenset[str]
    sees: frozenset[str]
    fixed: tuple[str, int] | None = None  # the one listener of the run, where the relay cannot be pointed elsewhere
    notes: list[str]

    def prepare(self) -> None:  # noqa: B027  of some there is nothing to look at
        """Look at what there is. Raises a HarnessError."""

    def domain(self) -> str:
        """The domain that it sends for, by its own words; empty if that is not seen."""
        return ""

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:  # noqa: B027  most do not ask beforehand
        """Whose mail the suite sends: what a configuration says of it is known afterwards."""

    def configuration(self) -> Configuration | None:
        """What its configuration tells; None where there is none to be read."""
        return None

    def replaced(self) -> tuple[Replaced, ...]:
        """What is not as the user has it, after ``open``."""
        return ()

    @abstractmethod
    def open(self, request: RelayRequest) -> Relay:
        """A relay for one case."""

    def close(self) -> None:  # noqa: B027  most have nothing to remove
        """After the run: leave nothing."""


# -- a private instance of a user's configuration -------------------------------------------------------------------


class OwnConfiguration(Form, Generic[P]):
    """``given`` is the user's file, read by ``prepare`` into ``text``. Needs root, and the MTA's programs."""

    can = frozenset({"queue", "retry", "configuration", "swap", "many", "content", "null", "sender"})
    sees = frozenset({"queue", "configuration"})
    why_root: ClassVar[str] = "it changes to its own users"

    def __init__(self, given: Path) -> None:
        self.given = given
        self.text = ""
        self.notes = []
        self.changes: dict[str, Replaced] = {}
        self._programs: P | None = None

    @abstractmethod
    def look(self) -> P | str:
        """The programs; a sentence if there are none."""

    @property
    def programs(self) -> P:
        """What ``look`` has found. Raises HarnessError before ``prepare``."""
        if self._programs is None:
            raise HarnessError("the configuration has not been read")
        return self._programs

    def prepare(self) -> None:
        """Read the configuration. Raises HarnessError: no program, no root, no file, or one that does not parse."""
        self._programs = needed(self.name, self.look())
        if os.geteuid() != 0:
            raise HarnessError(f"{self.name} needs root: {self.why_root} (sudo harness check-relay …)")
        self.read()

    def read(self) -> None:
        """Take the file in. Raises HarnessError."""
        try:
            self.text = self.given.read_text("utf-8", "surrogateescape")
        except OSError as why:
            raise HarnessError(f"{self.given}: {why.strerror or why}") from why

    def changed(self, changes: Sequence[Replaced]) -> None:
        """Note what a private instance has otherwise."""
        self.changes |= {each.name: each for each in changes}

    def replaced(self) -> tuple[Replaced, ...]:
        """Each setting once, as the last instance had it."""
        return tuple(self.changes.values())

    @abstractmethod
    def instance(self, request: RelayRequest) -> Mta:
        """A private instance for one case, not started yet."""

    def open(self, request: RelayRequest) -> Relay:
        """Start one."""
        return QueuedRelay(self.instance(request), request)


class QueuedRelay:
    """A private instance, started; its queue is seen, its retries are ours to force."""

    def __init__(self, mta: Mta, request: RelayRequest) -> None:
        self._mta = mta
        self._request = request
        self._until = time.monotonic() + request.seconds
        self._given: list[Submitted] = []
        self._at_the_end: tuple[int, tuple[str, ...]] | None = None  # of a run-away: messages made, those still queued
        try:
            mta.start(request.seconds)
        except BaseException:
            mta.stop()
            raise

    @property
    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.001)

    def submit(self, mail: Mail) -> Submitted:
        """As the MTA takes mail."""
        recipients = tuple(str(each["address"]) for each in mail.recipients)
        try:
            queue_id = self._mta.submit(mail, min(_TRIED, self._left))
        except DriverError as why:
            if re.match(r"5|421 4\.5\.0 Bare", why.output):  # sendmail closes on a bare line feed
                raise Refused(why.output.split("\n")[0]) from why
            said = [line for line in self._mta.log() if re.search(r"\b(?:warning|error|fatal|panic): ", line)]
            raise DriverError(why.command, "the relay takes no mail", "\n".join([why.output, *said[:_LAST]])) from why
        except DeadlineExceeded as why:
            said = [line for line in self._mta.log() if "fatal:" in line or "panic:" in line]
            raise DriverError("the relay", "takes no mail", "\n".join(said) or _last(self._mta)) from why
        one = Submitted(str(mail.mail_from["address"]), recipients, taken=True, queue_id=queue_id)
        self._given.append(one)
        self._wait(lambda: self._tried(one), min(_TRIED, self._left))
        died = {line.partition("]: ")[2] or line: line for line in self._mta.log() if _DIED.search(line)}
        if died and not self._request.smart_host.connected():
            raise DriverError("the relay", "cannot go on", "\n".join(list(died.values())[:_LAST]))
        return one

    def renewed(self) -> None:
        """A restart on the same queue: what a reload is to an MTA. What is under way ends first: of a message whose 250
        has come, and which is not out of the queue yet, a restart would make two.
        """
        if not self._wait(lambda: not self._mta.queue() or self._stuck(), self._left):
            raise DeadlineExceeded("the relay to end what it is doing", self._request.seconds, _last(self._mta))
        if not self._request.smart_host.quiet(self._left):
            raise DeadlineExceeded("the last session to end", self._request.seconds, _last(self._mta))
        if self._at_the_end is None:
            self._mta.restart(self._left, {})

    def settle(self, done: Callable[[], bool]) -> bool:  # noqa: ARG002  an empty queue is surer
        """Force retries until the queue is empty; then nothing more can come."""
        for _ in range(_RETRIES):
            self._wait(lambda: not self._mta.queue() or self._stuck(), min(_TRIED, self._left))
            if self._at_the_end is not None:
                return True
            if not self._mta.queue():
                return self._request.smart_host.quiet(self._left)
            if time.monotonic() >= self._until:
                break
            try:
                self._mta.retry(min(_FORCED, self._left))
            except (DeadlineExceeded, DriverError):  # it does not even try when it is told to: that is what is found
                break
        self._request.smart_host.quiet(min(_TRIED, self._left))
        return True

    def now(self, submitted: Sequence[Submitted]) -> tuple[tuple[Submitted, ...], tuple[str, ...], list[str]]:
        """From its log."""
        filled = tuple(evolve(each, statuses=self._mta.statuses(each.queue_id)) for each in submitted)
        return filled, self._at_the_end[1] if self._at_the_end else self._mta.queue(), self._mta.log()

    def runaway(self) -> int:
        """By the ids that its log tells of."""
        return self._at_the_end[0] if self._at_the_end else 0

    def stop(self) -> None:
        """End its processes, remove its folders."""
        self._mta.stop()

    def _wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """As the MTA's own, and at most until it runs away: then it is stopped at once."""
        if self._at_the_end is None:
            held = self._mta.wait(lambda: holds() or self._made() > _LOOP, seconds)
            if self._made() <= _LOOP:
                return held and holds()
            self._at_the_end = (self._made(), self._mta.queue())
            self._mta.stop()
        return True

    def _made(self) -> int:
        """Messages that it was not given, without one for each recipient: reports, and what has no end."""
        given = sum(1 + len(each.recipients) for each in self._given)
        return len(self._mta.known()) - given

    def _tried(self, one: Submitted) -> bool:
        return len(self._mta.statuses(one.queue_id)) >= len({each.lower() for each in one.recipients})

    def _stuck(self) -> bool:
        """Everything that was given was tried, and something is put off."""
        said = [status.status for one in self._given for status in self._mta.statuses(one.queue_id)]
        return all(map(self._tried, self._given)) and "deferred" in said


def _last(mta: Mta) -> str:
    return "\n".join(mta.log()[-_LAST:])
