"""The wire: BDAT compared with DATA, pipelined clients with aiosmtpd, idle connections.

Ratios of CPU of whole server processes, from interleaved rounds, as in ``server.py``; each is the median of its rounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import select
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from _processes import Measured, start_server
from _sender import Sender, content_of

KB = 1024
SIZES = (("1 KB", KB, 6000), ("100 KB", 100 * KB, 600), ("5 MB", 5 * KB * KB, 24))
IDLE, IDLE_SECONDS = 2_000, 5.0
TIMES = "\u00d7"
Load = tuple[str, Measured, int, Callable[[Measured, int], None]]


def note(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


def interleaved(loads: list[Load], rounds: int, scale: float) -> dict[str, float]:
    """Name → CPU seconds for 1,000 of whatever a load sends, the median of the rounds."""
    costs: dict[str, list[float]] = {name: [] for name, *_ in loads}
    for number in range(rounds + 1):
        for name, server, count, send in loads:
            count = max(2, int(count * scale) // (1 if number else 10))
            before = server.cpu()
            send(server, count)
            if number:
                costs[name].append((server.cpu() - before) / count * 1000)
    found = {name: median(values) for name, values in costs.items()}
    note("  " + ", ".join(f"{name} {value:.3f} s" for name, value in found.items()))
    return found


def sending(way: str, octets: int) -> Callable[[Measured, int], None]:
    """Messages over one connection; ``way`` is a method of ``Sender``."""
    content = content_of(octets)

    def send(server: Measured, count: int) -> None:
        sender = Sender(server)
        for _ in range(count):
            getattr(sender, way)(content)
        sender.close()

    return send


def bdat_and_data(rounds: int, scale: float) -> list[dict[str, Any]]:
    """BDAT / DATA, and pipelined / pipelined aiosmtpd."""
    result: list[dict[str, Any]] = []
    ours, theirs = start_server("fakeeop"), start_server("aiosmtpd")
    try:
        for size, octets, count in SIZES:
            loads: list[Load] = [(f"{size} {way}", ours, count, sending(way, octets)) for way in ("data", "bdat")]
            if octets == KB:
                loads.append((f"{size} pipelined", ours, count, sending("pipelined", octets)))
                loads.append((f"{size} pipelined, aiosmtpd", theirs, count // 3, sending("pipelined", octets)))
            found = interleaved(loads, rounds, scale)
            result += [figure(name, value, "s CPU / 1,000 messages") for name, value in found.items()]
            result.append(figure(f"{size}, BDAT / DATA", found[f"{size} bdat"] / found[f"{size} data"], TIMES))
            if octets == KB:
                ratio = found[f"{size} pipelined"] / found[f"{size} pipelined, aiosmtpd"]
                result.append(figure(f"{size}, pipelined / aiosmtpd", ratio, TIMES))
                ratio = found[f"{size} pipelined"] / found[f"{size} data"]
                result.append(figure(f"{size}, pipelined / one by one", ratio, TIMES))
    finally:
        ours.stop()
        theirs.stop()
    return result


def idle_connections() -> list[dict[str, Any]]:
    """What 2,000 sessions past EHLO cost that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 200
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))  # the server inherits it
    server = start_server("fakeeop")
    senders: list[Sender] = []
    try:
        Sender(server).close()
        before = server.memory()
        senders += [Sender(server) for _ in range(IDLE)]
        memory = (server.memory() - before) * 1024 / IDLE
        cpu = server.cpu()
        select.select([], [], [], IDLE_SECONDS)
        cpu = (server.cpu() - cpu) / IDLE_SECONDS * 100
        senders[0].data(content_of(KB))  # it still answers
    finally:
        for sender in senders:
            sender.socket.close()
        server.stop()
    note(f"  idle: {memory:.1f} KiB a connection, {cpu:.2f} % of a CPU")
    return [
        figure("memory of an idle connection", memory, "KiB"),
        figure("CPU of 2,000 idle connections", cpu, "% of one"),
    ]


def figure(name: str, value: float, unit: str) -> dict[str, Any]:
    """In the common form."""
    return {"name": name, "value": round(value, 4), "unit": unit}


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer messages (1.0)")
    parser.add_argument("--only", choices=("bdat", "idle"), help="one part")
    arguments = parser.parse_args()
    measured: list[dict[str, Any]] = []
    if arguments.only in (None, "bdat"):
        measured += bdat_and_data(arguments.rounds, arguments.scale)
    if arguments.only in (None, "idle"):
        measured += idle_connections()
    if arguments.json:
        print(json.dumps({"figures": measured}, indent=2, ensure_ascii=False))
    else:
        for each in measured:
            print(f"{each['name']:<34}  {each['value']:>9.3f} {each['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
