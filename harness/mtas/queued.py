"""A relay that is a private instance of an MTA (``harness.mtas``): its queue is seen, its retries are ours to force."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve

from harness.errors import DeadlineExceeded, DriverError
from harness.mtas.base import Mail, Mta
from harness.mtas.form import Refused, Setting
from harness.relay_check.values import Submitted

__all__ = ["QueuedRelay"]

_RETRIES: Final = 6  # forced; the faults of the suite are over after three
_LAST: Final = 6  # lines of a log in an error
_TRIED: Final = 10.0  # seconds that an MTA may take to try a message for the first time


class QueuedRelay:
    """Starts the MTA; stop it."""

    def __init__(self, mta: Mta, setting: Setting) -> None:
        self._mta = mta
        self._setting = setting
        self._until = time.monotonic() + setting.seconds
        self._given: list[Submitted] = []
        mta.start(setting.seconds)

    @property
    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.001)

    def submit(self, mail: Mail) -> Submitted:
        """By the MTA's own door."""
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
            raise DriverError("the relay", "takes no mail", "\n".join(said or self._mta.log()[-_LAST:])) from why
        one = Submitted(str(mail.mail_from["address"]), recipients, taken=True, queue_id=queue_id)
        self._given.append(one)
        self._mta.wait(lambda: self._tried(one), min(_TRIED, self._left))
        return one

    def renewed(self) -> None:
        """A restart on the same queue: what a reload is to an MTA."""
        self._mta.restart(self._left, {})

    def settle(self, done: Callable[[], bool]) -> bool:  # noqa: ARG002  an empty queue is surer
        """Force retries until the queue is empty; then nothing more can come."""
        for _ in range(_RETRIES):
            self._mta.wait(lambda: not self._mta.queue() or self._stuck(), min(_TRIED, self._left))
            if not self._mta.queue():
                return self._setting.running.quiet(self._left)
            if time.monotonic() >= self._until:
                break
            try:
                self._mta.retry(min(_TRIED, self._left))
            except (DeadlineExceeded, DriverError):  # it does not even try when it is told to: that is what is found
                break
        self._setting.running.quiet(min(_TRIED, self._left))
        return True

    def now(self, submitted: Sequence[Submitted]) -> tuple[tuple[Submitted, ...], tuple[str, ...], list[str]]:
        """From its log."""
        filled = tuple(evolve(each, statuses=self._mta.statuses(each.queue_id)) for each in submitted)
        return filled, self._mta.queue(), self._mta.log()

    def stop(self) -> None:
        """End its processes, remove its folders."""
        self._mta.stop()

    def _tried(self, one: Submitted) -> bool:
        return len(self._mta.statuses(one.queue_id)) >= len({each.lower() for each in one.recipients})

    def _stuck(self) -> bool:
        """Everything that was given was tried, and something is put off."""
        said = [status.status for one in self._given for status in self._mta.statuses(one.queue_id)]
        return all(map(self._tried, self._given)) and "deferred" in said
