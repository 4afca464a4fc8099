"""What the cmdlets work on: one tenant, of a file or of a running server, behind one Protocol."""

from __future__ import annotations

from typing import Any, Protocol

from fakeeop.config.editor.changes import Change, listed
from fakeeop.config.secrets import MASK

__all__ = ["Backend", "without_masks"]


class Backend(Protocol):
    """``organization`` is the tenant's name, ``place`` what people call the backend: a path or a URL."""

    organization: str
    place: str

    def whole(self) -> dict[str, Any]:
        """The tenant file's content, keys in their right spelling; secrets may be masked. Raises FakeEopError."""

    def tenant(self) -> dict[str, Any]:
        """The tenant's part of it."""

    def change(self, *changes: Change) -> None:
        """All or none. Raises ConfigError where a rule of the tenant file is broken, NoSuchElement, FakeEopError."""

    def trace(self, values: list[tuple[str, str]]) -> dict[str, Any]:
        """``rows`` and ``next`` of the message trace. Raises FakeEopError."""

    def trace_detail(self, trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:
        """The events of one row; none if there is no such row. Raises FakeEopError."""

    def settle(self) -> None:
        """Wait until every change is in force; raises what went wrong with a late one."""


def without_masks(whole: dict[str, Any]) -> dict[str, Any]:
    """What the rules can look at: a server gives no private keys out."""
    tenants = [
        {key: value for key, value in each.items() if key != "DkimSigning" or MASK not in str(value)}
        for each in listed(whole.get("Tenants"))
    ]
    return {**whole, "Tenants": tenants}
