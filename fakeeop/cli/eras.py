"""``fakeeop eras``: what the service did differently, and until when."""

from __future__ import annotations

import argparse
import json
import sys

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.decision.eras import DATED, changes, parse_day
from fakeeop.smtp.replies.rows import CONFIDENCE

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
List what changed in the service, and when: wordings and rules. 'AsOf: DATE' in a tenant file and 'fakeeop serve
--as-of DATE' set the knobs that are named; what stands under Behaviour: wins."""
EXAMPLES = """\
  fakeeop eras                every change, in order of time
  fakeeop eras 2019-06-01     what holds on that day
  fakeeop eras --json         for programs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("day", nargs="?", metavar="DATE", help="a day, as 2019-06-01")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the changes, or the knobs of one day; 2 for a date that is none."""
    if args.day is not None:
        return _on(args.day, as_json=args.json)
    if args.json:
        trees = [
            {
                "since": change.since.isoformat(),
                "knob": knob.name,
                "before": before,
                "value": change.value,
                "what": knob.what,
                "source": change.source,
                "confidence": change.confidence,
            }
            for change, knob, before in changes()
        ]
        print(json.dumps({"changes": trees}, indent=2, ensure_ascii=False))
        return exits.FINE
    style = Style(sys.stdout)
    for change, knob, before in changes():
        print(f"{style.bold(change.since.isoformat())}  {knob.name}: {before} -> {change.value}  ({knob.what})")
        print(style.dim(f"            [{change.source}; {CONFIDENCE[change.confidence]}]"))
    return exits.FINE


def _on(text: str, *, as_json: bool) -> int:
    try:
        day = parse_day(text)
    except ValueError as why:
        raise exits.UsageError(str(why)) from why
    values = {knob.name: knob.value_on(day) for knob in DATED}
    if as_json:
        print(json.dumps({"day": day.isoformat(), "knobs": values}, indent=2))
        return exits.FINE
    style = Style(sys.stdout)
    width = max(map(len, values))
    for knob in DATED:
        changed = "" if knob.value_on(day) == knob.changes[-1].value else "  (not as today)"
        print(f"{style.bold(f'{knob.name:<{width}}')}  {knob.value_on(day)}{changed}")
    return exits.FINE
