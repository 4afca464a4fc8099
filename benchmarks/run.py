"""All benchmarks, one table: each figure with its limit. See benchmarks/README.md for what they mean.

Exit code: 0 every measured figure is within its limit, 1 one is not, 3 a benchmark did not run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

HERE = Path(__file__).resolve().parent
BENCHMARKS = ("server", "wire", "store", "handshake", "large", "decision", "scenarios", "fixture")
LONG = ("soak",)  # only where it is named


@frozen
class Limit:
    """What a figure must keep to: at most, or at least, ``value``."""

    at_most: bool
    value: float

    def keeps(self, value: float) -> bool:
        """Is the figure good enough?"""
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:,g}"


# benchmark → name of a figure → its limit
LIMITS: dict[str, dict[str, Limit]] = {
    "server": {
        "1 KB, new connection / aiosmtpd": Limit(True, 0.22),
        "1 KB, new connection / smtp-sink": Limit(True, 2.2),
        "1 KB, reused connection / aiosmtpd": Limit(True, 0.2),
        "100 KB / aiosmtpd": Limit(True, 0.1),
        "100 KB / smtp-sink": Limit(True, 1.0),
        "5 MB / aiosmtpd": Limit(True, 0.1),
        "STARTTLS with client certificate / aiosmtpd STARTTLS": Limit(True, 0.7),
        "exec to first 220": Limit(True, 0.35),
    },
    "wire": {
        "1 KB, BDAT / DATA": Limit(True, 1.0),
        "100 KB, BDAT / DATA": Limit(True, 1.0),
        "5 MB, BDAT / DATA": Limit(True, 1.05),  # the same work but for the search for dots
        "1 KB, pipelined / aiosmtpd": Limit(True, 0.35),
        "1 KB, pipelined / one by one": Limit(True, 1.0),
        "memory of an idle connection": Limit(True, 10.0),
        "CPU of 2,000 idle connections": Limit(True, 1.0),
    },
    "store": {
        f"1 KB, {way} connection, {sessions} sessions, SQLite / memory": Limit(True, 1.5)
        for way in ("new", "reused")
        for sessions in (10, 50)
    }
    | {"memory after 100,000 messages / after 40,000": Limit(True, 1.1)},
    "handshake": {
        "handshake / ssl": Limit(True, 1.15),
        "handshake / ssl that asks": Limit(True, 1.15),
        "handshake / ssl without tickets": Limit(True, 1.15),
        "handshake with client certificate / ssl that asks": Limit(True, 1.15),
    },
    "large": {f"memory above idle, {way}": Limit(True, 300.0) for way in ("DATA", "BDAT", "DATA, TLS", "BDAT, TLS")},
    "soak": {
        "memory, at the end / journal full": Limit(True, 1.1),
    },
    "decision": {
        "decisions, 50 tenants of 20 connectors": Limit(False, 20_000),
        "cost, 1,000 tenants / 10 tenants": Limit(True, 1.5),
    },
    "scenarios": {
        "1,000 cases, one process": Limit(True, 8.0),
        "CPU a case beyond pytest": Limit(True, 5.0),
    },
    "fixture": {
        "eop, a test after the first, wall": Limit(True, 10.0),
        "eop_session, a test after the first, wall": Limit(True, 10.0),
    },
}


@frozen
class Row:
    """One line of the table; ``value`` None: not measured on this machine."""

    benchmark: str
    name: str
    value: float | None
    unit: str
    limit: Limit | None

    @property
    def verdict(self) -> str:
        """ok, MISSED, not measured; empty without a limit."""
        if self.value is None:
            return "not measured"
        if self.limit is None:
            return ""
        return "ok" if self.limit.keeps(self.value) else "MISSED"


class BenchmarkFailedError(Exception):
    """A benchmark did not run, or did not print its figures."""


def measure(benchmark: str) -> list[dict[str, Any]]:
    """Run one benchmark in a process of its own; its progress goes to standard error."""
    command = [sys.executable, str(HERE / f"{benchmark}.py"), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        figures: list[dict[str, Any]] = json.loads(done.stdout)["figures"]
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkFailedError(
            f"{benchmark}.py --json: exit code {done.returncode}, no figures: {error}"
        ) from error
    return figures


def rows(benchmark: str, figures: list[dict[str, Any]]) -> list[Row]:
    """The figures of one benchmark with their limits, then the limits that have no figure."""
    limits = LIMITS[benchmark]
    found = [
        Row(benchmark, figure["name"], float(figure["value"]), figure.get("unit", ""), limits.get(figure["name"]))
        for figure in figures
    ]
    measured = {row.name for row in found}
    return found + [Row(benchmark, name, None, "", limit) for name, limit in limits.items() if name not in measured]


def number(value: float) -> str:
    """Three digits that matter, thousands with commas."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(lines: list[Row]) -> str:
    """The rows in columns."""
    cells = [("benchmark", "figure", "value", "limit", "")]
    for row in lines:
        value = "-" if row.value is None else f"{number(row.value)} {row.unit}".rstrip()
        cells.append((row.benchmark, row.name, value, str(row.limit or ""), row.verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}  {e}".rstrip()
        for a, b, c, d, e in cells
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (*BENCHMARKS, *LONG)
    parser.add_argument(
        "benchmarks",
        nargs="*",
        metavar="BENCHMARK",
        help=f"of {', '.join(names)}; default: all but {', '.join(LONG)}",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    unknown = set(arguments.benchmarks) - set(names)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    lines: list[Row] = []
    failed = False
    for benchmark in arguments.benchmarks or BENCHMARKS:
        try:
            lines += rows(benchmark, measure(benchmark))
        except BenchmarkFailedError as error:
            print(error, file=sys.stderr)
            failed = True
    if arguments.json:
        keys = ("benchmark", "name", "value", "unit", "limit", "verdict")
        figures = [{key: getattr(row, key) for key in keys} | {"limit": row.limit and str(row.limit)} for row in lines]
        print(json.dumps({"figures": figures}, indent=2, ensure_ascii=False))
    else:
        print(table(lines))
    if failed:
        return 3
    return 1 if any(row.verdict == "MISSED" for row in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
