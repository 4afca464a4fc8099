"""What a message costs the server: CPU of the whole process, compared with bare aiosmtpd, smtp-sink and your own peers.

All servers are measured in one interleaved run: round by round, each gets the same load, so that the machine cancels
out of the ratios. The emulator runs its decision core (ten tenants of ten connectors) and its journal in memory. Each
figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from _certificates import make_certificates
from _load import LOAD, blast, starttls_blast
from _processes import Measured, listening_process, start_server, start_sink
from _startup import seconds_to_first_220
from attrs import frozen

KB = 1024
TIMES = "\u00d7"


@frozen
class Case:
    """One kind of load. ``messages`` is for a fast server; aiosmtpd gets ``slow`` of them."""

    name: str
    octets: int
    messages: int
    slow: int
    reuse: bool = False


CASES = (
    Case("1 KB, new connection", 1 * KB, 6000, 1200),
    Case("1 KB, reused connection", 1 * KB, 20000, 3200, reuse=True),
    Case("100 KB", 100 * KB, 600, 60),
    Case("5 MB", 5 * KB * KB, 20, 4),
)


def note(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


def cost(server: Measured, messages: int, send: Any) -> float:
    """CPU seconds for 1,000 messages (wall seconds if the process is unknown)."""
    cpu, wall = server.cpu(), time.perf_counter()
    send()
    spent = server.cpu() - cpu if server.pid is not None else time.perf_counter() - wall
    return spent / messages * 1000


def run_case(case: Case, servers: list[Measured], rounds: int, scale: float) -> dict[str, float]:
    """Server name → CPU seconds for 1,000 messages."""
    costs: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers:
            messages = max(2, int((case.slow if server.name.startswith("aiosmtpd") else case.messages) * scale))
            if number == 0:
                messages = max(2, messages // 10)  # warm up

            def send(to: Measured = server, count: int = messages) -> None:
                blast(to, count, case.octets, reuse=case.reuse)

            spent = cost(server, messages, send)
            if number:
                costs[server.name].append(spent)
    found = {name: median(values) for name, values in costs.items()}
    note(f"  {case.name}: " + ", ".join(f"{name} {value:.3f} s" for name, value in found.items()))
    return found


def run_starttls(folder: Path, rounds: int, scale: float) -> dict[str, float]:
    """CPU seconds for 1,000 messages of 1 KB, a new TLS 1.3 connection each."""
    messages = max(10, int(150 * scale))
    certificate = (folder / "client.pem", folder / "client.key")
    ours, theirs = start_server("fakeeop", folder), start_server("aiosmtpd", folder)
    loads = (("fakeeop, certificate", ours, certificate), ("fakeeop", ours, None), ("aiosmtpd", theirs, None))
    costs: dict[str, list[float]] = {name: [] for name, _, _ in loads}
    try:
        for number in range(rounds + 1):
            for name, server, shown in loads:
                count = messages if number else 10

                def send(to: Measured = server, count: int = count, shown: Any = shown) -> None:
                    starttls_blast(to, count, 1 * KB, shown)

                spent = cost(server, count, send)
                if number:
                    costs[name].append(spent)
    finally:
        ours.stop()
        theirs.stop()
    found = {name: median(values) for name, values in costs.items()}
    note("  STARTTLS: " + ", ".join(f"{name} {value:.3f} s" for name, value in found.items()))
    return found


def figures(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure everything that was asked for."""
    result: list[dict[str, Any]] = []

    def add(name: str, value: float, unit: str) -> None:
        result.append({"name": name, "value": round(value, 4), "unit": unit})

    servers = [start_server("fakeeop"), start_server("aiosmtpd")]
    sink = arguments.smtp_sink and shutil.which("smtp-sink", path=f"/usr/sbin:{Path('/usr/lib/postfix/sbin')}:/usr/bin")
    servers += [start_sink(sink)] if sink else []
    servers += [_peer(address) for address in arguments.peer_address]
    plain = 0.0
    try:
        for case in CASES:
            if arguments.only and arguments.only not in case.name:
                continue
            found = run_case(case, servers, arguments.rounds, arguments.scale)
            for name, value in found.items():
                add(f"{case.name}, {name}", value, "s CPU / 1,000 messages")
            for name in [server.name for server in servers[1:]]:
                add(f"{case.name} / {name}", found["fakeeop"] / found[name], TIMES)
            plain = plain or found["aiosmtpd"]
        add("peak memory, fakeeop", servers[0].peak_memory(), "MiB")
        add("peak memory, aiosmtpd", servers[1].peak_memory(), "MiB")
    finally:
        for server in servers:
            server.stop()
    if not arguments.only or arguments.only in "starttls":
        with tempfile.TemporaryDirectory() as name:
            make_certificates(Path(name))
            found = run_starttls(Path(name), arguments.rounds, arguments.scale)
        for name, value in found.items():
            add(f"STARTTLS, {name}", value, "s CPU / 1,000 messages")
        with_certificate = found["fakeeop, certificate"]
        add("STARTTLS with client certificate / aiosmtpd STARTTLS", with_certificate / found["aiosmtpd"], TIMES)
        if plain:
            add("STARTTLS with client certificate / aiosmtpd in clear text", with_certificate / plain, TIMES)
    if not arguments.only or arguments.only in "startup":
        first, later = seconds_to_first_220(arguments.rounds + 2)
        add("exec to first 220", later, "s")
        add("exec to first 220, very first start", first, "s")
    return result


def _peer(address: str) -> Measured:
    host, _, port = address.rpartition(":")
    server = Measured(address, int(port), listening_process(int(port)) if host in ("127.0.0.1", "localhost") else None)
    server.host = host
    if server.pid is None:
        note(f"{address}: its process cannot be seen, so it is wall time that is shown")
    return server


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer messages (1.0)")
    parser.add_argument("--only", metavar="WORDS", help="the cases whose name has these words; starttls; startup")
    parser.add_argument("--peer-address", action="append", default=[], metavar="HOST:PORT", help="one more server")
    parser.add_argument("--no-smtp-sink", dest="smtp_sink", action="store_false", help="leave smtp-sink out")
    arguments = parser.parse_args()
    note(f"load by {LOAD or 'our own client, one session at a time (smtp-source is not installed)'}")
    measured = figures(arguments)
    if arguments.json:
        print(json.dumps({"figures": measured}, indent=2, ensure_ascii=False))
    else:
        width = max(len(figure["name"]) for figure in measured)
        for figure in measured:
            print(f"{figure['name']:<{width}}  {figure['value']:>10.3f} {figure['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
