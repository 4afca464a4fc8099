"""``fakeeop read-ndr``: explains a bounce or a line of a log: who refused, when, why, and what to do."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.reading.ndr.meaning import meaning
from fakeeop.reading.ndr.report import FORMS, NdrFinding, NdrReading, read

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Read a non-delivery report, or what a log or a client says of a refusal: the recipient, the reply, who said it and when,
the cause, and what to do about it. FILE is a saved message (.eml), or any text with it: the words of the report, lines
of a log of Postfix, Exim, sendmail or IIS, an exception of .NET or Python, the output of swaks, msmtp or curl.
It asks nobody and sends nothing."""
EXAMPLES = """\
  fakeeop read-ndr undeliverable.eml                   a saved report
  grep status=bounced /var/log/mail.log | fakeeop read-ndr -
                                                       bounces of a Postfix
  fakeeop read-ndr - < pasted.txt                      anything pasted
  fakeeop read-ndr undeliverable.eml --json            for programs
"""

_MOST = 16 * 1024 * 1024  # octets of input
_UNSAFE = re.compile(r"[^\x20-\x7e\u00a0-\ud7ff\ue000-\U0010ffff]+")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("file", metavar="FILE", help="the report or log; - is standard input")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Print what it says; 1 if there is no refusal in it, 3 if it cannot be read."""
    try:
        data = sys.stdin.buffer.read(_MOST) if args.file == "-" else _file(args.file)
    except OSError as why:
        print(f"fakeeop read-ndr: {args.file}: cannot be read: {why.strerror}", file=sys.stderr)
        return exits.INPUT
    reading = read(data)
    if args.json:
        print(json.dumps(_tree(reading), indent=2, ensure_ascii=False))
    elif reading.findings:
        print("\n".join(_lines(reading, Style(sys.stdout))))
    else:
        print("fakeeop read-ndr: no reply of a mail server was found in it", file=sys.stderr)
    return exits.FINE if reading.findings else exits.NO


def _file(name: str) -> bytes:
    with Path(name).open("rb") as stream:
        return stream.read(_MOST)


def _lines(reading: NdrReading, style: Style) -> list[str]:
    by = f", written by {_clean(reading.reporter)}" if reading.reporter else ""
    lines = [f"{FORMS[reading.form]}{by}"]
    reporter = reading.reporter if reading.form == "exchange-report" else None
    for each in reading.findings:
        lines += ["", *_finding_lines(each, reporter, style)]
    return lines


def _finding_lines(found: NdrFinding, reporter: str | None, style: Style) -> list[str]:
    known = meaning(found, reporter)
    paint = style.green if found.action in ("delivered", "relayed") else style.red
    head = _clean(found.recipient) if found.recipient else "a recipient that is not named"
    lines = [f"{style.bold(head)}: {paint(found.action or 'refused')}"]
    rows = (
        ("reply", found.reply),
        ("wrapped", found.outer),
        ("no reply", found.detail if found.reply is None else None),
        ("status", found.status if found.reply is None else None),
        ("said by", known.said_by),
        ("stage", known.stage),
        ("cause", known.cause),
        ("source", known.source),
    )
    lines += [f"  {name + ':':<11} {_clean(value)}" for name, value in rows if value]
    if known.advice:
        lines += ["  what to do:", *(f"    - {sentence}" for sentence in known.advice)]
    return lines


def _tree(reading: NdrReading) -> dict[str, Any]:
    findings = []
    for found in reading.findings:
        known = meaning(found)
        findings.append(
            {
                "recipient": found.recipient,
                "action": found.action,
                "reply": found.reply,
                "code": found.code or None,
                "status": found.status or None,
                "wrapped": found.outer,
                "detail": found.detail,
                "said-by": found.said_by,
                "box": known.box,
                "at": known.at,
                "session": known.session,
                "exchange-online": known.of_service,
                "stage": found.stage,
                "row": known.row,
                "cause": known.cause,
                "source": known.source,
                "advice": list(known.advice),
            }
        )
    return {"form": reading.form, "reporter": reading.reporter, "findings": findings}


def _clean(text: str) -> str:
    """Nothing that a terminal would act on."""
    return _UNSAFE.sub("?", text)
