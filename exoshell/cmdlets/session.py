"""Connecting, which here does nothing and says so, and Resolve-DnsName for the lab's zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exoshell.cmdlets.common import Tenancy, command
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config.loader import forest_from_tree
from fakeeop.model.tenant import zone_of
from fakeeop.model.zone import TYPES, Mx, Value

__all__ = ["commands"]

_FAMILY = "session"
_TTL = 60  # assumption: nobody caches in the lab
_TEXTS = "UserPrincipalName Organization DelegatedOrganization AppId CertificateThumbprint CertificateFilePath Prefix"
_OTHERS = "Credential CertificatePassword AccessToken ShowBanner ShowProgress PageSize CommandName ConnectionUri"
_SWITCHES = "Device ManagedIdentity SkipLoadingFormatData SkipLoadingCmdletHelp UseMultithreading DisableWAM"
_CONNECT = (
    *(Param(name, "string", nullable=True) for name in _TEXTS.split()),
    *(Param(name, "object", nullable=True) for name in _OTHERS.split()),
    *(Param(name, "switch") for name in _SWITCHES.split()),
)


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    return (
        command(
            tenancy,
            "Connect-ExchangeOnline",
            _connect,
            _CONNECT,
            about="Does nothing: the tenant is chosen when the shell starts. No argument is looked at.",
            family=_FAMILY,
            examples=("Connect-ExchangeOnline",),
        ),
        command(
            tenancy,
            "Disconnect-ExchangeOnline",
            _disconnect,
            about="Does nothing.",
            family=_FAMILY,
            changes=True,
        ),
        command(
            tenancy,
            "Get-ConnectionInformation",
            _information,
            (Param("ConnectionId", "object"), Param("ModulePrefix", "object")),
            about="What the cmdlets work on.",
            family=_FAMILY,
            examples=("Get-ConnectionInformation",),
        ),
        command(
            tenancy,
            "Resolve-DnsName",
            _resolve,
            (
                Param("Name", "string", mandatory=True, position=0, from_pipeline="value", about="A name."),
                Param("Type", "enum", position=1, values=(*TYPES, "A_AAAA", "ALL"), about="A and AAAA if none."),
                Param("Server", "strings", about="Not asked: the lab's zone answers."),
                *(Param(name, "switch") for name in ("DnsOnly", "NoHostsFile", "QuickTimeout", "TcpOnly")),
            ),
            about="Looks a name up in the lab's zone; no name server of the world is asked.",
            family=_FAMILY,
            examples=("Resolve-DnsName contoso.com -Type MX",),
            lab=True,
        ),
    )


def _connect(tenancy: Tenancy, invocation: Invocation) -> None:
    invocation.streams.warning(
        f"nothing to connect to: the cmdlets work on {tenancy.organization} in {tenancy.backend.place}"
    )


def _disconnect(tenancy: Tenancy, invocation: Invocation) -> None:  # noqa: ARG001  a cmdlet's form
    invocation.streams.verbose("nothing was connected")


def _information(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:  # noqa: ARG001  a cmdlet's form
    properties = {
        "ConnectionId": None,
        "State": "Connected",
        "Name": "ExchangeOnline (fakeeop)",
        "UserPrincipalName": None,
        "ConnectionUri": tenancy.backend.place,
        "TokenStatus": "NotUsed",
        "Organization": tenancy.organization,
    }
    yield PsObject.of(properties, "Microsoft.Exchange.Management.ConnectionInformation", FormatView(as_list=True))


def _resolve(tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:
    whole = tenancy.backend.whole()
    tenants = [{key: each[key] for key in ("Name", "AcceptedDomains") if key in each} for each in whole["Tenants"]]
    tree: dict[str, Any] = {"Tenants": tenants} | {key: whole[key] for key in ("Zone",) if key in whole}
    zone = zone_of(forest_from_tree(tree, tenancy.backend.place), "127.0.0.1")
    asked = str(invocation.get("Type", "A_AAAA")).upper()
    kinds = {"A_AAAA": ("A", "AAAA"), "ALL": TYPES}.get(asked, (asked,))
    for name in [invocation.get("Name")] if invocation.given("Name") else [str(each) for each in invocation.input]:
        answers = [(kind, zone.lookup(name, kind)) for kind in kinds]
        status = answers[0][1].status
        if status != "noerror":
            what = "DNS name does not exist" if status == "nxdomain" else "DNS server failure"
            invocation.streams.error(
                PsError(
                    f"{name} : {what}",
                    error_id=f"{status},Resolve-DnsName",
                    category="ResourceUnavailable",
                    target=name,
                    terminating=False,
                )
            )
        for kind, answer in answers:
            yield from (_record(answer.name, kind, value) for value in answer.values)


def _record(name: str, kind: str, value: Value) -> PsObject:
    """The properties that scripts look at; the others are left out."""
    properties: dict[str, Any] = {"Name": name, "Type": kind, "TTL": _TTL, "Section": "Answer"}
    columns = ["Name", "Type", "TTL", "Section"]
    if isinstance(value, Mx):
        properties |= {"NameExchange": value.exchange, "Preference": value.preference}
    elif kind == "TXT":
        properties["Strings"] = [str(value)]
    elif kind in ("CNAME", "PTR"):
        properties["NameHost"] = str(value)
    else:
        properties["IPAddress"] = str(value)
    columns += [each for each in properties if each not in columns]
    return PsObject.of(properties, f"Microsoft.DnsClient.Commands.DnsRecord_{kind}", FormatView(tuple(columns)))
