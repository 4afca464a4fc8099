"""What a request brought: JSON or YAML text as data, or a problem that says what is wrong with it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from fakeeop.admin.problems import ApiProblem, problem_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError

__all__ = ["JSON_TYPES", "PATCH_TYPES", "YAML_TYPES", "read_body", "read_mapping", "refuse_unknown"]

JSON_TYPES = ("application/json",)
PATCH_TYPES = ("application/merge-patch+json", "application/json")
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")

_IN_A_THREAD = 64 * 1024  # octets from which reading would keep mail waiting


async def read_body(request: Request, types: tuple[str, ...] = JSON_TYPES) -> Any:
    """The data of the body. 415 for another media type, 400 for text that is not that type, 413 if there is too much.

    The media type is asked for because a page in a browser may send some types anywhere without asking (CORS).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in types:
        raise ApiProblem(415, f"send {' or '.join(types)}, and say so in Content-Type")
    content = await request.body()
    read = _yaml if kind in YAML_TYPES else _json
    return read(content) if len(content) < _IN_A_THREAD else await asyncio.to_thread(read, content)


async def read_mapping(request: Request, types: tuple[str, ...] = JSON_TYPES) -> dict[str, Any]:
    """As ``read_body``; 422 for anything but an object."""
    data = await read_body(request, types)
    if not isinstance(data, Mapping):
        raise ApiProblem(422, "the body is not a JSON object")
    return dict(data)


def refuse_unknown(body: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """422 for a key that nobody looks at."""
    strange = [key for key in body if key not in known]
    if strange:
        raise ApiProblem(422, f"there is no {', '.join(map(repr, strange))[:200]}; known here: {', '.join(known)}")


def _json(content: bytes) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as why:
        raise ApiProblem(400, "the body is nested too deeply") from why
    except ValueError as why:  # JSONDecodeError and UnicodeDecodeError are two of them
        raise ApiProblem(400, f"the body is not JSON: {why}") from why


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one object")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _yaml(content: bytes) -> Any:
    try:
        return load_marked(content.decode("utf-8-sig"), "<body>")
    except UnicodeDecodeError as why:
        raise ApiProblem(400, "the body is not UTF-8 text") from why
    except ConfigError as why:
        raise ApiProblem(400, "the body is not YAML", map(problem_tree, why.problems)) from why
