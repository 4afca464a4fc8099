"""A private sendmail: own configuration and queue; a process for each delivery, none that stays.

It looks for its own host name before anything else, and sleeps a minute if it finds none. So it runs in a mount and a
host name space of its own, with a hosts file that has the name.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import evolve

from harness.clients.process import Child, run_program, start_program
from harness.errors import DriverError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import MtaInstance, left, submission_by_pipe
from harness.mtas.sendmail.config import HOSTS, NAME, macro_file
from harness.mtas.sendmail.log import DeliveryProcess, SendmailLedger
from harness.mtas.sendmail.programs import SendmailPrograms
from harness.mtas.watching import LineFeed

__all__ = ["SendmailInstance"]

_AGAIN: Final = 1.0  # seconds between runs of the queue while somebody waits for it
_ENTER: Final = 'mount --bind "$1" /etc/hosts && hostname "$2" && shift 2 && exec "$@"'


class SendmailInstance(MtaInstance):
    """Needs root. ``text`` makes sendmail.mc of another configuration than ours, given the folder.

    Whoever waits has the queue run again every second, as ``sendmail -q1s`` would.
    """

    program = "sendmail"
    _ledger: SendmailLedger

    def __init__(
        self, instance: Instance, programs: SendmailPrograms, text: Callable[[Path], str] | None = None
    ) -> None:
        super().__init__(instance, SendmailLedger())
        self._programs = programs
        self._text = text
        self._deliveries: list[tuple[Child, LineFeed]] = []

    # -- life ---------------------------------------------------------------------------------------------------

    def _furnish(self, folder: Path) -> None:
        (folder / "queue").mkdir(mode=0o700)
        (folder / "switch").write_text("hosts\tfiles\naliases\tfiles\n")
        (folder / "aliases").write_text("")

    def _up(self, seconds: float) -> None:
        text = macro_file(self._instance, self._base) if self._text is None else self._text(self._base)
        (self._base / "sendmail.mc").write_text(text, encoding="utf-8", errors="surrogateescape")
        name = re.search(r"define\(`confDOMAIN_NAME', `([\w.-]+)'\)", text)
        (self._base / "hosts").write_text((f"127.0.0.1 {name[1]}\n" if name else "") + HOSTS)
        macros = self._programs.macros
        argv: list[str | Path] = ["m4", f"-D_CF_DIR_={macros}/", macros / "m4" / "cf.m4", self._base / "sendmail.mc"]
        made = run_program(argv, folder=self._base, timeout=seconds)
        if made.code != 0 or "ERROR" in made.stderr:
            raise DriverError("m4 sendmail.mc", "does not make a configuration", made.output)
        (self._base / "sendmail.cf").write_text(made.stdout)
        checked = run_program(self._argv("-bv", "postmaster@example.net"), folder=self._base, timeout=seconds)
        if checked.code not in (0, 67) or "sendmail.cf: line" in checked.output:
            raise DriverError("sendmail", "does not come up", checked.output)

    def _down(self) -> None:
        for child, feed in self._deliveries:
            child.stop()
            feed.ended(5.0)
        self._deliveries.clear()

    # -- mail ---------------------------------------------------------------------------------------------------

    def submit(self, mail: Mail, seconds: float) -> str:
        """By SMTP on its standard input, queued only; then one delivery."""
        mail = evolve(mail, recipients=mail.recipients[::-1])  # it names them to the server the other way round
        with submission_by_pipe(self._argv("-bs", "-odq"), self._base, self.program, seconds) as (session, _):
            queue_id = session.deliver(mail).split()[2]
        self._ledger.message(queue_id)
        self._run(f"-qI{queue_id}")
        return queue_id

    def retry(self, seconds: float) -> None:
        """``sendmail -q``, once every delivery that goes on has ended."""
        until = time.monotonic() + seconds
        if self._folder is None or not self._idle(left(until)):
            raise self._late("sendmail to end a delivery", seconds) if self._folder else self._not_running()
        self._run("-q")
        if not self._idle(left(until)):
            raise self._late("sendmail to run its queue", seconds)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Run the queue again and again until it holds."""
        until = time.monotonic() + seconds
        while not holds() and time.monotonic() < until:
            live = self._live()
            if live is not None:
                live.wait(holds, left(until))
                continue
            threading.Event().wait(min(_AGAIN, left(until)))  # nobody sets it: the next run of the queue
            if self.queue() and time.monotonic() < until:
                self._run("-q")
        return holds()

    def queue(self) -> tuple[str, ...]:
        """By its files, reports included."""
        files = (self._base / "queue").glob("qf*")
        return tuple(sorted(each.name.removeprefix("qf") for each in files))

    # -- inside -------------------------------------------------------------------------------------------------

    def _argv(self, *flags: str) -> list[str | Path]:
        """In its own name spaces, with the configuration of this instance."""
        enter: list[str | Path] = ["unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c", _ENTER, "sh"]
        return [
            *enter,
            self._base / "hosts",
            NAME,
            self._programs.sendmail,
            "-C",
            self._base / "sendmail.cf",
            "-Am",
            *flags,
        ]

    def _run(self, flag: str) -> None:
        """Start a delivery; its lines come in by themselves."""
        feed = LineFeed(DeliveryProcess(self._ledger).feed)
        try:
            child = start_program(self._argv("-v", flag), folder=self._base, output=feed.descriptor)
        finally:
            feed.started()
        self._deliveries.append((child, feed))

    def _live(self) -> LineFeed | None:
        """The oldest delivery that goes on; what has ended is put away."""
        while self._deliveries:
            child, feed = self._deliveries[0]
            if child.running():
                return feed
            feed.ended(5.0)
            child.stop()
            self._deliveries.pop(0)
        return None

    def _idle(self, seconds: float) -> bool:
        """Wait until no delivery goes on."""
        until = time.monotonic() + seconds
        while (live := self._live()) is not None:
            if not live.ended(left(until)):
                return False
        return True

    def _not_running(self) -> DriverError:
        return DriverError("sendmail", f"{self._instance.name} is not running")
