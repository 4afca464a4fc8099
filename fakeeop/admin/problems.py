"""Answers that say no, as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from fakeeop.errors import Problem

__all__ = ["MEDIA_TYPE", "ApiProblem", "problem_response", "problem_tree", "tree_response"]

MEDIA_TYPE = "application/problem+json"


class ApiProblem(Exception):
    """A request that cannot be done: ``status`` with ``detail`` for people, ``problems`` one by one."""

    def __init__(
        self,
        status: int,
        detail: str,
        problems: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.problems = list(problems)
        self.headers = dict(headers or {})
        super().__init__(detail)


def problem_tree(problem: Problem) -> dict[str, Any]:
    """One broken rule of the tenant file: code, where, message, fix; the line where the body has lines."""
    tree: dict[str, Any] = {
        "code": problem.code,
        "where": list(problem.where),
        "message": problem.message,
        "fix": problem.fix,
        "source": problem.source,
    }
    return tree if problem.line is None else {**tree, "line": problem.line}


def problem_response(
    status: int,
    detail: str,
    problems: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer of an ApiProblem."""
    tree = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "problems": list(problems)}
    return _json(tree, status, headers, MEDIA_TYPE)


def tree_response(tree: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer. ASCII only: a journal may hold text that UTF-8 has no octets for (lone surrogates)."""
    return _json(tree, status, headers, "application/json")


def _json(tree: Any, status: int, headers: Mapping[str, str] | None, media_type: str) -> Response:
    content = json.dumps(tree, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"
    return Response(content, status, headers, media_type)
