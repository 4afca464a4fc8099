"""The client ``dma``, the DragonFly mail agent: one message, each recipient in a connection of its own.

It reads /etc/dma/dma.conf and tells the system log only. So it runs in a mount name space of its own, whose /etc and
/dev are folders of the run; /dev/log there is the harness's own socket.
"""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.forwarder import Forwarder
from harness.clients.process import find_program, folder_closed, folder_opened, run_program, start_program
from harness.errors import DeadlineExceeded, DriverError
from harness.model.result import Observation
from harness.mtas.base import DeliveryStatus, outcome_of
from harness.mtas.driver import UNPACKED

__all__ = ["DmaDriver", "DmaLog"]

_ENTER: Final = """\
for each in null zero random urandom; do mount --bind "/dev/$each" "$1/dev/$each" || exit 71; done
mount --rbind "$1/dev" /dev && mount --bind "$1/etc" /etc || exit 71
shift
exec "$@"
"""
_COPIED: Final = ("passwd", "group", "hosts", "nsswitch.conf", "services")
_DATAGRAM: Final = 65536
_LINE: Final = re.compile(r"(?:<\d+>)?\w+ +\d+ [\d:]+ \S+\[([^\]]+)\]: (.*)", re.S)
_QUEUED: Final = re.compile(r"mail to=<(.*)> queued as (\S+)")
_AFTER: Final = re.compile(r"failed after (?P<where>[\w ]+): (?P<reply>\d{3}[ -].*)", re.S)
_STAGES: Final = {
    **{"EHLO": "ehlo", "HELO": "ehlo", "MAIL FROM": "mail", "RCPT TO": "rcpt", "DATA": "data", "final DATA": "message"},
    "initial greeting": "greeting",
}


class DmaLog:
    """What it has told: the last word on each recipient."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.statuses: dict[str, DeliveryStatus] = {}
        self._recipients: dict[str, str] = {}

    def feed(self, line: str) -> None:
        """Take one line."""
        self.lines.append(line)
        found = _LINE.fullmatch(line)
        if found is None:
            return
        queue_id, text = found[1], found[2]
        queued = _QUEUED.fullmatch(text)
        if queued is not None:
            self._recipients[queued[2]] = queued[1]
        elif queue_id in self._recipients:
            self._told(self._recipients[queue_id], text)

    def _told(self, recipient: str, text: str) -> None:
        refused = _AFTER.search(text)
        if text.endswith("delivery successful"):
            self._note(recipient, "sent", "2.0.0", text, None, "message")
        elif refused is not None:
            reply = refused["reply"].strip()
            status = re.match(r"\d{3}[ -](\d\.\d+\.\d+)", reply)
            dsn = status[1] if status else f"{reply[0]}.0.0"
            stage = _STAGES.get(refused["where"])
            self._note(recipient, "deferred" if reply[0] == "4" else "bounced", dsn, text, reply, stage)
        elif "STARTTLS not available" in text:
            self._note(
                recipient, "deferred", "4.7.4", f"TLS is required, but was not offered: {text}", None, "starttls"
            )
        elif re.search(r"SSL|TLS|certificate", text) and re.search(r"fail|deferred|error", text):
            self._note(recipient, "deferred", "4.7.5", text, None, "starttls")
        elif "failed: " in text and "connect to" in text:
            self._note(recipient, "deferred", "4.4.1", text, None, "connect")
        elif re.search(r"deferred|lost|timed? ?out|disconnect", text):
            self._note(recipient, "deferred", "4.4.2", text, None, "greeting")

    def _note(self, recipient: str, status: str, dsn: str, said: str, reply: str | None, stage: str | None) -> None:
        self.statuses[recipient] = DeliveryStatus(recipient, status, dsn, "smart host", said, reply, stage)


class DmaDriver:
    """As root. No reports: it is kept from queueing them. Where a server hangs up in a transaction, it waits on."""

    name = "dma"
    needs = frozenset({"root"})
    capabilities = frozenset(
        {"certificate-chain", "partial-delivery", "source-address", "starttls", "starttls-client-certificate"}
    )
    observes = frozenset({"outcome", "stage", "reply", "delivery-status", "transcript"})

    def probe(self) -> Available | Unavailable:
        """The unpacked one, or an installed one."""
        program = _program()
        if program is None:
            return Unavailable("is not installed", UNPACKED)
        if find_program("unshare") is None:
            return Unavailable("lacks unshare, to run in a name space of its own", "apt install util-linux")
        note = program.parents[2] / "version"
        return Available(note.read_text().strip() if note.exists() else "installed")

    def run(self, plan: Plan) -> Observation:
        """Queue the message, then deliver it once."""
        until = time.monotonic() + plan.timeout
        wanted = {str(each["address"]) for each in plan.recipients}
        log = DmaLog()
        with _open_folder() as folder, Forwarder((plan.host, plan.port), plan.source) as way:
            system_log = _furnished(folder, plan, way.port)
            with system_log:
                sender = str(plan.mail_from["address"])
                queue = _argv(folder, "-i", "-bq", "-f", sender, *wanted)
                content = plan.message.replace(b"\r\n", b"\n")
                queued = run_program(queue, folder=folder, timeout=plan.timeout, stdin=content)
                if queued.code != 0:
                    raise DriverError("dma", f"takes no mail, exit code {queued.code}", queued.output)
                (folder / "spool").chmod(0o555)  # so that it cannot queue a report
                child = start_program(_argv(folder, "-D", "-q"), folder=folder)
                try:
                    for line in _lines(system_log, until):
                        log.feed(line)
                        if wanted <= log.statuses.keys():
                            break
                finally:
                    child.stop()
            failure = way.failure
        if failure:
            raise DriverError("dma", failure, "\n".join(log.lines[-6:]))
        if not wanted <= log.statuses.keys():
            raise DeadlineExceeded("dma to try every recipient", plan.timeout, "\n".join(log.lines[-6:]) or "no log")
        return _observed(log)


@contextmanager
def _open_folder() -> Iterator[Path]:
    """A folder of this run that the user mail can get to."""
    with tempfile.TemporaryDirectory(prefix="harness-dma-") as made:
        folder = Path(made)
        folder_opened(folder, "dma")
        try:
            yield folder
        finally:
            folder_closed(folder)


def _program() -> Path | None:
    return find_program("/usr/sbin/dma") or find_program("dma", "dma/usr/sbin/dma")


def _argv(folder: Path, *flags: str) -> list[str | Path]:
    enter: list[str | Path] = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh", folder]
    return [*enter, _program() or "dma", *flags]


def _furnished(folder: Path, plan: Plan, port: int) -> socket.socket:
    """Everything it must find; its log is the socket."""
    folder.chmod(0o711)
    (folder / "etc" / "dma").mkdir(parents=True)
    (folder / "dev").mkdir()
    for name in ("null", "zero", "random", "urandom"):
        (folder / "dev" / name).touch()
    for name in _COPIED:
        if Path("/etc", name).exists():
            shutil.copy(Path("/etc", name), folder / "etc" / name)
    (folder / "etc" / "aliases").write_text("")
    spool = folder / "spool"
    spool.mkdir()
    shutil.chown(spool, "mail", "mail")
    spool.chmod(0o2775)
    settings = ["SMARTHOST 127.0.0.1", f"PORT {port}", f"SPOOLDIR {spool}", f"MAILNAME {plan.helo}"]
    if plan.tls != "none":
        settings += ["SECURETRANSFER", "STARTTLS", *(["OPPORTUNISTIC_TLS"] if plan.tls == "starttls" else [])]
    if plan.credential is not None:
        settings.append(f"CERTFILE {_one_file(folder, plan.credential.certificate, plan.credential.key)}")
    (folder / "etc" / "dma" / "dma.conf").write_text("\n".join([*settings, ""]))
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        log.bind(str(folder / "dev" / "log"))
    except OSError as why:
        log.close()
        raise DriverError("dma", f"its log cannot be had in {folder}: {why}") from why
    (folder / "dev" / "log").chmod(0o666)
    return log


def _one_file(folder: Path, certificate: Path, key: Path) -> Path:
    """Certificates and key together, as it wants them; it reads them as the user mail."""
    path = folder / "client.pem"
    path.touch(0o600)
    path.write_bytes(certificate.read_bytes() + key.read_bytes())
    shutil.chown(path, "mail", "mail")
    return path


def _lines(log: socket.socket, until: float) -> Iterator[str]:
    """Each line that comes until then."""
    while True:
        log.settimeout(max(until - time.monotonic(), 0.001))
        try:
            yield log.recv(_DATAGRAM).decode("utf-8", "backslashreplace").rstrip("\0\n")
        except TimeoutError:
            return


def _observed(log: DmaLog) -> Observation:
    statuses = tuple(log.statuses.values())
    outcome, decisive = outcome_of(statuses)
    return Observation(
        outcome=outcome,
        stage=decisive.stage if decisive else None,
        reply=decisive.reply if decisive else None,
        transcript=tuple(log.lines),
        delivery_status=tuple(each.tree() for each in statuses),
    )
