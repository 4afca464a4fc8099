"""``fakeeop read-ndr``: explains a bounce or a line of a log: who refused, when, why, and what to do."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from attrs import frozen

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.reading.ndr.meaning import Meaning, meaning
from fakeeop.reading.ndr.report import FORMS, NdrFinding, NdrReading, read

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Read a non-delivery report, or what a log or a client says of a refusal: the recipient, the reply, who said it and when,
the cause, and what to do about it. FILE is a saved message (.eml), or any text with it: the words of the report, lines
of a log of Postfix, Exim, sendmail or IIS, an exception of .NET or Python, the output of swaks, msmtp or curl.
Refusals of one cause are told once, with their recipients. It asks nobody and sends nothing."""
EXAMPLES = """\
  fakeeop read-ndr undeliverable.eml                   a saved report
  grep status=bounced /var/log/mail.log | fakeeop read-ndr -
                                                       bounces of a Postfix
  fakeeop read-ndr - < pasted.txt                      anything pasted
  fakeeop read-ndr undeliverable.eml --json            for programs
"""

_MOST = 16 * 1024 * 1024  # octets of input
_NAMED = 5  # recipients that are named of one cause
_CHANGING = re.compile(r"\[[^\]]*\]|<[^>]*>|[0-9a-f:.]{7,}|\S+@\S+|\d+", re.I)
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


@frozen
class _Case:
    """Refusals of one cause: the same words, whatever their addresses, times and ids are."""

    findings: tuple[NdrFinding, ...]
    known: Meaning

    @property
    def recipients(self) -> list[str]:
        """Each once, in the order in which they were met."""
        return list(dict.fromkeys(each.recipient for each in self.findings if each.recipient))


def _cases(reading: NdrReading) -> list[_Case]:
    reporter = reading.reporter if reading.form == "exchange-report" else None
    cases: dict[tuple[object, ...], list[NdrFinding]] = {}
    for each in reading.findings:
        known = meaning(each, reporter)
        words = known.row or _CHANGING.sub("*", each.reply or each.detail or "").lower()
        key = (words, each.code, each.status, known.cause, known.of_service, each.stage, each.action, each.refuser)
        cases.setdefault(key, []).append(each)
    return [_Case(tuple(found), meaning(found[0], reporter)) for found in cases.values()]


def _lines(reading: NdrReading, style: Style) -> list[str]:
    by = f", written by {_clean(reading.reporter)}" if reading.reporter else ""
    lines = [f"{FORMS[reading.form]}{by}"]
    cases = _cases(reading)
    if len(cases) < len(reading.findings):
        lines[0] += f": {len(reading.findings)} refusals, {len(cases)} cause{'s' if len(cases) > 1 else ''}"
    for case in cases:
        lines += ["", *_case_lines(case, style)]
    return lines


def _case_lines(case: _Case, style: Style) -> list[str]:
    found, known = case.findings[0], case.known
    paint = style.green if found.action in ("delivered", "relayed") else style.red
    lines = [f"{style.bold(_head(case))}: {paint(found.action or 'refused')}"]
    rows = (
        ("recipients", _several(case.recipients) if len(case.recipients) > 1 else None),
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


def _head(case: _Case) -> str:
    recipients, count = case.recipients, len(case.findings)
    if not recipients:
        return "a recipient that is not named" if count == 1 else f"{count} refusals, recipients not named"
    times = f" ({count} times)" if count > 1 else ""
    return f"{_clean(recipients[0])}{times}" if len(recipients) == 1 else f"{len(recipients)} recipients{times}"


def _several(recipients: list[str]) -> str:
    more = len(recipients) - _NAMED
    return ", ".join(recipients[:_NAMED]) + (f" and {more} more (--json has all)" if more > 0 else "")


def _tree(reading: NdrReading) -> dict[str, Any]:
    findings = []
    for case in _cases(reading):
        found, known = case.findings[0], case.known
        findings.append(
            {
                "recipient": found.recipient,
                "recipients": case.recipients,
                "count": len(case.findings),
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
                "elsewhere": found.refuser,
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
