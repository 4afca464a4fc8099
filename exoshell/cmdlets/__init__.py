"""Every cmdlet of Exchange that there is here, for a registry of the interpreter.

>>> registry = Registry()
>>> register(registry, open_backend("tenant.yaml"))
"""

from __future__ import annotations

from exoshell.backends.base import Backend
from exoshell.cmdlets import domains, inbound, organization, outbound, recipients, session, tracing
from exoshell.cmdlets.common import Tenancy
from exoshell.powershell.commands import Registry

__all__ = ["register"]

_FAMILIES = (inbound, outbound, domains, organization, recipients, tracing, session)


def register(registry: Registry, backend: Backend) -> None:
    """Add them; they work on the tenant of ``backend``."""
    tenancy = Tenancy(backend)
    for family in _FAMILIES:
        registry.add(*family.commands(tenancy))
