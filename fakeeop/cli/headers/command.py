"""``fakeeop headers``: the hops of a message with their delays, and whether it went through the connector."""

from __future__ import annotations

import codecs
import json
import re
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from fakeeop.cli import exits
from fakeeop.cli.headers.html import page
from fakeeop.cli.headers.text import lines_of
from fakeeop.cli.style import Style
from fakeeop.config.loader import load_forest
from fakeeop.reading.analysis import HeaderVerdict, fitting, verdict_of
from fakeeop.reading.antispam import KEYS, authentication_results, meaning_of, meaning_of_result, report_of
from fakeeop.reading.hops import ReceivedHop, fields_of, hops_of, total_text

if TYPE_CHECKING:
    from fakeeop.model import Forest

__all__ = ["EXAMPLES", "HELP", "add_arguments", "analysed", "run"]

HELP = """\
Read the header of a message: its hops with their delays, as Message Header Analyzer shows them, and the verdict: did it
go through the connector, from which address, with TLS or without, into which tenant, and out again? FILE is a saved
message (.eml) or a header that was copied out of a mail program. A mail that passed the service several times (a
signature service or a filter in between) has a verdict for each passage. It asks nobody and sends nothing."""
EXAMPLES = """\
  fakeeop headers message.eml                     a saved message
  fakeeop headers -                               paste a header, end with Ctrl-D
  fakeeop headers message.eml --tenant tenant.yaml   and which of my connectors fits
  fakeeop headers message.eml --html report.html  one page, to send to somebody
  fakeeop headers message.eml --json              for programs
"""

_MOST = 4 * 1024 * 1024  # octets of input: a header is far smaller
_RESULTS = ("authentication-results", "x-ms-exchange-authentication-results")
_REPORTS = ("x-forefront-antispam-report", "x-forefront-antispam-report-untrusted", "x-microsoft-antispam")
_PLAIN = str.maketrans({"█": "#", "→": ">"})  # for terminals that know no more than ASCII
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how a compound file begins: .msg
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_KNOWN = re.compile(
    r"(?:received|from|to|subject|date|message-id|return-path|delivered-to|mime-version)\Z|x-|arc-", re.I
)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("file", metavar="FILE", help="the message or header; - is standard input")
    parser.add_argument("--tenant", metavar="FILE", help="tenant file: name the connector that fits address and HELO")
    parser.add_argument("--html", metavar="FILE", help="write a page that needs nothing else")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Print the analysis; 3 if the file cannot be read or holds no header. Raises ConfigError of the tenant file."""
    try:
        data = sys.stdin.buffer.read(_MOST + 1) if args.file == "-" else _read(args.file)
        fields = _fields(data)
    except OSError as why:
        print(f"fakeeop headers: {args.file}: cannot be read: {why.strerror}", file=sys.stderr)
        return exits.INPUT
    except _NoHeader as why:
        print(f"fakeeop headers: {args.file}: {why}", file=sys.stderr)
        return exits.INPUT
    tree = analysed(fields, _forest(args.tenant) if args.tenant else None)
    if args.html:
        try:
            Path(args.html).write_text(page(tree), encoding="utf-8", errors="replace")
        except OSError as why:
            print(f"fakeeop headers: {args.html}: cannot be written: {why.strerror}", file=sys.stderr)
            return exits.ENVIRONMENT
        print(f"wrote {args.html}", file=sys.stderr)
    if args.json:
        print(json.dumps(tree, indent=2, ensure_ascii=not _utf8(sys.stdout)))
    elif not args.html:
        text = "\n".join(lines_of(tree, Style(sys.stdout), shutil.get_terminal_size((120, 24)).columns))
        print(text if _utf8(sys.stdout) else text.translate(_PLAIN).encode("ascii", "replace").decode())
    return exits.FINE


class _NoHeader(Exception):
    """Why the input is not a header, and what to do."""


def _fields(data: bytes) -> list[tuple[str, str]]:
    """The fields of a message or of a header that was copied. Raises _NoHeader."""
    if data.startswith(_OUTLOOK):
        raise _NoHeader("this is a file of Outlook (.msg): save the message as .eml, or copy its internet headers")
    encoding = "utf-8"
    for mark, name in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    text = data.decode(encoding, "replace").replace("\r\n", "\n")
    head, gap, _ = text.lstrip("\n").partition("\n\n")
    if "\0" in head[:_MOST]:
        raise _NoHeader("this is not text, but a binary file: give a message (.eml) or its header")
    if not gap and len(data) > _MOST:
        raise _NoHeader(f"the header does not end within {_MOST >> 20} MiB")
    fields = fields_of(text)
    if not fields:
        raise _NoHeader("there is no header field in it (Name: value)")
    if not any(_KNOWN.match(name) or name.lower() in _RESULTS for name, _ in fields):
        names = ", ".join(dict.fromkeys(name for name, _ in fields[:3]))
        raise _NoHeader(f"this is not the header of a message: no Received, From, Subject or X-… field, but {names}")
    return fields


def _utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def analysed(fields: Sequence[tuple[str, str]], forest: Forest | None = None) -> dict[str, Any]:
    """Everything as a JSON-ready tree."""
    hops = hops_of(fields)
    verdict = verdict_of(fields, hops)
    return {
        "summary": {name: _first(fields, name) for name in ("Subject", "From", "To", "Date", "Message-ID")},
        "verdict": {
            **_verdict_tree(verdict, forest),
            "relayed-out": verdict.relayed_out,
            "internal": verdict.internal,
            "passages": [_verdict_tree(each, forest) for each in verdict.passages],
        },
        "hops": [_hop_tree(each) for each in hops],
        "total": total_text(hops),
        "authentication": _authentication(fields),
        "antispam": _antispam(fields),
    }


def _verdict_tree(verdict: HeaderVerdict, forest: Forest | None) -> dict[str, Any]:
    """The verdict on the whole, or on one passage."""
    statements = [*verdict.statements, *(fitting(verdict, forest) if forest is not None else ())]
    return {
        "path": verdict.path,
        "through-connector": verdict.through_connector,
        "address": verdict.address or None,
        "helo": verdict.helo or None,
        "tls": verdict.tls,
        "tenant": verdict.tenant or None,
        "hops": list(verdict.hops),
        "statements": [
            {"subject": each.subject, "text": each.text, "evidence": list(each.evidence)} for each in statements
        ],
    }


def _read(name: str) -> bytes:
    with Path(name).open("rb") as stream:
        return stream.read(_MOST + 1)


def _forest(path: str) -> Forest:
    return load_forest(path)


def _hop_tree(hop: ReceivedHop) -> dict[str, Any]:
    return {
        "hop": hop.number,
        "from": hop.sender,
        "by": hop.by,
        "with": hop.protocol,
        "id": hop.id,
        "for": hop.recipient,
        "via": hop.via,
        "date": hop.date.isoformat().replace("+00:00", "Z") if hop.date else None,
        "delay": hop.delay,
        "seconds": hop.seconds,
        "percent": None if hop.percent is None else round(hop.percent, 2),
    }


def _authentication(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    found = []
    for name, value in fields:
        if name.lower() in _RESULTS:
            for each in authentication_results(value):
                meaning = meaning_of_result(each.method, each.result, each.properties)
                found.append(_result(name, each.method, each.result, each.comment, each.properties, meaning))
    for name, value in fields:
        if name.lower() == "received-spf":
            result = value.partition(" ")[0].lower()
            found.append(_result(name, "received-spf", result, value, "", ""))
    return found


def _result(field: str, method: str, result: str, comment: str, properties: str, meaning: str) -> dict[str, str]:
    return {
        **{"field": field, "method": method, "result": result},
        **{"comment": comment, "properties": properties, "meaning": meaning},
    }


def _antispam(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    found = []
    for name, value in fields:
        if name.lower() in _REPORTS:
            report = report_of(value)
            pairs = [(key, text, KEYS[key]) for key, text in report.known]
            pairs += [("", report.unparsed, "not documented")] * bool(report.unparsed)
            found += [
                {"field": name, "key": key, "value": text, "is": what, "meaning": meaning_of(key, text)}
                for key, text, what in pairs
            ]
    return found


def _first(fields: Sequence[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in fields if name.lower() == wanted.lower()), "")
