"""What the cmdlets work on: one tenant, of a file or of a running server, behind one Protocol."""

from __future__ import annotations

from typing import Any, Protocol

from fakeeop.config.editor.changes import Change, find, listed
from fakeeop.config.secrets import MASK
from fakeeop.errors import ConfigError, Problem

__all__ = ["Backend", "choose", "open_backend", "within", "without_masks"]


class Backend(Protocol):
    """``organization`` is the tenant's name, ``place`` what people call the backend: a path or a URL."""

    organization: str
    place: str

    def whole(self) -> dict[str, Any]:
        """The tenant file's content, keys in their right spelling; secrets may be masked. Raises FakeEopError."""

    def tenant(self) -> dict[str, Any]:
        """The tenant's part of it."""

    def change(self, *changes: Change) -> None:
        """All or none. Raises ConfigError where a rule of the tenant file is broken, Missing, FakeEopError."""

    def trace(self, values: list[tuple[str, str]]) -> dict[str, Any]:
        """``rows`` and ``next`` of the message trace. Raises FakeEopError."""

    def trace_detail(self, trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:
        """The events of one row; none if there is no such row. Raises FakeEopError."""

    def settle(self) -> None:
        """Wait until every change is in force; raises what went wrong with a late one."""


def open_backend(where: str, organization: str | None = None, propagation: float = 0.0) -> Backend:
    """A file's path, or the URL of an admin API. ``propagation``: seconds until a change is in force.

    Raises ConfigError: the file is wrong, or has several tenants and none is chosen; RemoteError: the server's.
    """
    found: Backend
    if where.startswith(("http://", "https://")):
        from exoshell.running_server import RunningServer  # noqa: PLC0415  one of the two: start-up time

        found = RunningServer(where, organization)
    else:
        from exoshell.tenant_file import TenantFile  # noqa: PLC0415  as above

        found = TenantFile(where, organization)
    if propagation > 0:
        from exoshell.propagation import Propagating  # noqa: PLC0415  only with --propagation

        found = Propagating(found, propagation)
    return found


def choose(whole: dict[str, Any], organization: str | None, place: str) -> str:
    """The name of the tenant that is meant. Raises ConfigError: never guesses among several."""
    tenants = [each for each in listed(whole.get("Tenants")) if isinstance(each, dict)]
    names = [str(each.get("Name", "")) for each in tenants]
    if organization is None:
        if len(names) == 1:
            return names[0]
        what = f"there are {len(names)} tenants" if names else "there is no tenant"
        fix = f"--organization NAME, one of: {', '.join(names)}" if names else "put one under Tenants:"
        raise ConfigError((Problem("several-tenants", what, fix, (), place, source="fakeeop"),))
    for each, name in zip(tenants, names, strict=True):
        domains = listed(each.get("AcceptedDomains"))
        identities = (name.casefold(), str(each.get("TenantId", "")).casefold())
        if organization.casefold() in identities or find(name, "AcceptedDomains", domains, organization) is not None:
            return name
    fix = f"one of: {', '.join(names)}"
    raise ConfigError((Problem("unknown-tenant", f"there is no tenant {organization!r}", fix, (), place),))


def within(whole: dict[str, Any], organization: str) -> dict[str, Any]:
    """The tenant of this name."""
    for each in listed(whole.get("Tenants")):
        if isinstance(each, dict) and str(each.get("Name", "")).casefold() == organization.casefold():
            return each
    raise ConfigError((Problem("unknown-tenant", f"there is no tenant {organization!r} any more"),))


def without_masks(whole: dict[str, Any]) -> dict[str, Any]:
    """What the rules can look at: a server gives no private keys out."""
    tenants = [
        {key: value for key, value in each.items() if key != "DkimSigning" or MASK not in str(value)}
        for each in listed(whole.get("Tenants"))
    ]
    return {**whole, "Tenants": tenants}
