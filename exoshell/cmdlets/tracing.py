"""Get-MessageTraceV2, Get-MessageTraceDetailV2, their old names (facts connectors §1.8); a running server answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from exoshell.cmdlets.common import Tenancy, command
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.delivery.trace_query import STATUSES, SUBJECT_FILTERS

__all__ = ["commands"]

_FAMILY = "message trace"
_LISTS = ("SenderAddress", "RecipientAddress", "Status")
_TEXTS = ("MessageId", "MessageTraceId", "FromIP", "ToIP", "Subject", "SubjectFilterType", "StartingRecipientAddress")
_DATES = ("StartDate", "EndDate")
_MOMENTS = ("Received", *_DATES)  # columns that are dates
_MOST = 5000  # rows of one request
_VIEW = FormatView(("Received", "SenderAddress", "RecipientAddress", "Subject", "Status"))
_DETAIL_VIEW = FormatView(("Date", "Event", "Detail"))
_NOT_NEEDED = "Not looked at: the two ids say which."
_PAGE = (
    Param("Page", "int", about="Which page, from 1."),
    Param("PageSize", "int", about="Rows of a page, 1 to 5000 (1000)."),
)


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    asked = (
        *(Param(name, "datetime", about="UTC.") for name in _DATES),
        Param("SenderAddress", "strings", about="Addresses, or *@domain."),
        Param("RecipientAddress", "strings", about="Likewise."),
        Param("Status", "strings", about=f"Any of {', '.join(STATUSES)}."),
        *(Param(name, "string") for name in ("MessageId", "MessageTraceId", "FromIP", "ToIP", "Subject")),
        Param("SubjectFilterType", "enum", values=SUBJECT_FILTERS),
    )
    more = (
        Param("ResultSize", "int", about="1 to 5000 (1000)."),
        Param("StartingRecipientAddress", "string", about="Go on at this recipient, with -EndDate."),
    )
    of_one = (
        Param("MessageTraceId", "string", mandatory=True, from_pipeline="property"),
        Param("RecipientAddress", "string", mandatory=True, from_pipeline="property"),
        *(Param(name, "datetime", about="UTC; of the events.") for name in _DATES),
        *(Param(name, "string", about=_NOT_NEEDED) for name in ("MessageId", "SenderAddress")),
        *(Param(name, "strings", about="Only such events.") for name in ("Action", "Event")),
    )
    found = []
    for suffix, parameters in (("V2", (*asked, *more)), ("", (*asked, *_PAGE))):
        old = "" if suffix else " The old cmdlet."
        found.append(
            command(
                tenancy,
                f"Get-MessageTrace{suffix}",
                _rows,
                parameters,
                about=f"What happened to each accepted message, one row per recipient.{old}",
                family=_FAMILY,
                examples=(f"Get-MessageTrace{suffix} -RecipientAddress someone@fabrikam.example",),
            )
        )
        found.append(
            command(
                tenancy,
                f"Get-MessageTraceDetail{suffix}",
                _events,
                of_one,
                about=f"The events of one row; one of them names the connector.{old}",
                family=_FAMILY,
                examples=(f"Get-MessageTrace{suffix} | Get-MessageTraceDetail{suffix}",),
            )
        )
    return tuple(found)


def _rows(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    size = _between(invocation, "ResultSize" if invocation.given("ResultSize") else "PageSize", _MOST, 1000)
    page = _between(invocation, "Page", None, 1)
    values = [("Organization", tenancy.organization)]
    for name in _LISTS:
        values += [(name, str(each)) for each in invocation.get(name) or ()]
    values += [(name, str(invocation.get(name))) for name in _TEXTS if invocation.get(name)]
    values += [(name, _moment(invocation.get(name))) for name in _DATES if invocation.get(name)]
    rows, further = _collected(tenancy, values, size * page)
    for row in rows[size * (page - 1) :]:
        found = {**row, **{name: _read(row[name]) for name in _MOMENTS}}
        yield PsObject.of(found, "Microsoft.Exchange.Management.FfoReporting.MessageTrace", _VIEW)
    if further is not None:
        invocation.streams.warning(_more(invocation, further, size, page))


def _collected(
    tenancy: Tenancy, values: list[tuple[str, str]], wanted: int
) -> tuple[list[dict[str, Any]], dict[str, str] | None]:
    """So many rows, by as many requests as it takes; and what the next one would begin with."""
    rows: list[dict[str, Any]] = []
    while True:
        found = tenancy.backend.trace([*values, ("ResultSize", str(min(wanted - len(rows), _MOST)))])
        rows += found["rows"]
        further = found.get("next")
        if further is None or len(rows) >= wanted:
            return rows, further
        values = [each for each in values if each[0] not in further] + list(further.items())


def _between(invocation: Invocation, name: str, most: int | None, usual: int) -> int:
    value: int = invocation.get(name, usual)
    if value < 1 or (most is not None and value > most):
        limit = f"from 1 to {most}" if most is not None else "1 or more"
        raise PsError(
            f"-{name}: is {limit}, not {value}",
            error_id=f"{name},{invocation.command.name}",
            category="InvalidArgument",
            terminating=False,
        )
    return value


def _more(invocation: Invocation, further: dict[str, str], size: int, page: int) -> str:
    """The service's words (facts §1.8, M); those of the old cmdlet, which knows pages, are ours (assumption)."""
    name = invocation.command.name
    if invocation.command.parameter("Page") is not None:
        return f"There are more results: {name} -Page {page + 1} -PageSize {size}"
    given = " ".join(f'-{key} "{value}"' for key, value in further.items())
    return f"There are more results, use the following command to get more. {name} {given} -ResultSize {size}"


def _events(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    pairs = []
    rows = [each for each in invocation.input if isinstance(each, PsObject) and "MessageTraceId" in each.properties]
    if rows:
        pairs = [(each.properties["MessageTraceId"], each.properties["RecipientAddress"]) for each in rows]
    elif invocation.given("MessageTraceId") and invocation.given("RecipientAddress"):
        pairs = [(invocation.get("MessageTraceId"), invocation.get("RecipientAddress"))]
    else:
        raise PsError(
            "give the rows of Get-MessageTraceV2, or -MessageTraceId and -RecipientAddress",
            error_id=f"MissingArgument,{invocation.command.name}",
            category="InvalidArgument",
        )
    for trace_id, recipient in pairs:
        for event in tenancy.backend.trace_detail(str(trace_id), str(recipient), tenancy.organization):
            properties = {"MessageTraceId": trace_id, "RecipientAddress": recipient, **event}
            properties["Date"] = _read(event["Date"])
            if not _asked(invocation, properties):
                continue
            yield PsObject.of(properties, "Microsoft.Exchange.Management.FfoReporting.MessageTraceDetail", _DETAIL_VIEW)


def _asked(invocation: Invocation, event: dict[str, Any]) -> bool:
    for name in ("Action", "Event"):
        wanted = {str(each).casefold() for each in invocation.get(name) or ()}
        if wanted and str(event[name]).casefold() not in wanted:
            return False
    start, end = (_aware(invocation.get(name)) for name in _DATES)
    return (start is None or start <= event["Date"]) and (end is None or event["Date"] <= end)


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
