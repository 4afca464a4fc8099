"""A private Postfix: own configuration, queue and data folders, ``master`` run directly, ended by its process group."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from harness.drivers.outcome import mail_parameters, rcpt_parameters
from harness.drivers.postfix_config import MASTER_CF, main_cf, settings
from harness.drivers.postfix_log import Ledger
from harness.drivers.postfix_programs import PostfixPrograms
from harness.drivers.process import Child, Finished, folder_closed, folder_opened, run_program, start_program
from harness.drivers.raw import dot_stuffed
from harness.drivers.wire import Closed, Connection, reply_code
from harness.errors import DeadlineExceeded, DriverError
from harness.mta.base import DeliveryStatus, Instance, Mail
from harness.mta.feed import LineFeed
from harness.mta.folder import FolderWatch

__all__ = ["PostfixInstance"]

_QUEUE: Final = "active bounce corrupt defer deferred flush hold incoming private saved trace"
_SETTLED: Final = 60.0  # seconds: Postfix waits for configuration files younger than two to settle
_LAST: Final = 8  # log lines shown in an error


class PostfixInstance:
    """Needs root."""

    def __init__(self, instance: Instance, programs: PostfixPrograms) -> None:
        self._instance = instance
        self._programs = programs
        self._folder: Path | None = None
        self._ledger = Ledger()
        self._feed: LineFeed | None = None
        self._master: Child | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self, seconds: float) -> None:
        """Bring it up, in about 40 ms."""
        if self._folder is None:
            self._folder = self._make_folder()
        self._configure()
        wanted = self._ledger.starts + 1
        self._feed = feed = LineFeed(self._ledger.feed)
        argv: list[str | Path] = [self._programs.master, "-s", "-c", self._etc]
        try:
            self._master = start_program(argv, folder=self._folder, extra=self._variables, output=feed.descriptor)
        finally:
            feed.started()
        if not feed.wait(lambda: self._ledger.starts >= wanted, seconds):
            raise DriverError("postfix", "does not come up", self._complaint(seconds))

    def restart(self, seconds: float, config: Mapping[str, str]) -> None:
        """The queue stays; ``config`` changes settings."""
        until = time.monotonic() + seconds
        self._end()
        self._instance = evolve(self._instance, config={**self._instance.config, **config})
        self.start(max(until - time.monotonic(), 0.001))

    def stop(self) -> None:
        """End it, and leave nothing."""
        self._end()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            folder_closed(self._folder)
            self._folder = None

    def _end(self) -> None:
        if self._master is not None:
            self._master.stop()
            self._master = None
        if self._feed is not None:
            self._feed.ended(5.0)
            self._feed = None

    # -- mail ---------------------------------------------------------------------------------------------------

    def submit(self, mail: Mail, seconds: float) -> str:
        """By SMTP on the socket in its own folder; the queue id is in its last reply."""
        with _Submission(self._base / "queue" / "public", seconds) as session:
            queue_id = session.deliver(mail)
        self._running.wait(lambda: self._ledger.taken(queue_id), seconds)  # under the lock of the feed
        return queue_id

    def statuses(self, queue_id: str) -> tuple[DeliveryStatus, ...]:
        """As the log has them so far."""
        return self._ledger.statuses(queue_id)

    def tls(self) -> dict[str, Any] | None:
        """What ``smtp_tls_loglevel = 1`` tells."""
        return self._ledger.tls

    def log(self) -> list[str]:
        """The lines of the log."""
        return list(self._ledger.text)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again at every line of the log. Raises DriverError when a daemon cannot go on."""
        held = self._running.wait(lambda: bool(self._ledger.fatal) or holds(), seconds)
        if self._ledger.fatal:
            raise DriverError("postfix", "a daemon gives up", self._ledger.fatal)
        return held

    def queue(self) -> tuple[str, ...]:
        """The ids that are not removed."""
        return self._ledger.open()

    def retry(self, seconds: float) -> None:
        """``postqueue -f``, once every deferred message lies where the queue manager looks for it."""
        until = time.monotonic() + seconds
        waiting = self.queue()
        goal = [self._ledger.tried(each) + self._ledger.pending(each) for each in waiting]
        moving = [self._base / "queue" / name for name in ("incoming", "active")]  # the way that a message goes
        tried = [each for each in waiting if self._ledger.tried(each)]
        with FolderWatch(*moving) as watch:
            settled = watch.wait(lambda: not any((path / each).exists() for each in tried for path in moving), seconds)
        if not settled:
            raise DeadlineExceeded("Postfix to put its messages aside", seconds, self._last())
        done = self._postqueue("-f", self._left(until))
        if done.code != 0:
            raise DriverError("postqueue -f", f"exit code {done.code}", done.output)
        if not self.wait(lambda: all(map(self._reached, waiting, goal)), self._left(until)):
            raise DeadlineExceeded("Postfix to try its queue", seconds, self._last())

    # -- inside -------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> LineFeed:
        if self._feed is None:
            raise DriverError("postfix", f"{self._instance.name} is not running")
        return self._feed

    @property
    def _base(self) -> Path:
        if self._folder is None:
            raise DriverError("postfix", f"{self._instance.name} is not running")
        return self._folder

    @property
    def _etc(self) -> Path:
        return self._base / "etc"

    @property
    def _variables(self) -> dict[str, str]:
        return {"MAIL_CONFIG": str(self._etc), **self._programs.variables}

    def _reached(self, queue_id: str, attempts: int) -> bool:
        return self._ledger.tried(queue_id) >= attempts or self._gone(queue_id)

    def _gone(self, queue_id: str) -> bool:
        return self._ledger.removed(queue_id)

    def _last(self) -> str:
        return "\n".join(self._ledger.text[-_LAST:]) or "no log"

    @staticmethod
    def _left(until: float) -> float:
        return max(until - time.monotonic(), 0.001)

    def _make_folder(self) -> Path:
        """In the system's folder for temporary files: the owner of Postfix must be able to get there."""
        folder = Path(tempfile.mkdtemp(prefix="harness-postfix-"))
        folder_opened(folder, f"postfix {self._instance.name}")
        folder.chmod(0o711)
        owner, group = self._programs.values["mail_owner"], self._programs.values["setgid_group"]
        for name, mode, who, whose in (
            ("etc", 0o755, "root", None),
            ("data", 0o700, owner, None),
            ("queue", 0o755, "root", None),
            *((f"queue/{each}", 0o700, owner, None) for each in _QUEUE.split()),
            ("queue/pid", 0o755, "root", None),
            ("queue/maildrop", 0o730, owner, group),
            ("queue/public", 0o710, owner, group),
        ):
            path = folder / name
            path.mkdir()
            path.chmod(mode)
            shutil.chown(path, who, whose)
        return folder

    def _configure(self) -> None:
        values = settings(self._instance, self._base, self._programs.values)
        past = time.time() - _SETTLED
        for name, text in (("main.cf", main_cf(values)), ("master.cf", MASTER_CF)):
            path = self._etc / name
            path.write_text(text, encoding="utf-8")
            os.utime(path, (past, past))

    def _postqueue(self, flag: str, seconds: float) -> Finished:
        argv: list[str | Path] = [self._programs.commands / "postqueue", "-c", self._etc, flag]
        return run_program(argv, folder=self._base, timeout=seconds, extra=self._variables)

    def _complaint(self, seconds: float) -> str:
        """What Postfix says of its configuration: a daemon that dies early tells the system log only."""
        asked = self._postqueue("-j", max(seconds, 1.0))
        return "\n".join(part for part in (self._last(), asked.stderr.strip()) if part)


class _Submission:
    """One SMTP session with the daemon ``submit`` of the instance, over its socket."""

    def __init__(self, folder: Path, seconds: float) -> None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        handle = os.open(folder, os.O_PATH)
        try:
            sock.settimeout(seconds)
            sock.connect(f"/proc/self/fd/{handle}/submit")  # the path itself may be too long for a socket
        except OSError as why:
            sock.close()
            raise DriverError("postfix", f"takes no mail: {why.strerror or why}") from why
        finally:
            os.close(handle)
        self._connection = Connection(sock, time.monotonic() + seconds)

    def __enter__(self) -> _Submission:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def deliver(self, mail: Mail) -> str:
        """The whole transaction; the queue id."""
        offered = ("DSN",)
        sender = str(mail.mail_from["address"]).strip("<>")
        try:
            self._expect(None, 220)
            self._expect("EHLO application.example", 250)
            self._expect(" ".join([f"MAIL FROM:<{sender}>", *mail_parameters(mail.mail_from, offered)]), 250)
            for each in mail.recipients:
                address = str(each["address"]).strip("<>")
                self._expect(" ".join([f"RCPT TO:<{address}>", *rcpt_parameters(each, offered)]), 250)
            self._expect("DATA", 354)
            self._connection.send(dot_stuffed(mail.content))
            taken = self._expect(None, 250)
            self._expect("QUIT", 221)
        except Closed as why:
            raise DriverError("postfix", "closed while it was given a message", str(why)) from why
        return taken.rpartition("queued as ")[2].strip()

    def _expect(self, line: str | None, code: int) -> str:
        if line is not None:
            self._connection.send(f"{line}\r\n".encode())
        reply = self._connection.reply(f"Postfix to answer {line or 'us'}")
        if reply_code(reply) != code:
            raise DriverError(f"{(line or 'the message').split(' ')[0]} to postfix", "it does not take the mail", reply)
        return reply
