"""What the journal in SQLite costs: CPU of the whole process, compared with a server with its journal in memory.

All servers are measured in one interleaved run, and each figure is the median of the rounds; the third one waits for
the disk (``serve --journal-sync``). The replies of all sessions that wait share one commit, so the number of sessions
counts: ten, as everywhere here, and fifty. A last part sends 100,000 messages to one server and looks at its memory
(``--no-soak`` leaves it out).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from _load import LOAD, blast
from _processes import Measured, start_server
from attrs import frozen

KB = 1024
MICROSECONDS = 1e6
STEP = 10_000  # messages in one go of the soak
WARM = 3  # steps
LIMIT = 1.5  # times the CPU of a server that stores nothing


@frozen
class Case:
    """One kind of load."""

    way: str
    sessions: int
    messages: int

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"1 KB, {self.way} connection, {self.sessions} sessions"


CASES = tuple(
    Case(way, sessions, messages) for way, messages in (("new", 4000), ("reused", 12000)) for sessions in (10, 50)
)


def cost(server: Measured, case: Case, messages: int) -> float:
    """CPU microseconds a message."""
    before = server.cpu()
    blast(server, messages, KB, reuse=case.way == "reused", sessions=case.sessions)
    return (server.cpu() - before) / messages * MICROSECONDS


def measure(servers: list[Measured], case: Case, rounds: int) -> dict[str, float]:
    """Server name → the median of its rounds; the first round warms up."""
    costs: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers:
            spent = cost(server, case, case.messages if number else case.messages // 10)
            if number:
                costs[server.name].append(spent)
    return {name: median(values) for name, values in costs.items()}


def soak(server: Measured, messages: int) -> list[float]:
    """MiB after each step from the fourth on: until then caches fill."""
    sizes = []
    for number in range(messages // STEP):
        blast(server, STEP, KB, reuse=number % 2 == 1)
        if number >= WARM:
            sizes.append(server.memory())
    return sizes


def figures(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure everything that was asked for."""
    found: list[dict[str, Any]] = []

    def add(name: str, value: float, unit: str) -> None:
        found.append({"name": name, "value": round(value, 3), "unit": unit})

    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folders = [Path(name) / kind for kind in ("sqlite", "synced")]
        for folder in folders:
            folder.mkdir()
        servers = [start_server("fakeeop"), *(start_server(folder.name, folder) for folder in folders)]
        try:
            for case in CASES:
                memory, sqlite, synced = measure(servers, case, arguments.rounds).values()
                print(f"  {case.name}: {memory:.1f}, {sqlite:.1f}, {synced:.1f} µs", file=sys.stderr, flush=True)
                add(f"{case.name}, memory", memory, "µs CPU / message")
                add(f"{case.name}, SQLite", sqlite, "µs CPU / message")
                add(f"{case.name}, SQLite / memory", sqlite / memory, "\u00d7")
                add(f"{case.name}, SQLite, synced / memory", synced / memory, "\u00d7")
        finally:
            for server in servers:
                server.stop()
    if arguments.soak:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            server = start_server("sqlite", Path(name))
            try:
                sizes = soak(server, 100_000)
            finally:
                server.stop()
        add("memory after 100,000 messages, SQLite", sizes[-1], "MiB")
        add("memory after 100,000 messages / after 40,000", sizes[-1] / sizes[0], "\u00d7")
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (7)")
    parser.add_argument("--folder", type=Path, help="where the file lies: a disk of another kind (temporary files)")
    parser.add_argument("--no-soak", dest="soak", action="store_false", help="leave the 100,000 messages out")
    arguments = parser.parse_args()
    print(f"load by {LOAD or 'our own client, one session at a time: groups of one'}", file=sys.stderr, flush=True)
    measured = figures(arguments)
    if arguments.json:
        print(json.dumps({"figures": measured}, indent=2, ensure_ascii=False))
    else:
        for figure in measured:
            print(f"{figure['name']:<58}  {figure['value']:>9.3f} {figure['unit']}")
    over = [figure for figure in measured if figure["name"].endswith("SQLite / memory") and figure["value"] > LIMIT]
    for figure in over:
        print(f"over the limit of {LIMIT}: {figure['name']}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
