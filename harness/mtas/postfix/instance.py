"""A private Postfix: own configuration, queue and data folders, ``master`` run directly, ended by its process group."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from harness.clients.process import Child, Finished, run_program, start_program
from harness.errors import DriverError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import MtaInstance, Submission, left
from harness.mtas.postfix.config import MASTER_CF, main_cf, settings
from harness.mtas.postfix.log import PostfixLedger
from harness.mtas.postfix.programs import PostfixPrograms
from harness.mtas.watching import FolderWatch, LineFeed

__all__ = ["PostfixInstance"]

_QUEUE: Final = "active bounce corrupt defer deferred flush hold incoming private saved trace"
_SETTLED: Final = 60.0  # seconds: Postfix waits for configuration files younger than two to settle


class PostfixInstance(MtaInstance):
    """Needs root. ``files`` makes main.cf and master.cf of another configuration than ours, given the folder."""

    program = "postfix"
    _ledger: PostfixLedger

    def __init__(
        self,
        instance: Instance,
        programs: PostfixPrograms,
        files: Callable[[Path], tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(instance, PostfixLedger())
        self._files = files
        self._programs = programs
        self._master: Child | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    def _up(self, seconds: float) -> None:
        """In about 40 ms."""
        self._configure()
        wanted = self._ledger.starts + 1
        self._feed = feed = LineFeed(self._ledger.feed)
        argv: list[str | Path] = [self._programs.master, "-s", "-c", self._etc]
        try:
            self._master = start_program(argv, folder=self._base, extra=self._variables, output=feed.descriptor)
        finally:
            feed.started()
        if not feed.wait(lambda: self._ledger.starts >= wanted, seconds):
            raise DriverError("postfix", "does not come up", self._complaint(seconds))

    def _down(self) -> None:
        if self._master is not None:
            self._master.stop()
            self._master = None

    # -- mail ---------------------------------------------------------------------------------------------------

    def submit(self, mail: Mail, seconds: float) -> str:
        """By SMTP on the socket in its own folder; the queue id is in its last reply."""
        with Submission(_connected(self._base / "queue" / "public", seconds), "postfix", seconds) as session:
            queue_id = session.deliver(mail).rpartition("queued as ")[2].strip()
        self._running.wait(lambda: self._ledger.taken(queue_id), seconds)  # under the lock of the feed
        return queue_id

    def connect(self, seconds: float) -> socket.socket:
        """A connection to its SMTP server, which listens in its own folder. Raises DriverError."""
        return _connected(self._base / "queue" / "public", seconds)

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
            raise self._late("Postfix to put its messages aside", seconds)
        done = self._postqueue("-f", left(until))
        if done.code != 0:
            raise DriverError("postqueue -f", f"exit code {done.code}", done.output)
        if not self.wait(lambda: all(map(self._reached, waiting, goal)), left(until)):
            raise self._late("Postfix to try its queue", seconds)

    # -- inside -------------------------------------------------------------------------------------------------

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

    def _furnish(self, folder: Path) -> None:
        """The owner of Postfix must be able to get there."""
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

    def _configure(self) -> None:
        if self._files is None:
            main, master = main_cf(settings(self._instance, self._base, self._programs.values)), MASTER_CF
        else:
            main, master = self._files(self._base)
        past = time.time() - _SETTLED
        for name, text in (("main.cf", main), ("master.cf", master)):
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


def _connected(folder: Path, seconds: float) -> socket.socket:
    """To the daemon ``submit`` of the instance; the path itself may be too long for a socket."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    handle = os.open(folder, os.O_PATH)
    try:
        sock.settimeout(seconds)
        sock.connect(f"/proc/self/fd/{handle}/submit")
    except OSError as why:
        sock.close()
        raise DriverError("postfix", f"takes no mail: {why.strerror or why}") from why
    finally:
        os.close(handle)
    return sock
