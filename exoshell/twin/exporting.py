"""A tenant → the PowerShell that makes it, for ``fakeeop exo`` or for the service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from exoshell.cmdlets.domains import default_domain
from exoshell.cmdlets.properties import accepted_domain, inbound_connector, mailbox, outbound_connector
from fakeeop.config.editor.changes import listed
from fakeeop.config.parameters.kinds import KeyTable, ValueKind
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    INBOUND_CONNECTOR,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    TRANSPORT_CONFIG,
)
from fakeeop.model.behaviour import Behaviour

__all__ = ["export_tenant", "literal", "quoted"]

_CURLED = re.compile("[\u2018\u2019\u201a\u201b]")  # PowerShell takes each of them for an apostrophe
_SPECIAL = re.compile('[`$"\u201c\u201d\u201e]')  # between double quotes
_NEW_LINE = re.compile(r"\r\n|\r|\n")  # each of them ends a comment of PowerShell
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_SAID = frozenset({"Name", "DomainName", "AcceptedDomains", "InboundConnectors", "OutboundConnectors", "Recipients"})
_SAID |= {"OrganizationConfig", "TransportConfig", "Mailboxes"}
_SET_ONLY = ("IsValidated", "ValidationRecipients")


def quoted(text: str) -> str:
    """A PowerShell literal of a text."""
    if _CURLED.search(text):
        return '"' + _SPECIAL.sub(lambda found: f"`{found[0]}", text) + '"'
    return "'" + text.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """Of a value: ``$true``, ``'text'``, ``@('a','b')``."""
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, list | tuple):
        return f"@({','.join(map(literal, value))})" if len(value) != 1 else literal(value[0])
    return quoted(str(value))


def export_tenant(tenant: Mapping[str, Any], behaviour: Behaviour, *, service: bool = False) -> str:
    """The script. ``service``: only cmdlets that the service has; the lab's own become comments."""
    name = str(tenant.get("Name", ""))
    lines = [f"# The tenant {_one_line(name)}, by fakeeop export.", ""]
    for lab, line in _lines(tenant, name, behaviour):
        lines += _commented(line) if lab and service else [line]
    return "\n".join(lines).rstrip() + "\n"


def _commented(line: str) -> list[str]:
    first, *rest = _NEW_LINE.split(line)
    return [f"# the lab's own: {first}", *(f"# {each}" for each in rest)]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(tenant: Mapping[str, Any], name: str, behaviour: Behaviour) -> Iterator[tuple[bool, str]]:
    yield from _domains(tenant, name)
    for element in listed(tenant.get("InboundConnectors")):
        shown = inbound_connector(name, element, behaviour)
        yield False, _command("New-InboundConnector", INBOUND_CONNECTOR, element, shown)
    for element in listed(tenant.get("OutboundConnectors")):
        shown = outbound_connector(name, element)
        yield False, _command("New-OutboundConnector", OUTBOUND_CONNECTOR, element, shown, without=_SET_ONLY)
        marks = {key: shown[key] for key in _SET_ONLY if shown[key]}
        if marks:
            yield False, f"Set-OutboundConnector -Identity {quoted(shown['Name'])}{_arguments(marks)}"
    for table in (ORGANIZATION_CONFIG, TRANSPORT_CONFIG):
        held = tenant.get(table.title) or {}
        chosen = {row.name: _boolean(held[row.name]) for row in table.parameters if row.name in held}
        if chosen:
            yield False, f"Set-{table.title}{_arguments(chosen)}"
    yield from _people(tenant, name)
    for key in tenant:
        if key not in _SAID:
            yield False, f"# {key}: no cmdlet sets it; it is in the tenant file only"


def _domains(tenant: Mapping[str, Any], name: str) -> Iterator[tuple[bool, str]]:
    elements = listed(tenant.get("AcceptedDomains"))
    default = default_domain(elements)
    for index, element in enumerate(elements):
        shown = accepted_domain(name, element, default=index == default)
        tree = {"DomainName": element} if isinstance(element, str) else element
        given = {row.name: shown[row.name] for row in ACCEPTED_DOMAIN.parameters if row.name in tree}
        given = {"Name": shown["Name"], **given}
        given.pop("Default", None)
        yield True, f"New-AcceptedDomain{_arguments(given)}"
    if default is not None and isinstance(elements[default], Mapping) and "Default" in elements[default]:
        domain = quoted(str(elements[default]["DomainName"]))
        yield False, f"Set-AcceptedDomain -Identity {domain} -MakeDefault $true"


def _people(tenant: Mapping[str, Any], name: str) -> Iterator[tuple[bool, str]]:
    first = True
    for address in listed(tenant.get("Recipients")):
        begin = " -BeginRecipients" if first else ""
        plain = quoted(str(address))
        local = quoted(str(address).partition("@")[0])
        yield True, f"New-MailContact -Name {local} -ExternalEmailAddress {plain} -PrimarySmtpAddress {plain}{begin}"
        first = False
    for element in listed(tenant.get("Mailboxes")):
        shown = mailbox(name, element)
        address = quoted(shown["PrimarySmtpAddress"])
        yield True, f"New-Mailbox -Name {quoted(shown['Name'])} -PrimarySmtpAddress {address}"
        disabled = shown["SmtpClientAuthenticationDisabled"]
        if disabled is not None:
            yield False, f"Set-CASMailbox -Identity {address} -SmtpClientAuthenticationDisabled {literal(disabled)}"
        rest = [key for key in element if key not in ("PrimarySmtpAddress", "SmtpClientAuthenticationDisabled")]
        if rest:
            yield False, f"# {_one_line(shown['PrimarySmtpAddress'])}: not written: {', '.join(rest)}"


def _command(
    cmdlet: str, table: KeyTable, element: Mapping[str, Any], shown: Mapping[str, Any], without: tuple[str, ...] = ()
) -> str:
    """Every key of the element, in the table's order, with the value that the loader reads."""
    given: dict[str, Any] = {}
    for row in table.parameters:
        if row.name in without or (row.name not in element and row.name not in ("SenderDomains", "ConnectorType")):
            continue
        if row.name not in shown or (row.kind is ValueKind.IGNORED and not shown[row.name]):
            continue
        value = shown[row.name]
        if row.name == "SenderDomains":
            value = [each[5:-2] for each in value]
        if value not in (None, "", []):
            given[row.name] = value
    return f"{cmdlet}{_arguments(given)}"


def _arguments(given: Mapping[str, Any]) -> str:
    """Enums stand bare, as people write them; a text never does."""
    parts = []
    for name, value in given.items():
        bare = name in ("ConnectorType", "DomainType", "TlsSettings", "MtaStsMode", "SmtpDaneMode")
        parts.append(f" -{name} {value if bare and _WORD.match(str(value)) else literal(value)}")
    return "".join(parts)


def _boolean(value: Any) -> Any:
    return {"true": True, "false": False}.get(str(value).strip().lower().lstrip("$"), value)
