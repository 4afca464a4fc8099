"""From exec to the first 220 of ``fakeeop serve``."""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from _processes import free_port

__all__ = ["seconds_to_first_220"]

TENANT = Path(__file__).resolve().parent.parent / "examples" / "contoso.yaml"


def seconds_to_first_220(rounds: int) -> tuple[float, float]:
    """Median wall seconds: of the very first start (certificates are made), and of later ones."""
    first, later = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as state:
            first.append(_start(state))
            later.append(_start(state))
    return median(first), median(later)


def _start(state: str) -> float:
    port = free_port()
    command = [sys.executable, "-m", "fakeeop", "serve", str(TENANT), "--port", str(port), "--state", state]
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), 5) as client:
                    if client.recv(4) == b"220 ":
                        return time.perf_counter() - begin
            except ConnectionRefusedError:
                select.select([], [], [], 0.002)
            if child.poll() is not None or time.perf_counter() - begin > 30:
                raise RuntimeError(f"{' '.join(command)}: no 220")
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=20)
