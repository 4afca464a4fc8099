"""All general commands into a registry."""

from __future__ import annotations

from functools import partial

from exoshell.powershell.credentials import ps_credential
from exoshell.powershell.exceptions import add_exceptions
from exoshell.powershell.host import Registry
from exoshell.powershell.library import (
    choosing,
    data,
    extending,
    files,
    folders,
    grouping,
    html,
    showing,
    system,
    variables,
)
from exoshell.powershell.library.surroundings import Surroundings

__all__ = ["add_general_commands"]


def add_general_commands(registry: Registry, around: Surroundings | None = None) -> None:
    """Add them."""
    around = around or Surroundings()
    registry.add(
        *choosing.commands(),
        *grouping.commands(),
        *showing.commands(around),
        *files.commands(around),
        *folders.commands(around),
        *data.commands(around),
    )
    registry.add(*system.commands(registry, around), *extending.commands(), *html.commands(), *variables.commands())
    add_exceptions(registry)
    for name in ("System.Management.Automation.PSCredential", "PSCredential"):
        registry.add_type(name, partial(ps_credential, registry))
