"""A private OpenSMTPD: its folders below /var and its accounts are its own, in a view that only it has.

It takes mail on a port of an address of 127/8 that nobody else uses, and logs to a pipe, its dialogues included.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from harness.clients.process import Child, Finished, run_program, start_program
from harness.errors import DriverError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import MtaInstance, Submission, left
from harness.mtas.namespace import FileView, accounts, hosts_file
from harness.mtas.opensmtpd.config import configuration, settings
from harness.mtas.opensmtpd.log import OpensmtpdLedger
from harness.mtas.opensmtpd.programs import GROUP, USERS, OpensmtpdPrograms
from harness.mtas.watching import LineFeed

__all__ = ["EVERYONE_TRUSTED", "OpensmtpdInstance"]

EVERYONE_TRUSTED: Final = Path("/etc/ssl/certs/ca-certificates.crt")  # built in: the authorities it verifies with
_PORT: Final = 2525
_TRIES: Final = 5  # addresses
_QUEUE_ID: Final = re.compile(r"2\.0\.0:? (?P<id>[0-9a-f]{8}) Message accepted")
_DISABLED: Final = re.compile(r"^(?P<number>\d+)\. .* .?D.?.? nconn=", re.M)
_FORGOTTEN: Final = 5.0  # seconds that a route may stay in hand after its last connection
_AGAIN: Final = 0.005  # seconds between attempts to connect while it comes up
_numbers: Final = count()


class OpensmtpdInstance(MtaInstance):
    """Needs root. ``text`` makes another configuration than ours, given the folder and where to listen."""

    program = "opensmtpd"
    _ledger: OpensmtpdLedger

    def __init__(
        self,
        instance: Instance,
        programs: OpensmtpdPrograms,
        text: Callable[[Path, str], str] | None = None,
        trust: Path | None = None,
    ) -> None:
        super().__init__(instance, OpensmtpdLedger())
        self._programs = programs
        self._text = text
        self._trust = trust
        self._view = FileView()
        self._group = 0
        self._address = ""
        self._daemon: Child | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    def _furnish(self, folder: Path) -> None:
        etc = folder / "etc"
        for name in ("etc", "run", "spool/smtpd", "lib/opensmtpd/empty"):
            (folder / name).mkdir(parents=True)
        (folder / "spool" / "smtpd").chmod(0o711)
        view, ids = accounts(etc, USERS, (GROUP,))
        self._group = ids[GROUP][1]
        (etc / "resolv.conf").write_text("lookup file\n", "utf-8")  # nothing is asked of DNS
        (etc / "mailname").write_text(f"{self._name}\n", "utf-8")
        pairs = [
            (folder / "run", Path("/run")),
            (folder / "spool", Path("/var/spool")),
            (folder / "lib", Path("/var/lib")),
            (etc / "resolv.conf", Path("/etc/resolv.conf")),
            (etc / "mailname", Path("/etc/mailname")),
        ]
        pairs += [(self._trust, EVERYONE_TRUSTED)] if self._trust is not None else []
        there = tuple(pair for pair in pairs if pair[1].exists() or pair[0] == self._trust)
        self._view = FileView((*view.binds, *hosts_file(etc, self._instance.names.items()).binds, *there), self._name)

    @property
    def _name(self) -> str:
        return str(self._instance.config.get("mailname") or f"{self._instance.name}.example")

    def _up(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for address in _addresses():
            self._configure(address, until)
            if self._listens(address, until):
                self._address = address
                return
            if "Address already in use" not in self._last():
                break
            self._end()
        raise DriverError("opensmtpd", "does not come up", self._last())

    def _configure(self, address: str, until: float) -> None:
        listen = f"{address} port {_PORT}"
        path = self._base / "smtpd.conf"
        made = self._text(self._base, listen) if self._text else configuration(settings(self._instance), listen)
        path.write_text(made, encoding="utf-8")
        path.chmod(0o600)
        checked = self._run(self._programs.smtpd, "-n", "-f", path, until=until)
        if checked.code != 0:
            raise DriverError("opensmtpd", "does not come up", checked.output)

    def _listens(self, address: str, until: float) -> bool:
        """Start it, and connect until it answers: it does not say when it listens."""
        self._feed = feed = LineFeed(self._ledger.feed)
        argv = self._view.argv(self._programs.smtpd, "-d", "-v", "-T", "mta", "-f", self._base / "smtpd.conf")
        try:
            self._daemon = start_program(argv, folder=self._base, output=feed.descriptor)
        finally:
            feed.started()
        while self._daemon.running() and time.monotonic() < until:
            try:
                socket.create_connection((address, _PORT), left(until)).close()
            except ConnectionRefusedError:
                feed.wait(lambda: False, _AGAIN)
            else:
                return True
        feed.wait(lambda: False, _AGAIN)
        return False

    def _down(self) -> None:
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None
            self._ledger.relays.clear()

    # -- mail ---------------------------------------------------------------------------------------------------

    def submit(self, mail: Mail, seconds: float) -> str:
        """By SMTP; the queue id is the message id of its last reply."""
        feed = self._running
        if self._text is not None:  # a message that comes before the last route is forgotten waits for ten seconds
            feed.wait(lambda: not self._ledger.relays, min(_FORGOTTEN, seconds))
        try:
            sock = socket.create_connection((self._address, _PORT), seconds)
        except OSError as why:
            raise DriverError("opensmtpd", f"takes no mail: {why.strerror or why}", self._last()) from why
        with Submission(sock, "opensmtpd", seconds) as session:
            taken = session.deliver(mail)
        found = _QUEUE_ID.search(taken)
        if found is None:
            raise DriverError("opensmtpd", "names no message id", taken)
        key = found["id"]
        silent = [str(each["address"]).strip("<>") for each in mail.recipients if _wants_no_report(each)]
        self._ledger.quiet |= {(key, address) for address in silent}
        feed.wait(lambda: self._ledger.taken(key), seconds)  # under the lock of the feed
        return key

    def retry(self, seconds: float) -> None:
        """``smtpctl schedule all``, once it has nothing in hand and every route that a failure disabled is enabled.

        With a route in hand it would put off the next connection, by one second and then by ten.
        """
        until = time.monotonic() + seconds
        if not self.wait(lambda: not self._ledger.relays, seconds):
            raise self._late("OpenSMTPD to end what it is doing", seconds)
        waiting = self._ledger.messages()
        goal = {each: self._ledger.tried(each) + self._ledger.pending(each) for each in waiting}
        routes = self._ctl("show", "routes", until=until)
        for found in _DISABLED.finditer(routes.stdout):
            self._ctl("resume", "route", found["number"], until=until)
        self._ctl("schedule", "all", until=until)
        held = self.wait(
            lambda: all(self._ledger.removed(key) or self._ledger.tried(key) >= tries for key, tries in goal.items()),
            left(until),
        )
        if not held:
            raise self._late("OpenSMTPD to try its queue", seconds)

    # -- inside -------------------------------------------------------------------------------------------------

    def _ctl(self, *words: str, until: float) -> Finished:
        as_group = ("setpriv", "--regid", str(self._group), "--clear-groups")
        done = self._run(*as_group, self._programs.smtpctl, *words, until=until)
        if done.code != 0:
            raise DriverError(f"smtpctl {' '.join(words)}", f"exit code {done.code}", done.output)
        return done

    def _run(self, *command: str | Path, until: float) -> Finished:
        return run_program(self._view.argv(*command), folder=self._base, timeout=left(until))


def _wants_no_report(recipient: object) -> bool:
    notify = recipient.get("notify") if isinstance(recipient, dict) else None
    return notify is not None and "FAILURE" not in notify


def _addresses() -> Iterator[str]:
    """Addresses of 127/8 for one instance each, made of our process id and a number."""
    for _ in range(_TRIES):
        number = next(_numbers) * 65_536 + os.getpid()
        yield f"127.{192 + (number >> 16) % 62}.{(number >> 8) % 256}.{1 + number % 254}"
