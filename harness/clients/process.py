"""Child programs: started in a group of their own, with a small environment, for a bounded time, ended by group id.

Every child carries a mark in its environment, so that even one that made itself a daemon is found: ``leftovers`` says
what this process started and did not end, and which folders it opened and did not close.
"""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from attrs import define, field, frozen

from harness.errors import DeadlineExceeded, DriverError

__all__ = [
    "Child",
    "Finished",
    "clients_folder",
    "end_leftovers",
    "environment",
    "find_program",
    "folder_closed",
    "folder_opened",
    "leftovers",
    "run_program",
    "start_program",
]

_MARK: Final = "HARNESS_CHILD_OF"
_TOKEN: Final = f"{os.getpid()}-{time.monotonic_ns():x}"
_BINARIES: Final = ("usr/bin", "usr/sbin", "bin", "sbin")
_SHOWN: Final = 4000  # characters of a program's output in an error
_children: dict[int, Child] = {}
_folders: dict[Path, str] = {}


@frozen
class Finished:
    """A program that has ended: ``code`` (negative: the signal), what it wrote, how long it took in seconds."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """Both streams, the end of them, for people."""
        return "\n".join(part for part in (self.stdout.strip(), self.stderr.strip()) if part)[-_SHOWN:]


@define
class Child:
    """A program that runs until it is stopped. ``stop`` ends its whole group; the output is in ``log``."""

    process: subprocess.Popen[bytes]
    command: str
    log: Path | None = None
    _stream: IO[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """Also the id of its process group."""
        return self.process.pid

    def running(self) -> bool:
        """Has it not ended by itself?"""
        return self.process.poll() is None

    def output(self) -> str:
        """The end of what it has written so far."""
        return self.log.read_text("utf-8", "backslashreplace")[-_SHOWN:] if self.log is not None else ""

    def stop(self, grace: float = 5.0) -> int:
        """SIGTERM to the group, SIGKILL after ``grace`` seconds. Harmless when ended; the exit code."""
        _signal_group(self.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        _signal_group(self.pid, signal.SIGKILL)
        code = self.process.wait()
        if self._stream is not None:
            self._stream.close()
        _children.pop(self.pid, None)
        return code


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a child: PATH, HOME in ``folder``, C locale, UTC, our mark; and ``extra``."""
    path = os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")
    beside = [each for each in ("/usr/sbin", "/sbin") if each not in path.split(os.pathsep)]
    return {
        "PATH": os.pathsep.join([path, *beside]),
        "HOME": str(folder),
        "LC_ALL": "C",
        "TZ": "UTC",
        _MARK: _TOKEN,
        **(extra or {}),
    }


def clients_folder() -> Path:
    """Where ``ci/install-clients.sh`` puts what a distribution cannot install side by side."""
    named = os.environ.get("HARNESS_CLIENTS_DIR")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "fakeeop" / "clients"


def find_program(name: str, *also: str) -> Path | None:
    """A program by name: what ``HARNESS_<NAME>`` says, else on PATH or in an sbin, else unpacked by us.

    ``also`` are paths below the clients folder to look at first (``dma/usr/sbin/dma``).
    """
    named = os.environ.get("HARNESS_" + name.upper().replace("-", "_"))
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    base = clients_folder()
    for candidate in (base / each for each in also):
        if os.access(candidate, os.X_OK):
            return candidate
    path = os.pathsep.join(
        [os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *(str(base / each) for each in _BINARIES)]
    )
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def run_program(
    argv: Sequence[str | Path],
    *,
    folder: Path,
    timeout: float,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Finished:
    """Run to its end, in ``folder``. ``timeout`` in seconds.

    Raises DriverError when it cannot be started or leaves processes behind, DeadlineExceeded when it does not end in
    time: its group is killed, and the error shows what it has said.
    """
    command = shlex.join(map(str, argv))
    began = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603  the caller builds the list; no shell
            [str(each) for each in argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(folder, extra),
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )
    except OSError as why:
        raise DriverError(command, f"cannot be started: {why.strerror or why}") from why
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as late:
        _signal_group(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        said = Finished(-9, _text(out), _text(err), timeout).output
        raise DeadlineExceeded(f"{command} to end", round(timeout, 3), said or "no output") from late
    except BaseException:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
        raise
    done = Finished(process.returncode, _text(out), _text(err), time.monotonic() - began)
    if _signal_group(process.pid, signal.SIGKILL):
        raise DriverError(command, "ended and left processes behind (they were killed)", done.output)
    return done


def start_program(
    argv: Sequence[str | Path],
    *,
    folder: Path,
    log: Path | None = None,
    extra: Mapping[str, str] | None = None,
    output: int | None = None,
    stdin: int | None = None,
) -> Child:
    """Start a program that stays; the caller stops it. Raises DriverError.

    Both of its streams go to the file ``log``, or to the open descriptor ``output``; it reads from ``stdin``.
    """
    command = shlex.join(map(str, argv))
    stream = log.open("ab") if log is not None else None
    try:
        process = subprocess.Popen(  # noqa: S603  the caller builds the list; no shell
            [str(each) for each in argv],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=stream or (subprocess.DEVNULL if output is None else output),
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment(folder, extra),
            start_new_session=True,
        )
    except OSError as why:
        if stream is not None:
            stream.close()
        raise DriverError(command, f"cannot be started: {why.strerror or why}") from why
    child = Child(process, command, log, stream)
    _children[child.pid] = child
    return child


def folder_opened(path: Path, whose: str) -> None:
    """Note a folder that somebody has to close again."""
    _folders[path] = whose


def folder_closed(path: Path) -> None:
    """It is removed, or kept on purpose."""
    _folders.pop(path, None)


def leftovers() -> list[str]:
    """What was started or opened here and not ended, one sentence each; empty when all is well."""
    found = {child.pid: f"process {child.pid} was not stopped: {child.command}" for child in _children.values()}
    for pid, command in _marked():
        found.setdefault(pid, f"process {pid} is left over: {command}")
    return [*found.values(), *(f"folder {path} of {whose} was not closed" for path, whose in _folders.items())]


def end_leftovers() -> list[str]:
    """``leftovers``, ended: the run fails, the machine stays clean."""
    found = leftovers()
    for child in list(_children.values()):
        child.stop(grace=1.0)
    for pid, _ in _marked():
        _kill_and_wait(pid)
    for path in list(_folders):
        shutil.rmtree(path, ignore_errors=True)
        folder_closed(path)
    return found


def _marked() -> list[tuple[int, str]]:
    """Living processes that carry our mark, with their command; nothing where there is no /proc."""
    wanted = f"{_MARK}={_TOKEN}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                found.append((int(entry.name), command))
        except OSError:  # ended meanwhile, or another user's
            continue
    return [(pid, command) for pid, command in found if command and pid != os.getpid()]


def _kill_and_wait(pid: int, seconds: float = 5.0) -> None:
    """Of a process that is not our child: by its pidfd, which is readable when it has ended."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)


def _signal_group(group: int, number: int) -> bool:
    """True if the group still had a member."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "backslashreplace")
