"""A tenant file → ``Forest``: every error of the file at once, in line order, with its rule and fix.

>>> forest = forest_from_tree({"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]})
>>> forest.tenants[0].accepted_domains[0].domain_name
'contoso.com'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from fakeeop.config import values
from fakeeop.config.dated import read_day
from fakeeop.config.faults.tree import read_faults
from fakeeop.config.internet import read_internet
from fakeeop.config.limits import build_limits
from fakeeop.config.marked import line_of, load_tree
from fakeeop.config.parameters.tables import FILE
from fakeeop.config.place import Fields, Place, in_line_order, read_fields, say
from fakeeop.config.tenants import BuiltTenant, build_tenant
from fakeeop.config.zone import read_zone
from fakeeop.decision.eras import behaviour_as_of
from fakeeop.decision.knobs import KNOBS, Knob, knob_key
from fakeeop.errors import ConfigError
from fakeeop.model.behaviour import SETTLED, Behaviour
from fakeeop.model.tenant import Forest
from fakeeop.model.zone import EMPTY, Zone

__all__ = ["BuiltForest", "build_forest", "forest_from_tree", "load_forest", "load_tree"]

_DEFAULTS = Behaviour()


class BuiltForest(NamedTuple):
    """What could be read, with what the file said of it, for the advice."""

    forest: Forest
    tenants: tuple[BuiltTenant, ...] = ()
    fields: Fields | None = None


def load_forest(path: Path | str) -> Forest:
    """Read a tenant file (YAML or JSON; UTF-8, or UTF-16 with its mark). Raises ConfigError with every error in it."""
    return forest_from_tree(load_tree(path), str(path))


def forest_from_tree(tree: Any, path: str = "<input>") -> Forest:
    """Read data with ``Tenants:`` at its top; marks of ``fakeeop.config.marked`` give errors their lines.

    ``path`` names the data in messages, and its folder is what ``InboundConnectorsFile`` is relative to. Raises
    ConfigError with every error in it; advice (W codes) is for ``fakeeop.config.check``.
    """
    place = Place(path)
    built = build_forest(tree, place)
    errors = [problem for problem in place.problems if problem.severity == "error"]
    if errors:
        raise ConfigError(in_line_order(errors, path))
    return built.forest


def build_forest(tree: Any, place: Place) -> BuiltForest:
    """Read it; every broken rule becomes a problem of ``place``."""
    fields = _top(tree, place)
    if fields is None:
        return BuiltForest(Forest())
    day = _day(fields)
    behaviour = _behaviour(fields, day)
    tenants: list[BuiltTenant] = []
    listed = values.elements(fields.values["Tenants"]) if "Tenants" in fields else ()
    if listed is None:
        fix = "write a list: Tenants: [{Name: contoso, ...}]"
        fields.error("Tenants", "wrong-type", f"{say(fields.values['Tenants'])} is not a list", fix)
    for number, (element, line) in enumerate(listed or (), 1):
        if isinstance(element, Mapping):
            tenants.append(build_tenant(element, number, place, behaviour))
        else:
            fix = "write a mapping: {Name: contoso, AcceptedDomains: [contoso.com]}"
            fields.error("Tenants", "wrong-type", f"{say(element)} is not a tenant", fix, line)
    _unique(tenants)
    forest = Forest(tuple(built.tenant for built in tenants), behaviour, _zone(fields), **_lab(fields), as_of=day)
    return BuiltForest(forest, tuple(tenants), fields)


def _lab(fields: Fields) -> dict[str, Any]:
    """Limits, faults and destinations, for a file that has them."""
    found: dict[str, Any] = {}
    if "MagicRecipients" in fields:
        found["magic_recipients"] = values.boolean(fields, "MagicRecipients", False)
    if "Limits" in fields:
        found["limits"] = build_limits(fields, of_tenant=False)
    if "Internet" in fields:
        found["internet"] = read_internet(fields)
    if "FaultSeed" in fields:
        found["fault_seed"] = values.whole_number(fields, "FaultSeed", 0)
    if "Faults" in fields:
        found["faults"] = read_faults(fields.values["Faults"], fields.place.path, fields.place.problems)
    return found


def _day(fields: Fields) -> date | None:
    if "AsOf" not in fields:
        return None
    return read_day(fields)


def _zone(fields: Fields) -> Zone:
    if "Zone" not in fields:
        return EMPTY
    return read_zone(fields)


def _top(tree: Any, place: Place) -> Fields | None:
    """The keys at the top; None, and a problem that says how to write it, if this is not a tenant file at all."""
    if tree is None:
        place.add("empty-file", "there is nothing in it", "write Tenants: and a list of tenants")
        return None
    keys = {key.lower() for key in tree if isinstance(key, str)} if isinstance(tree, Mapping) else set()
    if keys and ("tenants" in keys or not keys & {"name", "accepteddomains", "connectortype", "value"}):
        return read_fields(tree, FILE, place)
    if not keys and isinstance(tree, Mapping):
        return read_fields(tree, FILE, place)
    elements = values.elements(tree) or ()
    first = elements[0][0] if elements else None
    inner = {key.lower() for key in first if isinstance(key, str)} if isinstance(first, Mapping) else set()
    if "connectortype" in inner:
        name = Path(place.path).name
        fix = (
            f"write a tenant file next to it with 'Tenants: [{{Name: contoso, AcceptedDomains: [contoso.com],"
            f" InboundConnectorsFile: {name}}}]' and give that"
        )
        place.add("not-a-tenant-file", "these are exported connectors, without a tenant", fix, line_of(tree))
    elif "name" in inner or "accepteddomains" in inner:
        place.add(
            "not-a-tenant-file", "this is a tenant, but not under Tenants", "put it under 'Tenants:'", line_of(tree)
        )
    else:
        fix = "write Tenants: and a list of tenants"
        place.add("not-a-tenant-file", f"the top is {say(tree)}, not a mapping with Tenants", fix, line_of(tree))
    return None


def _behaviour(fields: Fields, day: date | None) -> Behaviour:
    chosen = _chosen(fields)
    if day is not None:
        return behaviour_as_of(day, chosen)
    return Behaviour(**chosen) if chosen else _DEFAULTS


def _chosen(fields: Fields) -> dict[str, Any]:
    """The knobs that the file sets: attribute of ``Behaviour`` → value."""
    tree = fields.values.get("Behaviour")
    if tree is None:
        return {}
    if not isinstance(tree, Mapping):
        fix = "write a mapping: Behaviour: {CertFallback: refuse}"
        fields.error("Behaviour", "wrong-type", f"{say(tree)} is not a mapping", fix)
        return {}
    known = {knob_key(knob.name): knob for knob in KNOBS}
    place = fields.place.under("Behaviour")
    chosen: dict[str, Any] = {}
    for key, value in tree.items():
        line = line_of(tree, key) if isinstance(key, str) else fields.line_of("Behaviour")
        knob = known.get(knob_key(key)) if isinstance(key, str) else None
        if knob is None:
            settled = SETTLED.get(knob_key(key)) if isinstance(key, str) else None
            if settled is None:
                place.add("unknown-field", f"there is no knob {say(key)}", _near_knob(key, known), line)
            else:
                message = f"{key} is not a knob since {settled.since}: {settled.holds}"
                place.add("removed-field", message, f"take {key} out", line)
            continue
        word = str(value).lower() if isinstance(value, bool) else str(value).strip().lower()
        if value is None:
            continue
        if knob.field in chosen:
            place.add("duplicate-field", f"{knob.name} occurs twice", "keep one of them", line)
        elif word in knob.values and isinstance(value, str | int | float):
            chosen[knob.field] = word
        else:
            place.under(knob.name).add(
                "bad-value", f"{say(value)} is not allowed", f"one of: {', '.join(knob.values)}", line
            )
    return chosen


def _near_knob(key: object, known: Mapping[str, Knob]) -> str:
    import difflib  # noqa: PLC0415  only for a file that is wrong: start-up time

    near = difflib.get_close_matches(knob_key(str(key)), known, 1, 0.6)
    return f"did you mean {known[near[0]].name}?" if near else "`fakeeop knobs` lists them"


def _unique(tenants: list[BuiltTenant]) -> None:
    """Names and ids of tenants, and accepted domains over all tenants (facts connectors §2.1-4)."""
    names: dict[str, int | None] = {}
    identities: set[str] = set()
    owners: dict[str, BuiltTenant] = {}
    for built in tenants:
        key = built.tenant.name.lower()
        if key in names:
            first = f" (first on line {names[key]})" if names[key] else ""
            message = f"there are two tenants {say(built.tenant.name)}{first}"
            built.fields.error("Name", "duplicate-tenant", message, "give one another name; case does not count")
        elif key:
            names[key] = built.fields.line_of("Name")
        if "TenantId" in built.fields and "TenantId" not in built.fields.broken:
            identity = built.tenant.tenant_id
            if identity in identities:
                message = f"two tenants have the id {identity}"
                built.fields.error("TenantId", "duplicate-tenant", message, "give one another id")
            identities.add(identity)
        for domain in built.domains:
            name = domain.domain.domain_name
            owner = owners.setdefault(name, built)
            if owner is not built:
                message = f"{name} is accepted in tenant {owner.tenant.name} already"
                fix = "a domain can be accepted in one tenant only: take it out of one"
                domain.place.under("AcceptedDomains").add("domain-in-two-tenants", message, fix, domain.line)
