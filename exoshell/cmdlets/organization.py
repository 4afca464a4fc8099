"""Get- and Set-OrganizationConfig, Get- and Set-TransportConfig (facts connectors §1.6, §1.8 at its end)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from exoshell.cmdlets.common import Tenancy, command, nothing_given, parameters_of, patch_of
from exoshell.cmdlets.properties import settings
from exoshell.powershell.commands import Command, Invocation
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.config.editor.changes import Configure
from fakeeop.config.parameters.kinds import KeyTable
from fakeeop.config.parameters.tables import ORGANIZATION_CONFIG, TRANSPORT_CONFIG

__all__ = ["commands"]

_TYPES = {
    "OrganizationConfig": "Microsoft.Exchange.Data.Directory.SystemConfiguration.OrganizationConfig",
    "TransportConfig": "Microsoft.Exchange.Data.Directory.SystemConfiguration.TransportConfigContainer",
}
_EXAMPLES = {
    "OrganizationConfig": "-RejectDirectSend $true",
    "TransportConfig": "-SmtpClientAuthenticationDisabled $false",
}


def commands(tenancy: Tenancy) -> tuple[Command, ...]:
    """The family."""
    return tuple(each for table in (ORGANIZATION_CONFIG, TRANSPORT_CONFIG) for each in _pair(tenancy, table))


def _pair(tenancy: Tenancy, table: KeyTable) -> tuple[Command, Command]:
    family, example = "organization", _EXAMPLES[table.title]
    return (
        command(
            tenancy,
            f"Get-{table.title}",
            partial(_get, table),
            about=f"The settings of Set-{table.title} that the lab knows.",
            family=family,
            examples=(f"Get-{table.title}",),
        ),
        command(
            tenancy,
            f"Set-{table.title}",
            partial(_set, table),
            parameters_of(table),
            about=f"Changes {table.title}; in force at once, or after --propagation.",
            family=family,
            examples=(f"Set-{table.title} {example}",),
            changes=True,
        ),
    )


def _get(table: KeyTable, tenancy: Tenancy, invocation: Invocation) -> Iterator[PsObject]:  # noqa: ARG001  a cmdlet's form
    held = tenancy.backend.tenant().get(table.title) or {}
    properties = settings(tenancy.organization, held, table)
    yield PsObject.of(properties, _TYPES[table.title], FormatView(as_list=True))


def _set(table: KeyTable, tenancy: Tenancy, invocation: Invocation) -> None:
    held = tenancy.backend.tenant().get(table.title) or {}
    patch = patch_of(invocation, table, held)
    if not patch:
        nothing_given(invocation)
    elif invocation.should_process(tenancy.organization, f"Set-{table.title}"):
        tenancy.change(invocation, Configure(table.title, patch))
