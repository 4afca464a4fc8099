"""The general commands, one family a file."""

from __future__ import annotations

from functools import partial

from exoshell.powershell.commands import Registry
from exoshell.powershell.library import choosing, data, files, grouping, showing, system
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.objects import ps_credential
from exoshell.powershell.streams import add_exceptions

__all__ = ["add_general_commands"]


def add_general_commands(registry: Registry, around: ShellHost | None = None) -> None:
    """All of them into a registry, and the types that the language itself has."""
    around = around or ShellHost()
    registry.add(
        *choosing.commands(),
        *grouping.commands(),
        *grouping.member_commands(),
        *showing.commands(around),
        *files.commands(around),
        *files.folder_commands(around),
        *data.commands(around),
        *data.html_commands(),
        *system.commands(registry, around),
        *system.variable_commands(),
    )
    add_exceptions(registry)
    for name in ("System.Management.Automation.PSCredential", "PSCredential"):
        registry.add_type(name, partial(ps_credential, registry))
