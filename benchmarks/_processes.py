"""Processes that are measured: start, CPU time, peak memory, stop. Linux, by /proc."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

__all__ = ["Measured", "free_port", "listening_process", "start_server", "start_sink"]

_TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port: int = opened.getsockname()[1]
        return port


class Measured:
    """A server on 127.0.0.1 and its process; ``pid`` None: somebody else's, of unknown CPU time."""

    def __init__(self, name: str, port: int, pid: int | None, child: subprocess.Popen[str] | None = None) -> None:
        self.name = name
        self.host = "127.0.0.1"
        self.port = port
        self.pid = pid
        self._child = child

    def cpu(self) -> float:
        """User and system time of the whole process so far, in seconds."""
        if self.pid is None:
            return 0.0
        try:  # nanoseconds, for every thread
            tasks = Path(f"/proc/{self.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except OSError:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / _TICK

    def peak_memory(self) -> float:
        """The largest resident set so far, in MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def memory(self) -> float:
        """The resident set now, in MiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024

    def stop(self) -> None:
        """End what we started."""
        if self._child is None:
            return
        if self._child.stdin is not None:
            self._child.stdin.close()
        else:
            self._child.terminate()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()


def start_server(kind: str, folder: Path | None = None) -> Measured:
    """One of ``_servers.py``, listening."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("_servers.py")), kind, str(port)]
    command += [str(folder)] if folder else []
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None  # noqa: S101  asked for
    if child.stdout.readline() != "ready\n":
        raise RuntimeError(f"{' '.join(command)}: the server did not start")
    return Measured(kind, port, child.pid, child)


def start_sink(program: str) -> Measured:
    """Postfix's smtp-sink."""
    port = free_port()
    drop = ["-u", "nobody"] if os.geteuid() == 0 else []  # it insists
    child = subprocess.Popen([program, *drop, f"127.0.0.1:{port}", "256"], stdout=subprocess.DEVNULL, text=True)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            select.select([], [], [], 0.02)  # it tells nobody when it is ready
    return Measured("smtp-sink", port, child.pid, child)


def listening_process(port: int) -> int | None:
    """The process of this machine that listens on ``port``, if we may see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{words[9]}]")
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(os.readlink(link) in inodes for link in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue
    return None
