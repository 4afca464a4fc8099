"""What a form is: it makes a relay for one case, which takes messages and is watched until nothing more can come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from harness.mtas.base import Mail
from harness.relay_check.server import Running
from harness.relay_check.values import Configuration, Replaced, Submitted

__all__ = ["Form", "Pair", "Refused", "Relay", "Setting"]


class Refused(Exception):
    """The relay itself does not take this message; the text is its own."""


@frozen
class Pair:
    """A client certificate on disk for the case of a renewal."""

    certificate: Path
    key: Path


@frozen
class Setting:
    """What a form needs for one case. ``pair``: use this certificate instead of the configured one."""

    running: Running
    folder: Path
    seconds: float
    ca_pem: bytes = field(default=b"", repr=False)
    pair: Pair | None = None
    retries: bool = False


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

    def stop(self) -> None:
        """End it, leave nothing."""


class Form(Protocol):
    """A kind of relay. ``mta``: whose settings the advice names; ``can``: what cases may need; ``sees``: of a relay."""

    name: str
    mta: str
    can: frozenset[str]
    sees: frozenset[str]
    fixed: tuple[str, int] | None  # the one listener of the run, where the relay cannot be pointed elsewhere
    notes: list[str]

    def prepare(self) -> None:
        """Look at what there is. Raises UsageError or a HarnessError."""

    def domain(self) -> str:
        """The domain that it sends for, by its own words; empty if that is not seen."""

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Whose mail the suite sends: what a configuration says of it is known afterwards."""

    def configuration(self) -> Configuration | None:
        """What its configuration tells; None where there is none to be read."""

    def replaced(self) -> tuple[Replaced, ...]:
        """What is not as the user has it, after ``open``."""

    def open(self, setting: Setting) -> Relay:
        """A relay for one case."""

    def close(self) -> None:
        """After the run: leave nothing."""
