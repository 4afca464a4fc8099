"""The cmdlets of accepted domains (facts connectors §1.5). New-AcceptedDomain is the lab's: in the service domains come
by the admin center.
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
    identities,
    limited,
    not_found,
    nothing_given,
    parameters_of,
    patch_of,
)
from exoshell.cmdlets.properties import accepted_domain
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config.editor.changes import Add, Change, Remove, Update, find
from fakeeop.config.parameters.tables import ACCEPTED_DOMAIN

__all__ = ["commands", "default_domain"]

_KIND = "AcceptedDomains"
_TYPE = "Microsoft.Exchange.Data.Directory.SystemConfiguration.AcceptedDomain"
_VIEW = FormatView(("Name", "DomainName", "DomainType", "Default"))  # facts §1.5, M
_MAKE_DEFAULT = Param("MakeDefault", "bool", about="$true: the tenant's default domain.")


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    family = "accepted domains"
    settable = parameters_of(ACCEPTED_DOMAIN, without=("Name", "DomainName", "Default"))
    return (
        command(
            tenancy,
            "Get-AcceptedDomain",
            _get,
            (ANY_IDENTITY, RESULT_SIZE),
            about="The accepted domains, or one of them.",
            family=family,
            examples=("Get-AcceptedDomain", "Get-AcceptedDomain contoso.com | Format-List"),
        ),
        command(
            tenancy,
            "New-AcceptedDomain",
            _new,
            (
                Param("Name", "string", mandatory=True, position=0, about="Label of the domain."),
                Param("DomainName", "string", mandatory=True, about="The domain."),
                *settable,
            ),
            about="Adds an accepted domain.",
            family=family,
            examples=("New-AcceptedDomain -Name fabrikam.example -DomainName fabrikam.example",),
            changes=True,
            lab=True,
        ),
        command(
            tenancy,
            "Set-AcceptedDomain",
            _set,
            (IDENTITY, Param("Name", "string", about="Label of the domain."), *settable, _MAKE_DEFAULT),
            about="Changes an accepted domain.",
            family=family,
            examples=("Set-AcceptedDomain contoso.com -DomainType InternalRelay",),
            changes=True,
        ),
        command(
            tenancy,
            "Remove-AcceptedDomain",
            _remove,
            (IDENTITY,),
            about="Removes an accepted domain; asks, unless -Confirm:$false.",
            family=family,
            changes=True,
        ),
    )


def default_domain(elements: list[Any]) -> int | None:
    """The place of the default domain: the marked one, else the first."""
    for index, each in enumerate(elements):
        if isinstance(each, dict) and str(each.get("Default", "")).lower().lstrip("$") == "true":
            return index
    return 0 if elements else None


def _shown(tenancy: Tenancy, elements: list[Any], at: int) -> PsObject:
    default = default_domain(elements) == at
    return PsObject.of(accepted_domain(tenancy.organization, elements[at], default=default), _TYPE, _VIEW)


def _places(tenancy: Tenancy, invocation: Invocation, elements: list[Any]) -> list[int]:
    found = []
    for name in identities(invocation):
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
        else:
            found.append(at)
    return found


def _get(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    elements = tenancy.elements(_KIND)
    places = _places(tenancy, invocation, elements) if identities(invocation) else list(range(len(elements)))
    for at in limited(invocation, places):
        yield _shown(tenancy, elements, at)


def _new(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    given = patch_of(invocation, ACCEPTED_DOMAIN, {})
    element = {"DomainName": given.pop("DomainName"), **given}
    if element.get("Name") == element["DomainName"]:
        del element["Name"]
    element = {key: value for key, value in element.items() if value is not None}
    if invocation.should_process(str(element["DomainName"]), "New-AcceptedDomain"):
        tenancy.change(invocation, Add(_KIND, element))
        elements = tenancy.elements(_KIND)
        yield _shown(tenancy, elements, len(elements) - 1)


def _set(tenancy: Tenancy, invocation: Invocation) -> None:
    for name in identities(invocation):
        elements = tenancy.elements(_KIND)
        at = find(tenancy.organization, _KIND, elements, name)
        if at is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
            continue
        patch = patch_of(invocation, ACCEPTED_DOMAIN, {})
        changes: list[Change] = []
        if invocation.get("MakeDefault"):
            default = default_domain(elements)
            if default is not None and default != at and isinstance(elements[default], dict):
                changes.append(Update(_KIND, _domain(elements[default]), {"Default": None}))
            patch["Default"] = True
        if not patch:
            nothing_given(invocation)
        elif invocation.should_process(_domain(elements[at]), "Set-AcceptedDomain"):
            tenancy.change(invocation, *changes, Update(_KIND, _domain(elements[at]), patch))


def _remove(tenancy: Tenancy, invocation: Invocation) -> None:
    elements = tenancy.elements(_KIND)
    for at in _places(tenancy, invocation, elements):
        domain = _domain(elements[at])
        if invocation.should_process(domain, "Remove-AcceptedDomain", high_impact=True):
            tenancy.change(invocation, Remove(_KIND, domain))


def _domain(element: Any) -> str:
    return element if isinstance(element, str) else str(element["DomainName"])
