"""The JSON Schema of the tenant file, made from the tables; ``schema.json`` next to this file is its checked-in copy.

The schema serves editors: names, types, hover texts. It cannot say that keys are compared without case, nor the rules
over several keys; ``fakeeop check`` has the last word.
"""

from __future__ import annotations

from typing import Any

from fakeeop.config.faults.schema import fault_schema
from fakeeop.config.parameters.kinds import FileKey, KeyTable, ValueKind
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    BLOCKED_ADDRESSES,
    DESTINATION,
    DKIM_SIGNING,
    FILE,
    INBOUND_CONNECTOR,
    INTERNET,
    LIMITS,
    MAILBOX,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    SUBMISSION_LIMITS,
    TENANT,
    TENANT_LIMITS,
    TRANSPORT_CONFIG,
)
from fakeeop.decision.knobs import KNOBS
from fakeeop.model.zone import BROKEN, TYPES

__all__ = ["tenant_schema"]

_BOOLEAN = {"enum": [True, False, "True", "False", "true", "false", "$true", "$false", None]}
_TEXT = {"type": ["string", "null"]}
_LISTS = {
    ValueKind.DOMAIN_PATTERNS: r"^([sS][mM][tT][pP]:)?\*?[^*]*$",
    ValueKind.IP_RANGES: r"^[0-9]{1,3}(\.[0-9]{1,3}){3}(/(2[4-9]|3[0-2]))?$",
    ValueKind.DOMAINS: r"^[^*]+$",
    ValueKind.MAILBOXES: r"^.+@.+$",
    ValueKind.TEXTS: "",
    ValueKind.NETWORKS: r"^[0-9a-fA-F.:]+(/[0-9]{1,3})?$",
}
_OBJECTS = {
    "AcceptedDomains": "acceptedDomain",
    "InboundConnectors": "inboundConnector",
    "DkimSigning": "dkimKey",
    "Mailboxes": "mailbox",
    "OutboundConnectors": "outboundConnector",
    "Tenants": "tenant",
}
_OBJECT = {
    "OrganizationConfig": "organizationConfig",
    "TransportConfig": "transportConfig",
    "SubmissionLimits": "submissionLimits",
    "Limits": "limits",
    "BlockedAddresses": "blockedAddresses",
    "Internet": "internet",
    "Domains": "destinations",
    "Behaviour": "behaviour",
}
_SCALARS: dict[ValueKind, dict[str, Any]] = {
    ValueKind.SIZE: {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]"}, {"type": "null"}]
    },
    ValueKind.DURATION: {
        "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9]"}, {"type": "null"}]
    },
}


def tenant_schema() -> dict[str, Any]:
    """The schema (2020-12) as JSON-ready data; a new one on every call."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Made from fakeeop/config/parameters. The loader also takes every key in any other case, which a"
        " schema cannot say, and checks more: run `fakeeop check FILE`.",
        "title": "fakeeop tenant file",
        "description": "Tenants with their accepted domains and inbound connectors, in Exchange Online's own words.",
        **_mapping(FILE),
        "$defs": {
            "tenant": _mapping(TENANT),
            "acceptedDomain": _mapping(ACCEPTED_DOMAIN),
            "inboundConnector": _mapping(INBOUND_CONNECTOR),
            "outboundConnector": _mapping(OUTBOUND_CONNECTOR),
            "organizationConfig": _mapping(ORGANIZATION_CONFIG),
            "transportConfig": _mapping(TRANSPORT_CONFIG),
            "mailbox": _mapping(MAILBOX),
            "dkimKey": _mapping(DKIM_SIGNING),
            "submissionLimits": _mapping(SUBMISSION_LIMITS),
            "limits": _mapping(LIMITS),
            "tenantLimits": _mapping(TENANT_LIMITS),
            "blockedAddresses": _mapping(BLOCKED_ADDRESSES),
            "internet": _mapping(INTERNET),
            "destinations": {
                "type": "object",
                "additionalProperties": {"anyOf": [_mapping(DESTINATION), {"type": "null"}]},
            },
            "fault": fault_schema(),
            "behaviour": _behaviour(),
            "zone": _zone(),
        },
    }


def _mapping(table: KeyTable) -> dict[str, Any]:
    properties = {row.name: _property(row) for row in table.parameters}
    for name, meaning in table.ignored:
        properties[name] = {"description": f"Read-only ({meaning}); accepted and ignored."}
    required = [row.name for row in table.parameters if row.required]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if table.ignored:
        schema["patternProperties"] = {r"@(odata|data)\.type$": {"description": "Type mark of an export; ignored."}}
    if required:
        schema["required"] = required
    return schema


def _property(row: FileKey) -> dict[str, Any]:
    form = _form(row)
    told = [row.description]
    if row.applies not in ("-", "Both"):
        told.append(f"{row.applies} connectors only.")
    if row.default not in ("-", "none", "required", "blank", "defaults"):
        told.append(f"Default: {row.default}.")
    return {"description": " ".join(told), **form}


def _form(row: FileKey) -> dict[str, Any]:
    if row.kind is ValueKind.IGNORED:
        return {}
    if row.kind is ValueKind.BOOLEAN:
        return dict(_BOOLEAN)
    if row.kind is ValueKind.WHOLE_NUMBER:
        return {
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}, {"type": "null"}]
        }
    if row.kind in _SCALARS:
        return dict(_SCALARS[row.kind])
    if row.kind is ValueKind.FAULTS:
        one = {"$ref": "#/$defs/fault"}
        return {"anyOf": [{"type": "array", "items": one}, one, {"type": "null"}]}
    if row.kind is ValueKind.CHOICE:
        return {"enum": [*row.values, None] if not row.required else list(row.values)}
    if row.kind in _LISTS:
        return _texts(_LISTS[row.kind])
    if row.kind is ValueKind.OBJECTS:
        return _objects(row)
    if row.kind is ValueKind.OBJECT:
        name = _OBJECT[row.name] if row is not TENANT["Limits"] else "tenantLimits"
        return {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}
    if row.kind is ValueKind.ZONE:
        return {"anyOf": [{"$ref": "#/$defs/zone"}, {"type": "string"}, {"type": "null"}]}
    if row.kind is ValueKind.CERTIFICATE_NAME:
        return {**_TEXT, "pattern": r"^(\*\.)?[^*]+$"}
    if row.kind is ValueKind.GUID:
        return {**_TEXT, "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}
    return {"type": "string"} if row.required else dict(_TEXT)


def _texts(pattern: str) -> dict[str, Any]:
    """A list, one text (several, with commas), or what ConvertTo-Json wraps a list in."""
    item: dict[str, Any] = {"type": "string", **({"pattern": pattern} if pattern else {})}
    listed: dict[str, Any] = {"type": "array", "items": item}
    return {"anyOf": [listed, {"type": "string"}, _wrapped(listed), {"type": "null"}]}


def _wrapped(listed: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"value": listed, "Count": {"type": "integer"}},
        "required": ["value"],
        "additionalProperties": False,
    }


def _objects(row: FileKey) -> dict[str, Any]:
    one: dict[str, Any] = {"$ref": f"#/$defs/{_OBJECTS[row.name]}"}
    element: dict[str, Any] = {"anyOf": [{"type": "string"}, one]} if row.name == "AcceptedDomains" else one
    listed: dict[str, Any] = {"type": "array", "items": element}
    if row.required:
        return listed
    names = [{"type": "string"}] if row.name == "AcceptedDomains" else []
    return {"anyOf": [listed, one, *names, _wrapped(listed), {"type": "null"}]}


def _zone() -> dict[str, Any]:
    values = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
    return {
        "type": "object",
        "description": "Names, or addresses for PTR, each with its records; SERVFAIL if it cannot be looked up.",
        "additionalProperties": {
            "anyOf": [
                {"type": "object", "properties": dict.fromkeys(TYPES, values), "additionalProperties": False},
                {"const": BROKEN},
                {"type": "null"},
            ]
        },
    }


def _behaviour() -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for knob in KNOBS:
        values: list[Any] = list(knob.values)
        values += [value == "true" for value in knob.values if value in ("true", "false")]
        values += [int(value) for value in knob.values if value.isdigit()]
        description = f"What this knob settles and who says what: `fakeeop knobs`. Default: {knob.default}."
        properties[knob.name] = {"description": description, "enum": [*values, None]}
    return {"type": "object", "properties": properties, "additionalProperties": False}
