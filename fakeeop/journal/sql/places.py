"""Where a journal lies: in memory, in a file (SQLite), or in a database that a URL names."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

from fakeeop.errors import StoreError

__all__ = ["FILE", "MEMORY", "JournalPlace", "place_of"]

MEMORY = "memory"
FILE = "journal.sqlite"  # in the state folder
_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^@/]*@")


@frozen
class JournalPlace:
    """``path`` is the file of SQLite; without one ``url`` is PostgreSQL's, as SQLAlchemy wants it.

    ``sync``: each commit in that file waits until the disk has it.
    """

    url: str
    path: Path | None = None
    sync: bool = False

    def __str__(self) -> str:
        return str(self.path) if self.path is not None else _PASSWORD.sub(r"\1:***@", self.url)


def place_of(text: str, *, sync: bool = False) -> JournalPlace | None:
    """``memory`` (None), a path, or a URL: ``sqlite:///PATH``, ``postgresql://USER:PASSWORD@HOST/DATABASE``.

    ``sync`` is for SQLite: PostgreSQL has a setting of its own. Raises StoreError for a URL of something else.
    """
    if text == MEMORY:
        return None
    scheme, mark, rest = text.partition("://")
    if not mark:
        return _file(Path(text), sync)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return _file(Path(rest[1:]), sync)
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return JournalPlace(f"postgresql+psycopg://{rest}")
    shown = _PASSWORD.sub(r"\1:***@", text)
    raise StoreError(f"{shown}: no journal can be there. Fix: a path, sqlite:///PATH, postgresql://…, or {MEMORY}")


def _file(path: Path, sync: bool) -> JournalPlace:
    return JournalPlace(f"sqlite:///{path}", path, sync)
