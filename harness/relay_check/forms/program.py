"""``--command 'cmd {recipient} …'``: any program that sends one message and ends."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from harness.clients.process import run_program
from harness.errors import DriverError, HarnessError
from harness.mtas.base import Mail
from harness.mtas.form import Form, Relay, RelayRequest, Submitted

__all__ = ["ProgramForm", "template"]

_PLACES: Final = ("recipient", "recipients", "sender", "host", "port", "message", "subject", "domain")
_PLACE: Final = re.compile(r"\{(\w+)\}")
_LATE: Final = 2.0  # seconds in which what a program left to others may still arrive


def template(command: str) -> list[str]:
    """The words of the command. Raises HarnessError for what cannot be one, and says why."""
    try:
        words = shlex.split(command)
    except ValueError as why:
        raise HarnessError(f"--command {command!r}: {why}") from why
    if not words:
        raise HarnessError("--command is empty")
    used = {name for word in words for name in _PLACE.findall(word)}
    unknown = sorted(used - set(_PLACES))
    if unknown:
        known = ", ".join(f"{{{each}}}" for each in _PLACES)
        raise HarnessError(f"--command: unknown {{{unknown[0]}}}; known are {known}")
    if "port" not in used:
        raise HarnessError("--command: without {port} the program does not find the listener of a case")
    if not used & {"recipient", "recipients"}:
        raise HarnessError("--command: without {recipient} or {recipients} it cannot be told what it sent")
    return words


class ProgramForm(Form):
    """One run of the program a message; no shell. ``seconds``: how long it may run."""

    name = "command"
    sees = frozenset({"exit"})

    def __init__(self, command: str, seconds: float, mta: str = "generic") -> None:
        self._words = template(command)
        self._seconds = seconds
        used = {name for word in self._words for name in _PLACE.findall(word)}
        needs = {"sender": {"null", "sender"}, "recipients": {"many"}, "message": {"content"}}
        self.can = frozenset().union(*(needs.get(each, set()) for each in used))
        self.mta = mta
        self.notes = []
        if "sender" not in used:
            self.notes.append("without {sender} in the command its own sender is used, which must be of the domain")

    def open(self, request: RelayRequest) -> Relay:
        """For one case."""
        return _ProgramRelay(self._words, request, self._seconds)


class _ProgramRelay:
    def __init__(self, words: list[str], request: RelayRequest, seconds: float) -> None:
        self._words = words
        self._request = request
        self._seconds = seconds
        self._log: list[str] = []
        self._count = 0

    def submit(self, mail: Mail) -> Submitted:
        """Run it to its end. Raises DeadlineExceeded when it hangs (it is killed), DriverError when it cannot start."""
        sender = str(mail.mail_from["address"])
        recipients = tuple(str(each["address"]) for each in mail.recipients)
        argv = self._filled(mail, sender, recipients)
        self._log.append("$ " + shlex.join(argv))
        began = time.monotonic()
        done = run_program(argv, folder=Path.cwd(), timeout=self._seconds, extra=dict(os.environ))
        self._log += done.output.splitlines()
        self._log.append(f"exit code {done.code}, {time.monotonic() - began:.1f} s")
        if done.code != 0 and not self._request.smart_host.connected():
            raise DriverError(shlex.join(argv), f"exit code {done.code}, and it did not connect", done.output)
        said = done.output.splitlines()[-1:] or [""]
        return Submitted(sender, recipients, taken=done.code == 0, said=said[0], code=done.code)

    def renewed(self) -> None:
        """Not in our hands."""

    def settle(self, done: Callable[[], bool]) -> bool:
        """It has ended; what it left to others has a moment."""
        running = self._request.smart_host
        running.quiet(_LATE)
        if not done():
            running.wait(done, _LATE)
        return True

    def now(self, submitted: Sequence[Submitted]) -> tuple[tuple[Submitted, ...], tuple[str, ...], list[str]]:
        """Its output."""
        return tuple(submitted), (), list(self._log)

    def runaway(self) -> int:
        """Not seen here; what comes in is counted by the case."""
        return 0

    def stop(self) -> None:
        """It has ended."""

    def _filled(self, mail: Mail, sender: str, recipients: tuple[str, ...]) -> list[str]:
        self._count += 1
        message = self._request.folder / f"message-{self._count}.eml"
        message.write_bytes(mail.content)
        host, port = self._request.smart_host.address
        values = {
            "recipient": recipients[0],
            "recipients": ",".join(recipients),
            "sender": sender,
            "host": host,
            "port": str(port),
            "message": str(message),
            "subject": f"check-relay {self._request.smart_host.tag}",
            "domain": sender.partition("@")[2],
        }
        return [_PLACE.sub(lambda found: values[found[1]], word) for word in self._words]
