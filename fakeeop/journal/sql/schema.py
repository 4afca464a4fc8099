"""The tables, for SQLAlchemy, and what is used of it to ask them. Whoever changes them raises ``VERSION``: journals of
another one are refused.

One row a message and one a session: what is searched for has a column, everything else is one blob of plain values
(``fakeeop.journal.sql.facts``). ``seq`` is the order of commits and has no gaps: rows are added at one end and taken
away at the other. So the first and the last row tell how many there are, and how many there ever were; nothing is
counted. ``content`` comes last, so that nobody reads through it. Every index costs each transaction a page or more, its
way into the log and out of it: SQLite has none of sessions and messages (``index`` next to this file knows their ids).

SQLAlchemy takes longer to load than all of fakeeop, and who only writes never needs it. So it is loaded when a name of
this module is first used: ``from fakeeop.journal.sql import schema``, then ``schema.messages`` inside functions (PEP
562).
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Column, MetaData, QueuePool, Table, and_, create_engine, func, inspect, select

    metadata: MetaData
    journal: Table
    forgotten: Table
    forests: Table
    messages: Table
    chunks: Table
    sessions: Table
    reports: Table

__all__ = [
    "QueuePool",
    "and_",
    "chunks",
    "create_engine",
    "forests",
    "forgotten",
    "func",
    "inspect",
    "journal",
    "messages",
    "metadata",
    "reports",
    "select",
    "sessions",
]

_LOADING = Lock()
_USED = ("QueuePool", "and_", "create_engine", "func", "inspect", "select")  # of SQLAlchemy
_TABLES = {  # table → its columns → their type; a key is the table's, or a part of it; what may be missing has a ?
    "journal": {  # one row: what this is
        "version": "integer",
        "starts": "integer",
    },
    "forgotten": {  # by whom all was forgotten: where the numbers go on
        "kind": "key text",
        "seq": "number",
        "upto": "number",
    },
    "forests": {  # tenant files, each once; secrets masked
        "digest": "key text",
        "tree": "text",
    },
    "messages": {
        "seq": "key number",
        "at": "number",  # microseconds since 1970, of this machine's clock
        "front": "text",
        "id": "text",
        "session": "text",
        "peer": "text",
        "sender": "text",
        "tenant": "text ?",
        "connector": "text ?",
        "size": "number",
        "upto": "number",  # octets of all contents so far, this one too
        "large": "text ?",  # of chunks; missing: ``content`` has it
        "facts": "octets",
        "content": "octets ?",
    },
    "chunks": {
        "large": "key text",
        "part": "key integer",
        "octets": "octets",
    },
    "sessions": {
        "seq": "key number",
        "at": "number",
        "front": "text",
        "id": "text",
        "peer": "text",
        "helo": "text ?",
        "marks": "integer",  # 1: faults, 2: refused recipients, 4: some recipient
        "facts": "octets",
        "transcript": "octets",
    },
    "reports": {
        "seq": "key number",
        "at": "number",
        "front": "text",
        "id": "text",
        "facts": "octets",
    },
}


def __getattr__(name: str) -> object:
    """Make the tables, and keep them here."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with _LOADING:
        if name not in globals():
            globals().update(_made())
    return globals()[name]


def load() -> None:
    """Load all of it now: for a thread of its own, before somebody waits for it."""
    __getattr__("metadata")


def _made() -> dict[str, Any]:
    """Every name of this module."""
    import sqlalchemy  # noqa: PLC0415  heavy: only readers, PostgreSQL, a first start

    types = {
        "integer": sqlalchemy.Integer(),
        "number": sqlalchemy.BigInteger().with_variant(sqlalchemy.Integer, "sqlite"),  # SQLite numbers rows in no other
        "octets": sqlalchemy.LargeBinary(),
        "text": sqlalchemy.Text(),
    }
    metadata = sqlalchemy.MetaData()
    made: dict[str, Any] = {"metadata": metadata, **{name: getattr(sqlalchemy, name) for name in _USED}}
    for name, columns in _TABLES.items():
        made[name] = sqlalchemy.Table(f"fakeeop_{name}", metadata, *(_column(*each, types) for each in columns.items()))
    for name in ("messages", "sessions"):
        sqlalchemy.Index(f"fakeeop_{name}_id", made[name].c.id).ddl_if(dialect="postgresql")
    return made


def _column(name: str, words: str, types: dict[str, Any]) -> Column[Any]:
    from sqlalchemy import Column  # noqa: PLC0415  as above

    is_key, may_miss = words.startswith("key "), words.endswith(" ?")
    kind = types[words.removeprefix("key ").removesuffix(" ?")]
    if kind is types["number"] and is_key:
        return Column(name, kind, primary_key=True, autoincrement=False)
    return Column(name, kind, primary_key=is_key, nullable=may_miss)
