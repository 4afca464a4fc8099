"""``fakeeop journal``: look into the journal of a front end, whether it runs or not."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakeeop.cli import exits
from fakeeop.cli.serve.journal import read_forest
from fakeeop.journal.records import last_refused
from fakeeop.journal.sql.database import Database
from fakeeop.journal.sql.places import FILE, place_of
from fakeeop.journal.sql.reader import Reader
from fakeeop.journal.trees import message_tree, session_tree
from fakeeop.pki.state import default_state_folder
from fakeeop.why.render import trace_text

if TYPE_CHECKING:
    from fakeeop.journal.records import MessageRecord, SessionRecord

HELP = """\
Look into the journal that 'fakeeop serve' keeps: sessions, messages, one of them whole. It may run meanwhile, or not.
What is listed is the last of it, oldest first."""

EXAMPLES = """\
  fakeeop journal messages                                the last messages, a line each
  fakeeop journal sessions --last 100 --json              the last 100 sessions, one JSON object a line
  fakeeop journal show 35184372088833                     a message, whole; --raw: its octets and nothing else
  fakeeop journal show 08DF4A2160E24FA6                   a session: transcript, verdicts, why they are as they are
  fakeeop journal messages --journal /srv/lab/journal.sqlite
  fakeeop journal sessions --journal postgresql://lab@db.example/journal
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop journal``."""
    where = ArgumentParser(add_help=False)
    where.add_argument("--journal", metavar="PATH|URL", help=f"which one ({FILE} in --state)")
    where.add_argument("--state", type=Path, metavar="DIR", help=f"the state folder ({default_state_folder()})")
    where.add_argument("--json", action="store_true", help="JSON: one object a line, or one object")
    what = parser.add_subparsers(dest="what", required=True, metavar="sessions|messages|show")
    for name, says in (("sessions", "sessions that ended, a line each"), ("messages", "accepted copies, a line each")):
        listed = what.add_parser(name, parents=[where], help=says, description=f"List {says}.")
        listed.add_argument("--last", type=int, default=20, metavar="N", help="how many to show (20); 0: all")
    shown = what.add_parser("show", parents=[where], help="one session or message", description="Show one of them.")
    shown.add_argument("id", metavar="ID", help="the id of a session or a message")
    shown.add_argument("--raw", action="store_true", help="the octets of a message as they came")


def run(args: Namespace) -> int:
    """Look. Raises StoreError, UsageError."""
    place = place_of(args.journal or str((args.state or default_state_folder()) / FILE))
    if place is None:
        raise exits.UsageError("a journal in memory can be asked by its server only: --admin, GET /journal/messages")
    database = Database(place)
    reader = Reader(database, read_forest)
    try:
        database.check()
        if args.what == "show":
            return _show(reader, args)
        listed: Iterator[str] = _sessions(reader, args) if args.what == "sessions" else _messages(reader, args)
        for line in listed:
            print(line)
    finally:
        database.engine.dispose()
    return exits.FINE


def _sessions(reader: Reader, args: Namespace) -> Iterator[str]:
    def line(record: SessionRecord) -> str:
        if args.json:
            return _json(session_tree(record, transcript=False))
        refused = sum(not each.verdict.accepted for each in record.judgements) + len(record.refusals)
        started = f"{record.started:%Y-%m-%d %H:%M:%S}"
        tls = record.tls.version if record.tls else "no TLS"
        said = f"{record.messages} messages, {refused} refusals"
        return _plain(f"{record.id}  {started}  {record.peer.ip}  {record.helo or '-'}  {tls}  {said}")

    return map(line, (record for _, record in reader.sessions(_behind(reader.totals().sessions.ever, args.last))))


def _messages(reader: Reader, args: Namespace) -> Iterator[str]:
    def line(record: MessageRecord) -> str:
        if args.json:
            return _json(message_tree(record, content=False))
        to = record.verdict.attribution
        owner = f"{to.tenant.name if to.tenant else 'no tenant'} / {to.connector.name if to.connector else '-'}"
        path = f"<{record.envelope.reverse_path}> -> {', '.join(f'<{each.mailbox}>' for each in record.recipients)}"
        return _plain(f"{record.id}  {record.received:%Y-%m-%d %H:%M:%S}  {record.peer.ip}  {path}  ({owner})")

    return map(line, (record for _, record in reader.messages(_behind(reader.totals().messages.ever, args.last))))


def _show(reader: Reader, args: Namespace) -> int:
    message = reader.message(args.id)
    if message is not None:
        if args.raw:
            sys.stdout.flush()
            for piece in message.pieces():
                sys.stdout.buffer.write(piece)
            return exits.FINE
        return _tell(args, dict(message_tree(message)), lambda: "")
    session = reader.session(args.id)
    if session is None or args.raw:
        print(f"fakeeop journal: no {'message' if args.raw else 'session or message'} {args.id!r}", file=sys.stderr)
        return exits.NO
    judged = session.judgements
    return _tell(args, session_tree(session), lambda: trace_text(last_refused(judged).trace()) if judged else "")


def _tell(args: Namespace, tree: dict[str, Any], more: Callable[[], str]) -> int:
    """As JSON, or as lines of ``key: value`` with what is long behind them."""
    if args.json:
        print(json.dumps(tree, indent=2))
        return exits.FINE
    long = ("transcript", "body", "raw", "headers", "framing", "recipients")
    for key, value in tree.items():
        if key not in long and value not in (None, [], ""):
            print(_plain(f"{key}: {value if isinstance(value, str | int) else json.dumps(value)}"))
    for lines in (tree.get("transcript"), tree.get("raw", "").split("\n") if tree.get("raw") else None):
        if lines:
            print()
            for line in lines:
                print(_plain(line.rstrip("\r")))
    text = more()
    if text:
        print("\n" + text, end="")
    return exits.FINE


def _behind(ever: int, last: int) -> int:
    return max(0, ever - last) if last else 0


def _json(tree: dict[str, Any]) -> str:
    return json.dumps(tree)


def _plain(text: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "\ufffd" for letter in text)
