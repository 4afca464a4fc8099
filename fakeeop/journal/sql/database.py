"""Connections, and the check that what is there is a journal. The only module that knows the two databases.

SQLite: write-ahead log. When a commit returns the system has the log, so what a 250 has promised survives the end of
the process, however it ends; with ``sync`` the disk has it too (``synchronous=FULL``), so that it survives the end of
the machine. Readers never block the writer, nor it them.
PostgreSQL promises the same by default (``synchronous_commit``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakeeop.errors import StoreError
from fakeeop.journal.sql import schema
from fakeeop.journal.sql.places import JournalPlace

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["VERSION", "Database", "explained", "is_conflict", "is_full"]

VERSION = 1
LOCK = 0x6661_6B65  # "fake": of PostgreSQL's advisory locks, the one of the journal's writers
_BUSY = 60.0  # seconds that a writer waits for another front end's transaction
_PAGE = 8_192  # octets: a message of 1 KB and its facts fit several times
_LOG = 250  # pages of the write-ahead log: written over and over, which costs less than a log that grows
_TABLE = "fakeeop_journal"


class Database:
    """One database. ``mark`` stands for a value in its SQL."""

    def __init__(self, place: JournalPlace) -> None:
        self.place = place
        self.is_sqlite = place.path is not None
        self.mark = "?" if self.is_sqlite else "%s"

    def __str__(self) -> str:
        return str(self.place)

    # ---- opening

    def open(self) -> int:
        """Make it if it is not there; check it; the number of this start, counted from 1. Raises StoreError."""
        try:
            with explained(self.place, "cannot be opened"):
                if self.is_sqlite and self._light_version() == VERSION:
                    return self._started(self.connect())
                with self._alone() as connection:
                    self._prepare(connection)
                return self._started(self.connect())
        except BaseException:
            self.shut()
            raise

    def shut(self) -> None:
        """Close what readers have used."""
        if "engine" in vars(self):
            self.engine.dispose()

    def check(self) -> None:
        """There is a journal of this version. Raises StoreError; makes nothing."""
        if self.place.path is not None and not self.place.path.exists():
            raise StoreError(f"{self}: there is no journal. Fix: name another with --journal, or start 'fakeeop serve'")
        with explained(self.place, "cannot be opened"):
            connection = self.connect()
            try:
                version = self._version(connection.cursor())
            finally:
                connection.close()
        if version is None:
            raise StoreError(f"{self}: this is not a journal. Fix: name another with --journal")
        if version != VERSION:
            raise self._other(version)

    def connect(self) -> Any:
        """A DBAPI connection of its own, in no transaction."""
        if self.is_sqlite:
            return self._connect_sqlite()
        pooled = self.engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        return connection

    @cached_property
    def engine(self) -> Engine:
        """For readers: each statement sees what was committed before it."""
        if self.is_sqlite:  # of no file's name it would make a pool that never closes what other threads have used
            return schema.create_engine(
                "sqlite://", creator=self._connect_sqlite, poolclass=schema.QueuePool, pool_reset_on_return=None
            )
        try:
            return schema.create_engine(self.place.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        except ImportError as why:
            raise StoreError(f"{self}: PostgreSQL needs a driver. Fix: pip install 'fakeeop[postgresql]'") from why

    def begin(self, cursor: Any) -> None:
        """Begin to write; waits for other writers, so that ``seq`` is the order of commits."""
        if self.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))

    # ---- inside

    def _connect_sqlite(self) -> sqlite3.Connection:
        path = self.place.path
        assert path is not None  # noqa: S101  is_sqlite says so
        if not path.exists():
            _make_file(path)
        connection = sqlite3.connect(
            path, timeout=_BUSY, isolation_level=None, check_same_thread=False, cached_statements=160
        )
        try:
            connection.execute(f"PRAGMA page_size={_PAGE}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={'FULL' if self.place.sync else 'NORMAL'}")
            connection.execute(f"PRAGMA wal_autocheckpoint={_LOG}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _light_version(self) -> int | None:
        """The version of a file, without SQLAlchemy: a start should not have to wait for that."""
        assert self.place.path is not None  # noqa: S101  as above
        if not self.place.path.exists():
            return None
        connection = self._connect_sqlite()
        try:
            return self._version(connection.cursor())
        finally:
            connection.close()

    def _version(self, cursor: Any) -> int | None:
        """What is there; None: no table of a journal."""
        if self.is_sqlite:
            cursor.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (_TABLE,))
        else:
            cursor.execute("SELECT 1 FROM pg_tables WHERE tablename=%s AND schemaname=current_schema()", (_TABLE,))
        if cursor.fetchone() is None:
            return None
        cursor.execute(f"SELECT version FROM {_TABLE}")  # noqa: S608  a constant
        row = cursor.fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """One transaction that no other front end shares."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                if not self.is_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise

    def _prepare(self, connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101  it is open
        version = self._version(raw.cursor())
        if version == VERSION:
            return
        if version is not None:
            raise self._other(version)
        there = set(schema.inspect(connection).get_table_names())
        if self.is_sqlite and there:
            raise StoreError(f"{self}: this file is another program's database. Fix: name another with --journal")
        if there & schema.metadata.tables.keys():
            raise StoreError(f"{self}: tables of ours without a version. Fix: use an empty database or schema")
        schema.metadata.create_all(connection)
        connection.execute(schema.journal.insert().values(version=VERSION, starts=0))
        kinds = ("messages", "sessions", "reports")
        connection.execute(schema.forgotten.insert(), [{"kind": kind, "seq": 0, "upto": 0} for kind in kinds])

    def _other(self, version: int) -> StoreError:
        if version > VERSION:
            says = f"written by a later fakeeop (version {version}, this one knows {VERSION})"
            return StoreError(f"{self}: {says}. Fix: use that one, or name another journal with --journal")
        return StoreError(f"{self}: version {version} cannot be read. Fix: name another journal with --journal")

    def _started(self, connection: Any) -> int:
        """Count this start."""
        try:
            cursor = connection.cursor()
            self.begin(cursor)
            cursor.execute(f"UPDATE {_TABLE} SET starts=starts+1")  # noqa: S608  a constant
            cursor.execute(f"SELECT starts FROM {_TABLE}")  # noqa: S608  a constant
            number = int(cursor.fetchone()[0])
            cursor.execute("COMMIT")
            return number
        finally:
            connection.close()


def _make_file(path: Path) -> None:
    """Only the owner may read the file: it has mail in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


@contextmanager
def explained(place: JournalPlace, what: str) -> Iterator[None]:
    """What a driver raises, as StoreError."""
    try:
        yield
    except StoreError:
        raise
    except ImportError as why:
        raise StoreError(f"{place}: PostgreSQL needs a driver. Fix: pip install 'fakeeop[postgresql]'") from why
    except Exception as why:
        if not _of_database(why):
            raise
        first = str(getattr(why, "orig", None) or why).strip().partition("\n")[0]
        raise StoreError(f"{place}: the journal {what}: {first}") from why


def _of_database(why: Exception) -> bool:
    """Is it the database's or the disk's fault, not ours?"""
    if isinstance(why, sqlite3.Error | OSError):
        return True
    return type(why).__module__.partition(".")[0] in ("sqlalchemy", "psycopg", "psycopg_binary")


def is_conflict(why: BaseException) -> bool:
    """Is there a row already (SQLite)?"""
    return getattr(why, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_PRIMARYKEY"


def is_full(why: BaseException) -> bool:
    """Is there no room left?"""
    if isinstance(why, sqlite3.Error):
        return getattr(why, "sqlite_errorname", "") == "SQLITE_FULL"
    return str(getattr(why, "sqlstate", "") or "").startswith("53")  # PostgreSQL: insufficient resources
