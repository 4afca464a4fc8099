"""New-, Get-, Set- and Remove-InboundConnector, and the cmdlets for blocked ones (facts connectors §1.1, §1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exoshell.cmdlets.common import (
    ANY_IDENTITY,
    IDENTITY,
    RESULT_SIZE,
    Tenancy,
    command,
    element_patch,
    identities,
    limited,
    not_found,
    nothing_given,
    parameters_of,
    patch_of,
)
from exoshell.cmdlets.properties import inbound_connector
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config import values
from fakeeop.config.editor.changes import Add, Change, Put, Remove, Update, find
from fakeeop.config.parameters.tables import INBOUND_CONNECTOR, TENANT
from fakeeop.config.place import Place, read_fields

__all__ = ["commands"]

_KIND = "InboundConnectors"
_FAMILY = "inbound connectors"
_TYPE = "Microsoft.Exchange.Data.Directory.SystemConfiguration.TenantInboundConnector"
_VIEW = FormatView(("Name", "SenderDomains", "SenderIPAddresses", "Enabled"))  # assumption: no source has the columns
_NAME = Param("Name", "string", mandatory=True, position=0, about="Label; unique in the tenant, case ignored.")
# Facts §1.1, [FAQ-IC], as printed there. Which tenants are such is not said (assumption: a key of the tenant file).
_MADE_DISABLED = (
    "Inbound connector for this service offering is created in a disabled state. Contact Support to enable it."
)
_STAYS_DISABLED = "For this service offering, you can't enable an inbound connector. Contact Support to enable it."
_BLOCKED = Param("ConnectorId", "object", position=0, from_pipeline="value", about="Name or Guid.")


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    return (*_of_connectors(tenancy), *_of_blocked(tenancy))


def _of_connectors(tenancy: Tenancy) -> tuple[Command, ...]:
    return (
        command(
            tenancy,
            "Get-InboundConnector",
            _get,
            (ANY_IDENTITY, RESULT_SIZE),
            about="The inbound connectors, or one of them.",
            family=_FAMILY,
            examples=("Get-InboundConnector", "Get-InboundConnector -Identity 'SMTP Relay' | Format-List"),
        ),
        command(
            tenancy,
            "New-InboundConnector",
            _new,
            (
                _NAME,
                *parameters_of(INBOUND_CONNECTOR, without=("Name",), mandatory=("ConnectorType", "SenderDomains")),
            ),
            about="Makes an inbound connector.",
            family=_FAMILY,
            examples=(
                "New-InboundConnector -Name Scanners -ConnectorType OnPremises -SenderDomains *"
                " -SenderIPAddresses 198.51.100.7",
            ),
            changes=True,
        ),
        command(
            tenancy,
            "Set-InboundConnector",
            _set,
            (
                IDENTITY,
                *parameters_of(INBOUND_CONNECTOR, without=("ClientHostNames",)),
            ),
            about="Changes an inbound connector.",
            family=_FAMILY,
            examples=("Set-InboundConnector 'SMTP Relay' -SenderIPAddresses @{Add='203.0.113.26'}",),
            changes=True,
        ),
        command(
            tenancy,
            "Remove-InboundConnector",
            _remove,
            (IDENTITY,),
            about="Removes an inbound connector; asks, unless -Confirm:$false.",
            family=_FAMILY,
            examples=("Remove-InboundConnector 'SMTP Relay' -Confirm:$false",),
            changes=True,
        ),
    )


def _of_blocked(tenancy: Tenancy) -> tuple[Command, ...]:
    return (
        command(
            tenancy,
            "Get-BlockedConnector",
            _get_blocked,
            (_BLOCKED,),
            about="The connectors that are blocked from relaying (5.7.711).",
            family=_FAMILY,
            examples=("Get-BlockedConnector",),
        ),
        command(
            tenancy,
            "Remove-BlockedConnector",
            _remove_blocked,
            (Param("ConnectorId", "object", mandatory=True, position=0, from_pipeline="value"),),
            about="Releases a blocked connector; here at once, in the service within about an hour.",
            family=_FAMILY,
            changes=True,
        ),
    )


def _shown(tenancy: Tenancy, element: Any) -> PsObject:
    return PsObject.of(inbound_connector(tenancy.organization, element, tenancy.behaviour()), _TYPE, _VIEW)


def _get(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    elements = tenancy.elements(_KIND)
    names = identities(invocation)
    if not names and invocation.given("Identity"):  # documented; the words are ours
        invocation.streams.warning("-Identity is empty: that gives every connector, as without it")
    behaviour = tenancy.behaviour()
    found: list[Any] = [] if names else elements
    for name in names:
        at = find(tenancy.organization, _KIND, elements, name)
        if at is not None:
            found.append(elements[at])
        elif behaviour.missing_identity == "all":  # row C155
            found = elements
            break
        else:
            invocation.streams.error(not_found(tenancy, invocation, name))
    for element in limited(invocation, found):
        properties = inbound_connector(tenancy.organization, element, behaviour)
        yield PsObject.of(properties, _TYPE, _VIEW)


def _new(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    given = patch_of(invocation, INBOUND_CONNECTOR, {})
    element = {key: value for key, value in given.items() if value is not None}
    if not invocation.should_process(str(element.get("Name")), "New-InboundConnector"):
        return
    stopped = element.get("Enabled", True) and _restricted(tenancy)
    if stopped:
        element["Enabled"] = False
    tenancy.change(invocation, Add(_KIND, element))
    if stopped:
        invocation.streams.warning(_MADE_DISABLED)
    yield _shown(tenancy, element)


def _set(tenancy: Tenancy, invocation: Invocation) -> None:
    for name in identities(invocation):
        elements = tenancy.elements(_KIND)
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
            continue
        old = elements[at]
        patch = element_patch(tenancy, invocation, _KIND, INBOUND_CONNECTOR, old)
        if not invocation.should_process(str(old["Name"]), "Set-InboundConnector"):
            continue
        if patch.get("Enabled") and _restricted(tenancy) and not _shown(tenancy, old).properties["Enabled"]:
            invocation.streams.warning(_STAYS_DISABLED)  # the other settings are changed (assumption)
            del patch["Enabled"]
            if not patch:
                continue
        if not patch:
            nothing_given(invocation)
            continue
        changes: list[Change] = [Update(_KIND, str(old["Name"]), patch)]
        renamed = str(patch.get("Name") or old["Name"])
        blocked = _blocked(tenancy)
        if any(_same(each, old["Name"]) for each in blocked) and renamed != old["Name"]:
            listed = [renamed if _same(each, old["Name"]) else each for each in blocked]
            changes = [Put("BlockedConnectors", None), *changes, Put("BlockedConnectors", listed)]
        tenancy.change(invocation, *changes)


def _remove(tenancy: Tenancy, invocation: Invocation) -> None:
    for name in identities(invocation):
        elements = tenancy.elements(_KIND)
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
            continue
        old = str(elements[at]["Name"])
        if not invocation.should_process(old, "Remove-InboundConnector", high_impact=True):
            continue
        blocked = _blocked(tenancy)
        changes: list[Change] = [Remove(_KIND, old)]
        if any(_same(each, old) for each in blocked):
            changes.append(Put("BlockedConnectors", [each for each in blocked if not _same(each, old)] or None))
        tenancy.change(invocation, *changes)


def _restricted(tenancy: Tenancy) -> bool:
    """Is the tenant of a service offering without inbound connectors?"""
    name = "InboundConnectorsRestricted"
    held = {key: value for key, value in tenancy.backend.tenant().items() if key == name}
    return values.boolean(read_fields(held, TENANT, Place("-")), name, False)


def _blocked(tenancy: Tenancy) -> list[str]:
    held = tenancy.backend.tenant().get("BlockedConnectors")
    return [held] if isinstance(held, str) else [str(each) for each in held or ()]


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _get_blocked(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    elements = tenancy.elements(_KIND)
    wanted = identities(invocation, "ConnectorId")
    for name in _blocked(tenancy):
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            continue
        shown = _shown(tenancy, elements[at]).properties
        if wanted and not any(_same(each, name) or _same(each, str(shown["Guid"])) for each in wanted):
            continue
        properties = {"ConnectorId": shown["Guid"], "Name": shown["Name"], "Reason": "BlockedConnectors of the lab"}
        yield PsObject.of(
            properties, "Microsoft.Exchange.Management.BlockedConnector", FormatView(("ConnectorId", "Name"))
        )


def _remove_blocked(tenancy: Tenancy, invocation: Invocation) -> None:
    for name in identities(invocation, "ConnectorId"):
        elements = tenancy.elements(_KIND)
        at = find(tenancy.organization, _KIND, elements, name)
        label = str(elements[at]["Name"]) if at is not None else name
        blocked = _blocked(tenancy)
        left = [each for each in blocked if not _same(each, label)]
        if len(left) == len(blocked):
            invocation.streams.error(not_found(tenancy, invocation, name))
        elif invocation.should_process(label, "Remove-BlockedConnector"):
            tenancy.change(invocation, Put("BlockedConnectors", left or None))
