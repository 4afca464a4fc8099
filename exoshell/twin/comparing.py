"""Two tenants, connector by connector: what differs; guids, dates and the directory's other properties do not count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from exoshell.backends.opening import open_backend
from exoshell.cmdlets.domains import default_domain
from exoshell.cmdlets.properties import accepted_domain, inbound_connector, mailbox, outbound_connector, settings
from exoshell.twin.importing import import_tenant
from fakeeop.config.editor.changes import listed
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked, read_text
from fakeeop.config.parameters.kinds import ValueKind
from fakeeop.config.parameters.tables import (
    DIRECTORY_PROPERTIES,
    INBOUND_CONNECTOR,
    ORGANIZATION_CONFIG,
    TRANSPORT_CONFIG,
)
from fakeeop.config.secrets import MASK, masked
from fakeeop.errors import Problem
from fakeeop.model.behaviour import Behaviour

__all__ = ["Difference", "compare", "load_side"]

_DIRECTORY = frozenset(name for name, _ in DIRECTORY_PROPERTIES) - {"Name"}
_NOTHING_HERE = frozenset(row.name for row in INBOUND_CONNECTOR.parameters if row.kind is ValueKind.IGNORED)
_OLD = "DetectSenderIP"
_NAMES = frozenset({"Name", "DisplayName", "DomainName", "TlsSenderCertificateName", "TlsDomain"})
_NAMES |= {"PrimarySmtpAddress", "UserPrincipalName", "Alias"}
_OF_ITS_OWN = frozenset({"Name", "AcceptedDomains", "InboundConnectors", "OutboundConnectors", "Mailboxes"})
_OF_ITS_OWN |= {"OrganizationConfig", "TransportConfig", "TenantId"}
Objects = dict[tuple[str, str], dict[str, Any]]


@frozen
class Difference:
    """``name`` and ``property`` are "" where they make no sense; ``left`` and ``right`` are None where it is missing.

    ``only``: "left" or "right" for an object that one side lacks.
    """

    kind: str
    name: str
    property: str = ""
    left: Any = None
    right: Any = None
    only: str = ""


@frozen
class ComparedTenant:
    """A tenant and the knobs that it is read with; ``problems``: rules that an export breaks, so that it may be
    compared or written wrongly. ``exported``: it is one, which has none of the lab's own keys.
    """

    place: str
    tenant: Mapping[str, Any]
    behaviour: Behaviour
    problems: tuple[Problem, ...] = ()
    exported: bool = False


def load_side(where: str, organization: str | None = None) -> ComparedTenant:
    """A tenant file, an export (file or folder) or the URL of a server. Raises FakeEopError."""
    path = Path(where)
    if not where.startswith(("http://", "https://")) and (path.is_dir() or _is_export(path)):
        twin = import_tenant(path)
        return ComparedTenant(where, twin.tenant, Behaviour(), twin.problems, exported=True)
    backend = open_backend(where, organization)
    whole = backend.whole()
    chosen = {key: whole[key] for key in ("Behaviour", "AsOf") if key in whole}
    return ComparedTenant(where, backend.tenant(), forest_from_tree({"Tenants": [], **chosen}).behaviour)


def _is_export(path: Path) -> bool:
    if path.suffix.lower() in (".csv", ".xml", ".clixml"):
        return True
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    tree = load_marked(read_text(path.read_bytes(), str(path)), str(path))
    return not (isinstance(tree, Mapping) and "tenants" in {key.casefold() for key in tree})


def compare(left: ComparedTenant, right: ComparedTenant) -> list[Difference]:
    """By kind, then by name; order in lists, case of names and ways of writing do not count.

    Beside an export the lab's own keys of a tenant (Region) do not count either.
    """
    found: list[Difference] = []
    lab = not (left.exported or right.exported)
    ours, theirs = _objects(left, lab=lab), _objects(right, lab=lab)
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        kind = key[0]
        one, other = ours.get(key), theirs.get(key)
        if one is None or other is None:
            held = one or other or {}
            found.append(Difference(kind, _label(held, key[1]), only="left" if other is None else "right"))
            continue
        for name in [*one, *(name for name in other if name not in one)]:
            if not _equal(one.get(name), other.get(name), folded=name in _NAMES):
                found.append(Difference(kind, _label(one, key[1]), name, one.get(name), other.get(name)))
    return found


def _label(held: Mapping[str, Any], fallback: str) -> str:
    return str(held.get("PrimarySmtpAddress") or held.get("Name") or fallback)


def _objects(side: ComparedTenant, *, lab: bool) -> Objects:
    tenant, organization = side.tenant, str(side.tenant.get("Name", ""))
    found: Objects = {}
    domains = listed(tenant.get("AcceptedDomains"))
    default = default_domain(domains)
    for index, each in enumerate(domains):
        shown = accepted_domain(organization, each, default=index == default)
        found["accepted domain", str(shown["DomainName"]).casefold()] = _kept(shown)
    shapes: tuple[tuple[str, str, Callable[[Any], dict[str, Any]]], ...] = (
        ("inbound connector", "InboundConnectors", lambda each: inbound_connector(organization, each, side.behaviour)),
        ("outbound connector", "OutboundConnectors", lambda each: outbound_connector(organization, each)),
    )
    for word, kind, shape in shapes:
        for each in listed(tenant.get(kind)):
            shown = shape(each)
            found[word, str(shown["Name"]).casefold()] = _kept(shown)
    for table in (ORGANIZATION_CONFIG, TRANSPORT_CONFIG):
        found[table.title, ""] = _kept(settings(organization, tenant.get(table.title) or {}, table), without="Name")
    for each in listed(tenant.get("Mailboxes")):
        shown = mailbox(organization, each)
        secrets = {key: value for key, value in each.items() if key not in shown}
        found["mailbox", str(shown["PrimarySmtpAddress"]).casefold()] = _kept(shown) | secrets
    rest = {key: value for key, value in tenant.items() if key not in _OF_ITS_OWN and (lab or key == "Recipients")}
    found["tenant", ""] = rest
    return found


def _kept(shown: Mapping[str, Any], without: str = "") -> dict[str, Any]:
    return {
        key: value
        for key, value in shown.items()
        if key not in _DIRECTORY and key not in _NOTHING_HERE and key != without and not key.startswith(_OLD)
    }


def _equal(one: Any, other: Any, *, folded: bool = False) -> bool:
    if MASK in str(one) or MASK in str(other):  # a server gives no secrets out: nobody can tell
        return masked({"secret": one}) == masked({"secret": other}) or bool(one) == bool(other)
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_folded, one)) == sorted(map(_folded, other))
    if folded and isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if one in (None, "", []) and other in (None, "", []):
        return True
    return bool(one == other)


def _folded(value: Any) -> str:
    return str(value).casefold()
