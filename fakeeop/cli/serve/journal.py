"""Where ``fakeeop serve`` keeps its journal, and how much of it."""

from __future__ import annotations

import socket
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakeeop.cli.serve.options import octets
from fakeeop.config.loader import forest_from_tree
from fakeeop.errors import StoreError
from fakeeop.journal.memory import Journal
from fakeeop.journal.sql.journal import StoredJournal
from fakeeop.journal.sql.places import FILE, MEMORY, place_of
from fakeeop.journal.sql.writing import Keep
from fakeeop.system.ids import ProcessIds

if TYPE_CHECKING:
    from fakeeop.model import Forest

__all__ = ["add_arguments", "close", "read_forest", "settings"]


def add_arguments(parser: ArgumentParser) -> None:
    """The part of the command line that is about the journal."""
    parser.add_argument(
        "--journal",
        metavar="memory|PATH|URL",
        help=f"where sessions and messages are kept: a SQLite file ({FILE} in --state), postgresql://..., or memory",
    )
    parser.add_argument(
        "--journal-sync",
        action="store_true",
        help="SQLite: a 250 waits for the disk, and survives a power failure too, not only the end of the process",
    )
    parser.add_argument(
        "--front-end", metavar="NAME", help="what this one is called in a journal of several (the name of the machine)"
    )
    parser.add_argument(
        "--keep-messages", type=_number, metavar="N", help="how many copies, and sessions, are kept (100000)"
    )
    parser.add_argument("--keep-size", type=octets, metavar="SIZE", help="how much of contents is kept (1G)")
    parser.add_argument(
        "--keep-days", type=_days, metavar="D", help="for how long; the oldest are forgotten first (no limit)"
    )


def settings(args: Namespace, state: Path) -> dict[str, Any]:
    """What the emulator is to know. Raises StoreError: it cannot be opened. ``--journal memory`` adds nothing."""
    place = place_of(args.journal or str(state / FILE), sync=args.journal_sync)
    if place is None:
        if args.journal_sync:
            raise StoreError(f"--journal {MEMORY}: there is nothing to sync. Fix: leave one of the two options out")
        kept = {"entries": args.keep_messages, "octets": args.keep_size}
        limits = {name: value for name, value in kept.items() if value is not None}
        return {"journal": Journal(spooled_octets=args.spool_limit, **limits)}
    given = {"messages": args.keep_messages, "octets": args.keep_size, "days": args.keep_days}
    keep = Keep(**{name: value for name, value in given.items() if value is not None})
    journal = StoredJournal(place, args.front_end or socket.gethostname() or MEMORY, read_forest, keep)
    return {"journal": journal, "ids": ProcessIds(datetime.now(UTC), journal.starts)}


def close(journal: Any) -> None:
    """Nothing more will come. Raises StoreError."""
    if journal.durable:
        journal.close()


def read_forest(tree: Any) -> Forest:
    """Tenants as they were kept. Raises ConfigError."""
    return forest_from_tree(tree, "the journal")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of messages: write 1 or more")
    return int(text)


def _days(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 < found < 1e5:
        raise ArgumentTypeError(f"{text!r} is not a number of days: write 7, or 0.5 for twelve hours")
    return found
