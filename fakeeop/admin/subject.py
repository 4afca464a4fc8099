"""What the admin API needs of the emulator that it administers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fakeeop.decision.verdict import Trace
from fakeeop.journal import Journal
from fakeeop.model import Forest
from fakeeop.ports import Clock

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory
    from fakeeop.pki.state import ServerCertificates

__all__ = ["Subject"]


class Subject(Protocol):
    """One emulator. ``tree`` is what its forest was read from, None if it was made from objects."""

    journal: Journal
    tree: Any
    tree_path: str

    @property
    def forest(self) -> Forest:
        """The tenants in force."""

    @property
    def directory(self) -> Directory:
        """The index of the tenants in force."""

    @property
    def clock(self) -> Clock:
        """The emulator's time."""

    @property
    def certificates(self) -> ServerCertificates:
        """The server's certificate and the roots it trusts."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Its SMTP listeners."""

    @property
    def answering(self) -> bool:
        """True while every listener accepts connections."""

    def replace_forest(self, forest: Forest, tree: Any = None) -> None:
        """Serve other tenants from the next transaction on."""

    def explain(self, session_id: str | None = None, recipient: str | None = None) -> Trace:
        """Why a recorded recipient was judged so. Raises LookupError."""
