"""Recipients of the lab: what the tenant file has under ``Recipients`` and ``Mailboxes``.

An address under ``Recipients`` is shown as a mailbox too, since the lab delivers to it (assumption). A tenant without
``Recipients`` knows every address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exoshell.cmdlets.common import (
    IDENTITY,
    NAMED_BY,
    RESULT_SIZE,
    Tenancy,
    command,
    identities,
    limited,
    not_found,
    nothing_given,
)
from exoshell.cmdlets.domains import default_domain
from exoshell.cmdlets.properties import mailbox
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.errors import PsError
from exoshell.powershell.objects import Secret
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config.editor.changes import Add, Change, Put, Remove, Update, find, guid_of, listed

__all__ = ["commands"]

_KIND = "Mailboxes"
_TYPE = "Microsoft.Exchange.Data.Directory.Management.Mailbox"
_VIEW = FormatView(("Name", "Alias", "PrimarySmtpAddress", "RecipientTypeDetails"))
_CAS_VIEW = FormatView(("Name", "PrimarySmtpAddress", "SmtpClientAuthenticationDisabled"))
_FAMILY = "recipients"
_NAMED_BY = ("PrimarySmtpAddress", *NAMED_BY)


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    return (*_getters(tenancy), *_makers(tenancy), *_removers(tenancy))


def _getters(tenancy: Tenancy) -> Iterator[Command]:
    optional = Param("Identity", "object", position=0, from_pipeline="value", nullable=True, about="Address.")
    for name, view, about in (
        ("Get-Recipient", _VIEW, "Every address that exists."),
        ("Get-Mailbox", _VIEW, "The mailboxes; every address of the lab is one."),
        ("Get-CASMailbox", _CAS_VIEW, "Whether SMTP AUTH is on for a mailbox; empty: as TransportConfig says."),
    ):

        def run(tenancy: Tenancy, invocation: Invocation, view: FormatView = view) -> Iterator[PsObject]:
            return _get(tenancy, invocation, view)

        yield command(
            tenancy, name, run, (optional, RESULT_SIZE), about=about, family=_FAMILY, examples=(name,), lab=True
        )


def _makers(tenancy: Tenancy) -> Iterator[Command]:
    yield command(
        tenancy,
        "Set-CASMailbox",
        _set_cas,
        (
            IDENTITY,
            Param("SmtpClientAuthenticationDisabled", "object", nullable=True, about="$null: as TransportConfig says."),
        ),
        about="Switches SMTP AUTH of one mailbox.",
        family=_FAMILY,
        examples=("Set-CASMailbox ann@contoso.com -SmtpClientAuthenticationDisabled $false",),
        changes=True,
    )
    yield command(
        tenancy,
        "New-Mailbox",
        _new_mailbox,
        (
            Param("Name", "string", mandatory=True, position=0, about="Display name."),
            Param("PrimarySmtpAddress", "string", about="Its address.", aliases=("MicrosoftOnlineServicesID",)),
            Param("Password", "object", about="For AUTH LOGIN; kept in the file as text."),
            Param("Shared", "switch", about="Taken, no difference here."),
        ),
        about="Makes a mailbox.",
        family=_FAMILY,
        examples=("New-Mailbox -Name Scanner -PrimarySmtpAddress scanner@contoso.com",),
        changes=True,
        lab=True,
    )
    yield command(
        tenancy,
        "New-MailContact",
        _new_contact,
        (
            Param("Name", "string", mandatory=True, position=0, about="Display name."),
            Param("ExternalEmailAddress", "string", mandatory=True, about="Where it leads; nothing is forwarded."),
            Param("PrimarySmtpAddress", "string", about="Its address in an accepted domain."),
            Param("BeginRecipients", "switch", about="Begin the list where the tenant has none."),
        ),
        about="Makes an address that exists.",
        family=_FAMILY,
        examples=(
            "New-MailContact -Name Bob -ExternalEmailAddress bob@fabrikam.example -PrimarySmtpAddress bob@contoso.com",
        ),
        changes=True,
        lab=True,
    )


def _removers(tenancy: Tenancy) -> Iterator[Command]:
    for name in ("Remove-Mailbox", "Remove-MailContact"):
        yield command(
            tenancy,
            name,
            _remove,
            (IDENTITY,),
            about="Takes an address away; asks, unless -Confirm:$false.",
            family=_FAMILY,
            changes=True,
            lab=True,
        )


def _all(tenancy: Tenancy) -> list[dict[str, Any]]:
    """Mailboxes, then the other addresses."""
    tenant = tenancy.backend.tenant()
    found = [mailbox(tenancy.organization, each) for each in listed(tenant.get(_KIND)) if isinstance(each, Mapping)]
    known = {address.partition(":")[2].lower() for each in found for address in each["EmailAddresses"]}
    for address in listed(tenant.get("Recipients")):
        plain = str(address).removeprefix("smtp:").removeprefix("SMTP:")
        if plain.lower() not in known:
            found.append(mailbox(tenancy.organization, {"PrimarySmtpAddress": plain}))
    return found


def _is(properties: Mapping[str, Any], name: str) -> bool:
    wanted = name.strip().casefold()
    names = (*(properties[key] for key in ("Name", "Alias", "DisplayName", "UserPrincipalName", "Guid")),)
    addresses = (address.partition(":")[2] for address in properties["EmailAddresses"])
    return wanted in (str(each).casefold() for each in (*names, *addresses))


def _wanted(tenancy: Tenancy, invocation: Invocation) -> list[dict[str, Any]]:
    everybody = _all(tenancy)
    found = []
    for name in identities(invocation, of=_NAMED_BY):
        match = next((each for each in everybody if _is(each, name)), None)
        if match is None:
            invocation.streams.error(not_found(tenancy, invocation, name))
        else:
            found.append(match)
    return found


def _get(tenancy: Tenancy, invocation: Invocation, view: FormatView) -> Iterator[PsObject]:
    named = identities(invocation, of=_NAMED_BY)
    for properties in limited(invocation, _wanted(tenancy, invocation) if named else _all(tenancy)):
        yield PsObject.of(properties, _TYPE, view)


def _set_cas(tenancy: Tenancy, invocation: Invocation) -> None:
    name = "SmtpClientAuthenticationDisabled"
    for properties in _wanted(tenancy, invocation):
        address = properties["PrimarySmtpAddress"]
        if not invocation.given(name):
            nothing_given(invocation)
            continue
        value = invocation.get(name)
        if not invocation.should_process(address, "Set-CASMailbox"):
            continue
        change: Change = Update(_KIND, address, {name: value})
        if find(tenancy.organization, _KIND, tenancy.elements(_KIND), address) is None:
            change = Add(_KIND, {"PrimarySmtpAddress": address} | ({} if value is None else {name: value}))
        tenancy.change(invocation, change)


def _new_mailbox(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    name = invocation.get("Name")
    address = invocation.get("PrimarySmtpAddress") or _default_address(tenancy, name)
    element: dict[str, Any] = {"PrimarySmtpAddress": address}
    if name.casefold() != address.partition("@")[0].casefold():
        element["DisplayName"] = name
    password = invocation.get("Password")
    if password is not None:
        element["Password"] = _secret(invocation, password)
    if any(_is(each, address) for each in _all(tenancy)):
        raise _taken(invocation, address)
    if invocation.should_process(address, "New-Mailbox"):
        tenancy.change(invocation, Add(_KIND, element))
        yield PsObject.of(mailbox(tenancy.organization, element), _TYPE, _VIEW)


def _default_address(tenancy: Tenancy, name: str) -> str:
    domains = tenancy.elements("AcceptedDomains")
    at = default_domain(domains)
    domain = "" if at is None else domains[at] if isinstance(domains[at], str) else domains[at]["DomainName"]
    return f"{name.replace(' ', '.').lower()}@{domain}"


def _secret(invocation: Invocation, value: Any) -> str:
    """Of a SecureString; a plain text is taken too (assumption: it is a lab). Raises PsError for anything else."""
    inner = getattr(value, "inner", value)
    if isinstance(inner, str) and inner:
        return inner
    if isinstance(inner, Secret) and inner.value:
        return inner.value
    raise PsError(
        "-Password: a SecureString is wanted: (ConvertTo-SecureString 'text' -AsPlainText -Force)",
        error_id=f"Password,{invocation.command.name}",
        category="InvalidArgument",
        terminating=False,
    )


def _taken(invocation: Invocation, address: str) -> PsError:
    return PsError(
        f"{address} exists already",
        error_id=f"duplicate-mailbox,{invocation.command.name}",
        category="ResourceExists",
        target=address,
        terminating=False,
    )


def _new_contact(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    address = invocation.get("PrimarySmtpAddress") or invocation.get("ExternalEmailAddress")
    recipients = tenancy.backend.tenant().get("Recipients")
    if recipients is None and not invocation.get("BeginRecipients"):
        invocation.streams.warning(
            "the tenant has no Recipients, so every address exists; nothing was changed (-BeginRecipients)"
        )
    elif any(_is(each, address) for each in _all(tenancy)):
        raise _taken(invocation, address)
    elif not invocation.should_process(address, "New-MailContact"):
        return
    else:
        tenancy.change(invocation, Put("Recipients", [*listed(recipients), address]))
    properties = {
        "Name": invocation.get("Name"),
        "Alias": address.partition("@")[0],
        "PrimarySmtpAddress": address,
        "ExternalEmailAddress": f"SMTP:{invocation.get('ExternalEmailAddress')}",
        "RecipientTypeDetails": "MailContact",
        "Identity": address,
        "Guid": guid_of(tenancy.organization, "Recipients", address),
    }
    yield PsObject.of(properties, "Microsoft.Exchange.Data.Directory.Management.MailContact", _VIEW)


def _remove(tenancy: Tenancy, invocation: Invocation) -> None:
    for properties in _wanted(tenancy, invocation):
        address = properties["PrimarySmtpAddress"]
        if not invocation.should_process(address, invocation.command.name, high_impact=True):
            continue
        tenant = tenancy.backend.tenant()
        changes: list[Change] = []
        if find(tenancy.organization, _KIND, listed(tenant.get(_KIND)), address) is not None:
            changes.append(Remove(_KIND, address))
        recipients = listed(tenant.get("Recipients"))
        left = [each for each in recipients if str(each).casefold().removeprefix("smtp:") != address.casefold()]
        if len(left) < len(recipients):
            changes.append(Put("Recipients", left))
        tenancy.change(invocation, *changes)
