"""The cost of one explanation, with the fixes that are tried for it, over forests of growing size.

    python benchmarks/explain.py [--json]

CPU time of this process, the median and the worst of the refusals of ``decision.py``'s mix.
"""

from __future__ import annotations

import argparse
import json
import time

from decision import CONNECTORS, forest, questions

from fakeeop.decision.directory import Directory
from fakeeop.why.narrate import ConnectionNarrator

SIZES = (1, 4, 10, 100, 1_000)


def milliseconds(size: int) -> tuple[float, float]:
    """Median and worst of one explanation of a refusal, the best of three each."""
    directory = Directory(forest(size))
    costs: list[float] = []
    for peer, tls, sender, recipient in questions(size, 80):
        judge = directory.connection(peer, tls)
        if judge.judge_recipient(sender, recipient).accepted:
            continue
        narrator, best = ConnectionNarrator(judge), float("inf")
        for _ in range(3):
            begin = time.process_time()
            narrator.explain(sender, recipient)
            best = min(best, time.process_time() - begin)
        costs.append(best * 1000)
    costs.sort()
    return costs[len(costs) // 2], costs[-1]


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    found = {size: milliseconds(size) for size in SIZES}
    if args.json:
        print(
            json.dumps(
                {str(size): dict(zip(("median-ms", "worst-ms"), both, strict=True)) for size, both in found.items()}
            )
        )
        return
    for size, (median, worst) in found.items():
        print(f"{size:>6,} tenants of {CONNECTORS} connectors: median {median:.2f} ms, worst {worst:.2f} ms")


if __name__ == "__main__":
    main()
