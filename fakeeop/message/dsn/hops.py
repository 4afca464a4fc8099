"""The hops of a message as a report lists them: ``HOP TIME (UTC) FROM TO WITH RELAY TIME`` (facts wire §5)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fakeeop.message.fields import Head
from fakeeop.message.received import trail

__all__ = ["hop_rows"]

_MOST = 60


def hop_rows(content: bytes) -> tuple[tuple[str, ...], ...]:
    """One row a hop, the oldest first; ``*`` where the time that it took is not known, as for the first."""
    rows = []
    before: datetime | None = None
    for number, hop in enumerate(trail(Head.of(content))[:_MOST], 1):
        moment = _moment(hop.date)
        took = f"{int((moment - before).total_seconds())} sec" if moment and before else "*"
        time = f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
        rows.append((str(number), time, _name(hop.sender), _name(hop.by), hop.protocol.partition(" (")[0][:255], took))
        before = moment or before
    return tuple(rows)


def _moment(date: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(date)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the library says of other texts
        return None


def _name(words: str) -> str:
    return words.partition(" ")[0][:255]
