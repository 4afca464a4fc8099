"""The tables, for SQLAlchemy. Whoever changes them raises ``VERSION``: other journals are refused.

One row a message and one a session: what is searched for has a column, everything else is one blob of plain values
(``fakeeop.journal.sql.facts``). ``seq`` is the order of commits and has no gaps: rows are added at one end and taken
away at the other. So the first and the last row tell how many there are, and how many there ever were; nothing is
counted. ``content`` comes last, so that nobody reads through it. Every index costs each transaction a page or more, its
way into the log and out of it: SQLite has none of sessions and messages (``index`` beside this file knows their ids).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

__all__ = ["TABLES", "chunks", "forests", "forgotten", "journal", "messages", "metadata", "reports", "sessions"]

metadata = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows in columns of this type only


def _seq() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=False)


journal = Table(
    "fakeeop_journal",  # one row: what this is
    metadata,
    Column("version", Integer, nullable=False),
    Column("starts", Integer, nullable=False),
)
forgotten = Table(
    "fakeeop_forgotten",  # by whom all was forgotten: where the numbers go on
    metadata,
    Column("kind", Text, primary_key=True),
    Column("seq", _NUMBER, nullable=False),
    Column("upto", _NUMBER, nullable=False),
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
    Column("upto", _NUMBER, nullable=False),  # octets of all contents so far, this one too
    Column("large", Text),  # of chunks; None: ``content`` has it
    Column("facts", LargeBinary, nullable=False),
    Column("content", LargeBinary),
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
)
reports = Table(
    "fakeeop_reports",
    metadata,
    _seq(),
    Column("at", _NUMBER, nullable=False),
    Column("front", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
)
Index("fakeeop_messages_id", messages.c.id).ddl_if(dialect="postgresql")
Index("fakeeop_sessions_id", sessions.c.id).ddl_if(dialect="postgresql")
TABLES = frozenset(metadata.tables)
