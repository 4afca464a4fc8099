"""The OpenAPI document: what FastAPI knows of the routes, and the schemas of bodies that only we know."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fakeeop.admin.problems import MEDIA_TYPE
from fakeeop.admin.schemas import SCHEMAS
from fakeeop.config.schema import tenant_schema

__all__ = ["answer", "body", "document"]

_DESCRIPTION = """\
Administers one running fakeeop: its tenants in Exchange Online's words, its journal, its faults and its clock.
Unofficial, not affiliated with Microsoft. Keys of tenants are compared without case, and are checked by more rules than
a schema can say: a change that breaks one is answered with 422 and all broken rules, and changes nothing."""
_PROBLEMS = {
    400: "The body is not JSON.",
    401: "The token is missing or wrong.",
    403: "Host or Origin is not one of this server's.",
    404: "There is no such thing.",
    409: "It does not go with the state of the server.",
    412: "It was changed meanwhile.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A parameter or the body is wrong; `problems` holds every broken rule.",
    503: "Not now.",
}
_COMPONENTS = {
    "tenant": "Tenant",
    "acceptedDomain": "AcceptedDomain",
    "inboundConnector": "InboundConnector",
    "organizationConfig": "OrganizationConfig",
    "transportConfig": "TransportConfig",
    "behaviour": "Behaviour",
}


def reference(name: str) -> dict[str, Any]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(
    schema: str | dict[str, Any] | None,
    *problems: int,
    status: int = 200,
    says: str = "Done.",
    media: str = "application/json",
    tagged: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """``responses`` of a route: its answer and the problems that it may have, in addition to those of every route."""
    good: dict[str, Any] = {"description": says}
    if schema is not None:
        shape = reference(schema) if isinstance(schema, str) else schema
        good["content"] = {media: {"schema": shape}}
    if tagged:
        good["headers"] = {"ETag": {"description": "For If-Match.", "schema": {"type": "string"}}}
    found: dict[int | str, dict[str, Any]] = {status: good}
    if tagged:
        found[304] = {"description": "Unchanged since the tag of If-None-Match."}
    return found | {number: problem(number) for number in sorted({401, 403, *problems})}


def problem(status: int) -> dict[str, Any]:
    """A response that says no."""
    return {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": reference("Problem")}}}


def body(schema: str | dict[str, Any], *media: str, required: bool = True) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads its body itself."""
    shape = reference(schema) if isinstance(schema, str) else schema
    content = {kind: {"schema": shape} for kind in media or ("application/json",)}
    return {"requestBody": {"required": required, "content": content}}


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    found = get_openapi(
        title="fakeeop admin API", version=version, openapi_version="3.1.0", description=_DESCRIPTION, routes=app.routes
    )
    schemas = {**_tenant_schemas(), **copy.deepcopy(SCHEMAS)}
    found["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "With --admin-token-file."}},
    }
    found["security"] = [{}, {"token": []}]
    for path in found["paths"].values():
        for operation in path.values():
            for status in list(operation["responses"]):
                content = operation["responses"][status].get("content", {})
                if status == "422" and "HTTPValidationError" in str(content):
                    operation["responses"][status] = problem(422)
                elif content == {"application/json": {"schema": {}}}:  # what FastAPI supposes of every route
                    del operation["responses"][status]["content"]
    return found


def _tenant_schemas() -> dict[str, Any]:
    """The parts of the tenant file's schema as components, and what a merge patch of each looks like."""
    schema = tenant_schema()
    parts = {_COMPONENTS.get(name, name[:1].upper() + name[1:]): part for name, part in schema.pop("$defs").items()}
    for key in ("$schema", "$comment", "title"):
        schema.pop(key, None)
    found = {"TenantFile": schema, **parts}
    for name in ("InboundConnector", "AcceptedDomain", "OrganizationConfig", "TransportConfig", "Behaviour"):
        part = copy.deepcopy(parts[name])
        part.pop("required", None)
        part["description"] = f"A JSON Merge Patch (RFC 7396) of {name}: null takes a key out."
        for key, shape in part["properties"].items():
            part["properties"][key] = {"anyOf": [shape, {"type": "null"}]}
        found[f"{name}Patch"] = part
    listed = {"type": "array", "items": {"type": "object"}}
    for name, key in (("InboundConnectors", "InboundConnectors"), ("AcceptedDomains", "AcceptedDomains")):
        found[name] = {"type": "object", "properties": {key: listed}, "required": [key]}
    result: dict[str, Any] = _moved(found)
    return result


def _moved(tree: Any) -> Any:
    if isinstance(tree, dict):
        moved = {key: _moved(value) for key, value in tree.items()}
        name = moved.get("$ref")
        if isinstance(name, str) and name.startswith("#/$defs/"):
            part = name.removeprefix("#/$defs/")
            moved["$ref"] = f"#/components/schemas/{_COMPONENTS.get(part, part[:1].upper() + part[1:])}"
        return moved
    return [_moved(each) for each in tree] if isinstance(tree, list) else tree
