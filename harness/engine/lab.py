"""What the cases of one process share, and what one case may use: addresses, certificates, deadlines, a folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NoReturn, Self, TypeVar

from attrs import define, field, frozen

from fakeeop.errors import SessionCrashed
from harness.clients.process import folder_closed, folder_opened
from harness.engine.case import Case
from harness.engine.certificates import CertificateFiles, WorldPki
from harness.targets import make_target
from harness.targets.base import RunningTarget, Target, World

__all__ = ["CaseLab", "Lab", "RunSettings", "ended_in_order", "host_capabilities", "worker_number"]

AnyCase = TypeVar("AnyCase", bound=Case)
Entered = TypeVar("Entered")

_HOST_NAME = "localhost"


@frozen
class RunSettings:
    """How a run is to be done.

    ``out`` None: nothing is written. ``keep``: keep the folder of every case, not only of failed ones. ``explain``: add
    the trace of the last refusal to every result, not only to failed ones.
    """

    out: Path | None = None
    keep: bool = False
    timeout_factor: float = 1.0
    seed: int = 0
    target: str = "embedded"
    allow_remote: bool = False  # an SMTP server on another machine may be the target
    explain: bool = False


def worker_number(environment: Mapping[str, str] = os.environ) -> int:
    """The pytest-xdist worker's number from 1 (``gw0`` is 1); 0 in a process of its own."""
    name = environment.get("PYTEST_XDIST_WORKER", "")
    return int(name[2:]) + 1 if name[2:].isdigit() else 0


def host_capabilities() -> frozenset[str]:
    """What this machine can do: ``loopback-aliases`` (any address of 127/8 is there), ``root``."""
    found = set()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.64.0.1", 0))
            found.add("loopback-aliases")
        except OSError:  # macOS: each alias must be configured first
            pass
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        found.add("root")
    return frozenset(found)


@define
class Lab:
    """One process's lab. Cheap to make: everything in it is made on first use. Close it at the end, or use ``with``.

    ``target`` None: the one that the settings name.
    """

    settings: RunSettings = field(factory=RunSettings)
    worker: int = field(factory=worker_number)
    _cases: int = 0
    _target: Target | None = None
    _folder: Path | None = None
    _inside: list[Path] = field(factory=list)  # folders of cases in it
    _files: CertificateFiles | None = None
    _capabilities: frozenset[str] | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        """Of this machine; probed once."""
        if self._capabilities is None:
            self._capabilities = host_capabilities()
        return self._capabilities

    @property
    def target(self) -> Target:
        """The target that the settings name. Raises TargetError for one that there is not."""
        if self._target is None:
            self._target = make_target(self.settings.target, allow_remote=self.settings.allow_remote)
        return self._target

    @property
    def folder(self) -> Path:
        """A private folder of this process, removed by ``close``."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="harness-"))
            self._folder.chmod(0o711)  # what a case opens to the users of an MTA must be reached; the rest is private
            folder_opened(self._folder, "the lab")
        return self._folder

    @property
    def files(self) -> CertificateFiles:
        """The certificate files of this process."""
        if self._files is None:
            self._files = CertificateFiles(self.folder / "pki")
        return self._files

    def case(self, case: AnyCase) -> CaseLab[AnyCase]:
        """Lease what one case needs."""
        number = self._cases
        self._cases += 1
        return CaseLab(self, case, number)

    def contains(self, folder: Path) -> None:
        """A case has made this folder in that of the lab: it goes with it."""
        self._inside.append(folder)

    def close(self) -> None:
        """End the target, remove the folder."""
        if self._target is not None:
            self._target.close()
            self._target = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            for each in (*self._inside, self._folder):
                folder_closed(each)
            self._inside.clear()
            self._folder = self._files = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.close()


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: what was started is stopped, what was made is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


class CaseLab(Generic[AnyCase]):
    """What one case may use: its server, its addresses and certificates, a deadline, a folder.

    ``number`` counts the cases of a lab; ``run_id`` is fresh for every case; ``sources`` maps each host to its local
    address. Leaving it as a context manager, for whatever reason, ends the server and removes the folder.
    """

    def __init__(self, lab: Lab, case: AnyCase, number: int) -> None:
        self.lab = lab
        self.case = case
        self.number = number
        self.run_id = f"{os.getpid():x}-{lab.worker}-{number}"
        self.hosts: dict[str, str] = dict(case.hosts)
        self.sources = self._lease(number)
        self.pki = WorldPki(case.pki, case.path, lab.files)
        self.server: RunningTarget | None = None
        self.address: tuple[str, int] | None = None  # of the server, once it is up
        self.seconds = case.seconds * lab.settings.timeout_factor
        self.deadline = time.monotonic() + self.seconds
        self._folder: Path | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, why: BaseException | None, _at: TracebackType | None) -> None:
        if why is not None:
            self.end_server()
            self.close(keep=False)

    def open(self, world: World) -> RunningTarget:
        """The server of the case, in its world. Raises TargetError, or fakeeop's ConfigError for a wrong tenant."""
        self.server = self.lab.target.open(world)
        self.address = self.server.address("")
        return self.server

    def enter(self, context: AbstractContextManager[Entered]) -> Entered:
        """Something that the server needs for as long as it is up."""
        return self._stack.enter_context(context)

    def end_server(self) -> str:
        """End the server; the traceback of what broke in it, empty if nothing did. Harmless when ended."""
        with self._stack:
            server, self.server = self.server, None
            if server is None:
                return ""
            try:
                server.close()
            except SessionCrashed as why:
                return "".join(traceback.format_exception(why))
            return ""

    def _lease(self, number: int) -> dict[str, str]:
        """``127.(64+worker).(case mod 256).(host)``; 127.0.0.1 for all where there are no aliases."""
        if "loopback-aliases" not in self.lab.capabilities:
            return dict.fromkeys(self.hosts, "127.0.0.1")
        net = f"127.{64 + self.lab.worker % 191}.{number % 256}"
        return {name: f"{net}.{index}" for index, name in enumerate(self.hosts, 1)}

    def host(self, name: str | None) -> str:
        """The name of the host a step speaks from: the one it names, else the world's first."""
        if name is not None:
            return name
        return next(iter(self.hosts), _HOST_NAME)

    def source(self, host: str) -> str:
        """The local address of a host; any when the world has no hosts; empty for a server on another machine."""
        if getattr(self.lab.target, "elsewhere", False):
            return ""
        return self.sources.get(host, "127.0.0.1")

    @property
    def left(self) -> float:
        """Seconds until the case's deadline, at least a millisecond."""
        return max(self.deadline - time.monotonic(), 0.001)

    @property
    def seed(self) -> str:
        """For made-up text: the same for the same case and run seed."""
        return f"{self.lab.settings.seed}:{self.case.id}"

    @cached_property
    def folder(self) -> Path:
        """The case's folder, made on first use: under the run's folder, else under the lab's."""
        base = self.lab.settings.out or self.lab.folder
        path = base / "cases" / self.case.id.replace("::", "/").replace("..", "_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o777 if self.lab.settings.out is not None else 0o700, exist_ok=True)
        folder_opened(path, self.case.id)
        if self.lab.settings.out is None:
            self.lab.contains(path)
        self._folder = path
        return path

    def close(self, *, keep: bool) -> Path | None:
        """Remove the folder unless ``keep``; the kept path, None if there is none."""
        if keep and (self.lab.settings.out is not None or self._folder is not None):
            folder_closed(self.folder)
            return self.folder
        if self._folder is not None:
            folder_closed(self._folder)
            shutil.rmtree(self._folder, ignore_errors=True)
        return None

    def lookup(self, word: str, name: str | None) -> Any:
        """What ``{{…}}`` stands for while the case runs. Raises KeyError for a word that is not ours."""
        if word == "run" and name == "id":
            return self.run_id
        if word == "target" and self.address is not None:
            return self.address[name == "port"]
        if word == "host" and name is not None:
            return self.hosts[name]
        if word == "pki":
            return str(self.pki.credential(name).certificate) if name is not None else ""
        raise KeyError(f"{word}.{name}")
