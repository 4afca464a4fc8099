"""``fakeeop headers``: the hops of a message with their delays, and whether it went through the connector."""

from __future__ import annotations

import json
import re
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.message.analysis import Statement, Verdict, verdict_of
from fakeeop.message.antispam import KEYS, authentication_results, report_of
from fakeeop.message.hops import Hop, fields_of, hops_of, total_text

if TYPE_CHECKING:
    from fakeeop.model import Forest

__all__ = ["EXAMPLES", "HELP", "add_arguments", "analysed", "run"]

HELP = """\
Read the header of a message: its hops with their delays, as Message Header Analyzer shows them, and the verdict: did it
go through the connector, from which address, with TLS or without, into which tenant, and out again? FILE is a saved
message (.eml) or a header that was copied out of a mail program. It asks nobody and sends nothing."""
EXAMPLES = """\
  fakeeop headers message.eml                     a saved message
  fakeeop headers -                               paste a header, end with Ctrl-D
  fakeeop headers message.eml --tenant tenant.yaml   and which of my connectors fits
  fakeeop headers message.eml --html report.html  one page, to send to somebody
  fakeeop headers message.eml --json              for programs
"""

_MOST = 4 * 1024 * 1024  # octets of input: a header is far smaller
_UNSAFE = re.compile(r"[^\x20-\x7e\u00a0-\ud7ff\ue000-\U0010ffff]+")
_BAR = 12


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("file", metavar="FILE", help="the message or header; - is standard input")
    parser.add_argument("--tenant", metavar="FILE", help="tenant file: name the connector that fits address and HELO")
    parser.add_argument("--html", metavar="FILE", help="write a page that needs nothing else")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Print the analysis; 3 if the file cannot be read or holds no header."""
    try:
        data = sys.stdin.buffer.read(_MOST) if args.file == "-" else _read(args.file)
    except OSError as why:
        print(f"fakeeop headers: {args.file}: cannot be read: {why.strerror}", file=sys.stderr)
        return exits.INPUT
    fields = fields_of(data.decode("utf-8", "replace"))
    if not fields:
        print(f"fakeeop headers: {args.file}: there is no header field in it (Name: value)", file=sys.stderr)
        return exits.INPUT
    forest = _forest(args.tenant) if args.tenant else None
    tree = analysed(fields, forest)
    if args.html:
        from fakeeop.cli.headers_html import page  # noqa: PLC0415  only with --html

        try:
            Path(args.html).write_text(page(tree), encoding="utf-8")
        except OSError as why:
            print(f"fakeeop headers: {args.html}: cannot be written: {why.strerror}", file=sys.stderr)
            return exits.ENVIRONMENT
        print(f"wrote {args.html}", file=sys.stderr)
    if args.json:
        print(json.dumps(tree, indent=2, ensure_ascii=False))
    elif not args.html:
        print("\n".join(_lines(tree, Style(sys.stdout), shutil.get_terminal_size((120, 24)).columns)))
    return exits.FINE


def analysed(fields: Sequence[tuple[str, str]], forest: Forest | None = None) -> dict[str, Any]:
    """Everything as a JSON-ready tree."""
    hops = hops_of(fields)
    verdict = verdict_of(fields, hops)
    statements = [*verdict.statements, *(_fitting(verdict, forest) if forest is not None else ())]
    return {
        "summary": {name: _first(fields, name) for name in ("Subject", "From", "To", "Date", "Message-ID")},
        "verdict": {
            "path": verdict.path,
            "through-connector": verdict.through_connector,
            "address": verdict.address or None,
            "helo": verdict.helo or None,
            "tls": verdict.tls,
            "tenant": verdict.tenant or None,
            "relayed-out": verdict.relayed_out,
            "internal": verdict.internal,
            "statements": [
                {"subject": each.subject, "text": each.text, "evidence": list(each.evidence)} for each in statements
            ],
        },
        "hops": [_hop_tree(each) for each in hops],
        "total": total_text(hops),
        "authentication": _authentication(fields),
        "antispam": _antispam(fields),
    }


def _read(name: str) -> bytes:
    with Path(name).open("rb") as stream:
        return stream.read(_MOST)


def _forest(path: str) -> Forest:
    from fakeeop.config.loader import load_forest  # noqa: PLC0415  only with --tenant

    return load_forest(path)


def _fitting(verdict: Verdict, forest: Forest) -> list[Statement]:
    """Connectors of the tenant file whose addresses hold the client's, or whose certificate name fits its HELO."""
    from fakeeop.addresses import canonical_domain, parse_ip  # noqa: PLC0415  only with --tenant

    try:
        ip = parse_ip(verdict.address)
    except ValueError:
        ip = None
    try:
        name = canonical_domain(verdict.helo)
    except ValueError:
        name = ""
    found = []
    for tenant in forest.tenants:
        for each in tenant.inbound_connectors:
            if ip is not None and any(span.covers(ip) for span in each.sender_ip_addresses):
                found.append(f"'{each.name}' of {tenant.name} lists the address {verdict.address}")
            pattern = each.tls_sender_certificate_name
            if verdict.tls and name and pattern is not None and pattern.covers(name):
                text = f"'{each.name}' of {tenant.name} has the name that the client said in EHLO ({verdict.helo}); "
                found.append(f"{text}which certificate it showed is not in the header")
    text = "; ".join(found) if found else f"none lists {verdict.address or 'the address'} or has a name that fits"
    return [Statement("connectors", text)]


def _hop_tree(hop: Hop) -> dict[str, Any]:
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
    names = ("authentication-results", "x-ms-exchange-authentication-results")
    return [
        {
            "field": name,
            "method": each.method,
            "result": each.result,
            "comment": each.comment,
            "properties": each.properties,
        }
        for name, value in fields
        if name.lower() in names
        for each in authentication_results(value)
    ] + [
        {
            "field": name,
            "method": "received-spf",
            "result": value.split(" ")[0].lower(),
            "comment": value,
            "properties": "",
        }
        for name, value in fields
        if name.lower() == "received-spf"
    ]


def _antispam(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    found = []
    for name, value in fields:
        if name.lower() in ("x-forefront-antispam-report", "x-microsoft-antispam"):
            report = report_of(value)
            found += [{"field": name, "key": key, "value": text, "is": KEYS[key]} for key, text in report.known]
            found += [{"field": name, "key": "", "value": report.unparsed, "is": "not known"}] * bool(report.unparsed)
    return found


def _first(fields: Sequence[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in fields if name.lower() == wanted.lower()), "")


# ---- text


def _lines(tree: dict[str, Any], style: Style, width: int) -> list[str]:
    lines = [f"{name + ':':<12} {_clean(value)}" for name, value in tree["summary"].items() if value]
    lines += ["", style.bold("Verdict")]
    for each in tree["verdict"]["statements"]:
        lines.append(f"  {each['subject'] + ':':<12} {_clean(each['text'])}")
        lines += [style.dim(f"{'':15}{_clean(line)[: max(width - 16, 40)]}") for line in each["evidence"]]
    lines += ["", style.bold("Hops") + (f", {tree['total']} in all" if tree["total"] else "")]
    if not tree["hops"]:
        lines.append("  there is no Received field in it")
    lines += [row for hop in tree["hops"] for row in _hop_lines(hop, style)]
    if tree["authentication"]:
        lines += ["", style.bold("Authentication")]
        lines += [_authentication_line(each, style, width) for each in tree["authentication"]]
    if tree["antispam"]:
        lines += ["", style.bold("Antispam")]
        rows = [each for each in tree["antispam"] if each["value"] and each["key"] != "SFS"]
        lines += [f"  {each['key']:<6} {_clean(each['value'])[:60]:<30} {each['is']}".rstrip() for each in rows]
    return lines


def _hop_lines(hop: dict[str, Any], style: Style) -> list[str]:
    percent = hop["percent"]
    bar = "█" * max(1, round(percent / 100 * _BAR)) if percent else ""
    late = hop["seconds"] is not None and hop["seconds"] < 0
    delay = style.red(f"{hop['delay']:>24}") if late else f"{hop['delay']:>24}"
    head = f"  {hop['hop']:>2}  {hop['date'] or 'no date':<26} {delay}  {style.green(f'{bar:<{_BAR}}')}"
    names = f"{_clean(hop['from']) or '?'} → {_clean(hop['by']) or '?'}"
    ways = ", ".join(_clean(hop[each]) for each in ("with", "via") if hop[each])
    return [head.rstrip(), f"      {names}", *([style.dim(f"      {ways}")] if ways else [])]


def _authentication_line(each: dict[str, str], style: Style, width: int) -> str:
    good = each["result"] in ("pass", "bestguesspass")
    result = (
        style.green(each["result"])
        if good
        else style.red(each["result"])
        if "fail" in each["result"]
        else each["result"]
    )
    rest = " ".join(part for part in (each["comment"], each["properties"]) if part)
    return f"  {each['method']:<13} {result}  {_clean(rest)[: max(width - 30, 40)]}".rstrip()


def _clean(text: str) -> str:
    """Nothing that a terminal would act on."""
    return _UNSAFE.sub("?", text)
