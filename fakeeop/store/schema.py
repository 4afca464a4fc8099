"""The tables, for SQLAlchemy. Whoever changes them raises ``VERSION`` and adds a step to ``migration``.

One row a message and one a session: what is searched for has a column, everything else is one blob of plain values
(``fakeeop.store.facts``). ``seq`` is the order of commits. ``content`` comes last, so that nobody reads through it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

__all__ = ["TABLES", "chunks", "forests", "journal", "messages", "metadata", "reports", "sessions"]

metadata = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in columns of this type only


def _seq() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


journal = Table(
    "fakeeop_journal",  # one row: what this is, and counters
    metadata,
    Column("version", Integer, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("messages_received", _NUMBER, nullable=False),
    Column("sessions_ended", _NUMBER, nullable=False),
    Column("reports_made", _NUMBER, nullable=False),
    Column("messages_held", _NUMBER, nullable=False),
    Column("octets_held", _NUMBER, nullable=False),
    Column("sessions_held", _NUMBER, nullable=False),
    Column("reports_held", _NUMBER, nullable=False),
)
forests = Table(
    "fakeeop_forests",  # tenant files, each once; secrets masked
    metadata,
    Column("digest", Text, primary_key=True),
    Column("tree", Text, nullable=False),
)
messages = Table(
    "fakeeop_messages",
    metadata,
    _seq(),
    Column("at", _NUMBER, nullable=False),  # microseconds since 1970, of this machine's clock
    Column("front", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("tenant", Text),
    Column("connector", Text),
    Column("size", _NUMBER, nullable=False),
    Column("large", Text),  # of chunks; None: ``content`` has it
    Column("facts", LargeBinary, nullable=False),
    Column("content", LargeBinary),
    sqlite_autoincrement=True,
)
chunks = Table(
    "fakeeop_chunks",
    metadata,
    Column("large", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
sessions = Table(
    "fakeeop_sessions",
    metadata,
    _seq(),
    Column("at", _NUMBER, nullable=False),
    Column("front", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("helo", Text),
    Column("marks", Integer, nullable=False),  # 1: faults, 2: refused recipients, 4: some recipient
    Column("facts", LargeBinary, nullable=False),
    Column("transcript", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
reports = Table(
    "fakeeop_reports",
    metadata,
    _seq(),
    Column("at", _NUMBER, nullable=False),
    Column("front", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("fakeeop_messages_id", messages.c.id)
Index("fakeeop_messages_session", messages.c.session)
Index("fakeeop_sessions_id", sessions.c.id)
Index("fakeeop_reports_id", reports.c.id)
TABLES = frozenset(metadata.tables)
