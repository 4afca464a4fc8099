"""A soak: 100,000 messages into one server, and its memory on the way. It ends by itself.

The journal in memory remembers 10,000 sessions and as many copies; from then on memory has to stay as it is. With
``--journal sqlite`` the server keeps everything in a file, and memory has to stay as it is from the start. Half of the
messages come over connections of their own, half over reused ones. ``--messages`` makes it shorter or longer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _load import LOAD, blast
from _processes import Measured, start_server

KB = 1024
STEP = 2_500  # messages in one go, by each of the two ways
FULL = 4  # steps until the journal is full of both ways


def soak(server: Measured, messages: int) -> list[float]:
    """The resident set in MiB after every two steps, the first time when the journal is full."""
    sizes: list[float] = []
    steps = max(FULL + 2, messages // (2 * STEP))
    for number in range(steps):
        for reuse in (False, True):
            blast(server, STEP, KB, reuse=reuse)
        if number >= FULL - 1:
            sizes.append(server.memory())
            print(f"  {(number + 1) * 2 * STEP:,} messages: {sizes[-1]:.1f} MiB", file=sys.stderr, flush=True)
    return sizes


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--messages", type=int, default=100_000, help="how many (100,000)")
    parser.add_argument("--journal", choices=("memory", "sqlite"), default="memory", help="where it is kept (memory)")
    arguments = parser.parse_args()
    print(f"load by {LOAD or 'our own client'}", file=sys.stderr, flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        stored = arguments.journal == "sqlite"
        server = start_server("sqlite", Path(folder)) if stored else start_server("fakeeop")
        try:
            sizes = soak(server, arguments.messages)
        finally:
            server.stop()
    figures: list[dict[str, Any]] = [
        {"name": "memory, journal full", "value": round(sizes[0], 1), "unit": "MiB"},
        {"name": "memory, at the end", "value": round(sizes[-1], 1), "unit": "MiB"},
        {"name": "memory, at the end / journal full", "value": round(sizes[-1] / sizes[0], 4), "unit": "\u00d7"},
        {"name": "time", "value": round(time.perf_counter() - began, 1), "unit": "s"},
    ]
    if arguments.json:
        print(json.dumps({"figures": figures}, indent=2, ensure_ascii=False))
    else:
        for figure in figures:
            print(f"{figure['name']:<36}  {figure['value']:>9} {figure['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
