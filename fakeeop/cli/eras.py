"""``fakeeop eras``: what the service did differently, and until when; what is announced, and when it comes."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.calendar_page import markdown, picture
from fakeeop.cli.style import Style
from fakeeop.config.loader import load_forest
from fakeeop.decision.calendar import CALENDAR, STATUS, TOUCHES, Announcement, concerns, near
from fakeeop.decision.eras import DATED, changes, parse_day
from fakeeop.smtp.replies.rows import CONFIDENCE

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
List what changed in the service, and when: wordings and rules. 'AsOf: DATE' in a tenant file and 'fakeeop serve
--as-of DATE' set the knobs that are named; what is set under Behaviour: has priority. With --calendar or --within:
every announced change, with the days to come."""
EXAMPLES = """\
  fakeeop eras                       every change of a knob, in order of time
  fakeeop eras 2019-06-01            the knobs of that day
  fakeeop eras --calendar            the whole calendar of changes
  fakeeop eras --within 60d          what is announced for the next 60 days
  fakeeop eras --within 60d --for submission --exit-code
                                     1 if something concerns mailboxes that sign in
  fakeeop eras --json                for programs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("day", nargs="?", metavar="DATE", help="a day, as 2019-06-01; with --within: counted from it")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--calendar", action="store_true", help="the calendar: what changed, what is announced")
    kind.add_argument("--within", metavar="SPAN", type=_days, help="what is announced within this span: 60d, 8w")
    kind.add_argument("--markdown", action="store_true", help="the calendar as the page of the documentation")
    kind.add_argument("--svg", action="store_true", help="the calendar as a picture, SVG")
    parser.add_argument(
        "--for", dest="touches", action="append", metavar="WHAT", choices=tuple(TOUCHES), help=", ".join(TOUCHES)
    )
    parser.add_argument("--tenant", metavar="FILE", help="only what concerns the tenants of this file")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if --within finds something")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the changes, the knobs of one day, or the calendar."""
    if args.markdown or args.svg:
        print(markdown() if args.markdown else picture(), end="")
        return exits.FINE
    if args.calendar or args.within is not None:
        return _calendar(args)
    if args.touches or args.tenant or args.exit_code:
        raise exits.UsageError("--for, --tenant and --exit-code need --calendar or --within SPAN")
    if args.day is not None:
        return _on(_day(args.day), as_json=args.json)
    _changes(as_json=args.json)
    return exits.FINE


def _days(text: str) -> int:
    found = re.fullmatch(r"(\d{1,4})([dw]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span of days: write 60d or 8w")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as why:
        raise exits.UsageError(str(why)) from why


def _changes(*, as_json: bool) -> None:
    if as_json:
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
        return
    style = Style(sys.stdout)
    for change, knob, before in changes():
        print(f"{style.bold(change.since.isoformat())}  {knob.name}: {before} -> {change.value}  ({knob.what})")
        print(style.dim(f"            [{change.source}; {CONFIDENCE[change.confidence]}]"))


def _on(day: date, *, as_json: bool) -> int:
    values = {knob.name: knob.value_on(day) for knob in DATED}
    if as_json:
        print(json.dumps({"day": day.isoformat(), "knobs": values}, indent=2))
        return exits.FINE
    style = Style(sys.stdout)
    width = max(map(len, values))
    for knob in DATED:
        changed = "" if knob.value_on(day) == knob.default else "  (not as today)"
        print(f"{style.bold(f'{knob.name:<{width}}')}  {knob.value_on(day)}{changed}")
    return exits.FINE


# ---- the calendar


def _calendar(args: argparse.Namespace) -> int:
    touches = frozenset(args.touches or ())
    if args.tenant:
        touches |= concerns(load_forest(args.tenant))
    day = _day(args.day) if args.day else date.today()
    if args.within is None:
        rows = [row for row in CALENDAR if not touches or touches & set(row.touches)]
    else:
        rows = list(near(day, args.within, touches or None))
    if args.json:
        print(json.dumps({"day": day.isoformat(), "changes": [_tree(row) for row in rows]}, indent=2))
    elif rows:
        _print(rows)
    else:
        print(f"nothing is announced for the {args.within} days from {day}" if args.within is not None else "nothing")
    return exits.NO if rows and args.exit_code and args.within is not None else exits.FINE


def _print(rows: Sequence[Announcement]) -> None:
    style = Style(sys.stdout)
    for row in rows:
        status = style.yellow(STATUS[row.status]) if row.status == "announced" else STATUS[row.status]
        print(f"{style.bold(row.shown())}  {row.id}  ({status})")
        for text in (f"{row.scope}: {row.what}", f"do: {row.do}" if row.do else "", row.notes):
            if text:
                print(textwrap.fill(text, 80, initial_indent="    ", subsequent_indent="    "))
        named = "; ".join(filter(None, (row.reference, row.source, f"confidence {row.sure}")))
        print(style.dim(textwrap.fill(f"[{named}]", 80, initial_indent="    ", subsequent_indent="    ")))


def _tree(row: Announcement) -> dict[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "when": row.when,
        "begin": None if row.begin is None else row.begin.isoformat(),
        "end": None if row.end is None else row.end.isoformat(),
        "status": row.status,
        "touches": list(row.touches),
        "knobs": list(row.acts),
        "scope": row.scope,
        "what": row.what,
        "do": row.do,
        "notes": row.notes,
        "source": row.source,
        "confidence": row.sure,
    }
