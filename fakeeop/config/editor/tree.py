"""A tenant file's content as plain data with right spellings, and the ways to look into it. Nothing here changes data
in place: a changed tree shares what stayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakeeop.config import values
from fakeeop.config.marked import line_of, read_tree
from fakeeop.config.parameters.kinds import KeyTable, ValueKind, key_of
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    DKIM_SIGNING,
    FILE,
    INBOUND_CONNECTOR,
    MAILBOX,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    TENANT,
    TRANSPORT_CONFIG,
)
from fakeeop.decision.knobs import KNOBS, knob_key
from fakeeop.model.addresses import canonical_domain

__all__ = ["TABLES", "find", "identity_of", "merged", "prepared", "refused_files", "respelled", "same_name"]

TABLES: dict[str, KeyTable] = {
    "Tenants": TENANT,
    "AcceptedDomains": ACCEPTED_DOMAIN,
    "InboundConnectors": INBOUND_CONNECTOR,
    "OutboundConnectors": OUTBOUND_CONNECTOR,
    "Mailboxes": MAILBOX,
    "DkimSigning": DKIM_SIGNING,
    "OrganizationConfig": ORGANIZATION_CONFIG,
    "TransportConfig": TRANSPORT_CONFIG,
}
_LISTS = ("Tenants", "AcceptedDomains", "InboundConnectors", "OutboundConnectors", "Mailboxes", "DkimSigning")
_FILES = tuple(row.name for row in TENANT.parameters if row.kind is ValueKind.FILE)


def identity_of(kind: str) -> str:
    """The key that names an element of the list ``kind``."""
    return "DomainName" if kind == "AcceptedDomains" else "Name"


def prepared(tree: Any, path: str) -> dict[str, Any]:
    """A copy of a sound tenant tree: plain, keys in their right spelling, the files that it names read into it."""
    top = respelled(tree, FILE)
    top.pop("$schema", None)
    top["Tenants"] = [_tenant(tenant, Path(path).parent) for tenant in _listed(top.get("Tenants"))]
    if isinstance(top.get("Behaviour"), Mapping):
        top["Behaviour"] = respelled(top["Behaviour"], None)
    return top


def _tenant(tree: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    tenant = respelled(tree, TENANT)
    for key in _FILES:
        file = tenant.pop(key, None)
        if file:
            kind = key.removesuffix("File")
            tenant[kind] = [*_listed(tenant.get(kind)), *_listed(_plain(read_tree(str(folder / str(file)))))]
    for kind, table in TABLES.items():
        settings = tenant.get(kind)
        if settings is None:
            continue
        if kind in _LISTS:
            tenant[kind] = [respelled(each, table) if isinstance(each, Mapping) else each for each in _listed(settings)]
        else:
            tenant[kind] = respelled(next(iter(_listed(settings)), {}), table)
    return tenant


def _listed(value: Any) -> list[Any]:
    """A list in any of the forms that the loader takes: one element, ConvertTo-Json's wrapping, names with commas."""
    if value is None:
        return []
    if isinstance(value, str):
        return [name for name in value.replace(",", " ").split() if name]
    return [element for element, _ in values.elements(value) or ()]


def _plain(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _plain(value) for key, value in tree.items()}
    return [_plain(each) for each in tree] if isinstance(tree, list) else tree


def respelled(tree: Mapping[str, Any], table: KeyTable | None) -> dict[str, Any]:
    """A plain copy of one mapping, its keys as the table (None: the knobs) spells them; other keys as they are."""
    if table is None:
        names = {knob_key(knob.name): knob.name for knob in KNOBS}
        return {names.get(knob_key(key), key): _plain(value) for key, value in tree.items()}
    return {table.names.get(key_of(key)) or key: _plain(value) for key, value in tree.items()}


def merged(target: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): null takes a key out."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def same_name(kind: str, element: Any, name: str) -> bool:
    """True if ``name`` names this element; a tenant may be named by its id. Case does not count."""
    if isinstance(element, str):
        return kind == "AcceptedDomains" and _domain(element) == _domain(name)
    if not isinstance(element, Mapping):
        return False
    own = element.get(identity_of(kind))
    if kind == "AcceptedDomains":
        return isinstance(own, str) and _domain(own) == _domain(name)
    named = (own, element.get("TenantId")) if kind == "Tenants" else (own,)
    return any(isinstance(each, str) and each.strip().lower() == name.strip().lower() for each in named)


def _domain(text: str) -> str:
    try:
        return canonical_domain(text.strip())
    except ValueError:
        return text.strip().lower()


def find(elements: list[Any], kind: str, name: str) -> int | None:
    """The place of the element that ``name`` names; None if there is none."""
    return next((index for index, element in enumerate(elements) if same_name(kind, element, name)), None)


def refused_files(tree: Any) -> list[dict[str, Any]]:
    """The keys of ``tree`` that would make the server read a file of its machine, as problems."""
    found = []
    names = {key_of(name): name for name in _FILES}
    top = tree if isinstance(tree, Mapping) else {}
    tenants = next((value for key, value in top.items() if isinstance(key, str) and key_of(key) == "tenants"), None)
    for tenant in [top, *(values.elements(tenants) or ())] if tenants is not None else [top]:
        mapping = tenant[0] if isinstance(tenant, tuple) else tenant
        for key in mapping if isinstance(mapping, Mapping) else ():
            name = names.get(key_of(key)) if isinstance(key, str) else None
            if name is not None:
                problem = {
                    "code": "file-not-read",
                    "where": [name],
                    "message": "the API reads no files of the server's machine",
                    "fix": f"send the elements themselves under {name.removesuffix('File')}",
                    "source": "fakeeop",
                }
                line = line_of(mapping, key)
                found.append(problem if line is None else {**problem, "line": line})
    return found
