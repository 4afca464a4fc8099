"""What one front end may still have to report when it starts: its messages to slow destinations, and what was told.

Plain DBAPI, and nothing but facts is read: a start should wait neither for SQLAlchemy nor for contents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from fakeeop.errors import FakeEopError
from fakeeop.journal.reports import ReportRecord, told_by
from fakeeop.journal.sql.database import Database, explained
from fakeeop.journal.sql.rows import report_of
from fakeeop.model import Forest

__all__ = ["Slow", "look_for"]

_DAY = 86_400_000_000  # microseconds that this machine's clock may have been set back
_LONG = 8 * _DAY  # the longest wait, and a week in which the clock may have stood still
_MOST = 100  # names of domains in one statement
Row = tuple[Any, ...]


class Slow(NamedTuple):
    """``rows`` are those of messages, as ``Reader.record`` wants them. Of ``told`` see ``Kept``."""

    rows: list[Row]
    told: set[tuple[str, str, str, str]]
    made: int  # reports of all front ends, ever
    oldest: ReportRecord | None  # if those before it are forgotten


def look_for(
    database: Database, front: str, forest: Forest, read_forest: Callable[[Any], Forest], known: str
) -> Slow | None:
    """None: nobody waits. ``known`` is the digest of ``forest``, which is in force. Raises StoreError."""
    with explained(database.place, "cannot be read"):
        connection = database.connect()
        try:
            cursor = connection.cursor()
            domains = _slow(forest).union(*map(_slow, _others(cursor, read_forest, known)))
            rows = _messages(cursor, database, front, domains) if domains else []
            if not rows:
                return None
            return Slow([row[1:] for row in rows], *_reports(cursor, database, front, rows[0][0] - _DAY))
        finally:
            connection.close()


def _slow(forest: Forest) -> set[str]:
    return {each.pattern.domain for each in forest.internet if each.delay}


def _others(cursor: Any, read_forest: Callable[[Any], Forest], known: str) -> Iterator[Forest]:
    """The tenants of other times that had slow destinations, as far as they can be read by now."""
    cursor.execute("SELECT digest, tree FROM fakeeop_forests WHERE lower(tree) LIKE '%\"delay\"%'")
    for digest, tree in cursor.fetchall():
        if digest != known:
            try:
                yield read_forest(json.loads(tree))
            except FakeEopError:  # of a version whose tenant files were others
                continue


def _messages(cursor: Any, database: Database, front: str, domains: set[str]) -> list[Row]:
    """Those whose facts have the name of a slow domain somewhere: a pickle holds text as it is.

    What came long before the last one has ended, and this front end has told of it: no wait is longer than a day.
    """
    mark = database.mark
    found = f"instr(facts, {mark}) > 0" if database.is_sqlite else f"position({mark} IN facts) > 0"
    names = [] if "" in domains or len(domains) > _MOST else [each.encode() for each in sorted(domains)]
    fits = f" AND ({' OR '.join([found] * len(names))})" if names else ""
    cursor.execute(f"SELECT at FROM fakeeop_messages WHERE front={mark} ORDER BY seq DESC LIMIT 1", (front,))  # noqa: S608  no text
    last = cursor.fetchone()
    if last is None:
        return []
    columns = "at, seq, id, session, size, large, facts"
    cursor.execute(
        f"SELECT {columns} FROM fakeeop_messages WHERE front={mark} AND at>={mark}{fits} ORDER BY seq",  # noqa: S608  no text
        (front, last[0] - _LONG, *names),
    )
    rows: list[Row] = cursor.fetchall()
    return rows


def _reports(
    cursor: Any, database: Database, front: str, since: int
) -> tuple[set[tuple[str, str, str, str]], int, ReportRecord | None]:
    """What this front end told since a moment; how many there ever were; the oldest, if others were before it."""
    mark = database.mark
    cursor.execute("SELECT seq FROM fakeeop_forgotten WHERE kind='reports'")
    forgotten = cursor.fetchone()[0]
    cursor.execute("SELECT seq, id, facts FROM fakeeop_reports ORDER BY seq LIMIT 1")
    first = cursor.fetchone()
    cursor.execute("SELECT max(seq) FROM fakeeop_reports")
    made = cursor.fetchone()[0] or forgotten
    cursor.execute(f"SELECT id, facts FROM fakeeop_reports WHERE front={mark} AND at>={mark}", (front, since))  # noqa: S608  no text
    told = told_by(_records(cursor))
    oldest = report_of(*first[1:]) if first is not None and first[0] > forgotten + 1 else None
    return told, made, oldest


def _records(rows: Iterable[Row]) -> Iterator[ReportRecord]:
    return (report_of(name, bytes(facts)) for name, facts in rows)
