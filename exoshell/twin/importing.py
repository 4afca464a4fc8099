"""Exported objects → the tenant of a tenant file, and a report of everything that did not get in.

Values that are the default are left out, so that the file reads well; RequireTls is kept, since its default is an open
question (C2). Properties of the directory are left out by name; a property that nobody knows is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from exoshell.twin.shapes import SUFFIXES, LostList, read_objects
from fakeeop.config.check import check_tree
from fakeeop.config.editor.text import block
from fakeeop.config.parameters.kinds import KeyTable, ValueKind, key_of
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    DIRECTORY_PROPERTIES,
    INBOUND_CONNECTOR,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    TRANSPORT_CONFIG,
)
from fakeeop.errors import ConfigError, Problem

__all__ = ["ImportedTenant", "import_tenant", "tenant_text"]

_TABLES: dict[str, KeyTable] = {
    "AcceptedDomains": ACCEPTED_DOMAIN,
    "InboundConnectors": INBOUND_CONNECTOR,
    "OutboundConnectors": OUTBOUND_CONNECTOR,
    "OrganizationConfig": ORGANIZATION_CONFIG,
    "TransportConfig": TRANSPORT_CONFIG,
}
_LISTS = ("AcceptedDomains", "InboundConnectors", "OutboundConnectors")
_DEFAULTS: dict[str, Any] = {"Enabled": True, "UseMXRecord": True, "DomainType": "Authoritative"}
_DEFAULTS |= {"ConnectorSource": "Default", "MtaStsMode": "Opportunistic", "SmtpDaneMode": "Opportunistic"}
_KEPT = frozenset({"RequireTls", "ConnectorType", "RejectDirectSend", "SmtpClientAuthenticationDisabled"})
_RECIPIENT = frozenset({"primarysmtpaddress", "emailaddresses"})
_DROPPED = frozenset(name.casefold() for name, _ in DIRECTORY_PROPERTIES) | {"recipienttypedetails"}


@define
class ImportedTenant:
    """``tenant`` as in a tenant file. ``unknown`` and ``left_out``: what is not in it, in sentences; ``problems`` are
    what the tenant file's rules say of it.
    """

    tenant: dict[str, Any] = field(factory=dict)
    unknown: list[str] = field(factory=list)
    left_out: list[str] = field(factory=list)
    problems: tuple[Problem, ...] = ()


def import_tenant(where: Path, name: str | None = None) -> ImportedTenant:
    """Of a file, or of every file in a folder that has a known suffix. Raises ConfigError."""
    paths = sorted(each for each in where.iterdir() if each.suffix.lower() in SUFFIXES) if where.is_dir() else [where]
    if not paths:
        problem = Problem("not-an-export", f"no file ends in {', '.join(SUFFIXES)}", "export into it", (), str(where))
        raise ConfigError((problem,))
    found: dict[str, list[dict[str, Any]]] = {}
    twin = ImportedTenant()
    for path in paths:
        for key, properties in read_objects(path):
            kind = _kind_of(key, path.stem, properties)
            if kind is None:
                keys = ", ".join(list(properties)[:5])
                twin.unknown.append(f"{path}: an object with {keys} … is of no kind that is known here")
            else:
                found.setdefault(kind, []).append(properties)
    _fill(twin, found, name, str(where))
    if not twin.tenant.get("AcceptedDomains") and not twin.tenant.get("InboundConnectors"):
        message = "there are neither accepted domains nor inbound connectors in it"
        problem = Problem("not-an-export", message, "fakeeop import --script collects them", (), str(where))
        raise ConfigError((problem,))
    _, problems = check_tree({"Tenants": [twin.tenant]}, str(where))
    twin.problems = tuple(each for each in problems if each.severity == "error")
    return twin


def tenant_text(twin: ImportedTenant, origin: str) -> str:
    """The tenant file."""
    head = (
        f"# The twin of a tenant, made of {origin} by fakeeop import.\n# fakeeop check says what in here is doubtful.\n"
    )
    return f"{head}Tenants:\n  {block([twin.tenant], 2)}\n"


def _kind_of(key: str, stem: str, properties: Mapping[str, Any]) -> str | None:
    for word in (key, stem):
        plain = "".join(filter(str.isalnum, word.casefold())).removeprefix("get")
        for kind in (*_TABLES, "CASMailboxes", "Recipients", "Mailboxes"):
            one = kind.casefold().removesuffix("s").removesuffix("xe")
            if plain.startswith(one):
                return "Recipients" if kind == "Mailboxes" else kind
    keys = {key.casefold() for key in properties}
    if "domainname" in keys and keys & {"domaintype", "matchsubdomains"}:
        return "AcceptedDomains"
    if keys & {"senderdomains", "senderipaddresses", "tlssendercertificatename"}:
        return "InboundConnectors"
    if keys & {"recipientdomains", "smarthosts"}:
        return "OutboundConnectors"
    if "rejectdirectsend" in keys:
        return "OrganizationConfig"
    if "smtpclientauthenticationdisabled" in keys:
        return "CASMailboxes" if keys & _RECIPIENT else "TransportConfig"
    return "Recipients" if keys & _RECIPIENT else None


def _fill(twin: ImportedTenant, found: Mapping[str, list[dict[str, Any]]], name: str | None, where: str) -> None:
    lists = {kind: [_element(twin, kind, each) for each in found.get(kind, ())] for kind in _LISTS}
    twin.tenant["Name"] = name or _name_of(found)
    for kind in _LISTS:
        elements: list[Any] = lists[kind]
        if kind == "AcceptedDomains":
            elements = [each["DomainName"] if list(each) == ["DomainName"] else each for each in elements]
        if elements:
            twin.tenant[kind] = elements
    domains = [str(_held(each, "DomainName")).casefold() for each in found.get("AcceptedDomains", ())]
    _recipients(twin, found, domains)
    for kind in ("OrganizationConfig", "TransportConfig"):
        for each in found.get(kind, ()):
            settings = _element(twin, kind, each)
            settings.pop("Name", None)
            if twin.tenant.setdefault(kind, settings) != settings:
                message = f"two of {kind} say different things"
                fix = "give the export of one tenant, and of one day"
                raise ConfigError((Problem("not-an-export", message, fix, (), where),))
        if not twin.tenant.get(kind, True):
            del twin.tenant[kind]


def _name_of(found: Mapping[str, list[dict[str, Any]]]) -> str:
    domains = [str(_held(each, "DomainName") or "") for each in found.get("AcceptedDomains", ())]
    initial = next((each for each in domains if each.casefold().endswith(".onmicrosoft.com")), None)
    named = next((_held(each, "Name") for each in found.get("OrganizationConfig", ()) if _held(each, "Name")), None)
    label = str(named or initial or (domains[0] if domains else "tenant"))
    return label.partition(".")[0] or "tenant"


def _held(properties: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in properties.items() if key.casefold() == name.casefold()), None)


def _element(twin: ImportedTenant, kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    table = _TABLES[kind]
    label = str(_held(properties, "Name") or _held(properties, "DomainName") or kind)
    given = {key_of(key): value for key, value in properties.items()}
    found: dict[str, Any] = {}
    for row in table.parameters:
        value = _plain(given.pop(key_of(row.name), None))
        if row.name in ("Confirm", "WhatIf") or value in (None, "", []):
            continue
        if isinstance(value, LostList):
            if row.kind is ValueKind.IGNORED:
                continue
            raise value.error(row.name)
        if row.kind is ValueKind.IGNORED:
            if value is not False:
                twin.left_out.append(f"{kind}, {label}: {row.name} is {value!r}, which means nothing here")
            continue
        value = _read(row.kind, value)
        if row.name in _KEPT or value != _DEFAULTS.get(row.name, False if row.kind is ValueKind.BOOLEAN else None):
            found[row.name] = value
    strange = {
        key: value.text if isinstance(value, LostList) else repr(_plain(value))
        for key, value in properties.items()
        if key_of(key) in given and key_of(key) not in table.names and "@" not in key  # @: marks of REST
        if not _is_empty(_plain(value))
    }
    if kind in _LISTS:
        twin.unknown += [f"{kind}, {label}: {key} is {shown}" for key, shown in strange.items()]
    elif strange:  # hundreds of settings of the service that have nothing to do with mail coming in
        twin.left_out.append(f"{kind}: settings that are not known here: {', '.join(strange)}")
    if kind == "AcceptedDomains" and found.get("Name") == found.get("DomainName"):
        found.pop("Name", None)
    return found


def _is_empty(value: Any) -> bool:
    """Nothing is said; ``False`` and 0 do say something."""
    return value is None or value in ("", [], {})


def _plain(value: Any) -> Any:
    """Without the wrapping of ConvertTo-Json and without nulls."""
    if isinstance(value, Mapping):
        keys = {key.casefold() for key in value}
        if "value" in keys and keys <= {"value", "count"}:
            return _plain(_held(value, "value"))
        return {key: _plain(held) for key, held in value.items()}
    return [_plain(each) for each in value if each is not None] if isinstance(value, list) else value


def _read(kind: ValueKind, value: Any) -> Any:
    if kind is ValueKind.BOOLEAN and isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower().lstrip("$"), value)
    if kind in (ValueKind.DOMAIN_PATTERNS, ValueKind.DOMAINS, ValueKind.IP_RANGES, ValueKind.TEXTS):
        return _texts(value, spaces=kind is not ValueKind.TEXTS)
    return value


def _texts(value: Any, *, spaces: bool) -> list[Any]:
    if isinstance(value, str):
        inner = value.strip().strip("{}")
        parts = inner.replace(",", " ").split() if spaces else inner.split(",")
        value = [part.strip() for part in parts if part.strip()]
    elements = value if isinstance(value, list) else [value]
    return [_address(each) if isinstance(each, str) else each for each in elements]


def _address(entry: str) -> str:
    """``smtp:contoso.com;1`` is ``contoso.com``; another cost is kept as it is."""
    if entry.casefold().startswith("smtp:") and entry.endswith(";1"):
        return entry[5:-2]
    return entry


def _recipients(twin: ImportedTenant, found: Mapping[str, list[dict[str, Any]]], domains: list[str]) -> None:
    if "Recipients" in found:
        addresses = dict.fromkeys(each for one in found["Recipients"] for each in _addresses(one))
        own = [each for each in addresses if each.rpartition("@")[2].casefold() in domains]
        others = len(addresses) - len(own)
        if others:
            twin.left_out.append(f"Recipients: {others} addresses outside the accepted domains")
        twin.tenant["Recipients"] = own
        _tell_unread(twin, "Recipients", found["Recipients"], _RECIPIENT)
        strange = sum(_is_no_mail(each) for one in found["Recipients"] for each in _held_addresses(one))
        if strange:
            twin.left_out.append(f"Recipients: {strange} addresses of other kinds than smtp (SIP, X500, ...)")
    read = frozenset({"primarysmtpaddress", "smtpclientauthenticationdisabled"})
    _tell_unread(twin, "CASMailboxes", found.get("CASMailboxes", ()), read)
    boxes = []
    for each in found.get("CASMailboxes", ()):
        address, disabled = _held(each, "PrimarySmtpAddress"), _held(each, "SmtpClientAuthenticationDisabled")
        if address and disabled is not None:
            value = _read(ValueKind.BOOLEAN, disabled)
            boxes.append({"PrimarySmtpAddress": str(_plain(address)), "SmtpClientAuthenticationDisabled": value})
    if boxes:
        twin.tenant["Mailboxes"] = boxes


def _tell_unread(twin: ImportedTenant, kind: str, objects: Iterable[Mapping[str, Any]], read: frozenset[str]) -> None:
    """One line for all of them: a directory has thousands."""
    known = read | _DROPPED
    unread = {key: None for each in objects for key, value in each.items() if key.casefold() not in known and value}
    names = [key for key in unread if "@" not in key]
    if names:
        twin.left_out.append(f"{kind}: properties that are not read: {', '.join(names)}")


def _held_addresses(properties: Mapping[str, Any]) -> list[str]:
    held = _plain(_held(properties, "EmailAddresses")) or []
    if isinstance(held, LostList):
        raise held.error("EmailAddresses")
    return [each for each in _texts(held, spaces=True) if isinstance(each, str)]


def _is_no_mail(address: str) -> bool:
    return not address.casefold().startswith("smtp:")


def _addresses(properties: Mapping[str, Any]) -> list[str]:
    primary = _plain(_held(properties, "PrimarySmtpAddress"))
    smtp = [each.partition(":")[2] for each in _held_addresses(properties) if not _is_no_mail(each)]
    return [each.lower() for each in ([str(primary)] if primary else []) + smtp]
