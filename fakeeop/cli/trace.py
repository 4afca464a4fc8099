"""``fakeeop trace``: message trace, as Get-MessageTraceV2 and Get-MessageTraceDetailV2 show it."""

from __future__ import annotations

import csv
import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fakeeop.cli import exits
from fakeeop.cli.serve.journal import read_forest
from fakeeop.delivery.copies import FrontEndFacts, deliveries
from fakeeop.delivery.message_trace import events_of, next_of, page_of, rows_of, trees_of
from fakeeop.delivery.trace_query import Query, QueryError
from fakeeop.journal.sql.database import Database
from fakeeop.journal.sql.places import FILE, place_of
from fakeeop.journal.sql.reader import Reader
from fakeeop.pki.state import default_state_folder

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Message trace: what happened to each accepted message, one row per recipient, with Exchange's columns. As in the
service, recipients refused at RCPT are not in it; 'fakeeop journal' has those. It reads the journal that
'fakeeop serve' keeps, whether the server runs or not, or asks a running server."""
EXAMPLES = """\
  fakeeop trace                                        the last 48 hours
  fakeeop trace --recipient someone@fabrikam.example --detail
                                                       with the events; one of them names the connector
  fakeeop trace --sender '*@contoso.com' --start 2026-11-20 --end 2026-11-24 --csv
  fakeeop trace --server http://127.0.0.1:8025         of a running 'serve --admin' (FAKEEOP_TOKEN: its token)
  fakeeop trace --status Failed --json
"""
_ALL: Final = (
    *("Organization", "Received", "SenderAddress", "RecipientAddress", "Subject", "Status", "ToIP", "FromIP", "Size"),
    *("MessageId", "MessageTraceId", "StartDate", "EndDate", "Index"),
)
_EVENT: Final = ("MessageTraceId", "RecipientAddress", "Date", "Event", "Action", "Detail", "Data")
_COLUMNS: Final = ("Received", "SenderAddress", "RecipientAddress", "Subject", "Status")
_UNSAFE: Final = str.maketrans(  # controls, and what turns the direction of a line
    {
        chr(code): "?"
        for code in (*range(32), *range(127, 160), 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
    }
)
_SECONDS: Final = 30.0


def add_arguments(parser: ArgumentParser) -> None:
    """Where to look, what for, and how to print."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--server", metavar="URL", help="ask the admin API of a running server")
    where.add_argument("--journal", metavar="PATH|URL", help="this journal (default: that of the state folder)")
    parser.add_argument("--state", type=Path, metavar="DIR", help=f"the state folder ({default_state_folder()})")
    parser.add_argument(
        "--sender", action="append", default=[], metavar="A", help="SenderAddress; *@domain; repeatable"
    )
    parser.add_argument("--recipient", action="append", default=[], metavar="A", help="RecipientAddress; likewise")
    parser.add_argument("--start", type=_moment, metavar="DATE", help="StartDate, ISO 8601, UTC (48 hours ago)")
    parser.add_argument("--end", type=_moment, metavar="DATE", help="EndDate (now); at most 10 days after --start")
    parser.add_argument("--status", action="append", default=[], metavar="S", help="Delivered, Failed or Pending")
    parser.add_argument("--message-id", default="", metavar="ID", help="MessageId, the Message-ID field")
    parser.add_argument("--trace-id", default="", metavar="GUID", help="MessageTraceId")
    parser.add_argument("--from-ip", default="", metavar="IP", help="FromIP, the address of the client")
    parser.add_argument("--subject", default="", metavar="TEXT", help="words of the subject")
    parser.add_argument("--organization", default="", metavar="NAME", help="as this tenant sees it (all of the server)")
    parser.add_argument("--size", type=int, default=1000, metavar="N", help="ResultSize, 1 to 5000 (1000)")
    parser.add_argument("--starting-recipient", default="", metavar="A", help="StartingRecipientAddress: go on there")
    parser.add_argument("--detail", action="store_true", help="with the events of each row")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print CSV, as Export-Csv would; with --detail the events")


def run(args: Namespace) -> int:
    """Print the rows; 1 if there is none. Raises StoreError, UsageError."""
    try:
        found = _asked(args) if args.server else _read(args)
    except QueryError as why:
        raise exits.UsageError(str(why)) from why
    rows, further = found["rows"], found["next"]
    if args.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    elif args.csv:
        _print_csv(rows, detail=args.detail)
    else:
        print("\n".join(_lines(rows)))
    if further is not None:
        print(
            f"there are more: --start {further['StartDate']} --end {further['EndDate']}"
            f" --starting-recipient {further['StartingRecipientAddress']}",
            file=sys.stderr,
        )
    return exits.FINE if rows else exits.NO


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-11-20 or 2026-11-20T10:00:00Z") from why
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _read(args: Namespace) -> dict[str, Any]:
    place = place_of(args.journal or str((args.state or default_state_folder()) / FILE))
    if place is None:
        raise exits.UsageError("a journal in memory can be asked by its server only: --server URL")
    query = Query(
        sender_address=tuple(args.sender),
        recipient_address=tuple(args.recipient),
        start_date=args.start,
        end_date=args.end,
        status=tuple(args.status),
        message_id=args.message_id,
        message_trace_id=args.trace_id,
        from_ip=args.from_ip,
        subject=args.subject,
        result_size=args.size,
        starting_recipient_address=args.starting_recipient,
        organization=args.organization,
    )
    now = datetime.now(UTC)
    start, end = query.span(now)
    database = Database(place)
    try:
        database.check()
        records = (each for _, each in Reader(database, read_forest).messages() if start <= each.received <= end)
        rows = rows_of(records, lambda record: deliveries(record, FrontEndFacts()) if record.directory else ())
        page, further = page_of(rows, query, now)
        trees = trees_of(page, (start, end))
        if args.detail:
            for row, tree in zip(page, trees, strict=True):
                tree["Events"] = events_of(row)
    finally:
        database.engine.dispose()
    return {"rows": trees, "next": next_of(further, start)}


def _asked(args: Namespace) -> dict[str, Any]:
    """Of a running server."""
    values: list[tuple[str, str]] = [("ResultSize", str(args.size))]
    for name, given in (("SenderAddress", args.sender), ("RecipientAddress", args.recipient), ("Status", args.status)):
        values += [(name, each) for each in given]
    for name, text in (
        *(("MessageId", args.message_id), ("MessageTraceId", args.trace_id), ("FromIP", args.from_ip)),
        *(("Subject", args.subject), ("StartingRecipientAddress", args.starting_recipient)),
        ("Organization", args.organization),
        *(("StartDate", args.start and args.start.isoformat()), ("EndDate", args.end and args.end.isoformat())),
    ):
        if text:
            values.append((name, str(text)))
    found = _get(args.server, "/message-trace", values)
    if args.detail:
        from urllib.parse import quote, urlencode  # noqa: PLC0415  only with --server

        for row in found["rows"]:
            way = f"/message-trace/{quote(row['MessageTraceId'])}/{quote(row['RecipientAddress'], safe='')}"
            if row["Organization"]:
                way += f"?{urlencode({'Organization': row['Organization']})}"
            row["Events"] = _get(args.server, way, [])["events"]
    return found


def _get(server: str, way: str, values: Sequence[tuple[str, str]]) -> dict[str, Any]:
    from urllib.error import HTTPError, URLError  # noqa: PLC0415  only with --server
    from urllib.parse import urlencode  # noqa: PLC0415  as above
    from urllib.request import Request, urlopen  # noqa: PLC0415  as above

    if not server.startswith(("http://", "https://")):
        raise exits.UsageError(f"--server: {server} is not a URL such as http://127.0.0.1:8025")
    token = os.environ.get("FAKEEOP_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    query = f"?{urlencode(values)}" if values else ""
    try:
        with urlopen(Request(f"{server.rstrip('/')}{way}{query}", headers=headers), timeout=_SECONDS) as answer:  # noqa: S310  http only, checked above
            tree: dict[str, Any] = json.load(answer)
            return tree
    except HTTPError as why:
        said = why.read().decode("utf-8", "replace")
        raise exits.UsageError(f"{server} says {why.code}: {said[:300]}") from why
    except (URLError, OSError, ValueError) as why:
        raise exits.UsageError(f"{server} does not answer: {getattr(why, 'reason', why)}") from why


def _print_csv(rows: list[dict[str, Any]], *, detail: bool) -> None:
    if detail:
        rows = [event for row in rows for event in row["Events"]]
    names = list(_EVENT if detail else _ALL)
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if row[name] is None else row[name] for name in names] for row in rows])


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["no message in this time, or none that fits"]
    several = len({row["Organization"] for row in rows}) > 1
    columns = ("Organization", *_COLUMNS) if several else _COLUMNS
    widths = {name: max(len(name), *(min(len(str(row[name])), 40) for row in rows)) for name in columns}
    lines = ["  ".join(f"{name:<{widths[name]}}" for name in columns).rstrip()]
    for row in rows:
        cells = (f"{str(row[name]).translate(_UNSAFE)[:40]:<{widths[name]}}" for name in columns)
        lines.append("  ".join(cells).rstrip())
        for event in row.get("Events", ()):
            lines.append(f"    {event['Date']}  {event['Event']:<13}  {event['Detail']}")
            if event["Data"] != "<root></root>":
                lines.append(f"      {event['Data'].translate(_UNSAFE)}")
    return lines
