"""``fakeeop knobs``: what is not known of the service, what each answer means, who says so, and how to choose."""

from __future__ import annotations

import argparse
import difflib
import json
import sys

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.decision.knobs import KNOBS, Knob, knob_key

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "list the settings for what is not known of the service; they are set under Behaviour: in a tenant file"
EXAMPLES = """\
  fakeeop knobs                   all of them
  fakeeop knobs CertFallback      one
  fakeeop knobs --json            for programs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("knob", nargs="*", metavar="KNOB", help="only these; case and hyphens do not matter")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the knobs; 2 for a name that no knob has."""
    chosen = tuple(_find(name) for name in args.knob) or KNOBS
    if args.json:
        print(json.dumps({"knobs": [_tree(knob) for knob in chosen]}, indent=2, ensure_ascii=False))
        return exits.FINE
    style = Style(sys.stdout)
    print("\n\n".join("\n".join(_lines(knob, style)) for knob in chosen))
    return exits.FINE


def _find(name: str) -> Knob:
    known = {knob_key(knob.name): knob for knob in KNOBS}
    if knob_key(name) in known:
        return known[knob_key(name)]
    close = difflib.get_close_matches(knob_key(name), known, 1)
    hint = f"did you mean {known[close[0]].name}?" if close else "'fakeeop knobs' lists them"
    raise exits.UsageError(f"no knob {name!r}: {hint}")


def _lines(knob: Knob, style: Style) -> list[str]:
    lines = [f"{style.bold(knob.name)}  {knob.question}  {style.dim(f'[{knob.conflict}]')}"]
    width = max(len(side.value) for side in knob.sides)
    for side in knob.sides:
        default = " (default)" if side.value == knob.default else ""
        lines.append(
            f"  {side.value:<{width}}  {side.meaning}{default}  {style.dim('[' + ', '.join(side.sources) + ']')}"
        )
    return lines


def _tree(knob: Knob) -> dict[str, object]:
    return {
        "name": knob.name,
        "conflict": knob.conflict,
        "question": knob.question,
        "default": knob.default,
        "values": [
            {"value": side.value, "meaning": side.meaning, "sources": list(side.sources)} for side in knob.sides
        ],
    }
