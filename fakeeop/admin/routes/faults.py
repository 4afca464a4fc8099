"""What goes wrong: seen, set, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from fakeeop.admin.bodies import JSON_TYPES, YAML_TYPES, read_body, refuse_unknown
from fakeeop.admin.document import answer, body
from fakeeop.admin.problems import ApiProblem, problem_tree, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.config.faults.words import fault_tree
from fakeeop.errors import ConfigError

__all__ = ["fault_routes"]

_SEED_MAX = 1 << 63


def fault_routes(subject: Subject) -> APIRouter:
    """Every route below ``/faults``."""
    router = APIRouter(prefix="/faults", tags=["faults"])

    def shown() -> Response:
        fired = subject.faults_fired
        trees = [fault_tree(fault) for fault in subject.faults]
        return tree_response({"Faults": trees, "fired": list(fired)})

    @router.get("", summary="The faults in force, and how often each has fired", responses=answer("FaultsInForce"))
    async def get_faults() -> Response:
        return shown()

    @router.put(
        "",
        summary="Only these from now on, in open sessions too; they count anew",
        responses=answer("FaultsInForce", 400, 413, 415, 422),
        openapi_extra=body("FaultsToSet", *JSON_TYPES, *YAML_TYPES),
    )
    async def put_faults(request: Request) -> Response:
        faults, seed = _faults_and_seed(await read_body(request, (*JSON_TYPES, *YAML_TYPES)))
        try:
            subject.set_faults(faults, seed)
        except ConfigError as why:
            detail = f"the faults have {len(why.problems)} mistakes; nothing was changed"
            raise ApiProblem(422, detail, map(problem_tree, why.problems)) from why
        return shown()

    @router.delete("", status_code=204, summary="Nothing goes wrong any more", responses=_done())
    async def delete_faults() -> Response:
        subject.clear_faults()
        return Response(status_code=204)

    @router.put("/flags/{flag}", status_code=204, summary="End the faults that last until this flag", responses=_done())
    async def put_flag(flag: str) -> Response:
        subject.set_flag(flag)
        return Response(status_code=204)

    return router


def _faults_and_seed(given: Any) -> tuple[list[Any], int]:
    """A list of faults, or ``{Faults: [...], FaultSeed: 7}`` as in a tenant file."""
    if isinstance(given, list):
        return given, 0
    if not isinstance(given, Mapping):
        raise ApiProblem(422, "the body is neither a list of faults nor an object with Faults")
    refuse_unknown(given, ("Faults", "FaultSeed"))
    faults, seed = given.get("Faults"), given.get("FaultSeed", 0)
    if not isinstance(faults, list):
        raise ApiProblem(422, "Faults is not a list")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < _SEED_MAX:
        raise ApiProblem(422, "FaultSeed is not a whole number from 0 up")
    return faults, seed


def _done() -> dict[int | str, dict[str, Any]]:
    return answer(None, 404, 422, status=204, says="Done.")
