"""The cmdlets of outbound connectors (facts connectors §1.7). They are kept in the tenant file; nothing is routed by
them here, and Validate-OutboundConnector sends nothing.
"""

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
from exoshell.cmdlets.properties import outbound_connector
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config.editor.changes import Add, Remove, Update, find
from fakeeop.config.parameters.tables import OUTBOUND_CONNECTOR
from fakeeop.model.addresses import DomainPattern

__all__ = ["commands"]

_KIND = "OutboundConnectors"
_TYPE = "Microsoft.Exchange.Data.Directory.SystemConfiguration.TenantOutboundConnector"
_VIEW = FormatView(("Name", "RecipientDomains", "SmartHosts", "Enabled"))  # assumption: no source has the columns
_MARKS = ("IsValidated", "ValidationRecipients", "LastValidationTimestamp")


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    family = "outbound connectors"
    given = parameters_of(OUTBOUND_CONNECTOR, without=("Name", *_MARKS))
    return (
        command(
            tenancy,
            "Get-OutboundConnector",
            _get,
            (ANY_IDENTITY, RESULT_SIZE),
            about="The outbound connectors, or one of them.",
            family=family,
            examples=("Get-OutboundConnector",),
        ),
        command(
            tenancy,
            "New-OutboundConnector",
            _new,
            (Param("Name", "string", mandatory=True, position=0, about="Label; unique in the tenant."), *given),
            about="Makes an outbound connector; nothing is routed by it here.",
            family=family,
            examples=("New-OutboundConnector -Name Partner -RecipientDomains partner.example",),
            changes=True,
        ),
        command(
            tenancy,
            "Set-OutboundConnector",
            _set,
            (IDENTITY, *parameters_of(OUTBOUND_CONNECTOR, without=("LastValidationTimestamp",))),
            about="Changes an outbound connector.",
            family=family,
            changes=True,
        ),
        command(
            tenancy,
            "Remove-OutboundConnector",
            _remove,
            (IDENTITY,),
            about="Removes an outbound connector; asks, unless -Confirm:$false.",
            family=family,
            changes=True,
        ),
        command(
            tenancy,
            "Validate-OutboundConnector",
            _validate,
            (
                IDENTITY,
                Param("Recipients", "strings", mandatory=True, about="Addresses that it would write to."),
            ),
            about="Says whether the connector is for these recipients. Nothing is sent, and IsValidated stays.",
            family=family,
        ),
    )


def _shown(tenancy: Tenancy, element: Any) -> PsObject:
    return PsObject.of(outbound_connector(tenancy.organization, element), _TYPE, _VIEW)


def _found(tenancy: Tenancy, invocation: Invocation) -> Iterator[Any]:
    elements = tenancy.elements(_KIND)
    for name in identities(invocation):
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
        else:
            yield elements[at]


def _get(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    found = list(_found(tenancy, invocation)) if identities(invocation) else tenancy.elements(_KIND)
    for element in limited(invocation, found):
        yield _shown(tenancy, element)


def _new(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    given = patch_of(invocation, OUTBOUND_CONNECTOR, {})
    element = {key: value for key, value in given.items() if value is not None}
    if invocation.should_process(str(element.get("Name")), "New-OutboundConnector"):
        tenancy.change(invocation, Add(_KIND, element))
        yield _shown(tenancy, element)


def _set(tenancy: Tenancy, invocation: Invocation) -> None:
    for old in _found(tenancy, invocation):
        patch = element_patch(tenancy, invocation, _KIND, OUTBOUND_CONNECTOR, old)
        if not patch:
            nothing_given(invocation)
        elif invocation.should_process(str(old["Name"]), "Set-OutboundConnector"):
            tenancy.change(invocation, Update(_KIND, str(old["Name"]), patch))


def _remove(tenancy: Tenancy, invocation: Invocation) -> None:
    for old in list(_found(tenancy, invocation)):
        if invocation.should_process(str(old["Name"]), "Remove-OutboundConnector", high_impact=True):
            tenancy.change(invocation, Remove(_KIND, str(old["Name"])))


def _validate(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    """The form of the result is ours (assumption)."""
    for element in _found(tenancy, invocation):
        shown = _shown(tenancy, element).properties
        patterns = [DomainPattern.parse(each) for each in shown["RecipientDomains"]]
        for recipient in invocation.get("Recipients"):
            domain = str(recipient).rpartition("@")[2].lower()
            fits = any(pattern.covers(domain) for pattern in patterns)
            ready = bool(shown["Enabled"]) and fits
            if not shown["Enabled"]:
                detail = "the connector is disabled"
            elif not fits:
                detail = f"RecipientDomains does not cover {domain}"
            else:
                detail = "by MX" if shown["UseMXRecord"] else f"by {', '.join(shown['SmartHosts'])}"
            properties = {
                "Identity": shown["Identity"],
                "Recipient": str(recipient),
                "IsTaskSuccessful": ready,
                "Detail": f"{detail}; nothing was sent",
            }
            yield PsObject.of(properties, "Microsoft.Exchange.Management.ValidateOutboundConnectorResult")
