"""Changes to one tenant as values, and what they make of a plain tree. Both backends speak in these.

Trees are those of ``fakeeop.config.editor.tree.prepared``: plain, keys in their right spelling. Nothing is changed
in place.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from attrs import frozen

from fakeeop.config import values
from fakeeop.errors import ConfigError, Problem
from fakeeop.model.addresses import canonical_domain

__all__ = [
    "Add",
    "Change",
    "Configure",
    "NoSuchElement",
    "Put",
    "Remove",
    "Tree",
    "Update",
    "applied",
    "choose",
    "find",
    "guid_of",
    "listed",
    "within",
]

Tree = dict[str, Any]
_SPACE = uuid.UUID("6f0e8c3e-3d0b-5b1e-9a53-6c1f0b7f2d11")  # of ids that the lab makes up
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_NAMES = {
    "AcceptedDomains": ("DomainName", "Name"),
    "DkimSigning": ("DomainName",),
    "Mailboxes": ("PrimarySmtpAddress", "UserPrincipalName", "Name", "Alias", "DisplayName"),
}


class NoSuchElement(LookupError):
    """``kind`` has no element of this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} has no {name!r}")
        self.kind = kind
        self.name = name


@frozen
class Add:
    """One more element of a list of the tenant."""

    kind: str
    element: Tree


@frozen
class Update:
    """Keys of one element; None takes a key out."""

    kind: str
    name: str
    patch: Tree


@frozen
class Remove:
    """One element less."""

    kind: str
    name: str


@frozen
class Configure:
    """Keys of one of the tenant's mappings (``OrganizationConfig``); None takes a key out."""

    kind: str
    patch: Tree


@frozen
class Put:
    """One key of the tenant itself; None takes it out."""

    key: str
    value: Any


Change = Add | Update | Remove | Configure | Put


def listed(value: Any) -> list[Any]:
    """The elements of a list in any form that the loader takes; a text is a list of names."""
    if value is None:
        return []
    if isinstance(value, list):
        return list(value)
    if isinstance(value, str):
        return [name for name in value.replace(",", " ").split() if name]
    return [element for element, _ in values.elements(value) or ()]


def guid_of(organization: str, kind: str, element: Any) -> str:
    """Its ``Guid``; one that is always the same for the same name, if the tree has none."""
    held = element.get("Guid") if isinstance(element, Mapping) else None
    if isinstance(held, str) and held:
        return held.lower().strip("{}")
    return str(uuid.uuid5(_SPACE, "/".join((organization, kind, _label(kind, element))).casefold()))


def _label(kind: str, element: Any) -> str:
    if isinstance(element, str):
        return element
    return str(element.get(_NAMES.get(kind, ("Name",))[0], ""))


def find(organization: str, kind: str, elements: Iterable[Any], name: str) -> int | None:
    """The place of the element with this name or Guid; case does not count. None if there is none."""
    wanted = _folded(name)
    keys = _NAMES.get(kind, ("Name",))
    like_a_guid = _GUID.match(wanted)
    for index, element in enumerate(elements):
        for each in (element,) if isinstance(element, str) else map(element.get, keys):
            if isinstance(each, str) and _folded(each) == wanted:
                return index
        held = isinstance(element, Mapping) and "Guid" in element
        if (held or like_a_guid) and wanted == guid_of(organization, kind, element):
            return index
    return None


@lru_cache(maxsize=16384)
def _folded(name: str) -> str:
    text = name.strip().casefold()
    try:
        return canonical_domain(text) if not text.isascii() else text
    except ValueError:
        return text


def applied(tenant: Tree, change: Change) -> Tree:
    """The tenant after a change. Raises NoSuchElement."""
    match change:
        case Put():
            return _with(tenant, change.key, change.value)
        case Configure():
            settings = _merged(tenant.get(change.kind) or {}, change.patch)
            return {**tenant, change.kind: settings}
        case Add():
            return {**tenant, change.kind: [*listed(tenant.get(change.kind)), change.element]}
    elements = listed(tenant.get(change.kind))
    at = find(str(tenant.get("Name", "")), change.kind, elements, change.name)
    if at is None:
        raise NoSuchElement(change.kind, change.name)
    if isinstance(change, Remove):
        return {**tenant, change.kind: elements[:at] + elements[at + 1 :]}
    old = elements[at]
    new = _merged({"DomainName": old} if isinstance(old, str) else old, change.patch)
    return {**tenant, change.kind: [*elements[:at], new, *elements[at + 1 :]]}


def _merged(old: Tree, patch: Tree) -> Tree:
    found = dict(old)
    for key, value in patch.items():
        found = _with(found, key, value)
    return found


def _with(tree: Tree, key: str, value: Any) -> Tree:
    if value is None:
        return {name: held for name, held in tree.items() if name != key}
    return {**tree, key: value}


def choose(whole: dict[str, Any], organization: str | None, place: str) -> str:
    """The name of the tenant that is meant. Raises ConfigError: never guesses among several."""
    tenants = [each for each in listed(whole.get("Tenants")) if isinstance(each, dict)]
    names = [str(each.get("Name", "")) for each in tenants]
    if organization is None:
        if len(names) == 1:
            return names[0]
        what = f"there are {len(names)} tenants" if names else "there is no tenant"
        fix = f"--organization NAME, one of: {', '.join(names)}" if names else "put one under Tenants:"
        raise ConfigError((Problem("several-tenants", what, fix, (), place, source="fakeeop"),))
    for each, name in zip(tenants, names, strict=True):
        domains = listed(each.get("AcceptedDomains"))
        identities = (name.casefold(), str(each.get("TenantId", "")).casefold())
        if organization.casefold() in identities or find(name, "AcceptedDomains", domains, organization) is not None:
            return name
    fix = f"one of: {', '.join(names)}"
    raise ConfigError((Problem("unknown-tenant", f"there is no tenant {organization!r}", fix, (), place),))


def within(whole: dict[str, Any], organization: str) -> dict[str, Any]:
    """The tenant of this name."""
    for each in listed(whole.get("Tenants")):
        if isinstance(each, dict) and str(each.get("Name", "")).casefold() == organization.casefold():
            return each
    raise ConfigError((Problem("unknown-tenant", f"there is no tenant {organization!r} any more"),))
