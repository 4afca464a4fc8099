"""Message trace over HTTP: the parameters and columns of Get-MessageTraceV2 and Get-MessageTraceDetailV2."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from fakeeop.admin.document import answer
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.delivery.message_trace import details, is_of, next_of, page_of, rows_of, trees_of
from fakeeop.delivery.trace_query import Query as TraceQuery
from fakeeop.delivery.trace_query import QueryError
from fakeeop.journal.memory import MessageRecord

__all__ = ["trace_routes"]

_PAGE = 1000  # records read from a store at a time
_ADDRESS = "An address, or `*@domain`; several are alternatives."
_WHO = "The tenant who asks; all if none."
_MOMENT = "ISO 8601; UTC where it names no offset."


def trace_routes(subject: Subject) -> APIRouter:
    """Every route below ``/message-trace``."""
    router = APIRouter(prefix="/message-trace", tags=["journal"])
    _rows_route(router, subject)
    _events_route(router, subject)
    return router


def _rows_route(router: APIRouter, subject: Subject) -> None:
    @router.get(
        "",
        summary="One row per recipient of an accepted message, as Get-MessageTraceV2 gives them",
        responses=answer("MessageTrace", 422),
    )
    async def get_trace(
        sender: Annotated[list[str] | None, Query(alias="SenderAddress", max_length=100, description=_ADDRESS)] = None,
        to: Annotated[list[str] | None, Query(alias="RecipientAddress", max_length=100, description=_ADDRESS)] = None,
        start: Annotated[datetime | None, Query(alias="StartDate", description=_MOMENT)] = None,
        end: Annotated[datetime | None, Query(alias="EndDate", description=_MOMENT)] = None,
        status: Annotated[list[str] | None, Query(alias="Status", max_length=10)] = None,
        message_id: Annotated[str, Query(alias="MessageId")] = "",
        trace_id: Annotated[str, Query(alias="MessageTraceId")] = "",
        from_ip: Annotated[str, Query(alias="FromIP")] = "",
        to_ip: Annotated[str, Query(alias="ToIP")] = "",
        about: Annotated[str, Query(alias="Subject")] = "",
        filter_type: Annotated[str, Query(alias="SubjectFilterType")] = "Contains",
        size: Annotated[int, Query(alias="ResultSize", ge=1, le=5000)] = 1000,
        starting: Annotated[str, Query(alias="StartingRecipientAddress")] = "",
        organization: Annotated[str, Query(alias="Organization", description=_WHO)] = "",
    ) -> Response:
        query = TraceQuery(
            sender_address=tuple(sender or ()),
            recipient_address=tuple(to or ()),
            start_date=_aware(start),
            end_date=_aware(end),
            status=tuple(status or ()),
            message_id=message_id,
            message_trace_id=trace_id,
            from_ip=from_ip,
            to_ip=to_ip,
            subject=about,
            subject_filter_type=filter_type,
            result_size=size,
            starting_recipient_address=starting,
            organization=organization,
        )
        return await asyncio.to_thread(_answered, subject, query)


def _events_route(router: APIRouter, subject: Subject) -> None:
    @router.get(
        "/{trace}/{recipient}",
        summary="The events of one recipient of one message, as Get-MessageTraceDetailV2 gives them",
        responses=answer("MessageTraceDetail", 404),
    )
    async def get_detail(
        trace: str,
        recipient: str,
        organization: Annotated[str, Query(alias="Organization", description=_WHO)] = "",
    ) -> Response:
        def respond() -> Response:
            found = details(_rows(subject, lambda record: is_of(record, trace)), trace, recipient, organization)
            if not found:
                raise ApiProblem(404, f"no message {trace[:100]!r} to {recipient[:100]!r} is remembered")
            return tree_response({"events": found})

        return await asyncio.to_thread(respond)


def _answered(subject: Subject, query: Any) -> Response:
    now = subject.clock.now()
    try:
        start, end = query.span(now)
        page, further = page_of(_rows(subject, lambda record: start <= record.received <= end), query, now)
    except QueryError as why:
        raise ApiProblem(422, str(why)) from why
    return tree_response({"rows": trees_of(page, (start, end)), "next": next_of(further, start)})


def _rows(subject: Subject, fits: Callable[[MessageRecord], bool]) -> list[Any]:
    journal, now = subject.journal, subject.clock.now()
    found: list[Any] = []
    after: str | None = None
    while True:
        page, after = journal.message_page(fits, _PAGE, after)
        found += rows_of(page, journal.deliveries, now)
        if after is None:
            return found


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
