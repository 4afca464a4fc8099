"""Large messages: 20 of 100 MB at once, by DATA and by BDAT, in clear text and under TLS: CPU, and memory above idle.

The client is one more process with a thread for each message. The messages lie in the spool, an invisible file in the
folder for temporary files; of its 1 GiB the journal keeps what is newest. ``--megabytes`` and ``--clients`` make it
smaller.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from _certificates import make_certificates
from _processes import Measured, start_server
from _sender import Sender, trusting_context

CASES = (("DATA", False, False), ("BDAT", True, False), ("DATA, TLS", False, True), ("BDAT, TLS", True, True))
MB = 1_000_000


def send(server: Measured, octets: int, clients: int, *, chunked: bool, tls: bool) -> None:
    """So many messages at once."""
    failed: list[Exception] = []

    def one() -> None:
        try:
            sender = Sender(server, trusting_context() if tls else None)
            sender.large(octets, chunked=chunked)
            sender.close()
        except (OSError, RuntimeError) as why:
            failed.append(why)

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"{len(failed)} of {clients} messages were not taken: {failed[0]}")


def measure(case: tuple[str, bool, bool], folder: Path, octets: int, clients: int) -> dict[str, float]:
    """A server of its own for each case: its peak memory cannot be taken back."""
    _, chunked, tls = case
    server = start_server("fakeeop", folder)
    try:
        warm = Sender(server, trusting_context() if tls else None)
        warm.data(b"Subject: warm\r\n\r\n")
        warm.close()
        idle, cpu, began = server.peak_memory(), server.cpu(), time.perf_counter()
        words = [str(server.port), str(octets), str(clients), str(int(chunked)), str(int(tls))]
        subprocess.run([sys.executable, __file__, "--send", *words], check=True)
        return {
            "memory": server.peak_memory() - idle,
            "cpu": (server.cpu() - cpu) / clients / octets * MB * 100,
            "wall": time.perf_counter() - began,
        }
    finally:
        server.stop()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--megabytes", type=int, default=100, help="of each message (100)")
    parser.add_argument("--clients", type=int, default=20, help="messages at once (20)")
    parser.add_argument("--send", nargs=5, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.send:
        port, octets, clients, chunked, tls = arguments.send
        send(Measured("", port, None), octets, clients, chunked=bool(chunked), tls=bool(tls))
        return 0
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        make_certificates(Path(name))
        for case in CASES:
            found = measure(case, Path(name), arguments.megabytes * MB, arguments.clients)
            print(f"  {case[0]}: {found['wall']:.1f} s", file=sys.stderr, flush=True)
            figures.append({"name": f"memory above idle, {case[0]}", "value": round(found["memory"], 1), "unit": "MiB"})
            figures.append({"name": f"{case[0]}", "value": round(found["cpu"], 4), "unit": "s CPU / 100 MB"})
    if arguments.json:
        print(json.dumps({"figures": figures}, indent=2, ensure_ascii=False))
    else:
        for figure in figures:
            print(f"{figure['name']:<32}  {figure['value']:>8} {figure['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
