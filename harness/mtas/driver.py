"""One base for the clients that are a daemon: start a private instance, hand it a message, see the result, stop.

An MTA's own driver says which program is here and how an instance is to be for a plan.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from harness.clients.base import Available, Plan, Unavailable
from harness.errors import DeadlineExceeded, HarnessError
from harness.model.result import Observation
from harness.mtas.base import Instance, Mail, Mta, observed
from harness.mtas.instance import left

__all__ = ["UNPACKED", "DaemonDriver", "P", "Programs", "needed", "verified_name"]

UNPACKED: Final = "bash ci/install-clients.sh  # its package replaces other mail programs, so it is unpacked"
_LAST: Final = 6  # lines of a log in an error


class Programs(Protocol):
    """The programs of one MTA; where they are not here a sentence stands in their place."""

    @property
    def version(self) -> str:
        """As it calls itself."""


P = TypeVar("P", bound=Programs)


def needed(name: str, found: P | str) -> P:
    """The programs. Raises HarnessError with the sentence if there are none."""
    if isinstance(found, str):
        raise HarnessError(f"{name} {found}")
    return found


class DaemonDriver(ABC, Generic[P]):
    """Runs as root: daemons change to users of their own. ``title`` is the MTA's name for people."""

    name: str
    title: ClassVar[str]
    install: ClassVar[str] = UNPACKED
    needs: frozenset[str] = frozenset({"root"})
    capabilities: frozenset[str] = frozenset(  # of most of them
        {
            "dsn-notify",
            "dsn-return",
            "mta",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
        }
    )
    observes: frozenset[str] = frozenset({"outcome", "stage", "reply", "tls", "delivery-status", "transcript"})

    @abstractmethod
    def look(self) -> P | str:
        """The programs; a sentence if there are none."""

    def probe(self) -> Available | Unavailable:
        """Are the programs here?"""
        found = self.look()
        return Unavailable(found, self.install) if isinstance(found, str) else Available(found.version)

    @abstractmethod
    def mta(self, instance: Instance) -> Mta:
        """A private instance, not started yet."""

    @abstractmethod
    def planned(self, plan: Plan) -> Mta:
        """A private instance for one transaction, not started yet; its bounces are discarded."""

    def run(self, plan: Plan) -> Observation:
        """Start one, hand it the message, see the result, stop it."""
        until = time.monotonic() + plan.timeout
        mta = self.planned(plan)
        try:
            mta.start(plan.timeout)
            queue_id = mta.submit(Mail(plan.mail_from, plan.recipients, plan.message), left(until))
            wanted = len({str(each["address"]).lower() for each in plan.recipients})
            if not mta.wait(lambda: len(mta.statuses(queue_id)) >= wanted, left(until)):
                said = "\n".join(mta.log()[-_LAST:])
                raise DeadlineExceeded(f"{self.title} to try every recipient", plan.timeout, said)
            return observed(mta, queue_id, wanted)
        finally:
            mta.stop()


def verified_name(plan: Plan) -> tuple[str, dict[str, str]]:
    """The host that an instance is to be given, and where that name is found: its own name where it is verified by it.

    For an MTA that verifies a server by the name it was given for it, and by nothing else.
    """
    if plan.trust is not None and plan.server_name and plan.tls != "none":
        return plan.server_name, {plan.server_name: plan.host}
    return plan.host, {}
