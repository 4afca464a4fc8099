"""A private Exim: own configuration, spool and log, no port, no daemon unless its queue is to be run by one.

Messages come by ``exim -bs`` and are delivered by a process each, as a daemon's would be; ``-qff`` is a forced queue
run. Exim drops to its own account, so what it must read is copied to where that account can.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from harness.clients.process import Child, Finished, run_program, start_program
from harness.errors import DriverError, HarnessError
from harness.mtas.base import Instance, Mail
from harness.mtas.exim.config import QUEUE_RUNS, configuration, settings
from harness.mtas.exim.log import EximLedger
from harness.mtas.exim.programs import EximPrograms
from harness.mtas.instance import MtaInstance, left, submission_by_pipe
from harness.mtas.namespace import FileView, accounts, hosts_file, view_lack
from harness.mtas.watching import LineFeed

__all__ = ["EximInstance"]

_QUEUE_ID: Final = re.compile(r"id=(\S+)")
_NO_WORK: Final = 0.05  # seconds that a forced run waits for another process to let go of a message


class EximInstance(MtaInstance):
    """Needs root. ``text`` makes another configuration than ours, given the folder; ``runs`` is its ``-q``."""

    program = "exim"
    _ledger: EximLedger

    def __init__(
        self,
        instance: Instance,
        programs: EximPrograms,
        text: Callable[[Path], str] | None = None,
        runs: str = "",
    ) -> None:
        super().__init__(instance, EximLedger())
        self._programs = programs
        self._text = text
        self._runs = runs
        self._owner = (0, 0)
        self._view = FileView()
        self._children: list[Child] = []

    # -- life ---------------------------------------------------------------------------------------------------

    def _furnish(self, folder: Path) -> None:
        (folder / "etc").mkdir()
        view, ids = accounts(folder / "etc", (*self._programs.absent, self._programs.user))
        self._owner = ids[self._programs.user]
        hosts = hosts_file(folder / "etc", self._instance.names.items())
        if hosts.binds and view_lack():
            raise HarnessError(f"exim {view_lack()}, to find {', '.join(self._instance.names)}")
        (folder / "exim").touch()
        programs = ((self._programs.program, folder / "exim"),) if self._programs.unpacked else ()
        self._view = FileView((*view.binds, *hosts.binds, *programs))
        for name in ("spool", "log", "files"):
            (folder / name).mkdir(mode=0o750)
            os.chown(folder / name, *self._owner)
        for name in ("paniclog", "rejectlog"):  # all in one, in order
            (folder / "log" / name).symlink_to("mainlog")

    def _up(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        text, runs = self._configuration()
        (self._base / "exim.conf").write_text(text, encoding="utf-8")
        checked = self._exim("-bV", seconds=seconds)
        if checked.code != 0:
            raise DriverError("exim", "does not come up", checked.stderr.strip() or checked.output)
        log = self._base / "log" / "mainlog"
        self._feed = LineFeed(self._ledger.feed, log)
        os.chown(log, *self._owner)
        if runs:
            wanted = self._ledger.daemons + 1
            self._start("-bdf", f"-q{runs}")
            if not self.wait(lambda: self._ledger.daemons >= wanted, left(until)):
                raise DriverError("exim", "its daemon does not come up", self._last())

    def _down(self) -> None:
        for child in self._children:
            child.stop()
        self._children.clear()

    # -- mail ---------------------------------------------------------------------------------------------------

    def submit(self, mail: Mail, seconds: float) -> str:
        """By SMTP on a socket that is its standard input; then a process delivers it."""
        until = time.monotonic() + seconds
        feed = self._running
        argv = self._command("-bs", "-odq")
        with submission_by_pipe(argv, self._base, self.program, seconds) as (session, child):
            taken = session.deliver(mail)
            self._ended(child, left(until))
        found = _QUEUE_ID.search(taken)
        if found is None:
            raise DriverError("exim", "names no queue id", taken)
        queue_id = found[1]
        feed.wait(lambda: self._ledger.taken(queue_id), seconds)  # under the lock of the feed
        self._start("-odi", "-Mc", queue_id)
        return queue_id

    def chunked(self, queue_id: str) -> bool:
        """Was the message sent by BDAT, to any recipient?"""
        return queue_id in self._ledger.chunked

    def retry(self, seconds: float) -> None:
        """``exim -qff``, when its own deliveries have ended: again for those that another process was at."""
        until = time.monotonic() + seconds
        feed = self._running
        self._reaped(until)
        before = {each: self._ledger.tried(each) for each in self.queue()}

        def untried() -> list[str]:
            return [each for each, tried in before.items() if self._waits(each) and self._ledger.tried(each) <= tried]

        while True:
            self._ledger.busy.clear()
            done = self._exim("-qff", "-odi", seconds=left(until))
            if done.code != 0:
                raise DriverError("exim -qff", f"exit code {done.code}", done.output)
            if not feed.caught_up(left(until)):
                raise self._late("the log of Exim", seconds)
            if not untried():
                return
            if not self._ledger.busy & set(untried()):
                raise DriverError("exim -qff", f"does not try {', '.join(untried())}", self._last())
            self.wait(lambda: not untried(), min(_NO_WORK, left(until)))
            if time.monotonic() >= until:
                raise self._late("Exim to try its queue", seconds)

    # -- inside -------------------------------------------------------------------------------------------------

    def _waits(self, queue_id: str) -> bool:
        return not self._ledger.removed(queue_id)

    def _configuration(self) -> tuple[str, str]:
        """The text, and the interval of queue runs."""
        if self._text is not None:
            return self._text(self._base), self._runs
        values = settings(self._instance, self._base, self._programs)
        return configuration(self._reachable(values)), str(values.get(QUEUE_RUNS) or self._runs)

    def _reachable(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Files that settings name are copied to where Exim's account can read them."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, Mapping):
                found[name] = self._reachable(value)
            elif name.startswith("tls_") and str(value).startswith("/") and Path(value).is_file():
                found[name] = str(self.readable(Path(value)))
            else:
                found[name] = value
        return found

    def readable(self, path: Path) -> Path:
        """A copy of a file that its own account can read; to be asked for while it starts."""
        copy = self._base / "files" / path.name
        shutil.copyfile(path, copy)
        copy.chmod(0o400)
        os.chown(copy, *self._owner)
        return copy

    def _command(self, *arguments: str) -> list[str | Path]:
        program = self._base / "exim" if self._programs.unpacked else self._programs.program
        return self._view.argv(program, "-C", self._base / "exim.conf", *arguments)

    def _exim(self, *arguments: str, seconds: float) -> Finished:
        return run_program(self._command(*arguments), folder=self._base, timeout=seconds)

    def _start(self, *arguments: str) -> None:
        for child in [each for each in self._children if not each.running()]:
            child.stop()
            self._children.remove(child)
        output = self._running.descriptor
        self._children.append(start_program(self._command(*arguments), folder=self._base, output=output))

    def _reaped(self, until: float) -> None:
        """Deliveries that were started have ended; a daemon stays."""
        for child in self._children:
            if "-bdf" not in child.command:
                self._ended(child, left(until))

    def _ended(self, child: Child, seconds: float) -> None:
        try:
            child.process.wait(seconds)
        except subprocess.TimeoutExpired as why:
            raise self._late(f"{child.command} to end", seconds) from why
