"""``fakeeop replies``: every reply that is known of the service, ours or not."""

from __future__ import annotations

import argparse
import json
import sys

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.decision.eras import behaviour_as_of, parse_day
from fakeeop.smtp.replies.every import EVERY, docs_text, lookup
from fakeeop.smtp.replies.rows import CONFIDENCE, KINDS, VARIANTS, ReplyRow

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
List the replies of the service: text, stage, cause, source, confidence; those that it gives in delivery reports or to
others as well, marked so. 'fakeeop explain CODE' adds what to do."""
EXAMPLES = """\
  fakeeop replies                         all of them, one a line
  fakeeop replies 5.7.64                  those of a code, in full
  fakeeop replies relay-access-denied     one, by its key
  fakeeop replies --stage rcpt            those of a stage
  fakeeop replies --as-of 2019-06-01      with the wordings of that day
  fakeeop replies --json                  for programs
"""

_HERE = {"fault": " (here: only as a fault)", "never": " (never here)"}
_STAGES = sorted({stage for row in EVERY for stage in row.stages})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("code", nargs="*", metavar="CODE|KEY", help="a code, a key, or words of the text")
    parser.add_argument("--stage", choices=_STAGES, help="only those of this stage (and of any)")
    parser.add_argument("--kind", choices=[*KINDS], help="only those of this kind")
    parser.add_argument("--as-of", metavar="DATE", help="only the wordings that the service had on this day")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print docs/replies.md")


def run(args: argparse.Namespace) -> int:
    """Print them; 1 if there is none, 2 for a date that is not valid."""
    if args.markdown:
        print(docs_text(), end="")
        return exits.FINE
    rows = lookup(" ".join(args.code)) if args.code else EVERY
    if args.stage:
        rows = tuple(row for row in rows if {args.stage, "any"} & set(row.stages))
    if args.kind:
        rows = tuple(row for row in rows if row.kind == args.kind)
    if args.as_of:
        rows = _as_of(rows, args.as_of)
    if args.json:
        print(json.dumps({"replies": [_tree(row) for row in rows]}, indent=2, ensure_ascii=False))
    elif rows:
        style = Style(sys.stdout)
        print("\n".join(_full(row, style) if args.code else _short(row, style) for row in rows))
    else:
        wanted = f" as {' '.join(args.code)!r}" if args.code else ""
        print(f"fakeeop replies: there is no such reply{wanted}; without arguments, all are listed", file=sys.stderr)
    return exits.FINE if rows else exits.NO


def _as_of(rows: tuple[ReplyRow, ...], text: str) -> tuple[ReplyRow, ...]:
    """Without the wordings that the knobs of that day do not choose."""
    try:
        behaviour = behaviour_as_of(parse_day(text), {})
    except ValueError as why:
        raise exits.UsageError(str(why)) from why
    dropped = set()
    for field, keys in VARIANTS.values():
        dropped |= set(keys.values()) - {keys[getattr(behaviour, field)]}
    if behaviour.direct_send_setting == "ignored":
        dropped.add("direct-send-rejected")
    return tuple(row for row in rows if row.key not in dropped)


def _short(row: ReplyRow, style: Style) -> str:
    line = row.line.replace("\n", " | ")
    return f"{style.bold(row.key)}  {line}  {style.dim(f'[{row.kind}, {row.confidence}]')}"


def _full(row: ReplyRow, style: Style) -> str:
    lines = [
        f"{style.bold(row.key)}",
        *(f"  {line}" for line in row.line.split("\n")),
        f"  when:       {row.trigger}",
        f"  stage:      {', '.join(row.stages)}; suffixes: {row.suffix}",
        f"  who:        {KINDS[row.kind]}{_HERE.get(row.by, '')}",
        f"  source:     {row.source}",
        f"  confidence: {CONFIDENCE[row.confidence]}",
    ]
    return "\n".join(lines) + "\n"


def _tree(row: ReplyRow) -> dict[str, object]:
    return {
        "key": row.key,
        "code": row.code,
        "status": row.status,
        "text": row.text,
        "stages": list(row.stages),
        "suffix": row.suffix,
        "kind": row.kind,
        "by": row.by,
        "trigger": row.trigger,
        "source": row.source,
        "confidence": row.confidence,
    }
