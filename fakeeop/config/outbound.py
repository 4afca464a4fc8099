"""``OutboundConnectors`` of one tenant, under rules O1 to O3 (facts connectors §1.7). Kept by the file only: nothing
here routes mail by them, so no value of the model is made from it. Loaded only for a file that has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakeeop.config import values
from fakeeop.config.parameters.kinds import ValueKind
from fakeeop.config.parameters.tables import OUTBOUND_CONNECTOR
from fakeeop.config.place import Fields, read_fields, say

__all__ = ["check_outbound"]

_KEY = "OutboundConnectors"


def check_outbound(fields: Fields) -> None:
    """Every broken rule becomes a problem of the fields' place."""
    value = fields.values[_KEY]
    listed = values.elements(value)
    if listed is None:
        fields.error(_KEY, "wrong-type", f"{say(value)} is not a list", "write a list of mappings, each with a Name")
        return
    seen: dict[str, str] = {}
    for element, line in listed:
        if not isinstance(element, Mapping):
            fix = "write a mapping: {Name: To partner, RecipientDomains: [partner.example]}"
            fields.error(_KEY, "wrong-type", f"{say(element)} is not a connector", fix, line)
            continue
        _check(element, fields, seen)


def _check(tree: Mapping[Any, Any], fields: Fields, seen: dict[str, str]) -> None:
    written = next((tree[key] for key in tree if isinstance(key, str) and key.lower() == "name"), None)
    words = (f"outbound connector {written.strip()}",) if isinstance(written, str) else (_KEY,)
    own = read_fields(tree, OUTBOUND_CONNECTOR, fields.place.under(*words))
    name = values.text(own, "Name")
    if "Name" in own and not name and "Name" not in own.broken:
        own.error("Name", "missing-field", "the name is empty", "give the connector a name")
    if name and seen.setdefault(name.lower(), name) is not name:
        fix = "give one of them another name; case does not count"
        own.error("Name", "E14", f"there are two connectors {say(name)}", fix)
    read = {row.name: _read(own, row.name, row.kind) for row in OUTBOUND_CONNECTOR.parameters}
    hosts = bool(read["SmartHosts"]) or "SmartHosts" in own.broken
    if read["UseMXRecord"] is False and not hosts and "UseMXRecord" in own:
        fix = "name the next servers in SmartHosts, or set UseMXRecord to true"
        own.error("UseMXRecord", "O1", "it is false, but SmartHosts is not given", fix)
    if read["TlsDomain"] and read["TlsSettings"] != "DomainValidation" and "TlsSettings" not in own.broken:
        fix = "set TlsSettings: DomainValidation, or take TlsDomain out"
        own.error("TlsDomain", "O2", "it needs TlsSettings DomainValidation", fix)
    for flag in ("RouteAllMessagesViaOnPremises", "SenderRewritingEnabled"):
        if read[flag] and read["ConnectorType"] != "OnPremises":
            fix = "set it to false, or make the connector OnPremises"
            own.error(flag, "O3", "it is true on a Partner connector", fix)


def _read(fields: Fields, name: str, kind: ValueKind) -> Any:
    if name not in fields:
        return None
    if kind is ValueKind.BOOLEAN:
        return values.boolean(fields, name, False)
    if kind is ValueKind.CHOICE:
        return values.choice(fields, name, "")
    if kind is ValueKind.DOMAIN_PATTERNS:
        return values.domain_patterns(fields, name)
    if kind is ValueKind.CERTIFICATE_NAME:
        return values.certificate_name(fields, name)
    if kind is ValueKind.TEXTS:
        return values.items(fields, name)
    return values.text(fields, name) if kind is ValueKind.TEXT else None
