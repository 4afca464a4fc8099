"""``admin``: a tenant tree with one change made, as an administrator's cmdlet would make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import HarnessError

__all__ = ["changed_tree"]


def changed_tree(tree: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A changed copy; what stays is shared. Raises HarnessError for a tenant or connector that is not there."""
    action, values = next((name, value) for name, value in change.items())
    if action == "set-behaviour":
        return {**tree, "Behaviour": {**(tree.get("Behaviour") or {}), **values}}
    tenants = list(tree["Tenants"])
    at = _tenant_index(tenants, values.get("tenant"))
    if action == "set-organization-config":
        settings = {name: value for name, value in values.items() if name != "tenant"}
        tenants[at] = {
            **tenants[at],
            "OrganizationConfig": {**(tenants[at].get("OrganizationConfig") or {}), **settings},
        }
    else:
        settings = {name: value for name, value in values.items() if name not in ("tenant", "connector")}
        if action == "disable-connector":
            settings = {"Enabled": False}
        tenants[at] = _with_connector(tenants[at], str(values["connector"]), settings)
    return {**tree, "Tenants": tenants}


def _tenant_index(tenants: list[Any], name: str | None) -> int:
    if name is None and len(tenants) == 1:
        return 0
    for index, tenant in enumerate(tenants):
        if str(tenant.get("Name")).lower() == str(name).lower():
            return index
    known = ", ".join(str(tenant.get("Name")) for tenant in tenants)
    raise HarnessError(f"admin: {'name the tenant' if name is None else f'no tenant {name!r}'}; there are: {known}")


def _with_connector(tenant: Mapping[str, Any], name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    connectors = list(tenant.get("InboundConnectors") or ())
    for index, connector in enumerate(connectors):
        if str(connector.get("Name")).lower() == name.lower():
            connectors[index] = _updated(connector, settings)
            return {**tenant, "InboundConnectors": connectors}
    known = ", ".join(str(connector.get("Name")) for connector in connectors) or "none"
    raise HarnessError(f"admin: no connector {name!r}; there are: {known}")


def _updated(connector: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Parameter names are compared without case, as Exchange does."""
    given = {name.lower() for name in settings}
    return {name: value for name, value in connector.items() if name.lower() not in given} | dict(settings)
