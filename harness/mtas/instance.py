"""What the private instances of all MTAs share: a folder of their own, a log that is followed, an orderly end.

An MTA's own class says how it is configured and started (``_up``, ``_down``), and how it is given mail: most by SMTP on
a socket that nobody else can reach (``Submission``).
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from attrs import evolve

from harness.clients.outcome import mail_parameters, rcpt_parameters
from harness.clients.process import Child, folder_closed, folder_opened, start_program
from harness.clients.raw import dot_stuffed
from harness.clients.wire import ConnectionClosed, SmtpConnection, reply_code
from harness.errors import DeadlineExceeded, DriverError, HarnessError
from harness.mtas.base import DeliveryStatus, Instance, Mail, merged
from harness.mtas.ledger import MtaLedger
from harness.mtas.watching import LineFeed

__all__ = ["MtaInstance", "Submission", "left", "submission_by_pipe"]

_LAST: Final = 8  # log lines shown in an error


def left(until: float) -> float:
    """Seconds until then, at least a millisecond."""
    return max(until - time.monotonic(), 0.001)


class MtaInstance(ABC):
    """Not started yet. Its folder lies in the system's folder for temporary files, where other users can get to."""

    program: ClassVar[str]  # in errors, and in the name of the folder

    def __init__(self, instance: Instance, ledger: MtaLedger) -> None:
        self._instance = instance
        self._ledger = ledger
        self._folder: Path | None = None
        self._feed: LineFeed | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self, seconds: float) -> None:
        """Bring it up."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=f"harness-{self.program}-"))
            folder_opened(self._folder, f"{self.program} {self._instance.name}")
            self._folder.chmod(0o711)
            self._furnish(self._folder)
        self._up(seconds)

    def restart(self, seconds: float, config: Mapping[str, Any]) -> None:
        """The queue stays; ``config`` changes settings."""
        until = time.monotonic() + seconds
        self._end()
        self._instance = evolve(self._instance, config=merged(self._instance.config, config))
        self.start(left(until))

    def stop(self) -> None:
        """End it, and leave nothing."""
        self._end()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            folder_closed(self._folder)
            self._folder = None

    def _end(self) -> None:
        self._down()
        if self._feed is not None:
            self._feed.ended(5.0)
            self._feed = None

    @abstractmethod
    def _furnish(self, folder: Path) -> None:
        """Make what the folder must hold before the first start: queue, data, owners."""

    @abstractmethod
    def _up(self, seconds: float) -> None:
        """Write the configuration, follow the log (``_feed``), start what runs all the time."""

    @abstractmethod
    def _down(self) -> None:
        """End every process. Harmless when there is none."""

    # -- what is seen -------------------------------------------------------------------------------------------

    def statuses(self, queue_id: str) -> tuple[DeliveryStatus, ...]:
        """As the log has them so far."""
        return self._ledger.statuses(queue_id)

    def tls(self) -> dict[str, Any] | None:
        """As the log tells it."""
        return self._ledger.tls

    def log(self) -> list[str]:
        """The lines of the log."""
        return list(self._ledger.text)

    def queue(self) -> tuple[str, ...]:
        """The ids that are not removed."""
        return self._ledger.open()

    def known(self) -> tuple[str, ...]:
        """The ids of all messages that it has ever told of."""
        return self._ledger.known()

    def connect(self, seconds: float) -> socket.socket:
        """A connection to its SMTP server, for clients that are not the harness. Raises DriverError."""
        raise DriverError(self.program, f"a client cannot be put before it: it listens nowhere ({seconds:g} s)")

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again at every line of the log. Raises DriverError when a program cannot go on."""
        held = self._running.wait(lambda: bool(self._ledger.fatal) or holds(), seconds)
        if self._ledger.fatal:
            raise DriverError(self.program, "a daemon gives up", self._ledger.fatal)
        return held

    # -- inside -------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> LineFeed:
        if self._feed is None:
            raise DriverError(self.program, f"{self._instance.name} is not running")
        return self._feed

    @property
    def _base(self) -> Path:
        if self._folder is None:
            raise DriverError(self.program, f"{self._instance.name} is not running")
        return self._folder

    def _last(self) -> str:
        return "\n".join(self._ledger.text[-_LAST:]) or "no log"

    def _late(self, what: str, seconds: float) -> DeadlineExceeded:
        return DeadlineExceeded(what, seconds, self._last())


class Submission:
    """A context manager over an open socket. ``whose`` names the MTA in errors; ``seconds`` is for all of it."""

    def __init__(self, sock: socket.socket, whose: str, seconds: float) -> None:
        self._whose = whose
        self._connection = SmtpConnection(sock, time.monotonic() + seconds)

    def __enter__(self) -> Submission:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def deliver(self, mail: Mail) -> str:
        """The whole transaction; the reply that took it. Raises DriverError when the MTA does not take it."""
        offered = ("DSN",)
        sender = str(mail.mail_from["address"]).strip("<>")
        try:
            self._expect(None, 220)
            self._expect("EHLO application.example", 250)
            parameters = mail_parameters(mail.mail_from, offered)
            if not all(map(str.isascii, (sender, *(str(each["address"]) for each in mail.recipients)))):
                parameters = [*parameters, "SMTPUTF8"]  # RFC 6531 section 3.4
            self._expect(" ".join([f"MAIL FROM:<{sender}>", *parameters]), 250)
            for each in mail.recipients:
                address = str(each["address"]).strip("<>")
                self._expect(" ".join([f"RCPT TO:<{address}>", *rcpt_parameters(each, offered)]), 250)
            self._expect("DATA", 354)
            self._connection.send(dot_stuffed(mail.content))
            taken = self._expect(None, 250)
            self._connection.send(b"QUIT\r\n")
            self._connection.sock.shutdown(socket.SHUT_WR)  # Exim waits 0.2 s for it
            self._expect(None, 221)
        except ConnectionClosed as why:
            raise DriverError(self._whose, "closed while it was given a message", str(why)) from why
        return taken

    def _expect(self, line: str | None, code: int) -> str:
        if line is not None:
            self._connection.send(f"{line}\r\n".encode())
        reply = self._connection.reply(f"{self._whose} to answer {line or 'us'}")
        if reply_code(reply) != code:
            command = line.split(" ")[0] if line is not None else "the message"
            raise DriverError(f"{command} to {self._whose}", "it does not take the mail", reply)
        return reply


@contextmanager
def submission_by_pipe(
    argv: Sequence[str | Path], folder: Path, whose: str, seconds: float
) -> Iterator[tuple[Submission, Child]]:
    """To a program that takes mail by SMTP on its standard input: started, and stopped afterwards."""
    ours, theirs = socket.socketpair()
    try:
        child = start_program(argv, folder=folder, stdin=theirs.fileno(), output=theirs.fileno())
    except HarnessError:
        ours.close()
        raise
    finally:
        theirs.close()
    try:
        with Submission(ours, whose, seconds) as session:
            yield session, child
    finally:
        child.stop()
