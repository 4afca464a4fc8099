"""Message trace in tests, in the words of Get-MessageTraceV2 and Get-MessageTraceDetailV2."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakeeop.delivery.message_trace import details, is_of, page_of, rows_of, trees_of
from fakeeop.delivery.trace_query import Query

if TYPE_CHECKING:
    from fakeeop.testing.emulator import EmulatorForTests

__all__ = ["Tracing"]

_ONE = (
    *("MessageId", "MessageTraceId", "FromIP", "ToIP", "Subject", "SubjectFilterType", "StartingRecipientAddress"),
    *("StartDate", "EndDate", "ResultSize", "Organization"),
)
_SEVERAL = ("SenderAddress", "RecipientAddress", "Status")


class Tracing:
    """The ``message_trace…`` methods of ``fakeeop.Emulator``."""

    def message_trace(self, **parameters: Any) -> list[dict[str, Any]]:
        """The rows, one for each recipient, newest first; columns and parameters have Exchange's names.

        ``SenderAddress``, ``RecipientAddress`` and ``Status`` take a text or several; dates are aware. Raises TypeError
        for an unknown parameter, ``fakeeop.delivery.trace_query.QueryError`` for what the cmdlet refuses.
        """
        eop = _of(self)
        query, now = Query(**_given(parameters)), eop.clock.now()
        page, _ = page_of(rows_of(eop.journal.message_records(), eop.journal.deliveries), query, now)
        return trees_of(page, query.span(now))

    def message_trace_detail(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """The events of a row of ``message_trace``; the one called Receive names the connector in its ``Data``."""
        eop, trace_id = _of(self), row["MessageTraceId"]
        journal = eop.journal
        records = (each for each in journal.message_records() if is_of(each, trace_id))
        rows = rows_of(records, journal.deliveries, eop.clock.now())
        return details(rows, trace_id, row["RecipientAddress"], row.get("Organization", ""))


def _of(emulator: Any) -> EmulatorForTests:
    found: EmulatorForTests = emulator
    return found


def _given(parameters: dict[str, Any]) -> dict[str, Any]:
    """By the names of ``Query``."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if name not in (*_ONE, *_SEVERAL):
            raise TypeError(f"message_trace() has no parameter {name!r}; it has {', '.join((*_SEVERAL, *_ONE))}")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise TypeError(f"message_trace({name}=…): the date needs a time zone, as of datetime.now(UTC)")
        snake = "".join(f"_{each.lower()}" if each.isupper() else each for each in name.replace("IP", "Ip"))[1:]
        found[snake] = ((value,) if isinstance(value, str) else tuple(value)) if name in _SEVERAL else value
    return found
