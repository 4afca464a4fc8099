"""What one transaction of the journal does: rows in, oldest rows out. Plain DBAPI: it is on the hot path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, takewhile
from time import time_ns
from typing import Any, NamedTuple

from attrs import define, field, frozen

from fakeeop.journal.records import Pending, SessionRecord
from fakeeop.journal.reports import ReportRecord
from fakeeop.journal.sql.database import Database, is_conflict

__all__ = ["KEEP", "KINDS", "Ends", "Group", "Keep", "Totals", "Transactions"]

_COLUMNS = {
    "messages": "seq, at, front, id, session, peer, sender, tenant, connector, size, upto, large, facts, content",
    "sessions": "seq, at, front, id, peer, helo, marks, facts, transcript",
    "reports": "seq, at, front, id, facts",
    "chunks": "large, part, octets",
    "forests": "digest, tree",
}
KINDS = ("messages", "sessions", "reports")
_AT_ONCE = 64  # rows of one statement: SQLite may allow no more than 999 values
_BATCH = 500  # rows deleted in one transaction
_DAY = 86_400_000_000  # microseconds
_SIZE, _UPTO = 9, 10  # in a row


@frozen
class Keep:
    """How much is remembered: copies, octets of their contents, days (0: no limit). Sessions and reports: as copies."""

    messages: int = 100_000
    octets: int = 1 << 30
    days: float = 0.0


KEEP = Keep()


class Ends(NamedTuple):
    """Of one table: how many rows there ever were, how many there are, octets likewise (messages only)."""

    ever: int = 0
    held: int = 0
    octets_ever: int = 0
    octets: int = 0


class Totals(NamedTuple):
    """Of the whole journal, all front ends together."""

    messages: Ends = Ends()
    sessions: Ends = Ends()
    reports: Ends = Ends()


class Transactions:
    """On one connection; ``reset`` it when a transaction failed.

    What writes belongs into a transaction that somebody else begins and ends.
    """

    def __init__(self, database: Database, keep: Keep) -> None:
        self._database = database
        self._keep = keep
        mark = database.mark
        self._mark = mark
        self._insert = {}
        for table, columns in _COLUMNS.items():
            marks = ", ".join(mark for _ in columns.split(","))
            self._insert[table] = f"INSERT INTO fakeeop_{table} ({columns}) VALUES ({marks})"  # noqa: S608  constants
        self._insert["forests"] += " ON CONFLICT DO NOTHING"
        self._inserts: dict[tuple[str, int], str] = {}
        self._firsts: dict[str, tuple[int, int]] = {}
        self._lasts: dict[str, tuple[int, int]] = {}
        self._alone = database.is_sqlite  # nobody else seems to write
        self._ends = {
            kind: f"SELECT seq, {'upto' if kind == 'messages' else '0'} FROM fakeeop_{kind}"  # noqa: S608  constants
            for kind in KINDS
        }
        self._begun = "SELECT seq, upto - size FROM fakeeop_messages ORDER BY seq LIMIT 1"  # before it, the first row's

    def insert(self, cursor: Any, table: str, rows: list[Any]) -> None:
        """Whole rows of one table."""
        if len(rows) == 1:
            cursor.execute(self._insert[table], rows[0])
        elif len(rows) <= _AT_ONCE:
            if rows:
                cursor.execute(self._several(table, len(rows)), list(chain.from_iterable(rows)))
        else:
            self.insert(cursor, table, rows[:_AT_ONCE])
            self.insert(cursor, table, rows[_AT_ONCE:])

    def _several(self, table: str, count: int) -> str:
        """A statement for so many rows. For each row of its own Python would let the loop have its lock, and wait."""
        known = self._inserts.get((table, count))
        if known is None:
            start, values, row = self._insert[table].partition("(" + self._mark)
            marks, bracket, end = (values + row).partition(")")
            known = self._inserts[table, count] = start + ", ".join([marks + bracket] * count) + end
        return known

    def append(self, cursor: Any, kind: str, rows: list[Any]) -> Ends:
        """Rows to the end of a table, which gives them their ``seq``; then forget the oldest that are too many."""
        last = self.last(cursor, kind)
        if kind == "messages" and self._database.is_sqlite:
            self._alone = self._lasts.get(kind, last) == last
        seq, upto = self._lasts[kind] = _numbered(rows, *last, sized=kind == "messages")
        self.insert(cursor, kind, rows)
        first, before = self._firsts.get(kind) or self._first(cursor, kind)
        if self._too_many(kind, seq - first, upto - before):
            first, before = self._drop(cursor, kind, seq, upto)
        self._firsts[kind] = first, before
        return Ends(seq, seq - first + 1, upto, upto - before)

    def append_alone(self, cursor: Any, rows: list[Any]) -> Ends | None:
        """``append`` for messages in one statement, which is a transaction of its own; SQLite only.

        Each statement costs Python's lock several times, for which the loop competes. It holds for what is known of the
        last row. None: that does not hold, or there is more to do; nothing was done, and ``append`` will do.
        """
        last, begun = self._lasts.get("messages"), self._firsts.get("messages")
        if not self._alone or last is None or begun is None or len(rows) > _AT_ONCE:
            return None
        seq, upto = _numbered(rows, *last, sized=True)
        first, before = begun
        if self._too_many("messages", seq - first, upto - before):
            return None
        try:
            cursor.execute(self._guarded(len(rows)), [*chain.from_iterable(rows), first])
            done = cursor.rowcount == len(rows)
        except Exception as why:
            if not is_conflict(why):
                raise
            done = False
        if not done:
            self._alone = False
            self._firsts = {}
            return None
        self._lasts["messages"] = seq, upto
        return Ends(seq, seq - first + 1, upto, upto - before)

    def _guarded(self, count: int) -> str:
        """A statement for so many rows: if another front end wrote one, theirs conflict; if it forgot all, it shows."""
        known = self._inserts.get(("alone", count))
        if known is None:
            into, values, rows = self._several("messages", count).partition("VALUES")
            forgotten = "SELECT seq FROM fakeeop_forgotten WHERE kind='messages'"
            known = f"{into}SELECT * FROM ({values}{rows}) WHERE ({forgotten}) < {self._mark}"  # noqa: S608  no text
            self._inserts["alone", count] = known
        return known

    def _too_many(self, kind: str, rows: int, octets: int) -> bool:
        return rows >= self._keep.messages or (kind == "messages" and octets > self._keep.octets)

    def reset(self) -> None:
        """What was learnt in a transaction that failed does not hold."""
        self._firsts = {}
        self._lasts = {}

    def last(self, cursor: Any, kind: str) -> tuple[int, int]:
        """``seq`` and ``upto`` of the last row, or of the last that all was forgotten with."""
        cursor.execute(f"{self._ends[kind]} ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
        if row is None:
            self._firsts.pop(kind, None)
            mark = self._mark
            cursor.execute(f"SELECT seq, upto FROM fakeeop_forgotten WHERE kind={mark}", (kind,))  # noqa: S608  no text
            row = cursor.fetchone()
        return row[0], row[1]

    def totals(self, cursor: Any) -> Totals:
        """How much there is."""
        found = []
        for kind in KINDS:
            seq, upto = self.last(cursor, kind)
            first, before = self._first(cursor, kind)
            held = 0 if first == 0 else seq - first + 1
            found.append(Ends(seq, held, upto, upto - before if held else 0))
        return Totals(*found)

    def forget_aged(self, cursor: Any) -> bool:
        """Forget a batch of what is too old; True if there may be more."""
        if not self._keep.days:
            return False
        oldest = time_ns() // 1000 - int(self._keep.days * _DAY)
        more = False
        for kind in KINDS:
            rows = list(takewhile(lambda row: row[3] < oldest, self._oldest(cursor, kind)))
            self._delete(cursor, kind, rows)
            more = more or len(rows) == _BATCH
        return more

    def clear(self, cursor: Any) -> Totals:
        """Forget all; numbers go on."""
        self.reset()
        for kind in KINDS:
            self._go_on(cursor, kind, *self.last(cursor, kind))
        for table in (*KINDS, "chunks"):
            cursor.execute(f"DELETE FROM fakeeop_{table}")  # noqa: S608  constants
        return self.totals(cursor)

    def drop_orphans(self, cursor: Any, before: str) -> int:
        """Chunks of contents whose message never came, by names that sort before one; how many contents."""
        cursor.execute(f"SELECT DISTINCT large FROM fakeeop_chunks WHERE large < {self._mark}", (before,))  # noqa: S608  no text
        old = {row[0] for row in cursor.fetchall()}
        if old:
            cursor.execute("SELECT large FROM fakeeop_messages WHERE large IS NOT NULL")
            old -= {row[0] for row in cursor.fetchall()}
        self.drop_chunks(cursor, old)
        return len(old)

    def drop_chunks(self, cursor: Any, names: Iterable[str]) -> None:
        """The chunks of contents that no message has."""
        for name in names:
            cursor.execute(f"DELETE FROM fakeeop_chunks WHERE large={self._mark}", (name,))  # noqa: S608  no text

    # ---- inside

    def _first(self, cursor: Any, kind: str) -> tuple[int, int]:
        """``seq`` of the first row, and the octets of all before it; zeros if there is none."""
        cursor.execute(self._begun if kind == "messages" else f"{self._ends[kind]} ORDER BY seq LIMIT 1")
        row = cursor.fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def _oldest(self, cursor: Any, kind: str) -> list[Any]:
        """``(seq, upto, large, at)`` of a batch."""
        columns = "seq, upto, large, at" if kind == "messages" else "seq, 0, NULL, at"
        cursor.execute(f"SELECT {columns} FROM fakeeop_{kind} ORDER BY seq LIMIT {_BATCH}")  # noqa: S608  constants
        found: list[Any] = cursor.fetchall()
        return found

    def _drop(self, cursor: Any, kind: str, seq: int, upto: int) -> tuple[int, int]:
        """A batch of the oldest: what is too much, and one per cent more, so that it need not be done each time.

        The last row stays, however large. Returns what ``_first`` does afterwards.
        """
        keep = self._keep
        slack = min(_BATCH // 2, keep.messages // 100)
        first = seq - keep.messages + 1 + slack  # the new first row, if only numbers count
        _, before = self._first(cursor, kind)
        rows = []
        for row in self._oldest(cursor, kind):
            too_large = kind == "messages" and row[0] < seq and upto - before > keep.octets
            if row[0] >= first and not too_large:
                break
            rows.append(row)
            before = row[1]
        self._delete(cursor, kind, rows)
        return self._first(cursor, kind)

    def _delete(self, cursor: Any, kind: str, rows: list[Any]) -> None:
        """The oldest rows of a table, as ``_oldest`` gives them."""
        if not rows:
            return
        self._firsts = {}
        last = rows[-1][0]
        newest, upto = self.last(cursor, kind)
        cursor.execute(f"DELETE FROM fakeeop_{kind} WHERE seq <= {self._mark}", (last,))  # noqa: S608  constants
        if newest == last:
            self._go_on(cursor, kind, newest, upto)
        for name in {row[2] for row in rows} - {None}:
            mark = self._mark
            cursor.execute(f"SELECT 1 FROM fakeeop_messages WHERE large={mark} LIMIT 1", (name,))  # noqa: S608  no text
            if cursor.fetchone() is None:
                self.drop_chunks(cursor, (name,))

    def _go_on(self, cursor: Any, kind: str, seq: int, upto: int) -> None:
        """All rows go: note where the numbers go on."""
        mark = self._mark
        cursor.execute(
            f"UPDATE fakeeop_forgotten SET seq={mark}, upto={mark} WHERE kind={mark}",  # noqa: S608  no text
            (seq, upto, kind),
        )


def _numbered(rows: list[Any], seq: int, upto: int, *, sized: bool) -> tuple[int, int]:
    """Give rows their ``seq`` and ``upto``, behind those of the last row; those of the new last row."""
    for row in rows:
        seq += 1
        row[0] = seq
        if sized:
            upto += row[_SIZE]
            row[_UPTO] = upto
    return seq, upto


@define(eq=False)
class Group:
    """What goes into one transaction, and afterwards its result. ``refusal`` is the key of a reply."""

    pendings: list[Pending] = field(factory=list)
    sessions: list[SessionRecord] = field(factory=list)
    reports: list[ReportRecord] = field(factory=list)
    tell: Callable[[Group], None] | None = None
    refusal: str | None = None
    totals: Totals | None = None
    stamp: int = 0  # a later transaction has a higher one

    def take(self, other: Group) -> None:
        """This one too."""
        self.pendings += other.pendings
        self.sessions += other.sessions
        self.reports += other.reports
        self.tell = self.tell or other.tell

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not (self.pendings or self.sessions or self.reports)

    def singles(self) -> Iterator[Group]:
        """Each thing in a group of its own."""
        for pending in self.pendings:
            yield Group([pending], tell=self.tell)
        for session in self.sessions:
            yield Group(sessions=[session], tell=self.tell)
        for report in self.reports:
            yield Group(reports=[report], tell=self.tell)
