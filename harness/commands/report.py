"""``harness report``."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.common import console, print_json
from harness.errors import WrongUsage
from harness.reporters.html import html_report
from harness.reporters.jsonl import read_results, to_tree
from harness.reporters.markdown import markdown_summary
from harness.reporters.terminal import print_run

HELP = "Make reports again from the results.jsonl of a run."
EXAMPLES = """\
  harness report                                   the last run, on the terminal
  harness report .harness/runs/20261124-071500 --html matrix.html
  harness report RUN --md summary.md"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The run and the files to write."""
    parser.add_argument("run", metavar="RUN", nargs="?", type=Path, help="folder or results.jsonl (default: the last)")
    parser.add_argument("--html", type=Path, metavar="F", help="write the matrix as one HTML file")
    parser.add_argument("--md", type=Path, metavar="F", help="write a Markdown summary")
    parser.add_argument("--title", default="Mail relay scenarios", help="the heading of both")
    parser.add_argument("-v", "--verbose", action="store_true", help="every scenario on a line of its own")
    parser.add_argument("--json", action="store_true", help="counts and cases, for machines")


def run(arguments: argparse.Namespace) -> int:
    """Write what is asked for; without a file to write, print the run."""

    found = read_results(arguments.run or _last())
    for path, text in (
        (arguments.html, html_report(found, arguments.title) if arguments.html else ""),
        (arguments.md, markdown_summary(found, arguments.title) if arguments.md else ""),
    ):
        if path is not None:
            _write(path, text)
    if arguments.json:
        counts = {grade.value: count for grade, count in found.counts().items()}
        print_json({"counts": counts, "cases": [to_tree(case) for case in found.cases]})
    elif arguments.html is None and arguments.md is None:
        print_run(console(), found, every=arguments.verbose)
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as why:
        raise WrongUsage(f"{path}: {why.strerror}") from why
    print(f"written: {path}")


def _last() -> Path:
    runs = sorted(Path(".harness/runs").glob("*/results.jsonl"))
    if not runs:
        raise WrongUsage("no run here yet: 'harness run' makes one")
    return runs[-1]
