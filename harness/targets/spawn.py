"""A ``fakeeop serve`` of our own in a child process, with every kind of listener: as users start it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any, Final

from harness.clients.process import Child, folder_closed, folder_opened, start_program
from harness.errors import DriverError, TargetError
from harness.targets.base import World
from harness.targets.remote import RemoteRunning, RemoteTarget

__all__ = ["SpawnTarget"]

_TENANT: Final = "Tenants: [{Name: harness, AcceptedDomains: [harness.example]}]\n"
_ADDRESS: Final = "127.0.0.1:0"  # a port that the kernel chooses
_KINDS: Final = ("", ",proxy", ",xclient", ",submission", ",proxy,submission", ",xclient,submission")
_PATIENCE: Final = 30.0  # seconds for the first line
_KEPT: Final = 50  # lines of its log, for an error


class SpawnTarget:
    """The child starts with the first case and ends with the lab; each case becomes its world by the admin API."""

    name = "spawn"
    capabilities = RemoteTarget.capabilities

    def __init__(self) -> None:
        self._server: _Server | None = None

    def open(self, world: World) -> RemoteRunning:
        """The world in the child. Raises TargetError when the child does not start, with what it said."""
        if self._server is None:
            self._server = _Server()
        return self._server.remote.open(world)

    def close(self) -> None:
        """End the child, remove its folder."""
        if self._server is not None:
            self._server.close()
            self._server = None


class _Server:
    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="harness-spawn-"))
        folder_opened(self._folder, "the spawned server")
        self._child: Child | None = None
        self._said: deque[str] = deque(maxlen=_KEPT)
        self._ready: dict[str, Any] = {}
        self._told = threading.Event()  # it is ready, or it has ended
        self._reader: threading.Thread | None = None
        try:
            self._start()
            self.remote = RemoteTarget(f"http://{self._ready['admin'].removeprefix('http://').rstrip('/')}", own=True)
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        tenant = self._folder / "tenant.yaml"
        tenant.write_text(_TENANT)
        argv = [sys.executable, "-m", "fakeeop", "serve", str(tenant), "--json", "--admin", _ADDRESS]
        for kind in _KINDS:
            argv += ["--listen", _ADDRESS + kind]
        argv += ["--state", str(self._folder / "state"), "--drain", "0"]
        reading, writing = os.pipe()
        try:
            self._child = start_program(argv, folder=self._folder, output=writing)
        except DriverError as why:
            os.close(reading)
            raise TargetError(str(why)) from why
        finally:
            os.close(writing)  # the child has its own
        self._reader = threading.Thread(target=self._read, args=(reading,), name="spawned server", daemon=True)
        self._reader.start()
        if not self._told.wait(_PATIENCE) or "admin" not in self._ready:
            said = "\n".join(self._said) or "nothing"
            raise TargetError(f"the spawned server does not start; it said:\n{said}")

    def _read(self, descriptor: int) -> None:
        """Its log, line by line to the end, so that it never waits for us."""
        with open(descriptor, "rb") as stream:
            for line in stream:
                text = line.decode("utf-8", "backslashreplace").rstrip()
                self._said.append(text)
                if not self._ready and text.startswith("{"):
                    event = json.loads(text)
                    if event.get("event") == "ready":
                        self._ready = event
                        self._told.set()
        self._told.set()

    def close(self) -> None:
        """Stop it by its process group."""
        if hasattr(self, "remote"):
            self.remote.close()
        if self._child is not None:
            self._child.stop()
        if self._reader is not None:
            self._reader.join(10)
        shutil.rmtree(self._folder, ignore_errors=True)
        folder_closed(self._folder)
