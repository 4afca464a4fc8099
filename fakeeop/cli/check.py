"""``fakeeop check``: everything that is wrong or doubtful in tenant files, with line, rule, source and fix."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.config.check import check_forest
from fakeeop.config.marked import read_text
from fakeeop.config.rules import RULES
from fakeeop.errors import ConfigError, Problem

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

_EXCERPT = 160  # characters of a line that are shown: files of programs have long ones

HELP = "tell everything that is wrong or doubtful in tenant files"
EXAMPLES = """\
  fakeeop check contoso.yaml
  fakeeop check --strict tenants/*.yaml      warnings count as errors
  fakeeop check --json contoso.yaml          for programs: files, problems, counts
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("tenant", nargs="+", metavar="TENANT", help="a tenant file, YAML or JSON")
    parser.add_argument("--strict", action="store_true", help="exit with 1 on warnings too")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Check each file: 0 without errors (``--strict``: without warnings too), 1 with some, 3 if one cannot be read."""
    found = {path: check_forest(path)[1] for path in dict.fromkeys(args.tenant)}
    if args.json:
        print(json.dumps(_tree(found), indent=2))
    else:
        _print_text(found)
    problems = [problem for problems in found.values() for problem in problems]
    if any(problem.code == "unreadable" and not problem.where for problem in problems):
        return exits.INPUT
    if args.strict and problems:
        return exits.NO
    return exits.NO if any(problem.severity == "error" for problem in problems) else exits.FINE


def _counts(problems: tuple[Problem, ...]) -> dict[str, int]:
    errors = sum(problem.severity == "error" for problem in problems)
    return {"errors": errors, "warnings": len(problems) - errors}


def _tree(found: dict[str, tuple[Problem, ...]]) -> dict[str, Any]:
    files = []
    for path, problems in found.items():
        lines = _Lines()
        rows = [
            {
                "severity": problem.severity,
                "code": problem.code,
                "path": problem.path,
                "line": problem.line,
                "where": list(problem.where),
                "message": problem.message,
                "fix": problem.fix,
                "rule": _rule(problem),
                "source": problem.source,
                "excerpt": lines.of(problem),
            }
            for problem in problems
        ]
        files.append({"path": path, **_counts(problems), "problems": rows})
    return {"files": files, **_counts(tuple(problem for problems in found.values() for problem in problems))}


def _rule(problem: Problem) -> str:
    return RULES[problem.code][0] if problem.code in RULES else ""


class _Lines:
    """The lines of the files that problems point to, each file read once."""

    def __init__(self) -> None:
        self.files: dict[str, list[str]] = {}

    def of(self, problem: Problem) -> str | None:
        """The line a problem points to; None if it points to none."""
        if problem.line is None:
            return None
        if problem.path not in self.files:
            self.files[problem.path] = _read_lines(problem.path)
        lines = self.files[problem.path]
        return lines[problem.line - 1].rstrip() if 0 < problem.line <= len(lines) else None


def _read_lines(path: str) -> list[str]:
    try:
        return read_text(Path(path).read_bytes(), path).splitlines()
    except (OSError, ConfigError):
        return []


def _print_text(found: dict[str, tuple[Problem, ...]]) -> None:
    lines, style = _Lines(), Style(sys.stdout)
    for path, problems in found.items():
        for problem in problems:
            print(*_problem_lines(problem, lines.of(problem), style), "", sep="\n")
        print(f"{path}: {_summary(_counts(problems))}")
    if len(found) > 1:
        everything = tuple(problem for problems in found.values() for problem in problems)
        print(f"{len(found)} files: {_summary(_counts(everything))}")


def _problem_lines(problem: Problem, excerpt: str | None, style: Style) -> list[str]:
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    paint = style.red if problem.severity == "error" else style.yellow
    severity = paint(f"{problem.severity} {problem.code}:")
    lines = [f"{style.bold(place)}: {severity} {': '.join((*problem.where, problem.message))}"]
    if excerpt is not None:
        shown = excerpt if len(excerpt) <= _EXCERPT else excerpt[: _EXCERPT - 1] + "…"
        lines.append(f"  {problem.line} | {shown}")
    if problem.fix:
        lines.append(f"  fix: {problem.fix}")
    rule = _rule(problem)
    if rule:
        source = f" [{problem.source}]" if problem.source else ""
        lines.append(style.dim(f"  rule: {rule}{source}"))
    return lines


def _summary(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return "fine"
    return ", ".join(f"{number} {name if number != 1 else name[:-1]}" for name, number in counts.items())
