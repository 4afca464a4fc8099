"""Get-MessageTraceV2, Get-MessageTraceDetailV2, their old names (facts connectors §1.8); a running server answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fakeeop.exchange.cmdlets.common import Tenancy, command
from fakeeop.exchange.powershell.errors import PsError
from fakeeop.exchange.powershell.host import Command, Invocation, Parameter
from fakeeop.exchange.powershell.values import PsObject, View
from fakeeop.tracing import STATUSES, SUBJECT_FILTERS

__all__ = ["commands"]

_FAMILY = "message trace"
_LISTS = ("SenderAddress", "RecipientAddress", "Status")
_TEXTS = ("MessageId", "MessageTraceId", "FromIP", "ToIP", "Subject", "SubjectFilterType", "StartingRecipientAddress")
_DATES = ("StartDate", "EndDate")
_VIEW = View(("Received", "SenderAddress", "RecipientAddress", "Subject", "Status"))
_DETAIL_VIEW = View(("Date", "Event", "Detail"))
_PAGE = (
    Parameter("Page", "int", about="Which page, from 1."),
    Parameter("PageSize", "int", about="Rows of a page, 1 to 5000 (1000)."),
)


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    asked = (
        *(Parameter(name, "datetime", about="UTC.") for name in _DATES),
        Parameter("SenderAddress", "strings", about="Addresses, or *@domain."),
        Parameter("RecipientAddress", "strings", about="Likewise."),
        Parameter("Status", "strings", about=f"Any of {', '.join(STATUSES)}."),
        *(Parameter(name, "string") for name in ("MessageId", "MessageTraceId", "FromIP", "ToIP", "Subject")),
        Parameter("SubjectFilterType", "enum", values=SUBJECT_FILTERS),
    )
    more = (
        Parameter("ResultSize", "int", about="1 to 5000 (1000)."),
        Parameter("StartingRecipientAddress", "string", about="Go on at this recipient, with -EndDate."),
    )
    of_one = (
        Parameter("MessageTraceId", "string", mandatory=True, from_pipeline="property"),
        Parameter("RecipientAddress", "string", mandatory=True, from_pipeline="property"),
        *(Parameter(name, "datetime") for name in _DATES),
        *(Parameter(name, "string") for name in ("MessageId", "SenderAddress")),
        *(Parameter(name, "strings") for name in ("Action", "Event")),
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
                about=f"What became of each accepted message, one row per recipient.{old}",
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
    size = invocation.get("ResultSize") or invocation.get("PageSize") or 1000
    page = invocation.get("Page") or 1
    values: list[tuple[str, str]] = [("ResultSize", str(min(size * page, 5000)))]
    for name in _LISTS:
        values += [(name, str(each)) for each in invocation.get(name) or ()]
    values += [(name, str(invocation.get(name))) for name in _TEXTS if invocation.get(name)]
    values += [(name, _moment(invocation.get(name))) for name in _DATES if invocation.get(name)]
    found = tenancy.backend.trace(values)
    for row in found["rows"][size * (page - 1) :]:
        if not row.get("Organization") or row["Organization"].casefold() == tenancy.organization.casefold():
            yield PsObject.of(
                {**row, "Received": _read(row["Received"])},
                "Microsoft.Exchange.Management.FfoReporting.MessageTrace",
                _VIEW,
            )
    further = found.get("next")
    if further is not None:
        name = invocation.command.name
        invocation.streams.warning(
            f'There are more results, use the following command to get more. {name} -EndDate "{further["EndDate"]}"'
            f' -StartingRecipientAddress "{further["StartingRecipientAddress"]}" -ResultSize {size}'
        )


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
    wanted = {str(each).casefold() for each in invocation.get("Event") or ()}
    for trace_id, recipient in pairs:
        for event in tenancy.backend.trace_detail(str(trace_id), str(recipient)):
            if wanted and str(event["Event"]).casefold() not in wanted:
                continue
            properties = {"MessageTraceId": trace_id, "RecipientAddress": recipient, **event}
            properties["Date"] = _read(event["Date"])
            yield PsObject.of(properties, "Microsoft.Exchange.Management.FfoReporting.MessageTraceDetail", _DETAIL_VIEW)


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
