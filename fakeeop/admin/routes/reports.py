"""Delivery reports (DSNs) that the emulator made."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from fakeeop.admin.document import answer
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.journal.reports import ReportRecord, report_tree

__all__ = ["report_routes"]


def report_routes(subject: Subject) -> APIRouter:
    """Every route below ``/journal/reports``."""
    router = APIRouter(prefix="/journal/reports", tags=["journal"])

    @router.get("", summary="Delivery reports, oldest first", responses=answer("Reports", 404, 422))
    async def get_reports(
        session: Annotated[str | None, Query(description="About messages of this session only.")] = None,
        action: Annotated[str | None, Query(description="`failed`, `delayed`, `delivered` or `relayed`.")] = None,
        rcpt_to: Annotated[
            str | None, Query(alias="rcpt-to", description="To this sender; case does not count.")
        ] = None,
        content: Annotated[bool, Query(description="With `body` and `raw`.")] = False,
        limit: Annotated[int, Query(ge=1, le=1000, description="The maximum number.")] = 100,
        after: Annotated[str | None, Query(description="Only what came after the one with this id.")] = None,
    ) -> Response:
        records = subject.journal.report_records()
        if after is not None:
            records = records[records.index(_report(subject, after)) + 1 :]
        found = [
            each
            for each in records
            if session in (None, each.session)
            and action in (None, each.action)
            and (rcpt_to is None or each.rcpt_to.lower() == rcpt_to.lower())
        ]
        trees = [report_tree(each, content=content) for each in found[:limit]]
        return tree_response({"reports": trees, "next": trees[-1]["id"] if len(found) > limit else None})

    @router.get("/{report}", summary="One report", responses=answer("Report", 404))
    async def get_report(report: str) -> Response:
        return tree_response(report_tree(_report(subject, report)))

    @router.get(
        "/{report}/raw",
        summary="The octets of one report",
        responses=answer({"type": "string", "contentEncoding": "binary"}, 404, media="message/rfc822"),
    )
    async def get_raw(report: str) -> Response:
        record = _report(subject, report)
        name = re.sub(r"[^0-9A-Za-z.-]", "_", record.id)
        headers = {"Content-Disposition": f'attachment; filename="report-{name}.eml"'}
        return Response(record.content, 200, headers, "message/rfc822")

    return router


def _report(subject: Subject, name: str) -> ReportRecord:
    for record in subject.journal.report_records():
        if record.id == name:
            return record
    raise ApiProblem(404, f"no report {name[:100]!r} is remembered")
