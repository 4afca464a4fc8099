"""Tenants, connectors, domains and settings: read, and changed under the rules of the tenant file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from fakeeop.admin.bodies import JSON_TYPES, PATCH_TYPES, YAML_TYPES, read_body, read_mapping
from fakeeop.admin.document import answer, body
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.store import TenantStore, element_of, index_of
from fakeeop.config.editor.tree import TABLES, find, identity_of, merged, respelled
from fakeeop.config.parameters.tables import TENANT
from fakeeop.config.secrets import masked

__all__ = ["tenant_routes"]

IfMatch = Annotated[str | None, Header(description="Change it only if it still has this ETag.")]
IfNoneMatch = Annotated[str | None, Header(description="Answer 304 if it still has this ETag.")]

_LISTS = {"inbound-connectors": "InboundConnectors", "accepted-domains": "AcceptedDomains"}
_SETTINGS = {"organization-config": "OrganizationConfig", "transport-config": "TransportConfig"}
_CHANGE = (400, 404, 409, 412, 413, 415, 422)
Tree = dict[str, Any]


def tenant_routes(store: TenantStore) -> APIRouter:
    """Every route below ``/tenants``, and ``/behaviour``."""
    router = APIRouter(tags=["tenants"])
    _whole(router, store)
    _one_tenant(router, store)
    for path, kind in _SETTINGS.items():
        _settings(router, store, path, kind)
    for path, kind in _LISTS.items():
        _list_routes(router, store, path, kind)
        _element_routes(router, store, path, kind)
    _behaviour(router, store)
    return router


def _shown(
    store: TenantStore, part: Any, if_none_match: str | None = None, status: int = 200, **headers: str
) -> Response:
    """A part with its tag, secrets masked."""
    tag = store.tag(part)
    if if_none_match is not None and tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": tag})
    return tree_response(masked(part), status, {"ETag": tag, **headers})


def _whole(router: APIRouter, store: TenantStore) -> None:
    @router.get("/tenants", summary="The whole tenant file", responses=answer("TenantFile", 409, tagged=True))
    async def get_tenants(if_none_match: IfNoneMatch = None) -> Response:
        return _shown(store, store.tree(), if_none_match)

    @router.put(
        "/tenants",
        summary="Replace the whole tenant file",
        responses=answer("TenantFile", *_CHANGE, tagged=True),
        openapi_extra=body("TenantFile", *JSON_TYPES, *YAML_TYPES),
    )
    async def put_tenants(request: Request, if_match: IfMatch = None) -> Response:
        return _shown(store, await store.replace(await read_body(request, (*JSON_TYPES, *YAML_TYPES)), if_match))


def _one_tenant(router: APIRouter, store: TenantStore) -> None:
    @router.get("/tenants/{tenant}", summary="One tenant", responses=answer("Tenant", 404, 409, tagged=True))
    async def get_tenant(tenant: str, if_none_match: IfNoneMatch = None) -> Response:
        return _shown(store, _tenant(store.tree(), tenant), if_none_match)

    @router.put(
        "/tenants/{tenant}",
        summary="Make or replace one tenant",
        responses=answer("Tenant", *_CHANGE, tagged=True)
        | {201: {"description": "Made.", "content": {"application/json": {"schema": {"type": "object"}}}}},
        openapi_extra=body("Tenant"),
    )
    async def put_tenant(request: Request, tenant: str, if_match: IfMatch = None) -> Response:
        given = respelled(await read_mapping(request), TENANT)
        name = str(given.setdefault("Name", tenant))
        made = False

        def edit(tree: Tree) -> Tree:
            nonlocal made
            at = find(tree["Tenants"], "Tenants", tenant)
            made = at is None
            store.demand(None if at is None else tree["Tenants"][at], if_match)
            return {**tree, "Tenants": _replaced(tree["Tenants"], at, given)}

        tree = await store.change(edit)
        return _shown(store, _tenant(tree, name), status=201 if made else 200, Location=f"/tenants/{_quoted(name)}")

    @router.delete("/tenants/{tenant}", status_code=204, summary="Remove one tenant", responses=_gone())
    async def delete_tenant(tenant: str, if_match: IfMatch = None) -> Response:
        def edit(tree: Tree) -> Tree:
            at = index_of(tree["Tenants"], "Tenants", tenant)
            store.demand(tree["Tenants"][at], if_match)
            return {**tree, "Tenants": _replaced(tree["Tenants"], at)}

        await store.change(edit)
        return Response(status_code=204)


def _settings(router: APIRouter, store: TenantStore, path: str, kind: str) -> None:
    @router.get(
        f"/tenants/{{tenant}}/{path}",
        summary=f"{kind} of a tenant",
        name=f"get_{path}",
        responses=answer(kind, 404, 409, tagged=True),
    )
    async def get_settings(tenant: str, if_none_match: IfNoneMatch = None) -> Response:
        return _shown(store, _tenant(store.tree(), tenant).get(kind) or {}, if_none_match)

    @router.patch(
        f"/tenants/{{tenant}}/{path}",
        summary=f"Change {kind} of a tenant",
        name=f"patch_{path}",
        responses=answer(kind, *_CHANGE, tagged=True),
        openapi_extra=body(f"{kind}Patch", *PATCH_TYPES),
    )
    async def patch_settings(request: Request, tenant: str, if_match: IfMatch = None) -> Response:
        patch = respelled(await read_mapping(request, PATCH_TYPES), TABLES[kind])

        def edit(found: Tree) -> Tree:
            old = found.get(kind) or {}
            store.demand(old, if_match)
            return {**found, kind: merged(old, patch)}

        tree = await store.change(lambda tree: _with_tenant(tree, tenant, edit))
        return _shown(store, _tenant(tree, tenant)[kind])


def _list_routes(router: APIRouter, store: TenantStore, path: str, kind: str) -> None:
    one, identity = kind.removesuffix("s"), identity_of(kind)

    @router.get(
        f"/tenants/{{tenant}}/{path}",
        summary=f"{kind} of a tenant",
        name=f"get_{path}",
        responses=answer(kind, 404, 409, tagged=True),
    )
    async def get_list(tenant: str, if_none_match: IfNoneMatch = None) -> Response:
        elements = _tenant(store.tree(), tenant).get(kind) or []
        listed = [{identity: each} if isinstance(each, str) else each for each in elements]
        return _shown(store, {kind: listed}, if_none_match)

    @router.post(
        f"/tenants/{{tenant}}/{path}",
        summary=f"Add one to {kind}",
        name=f"post_{path}",
        status_code=201,
        responses=answer(one, *_CHANGE, status=201, says="Made."),
        openapi_extra=body(one),
    )
    async def post_element(request: Request, tenant: str) -> Response:
        given = respelled(await read_mapping(request), TABLES[kind])
        name = given.get(identity)

        def edit(found: Tree) -> Tree:
            elements = found.get(kind) or []
            if isinstance(name, str) and find(elements, kind, name) is not None:
                raise ApiProblem(409, f"{kind} has a {name[:200]!r} already: PATCH it, or choose another {identity}")
            return {**found, kind: [*elements, given]}

        tree = await store.change(lambda tree: _with_tenant(tree, tenant, edit))
        made = _tenant(tree, tenant)[kind][-1]
        return _shown(store, made, status=201, Location=f"/tenants/{_quoted(tenant)}/{path}/{_quoted(str(name))}")


def _element_routes(router: APIRouter, store: TenantStore, path: str, kind: str) -> None:
    one = kind.removesuffix("s")
    place = f"/tenants/{{tenant}}/{path}/{{name:path}}"  # a connector's name may have slashes

    def change(name: str, if_match: str | None, new: Callable[[Tree], Tree] | None) -> Callable[[Tree], Tree]:
        def edit(found: Tree) -> Tree:
            elements = found.get(kind) or []
            old = element_of(elements, kind, name)
            store.demand(old, if_match)
            at = index_of(elements, kind, name)
            return {**found, kind: _replaced(elements, at, *(() if new is None else (new(old),)))}

        return edit

    @router.get(place, summary=f"One {one}", name=f"get_{one}", responses=answer(one, 404, 409, tagged=True))
    async def get_element(tenant: str, name: str, if_none_match: IfNoneMatch = None) -> Response:
        return _shown(store, element_of(_tenant(store.tree(), tenant).get(kind) or [], kind, name), if_none_match)

    @router.patch(
        place,
        summary=f"Change one {one}",
        name=f"patch_{one}",
        responses=answer(one, *_CHANGE, tagged=True),
        openapi_extra=body(f"{one}Patch", *PATCH_TYPES),
    )
    async def patch_element(request: Request, tenant: str, name: str, if_match: IfMatch = None) -> Response:
        patch = respelled(await read_mapping(request, PATCH_TYPES), TABLES[kind])
        edit = change(name, if_match, lambda old: merged(old, patch))
        tree = await store.change(lambda tree: _with_tenant(tree, tenant, edit))
        now = patch.get(identity_of(kind)) or name
        return _shown(store, element_of(_tenant(tree, tenant)[kind], kind, now))

    @router.delete(place, status_code=204, summary=f"Remove one {one}", name=f"delete_{one}", responses=_gone())
    async def delete_element(tenant: str, name: str, if_match: IfMatch = None) -> Response:
        edit = change(name, if_match, None)
        await store.change(lambda tree: _with_tenant(tree, tenant, edit))
        return Response(status_code=204)


def _behaviour(router: APIRouter, store: TenantStore) -> None:
    @router.get("/behaviour", summary="The knobs that are set", responses=answer("Behaviour", 409, tagged=True))
    async def get_behaviour(if_none_match: IfNoneMatch = None) -> Response:
        return _shown(store, store.tree().get("Behaviour") or {}, if_none_match)

    @router.patch(
        "/behaviour",
        summary="Set knobs; null gives one its default",
        responses=answer("Behaviour", *_CHANGE, tagged=True),
        openapi_extra=body("BehaviourPatch", *PATCH_TYPES),
    )
    async def patch_behaviour(request: Request, if_match: IfMatch = None) -> Response:
        patch = respelled(await read_mapping(request, PATCH_TYPES), None)

        def edit(tree: Tree) -> Tree:
            old = tree.get("Behaviour") or {}
            store.demand(old, if_match)
            return {**tree, "Behaviour": merged(old, patch)}

        return _shown(store, (await store.change(edit)).get("Behaviour") or {})


# ---- parts of a tree


def _tenant(tree: Tree, name: str) -> Tree:
    found: Tree = tree["Tenants"][index_of(tree["Tenants"], "Tenants", name)]
    return found


def _with_tenant(tree: Tree, name: str, edit: Callable[[Tree], Tree]) -> Tree:
    at = index_of(tree["Tenants"], "Tenants", name)
    return {**tree, "Tenants": _replaced(tree["Tenants"], at, edit(tree["Tenants"][at]))}


def _replaced(elements: list[Any], at: int | None, *new: Any) -> list[Any]:
    """``new`` in the place of one element; at the end if there was none."""
    return [*elements, *new] if at is None else [*elements[:at], *new, *elements[at + 1 :]]


def _gone() -> dict[int | str, dict[str, Any]]:
    return answer(None, 404, 409, 412, 422, status=204, says="Removed.")


def _quoted(name: str) -> str:
    return quote(name, safe="")
