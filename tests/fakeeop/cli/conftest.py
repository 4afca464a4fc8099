"""The command line as a user runs it: a process, its streams, its exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakeeop.cli.main import main

TENANT = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
    InboundConnectors:
      - Name: By address
        ConnectorType: OnPremises
        SenderDomains: ["*"]
        SenderIPAddresses: [203.0.113.25]
        RequireTls: false
      - Name: By certificate
        ConnectorType: OnPremises
        SenderDomains: ["*"]
        TlsSenderCertificateName: "*.contoso.com"
        RequireTls: true
"""


class CommandLine:
    """Runs ``fakeeop`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # argparse
            code = int(leaving.code or 0)
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err


class Served:
    """A running ``fakeeop serve``; the lines it printed so far are in ``lines``."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fakeeop", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        # A line that never comes must fail the test, not hang the run.
        self.guard = threading.Timer(120, self.process.kill)
        self.guard.daemon = True
        self.guard.start()

    def until(self, text: str) -> str:
        """Read lines until one holds ``text``; that line. Fails when the process ends before."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"{text!r} never came; there was: {self.lines}")

    def ready(self) -> tuple[str, int]:
        """Wait for the ready line of people; the address of the first listener."""
        line = self.until("ready on ")
        host, _, port = line.split("ready on ")[1].split(" ")[0].rstrip(",").rpartition(":")
        return host.strip("[]"), int(port)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, read to the end; the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """The exit code, once it ends by itself."""
        rest, _ = self.process.communicate(timeout=60)
        self.lines += rest.splitlines()
        return self.process.returncode


class Serve:
    """Starts ``fakeeop serve`` on any free port, with a state folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tenant = folder / "tenant.yaml"
        self.tenant.write_text(TENANT)
        self.state = folder / "state"
        self.started: list[Served] = []

    def __call__(self, *arguments: object, tenant: Path | None = None, sample: bool = False) -> Served:
        where = [] if {"--port", "--listen"} & {str(argument) for argument in arguments} else ["--port", "0"]
        file = [] if sample else [str(tenant or self.tenant)]
        command = [*file, *where, "--state", str(self.state), *map(str, arguments)]
        served = Served(command, {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "error"})
        self.started.append(served)
        return served


@pytest.fixture
def fakeeop(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FAKEEOP_DEBUG", raising=False)
    return CommandLine(capsys)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    starter = Serve(tmp_path)
    yield starter
    for served in starter.started:
        served.guard.cancel()
        if served.process.poll() is None:
            served.process.kill()
        served.process.communicate()
