"""The journal on a disk: SQLite, or PostgreSQL for several front ends. ``docs/journal.md`` tells what it promises.

Light on import: SQLAlchemy is loaded by every reader, by PostgreSQL, and by the first start that makes the tables.
"""
