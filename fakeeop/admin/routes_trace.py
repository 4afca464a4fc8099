"""Message trace over HTTP: the parameters and columns of Get-MessageTraceV2 and Get-MessageTraceDetailV2."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from fakeeop.admin.document import answer
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject

__all__ = ["trace_routes"]

_PAGE = 1000  # records read from a store at a time

Address = Annotated[
    list[str] | None, Query(max_length=100, description="An address, or `*@domain`; several are alternatives.")
]
Moment = Annotated[datetime | None, Query(description="ISO 8601; UTC where it names no offset.")]


def trace_routes(subject: Subject) -> APIRouter:
    """Every route below ``/message-trace``."""
    router = APIRouter(prefix="/message-trace", tags=["journal"])

    @router.get(
        "",
        summary="One row per recipient of an accepted message, as Get-MessageTraceV2 gives them",
        responses=answer("MessageTrace", 422),
    )
    async def get_trace(
        SenderAddress: Address = None,  # noqa: N803  Exchange's names, as are the next ones
        RecipientAddress: Address = None,  # noqa: N803
        StartDate: Moment = None,  # noqa: N803
        EndDate: Moment = None,  # noqa: N803
        Status: Annotated[list[str] | None, Query(max_length=10)] = None,  # noqa: N803
        MessageId: str = "",  # noqa: N803
        MessageTraceId: str = "",  # noqa: N803
        FromIP: str = "",  # noqa: N803
        ToIP: str = "",  # noqa: N803
        Subject: str = "",  # noqa: N803
        SubjectFilterType: str = "Contains",  # noqa: N803
        ResultSize: Annotated[int, Query(ge=1, le=5000)] = 1000,  # noqa: N803
        StartingRecipientAddress: str = "",  # noqa: N803
    ) -> Response:
        from fakeeop.tracing import Query as TraceQuery  # noqa: PLC0415  only for who asks: start-up time
        from fakeeop.tracing import QueryError, next_of, page_of  # noqa: PLC0415  as above

        query = TraceQuery(
            sender_address=tuple(SenderAddress or ()),
            recipient_address=tuple(RecipientAddress or ()),
            start_date=_aware(StartDate),
            end_date=_aware(EndDate),
            status=tuple(Status or ()),
            message_id=MessageId,
            message_trace_id=MessageTraceId,
            from_ip=FromIP,
            to_ip=ToIP,
            subject=Subject,
            subject_filter_type=SubjectFilterType,
            result_size=ResultSize,
            starting_recipient_address=StartingRecipientAddress,
        )

        def respond() -> Response:
            now = subject.clock.now()
            try:
                start, end = query.span(now)
                page, further = page_of(_rows(subject, start, end), query, now)
            except QueryError as why:
                raise ApiProblem(422, str(why)) from why
            return tree_response({"rows": [each.tree() for each in page], "next": next_of(further)})

        return await asyncio.to_thread(respond)

    @router.get(
        "/{trace}/{recipient}",
        summary="The events of one recipient of one message, as Get-MessageTraceDetailV2 gives them",
        responses=answer("MessageTraceDetail", 404),
    )
    async def get_detail(trace: str, recipient: str) -> Response:
        def respond() -> Response:
            from fakeeop.tracing import details  # noqa: PLC0415  only for who asks: start-up time

            found = details(_rows(subject, None, None), trace, recipient)
            if not found:
                raise ApiProblem(404, f"no message {trace[:100]!r} to {recipient[:100]!r} is remembered")
            return tree_response({"events": found})

        return await asyncio.to_thread(respond)

    return router


def _rows(subject: Subject, start: datetime | None, end: datetime | None) -> list[Any]:
    from fakeeop.tracing import rows_of  # noqa: PLC0415  only for who asks: start-up time

    journal = subject.journal
    found: list[Any] = []
    after: str | None = None
    while True:
        page, after = journal.message_page(
            lambda record: (start is None or start <= record.received) and (end is None or record.received <= end),
            _PAGE,
            after,
        )
        found += rows_of(page, journal.deliveries)
        if after is None:
            return found


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
