"""The ASGI application: routes, problems, the guard in front. One for each emulator."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from fakeeop import __version__
from fakeeop.admin.document import document
from fakeeop.admin.guard import AccessGuard
from fakeeop.admin.metrics import Metrics
from fakeeop.admin.problems import ApiProblem, problem_response, tree_response
from fakeeop.admin.routes.faults import fault_routes
from fakeeop.admin.routes.identity import identity_routes
from fakeeop.admin.routes.journal import journal_routes
from fakeeop.admin.routes.lab import lab_routes
from fakeeop.admin.routes.reports import report_routes
from fakeeop.admin.routes.tenants import tenant_routes
from fakeeop.admin.routes.trace import trace_routes
from fakeeop.admin.settings import AdminSettings
from fakeeop.admin.store import TenantStore
from fakeeop.admin.subject import Subject
from fakeeop.admin.waiting import Waiters

__all__ = ["AdminApp"]


class AdminApp:
    """``guarded`` is what a server runs; ``api`` is the same without the guard."""

    def __init__(self, subject: Subject, settings: AdminSettings) -> None:
        self._journal = subject.journal
        self._waiters = Waiters(subject.journal)
        metrics = Metrics(subject.journal)
        self._journal.meter = metrics
        self.api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
        self.api.include_router(tenant_routes(TenantStore(subject)))
        self.api.include_router(journal_routes(subject, self._waiters))
        self.api.include_router(report_routes(subject))
        self.api.include_router(trace_routes(subject))
        self.api.include_router(fault_routes(subject))
        self.api.include_router(identity_routes(subject))
        self.api.include_router(lab_routes(subject, self._waiters, metrics))
        _document_route(self.api)
        _problem_handlers(self.api)
        self.guarded: ASGIApp = AccessGuard(self.api, settings)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return document(self.api, __version__)

    def closing(self) -> None:
        """The server is about to close: answer those who wait."""
        self._waiters.close()

    def closed(self) -> None:
        """Stop counting."""
        self._journal.meter = None


def _document_route(api: FastAPI) -> None:
    @api.get("/openapi.json", include_in_schema=False)
    async def get_document() -> Response:
        return tree_response(document(api, __version__))


def _problem_handlers(api: FastAPI) -> None:
    @api.exception_handler(ApiProblem)
    async def refused(_: Request, why: ApiProblem) -> Response:
        return problem_response(why.status, why.detail, why.problems, why.headers)

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, why: RequestValidationError) -> Response:
        problems = [
            {"code": str(error["type"]), "where": list(map(str, error["loc"])), "message": str(error["msg"]), "fix": ""}
            for error in why.errors()
        ]
        return problem_response(422, "a parameter is wrong", problems)

    @api.exception_handler(HTTPException)
    async def failed(request: Request, why: HTTPException) -> Response:
        detail = f"{request.method} {request.url.path[:200]}: {why.detail}; GET /openapi.json lists what there is"
        return problem_response(why.status_code, detail, headers=why.headers)

    @api.exception_handler(Exception)
    async def broken(_: Request, why: Exception) -> Response:
        return problem_response(500, f"a bug of fakeeop ({type(why).__name__}); the log has more")
