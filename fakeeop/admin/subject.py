"""What the admin API needs of the emulator that it administers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from fakeeop.journal.memory import Journal
from fakeeop.model import Forest
from fakeeop.model.ports import Clock
from fakeeop.why.trace import Trace

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory
    from fakeeop.model.fault import Fault
    from fakeeop.pki.state import ServerCertificates
    from fakeeop.server.listener import Listener

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

    def replace_certificates(self, certificates: ServerCertificates) -> None:
        """Others, for the connections to come."""

    @property
    def peers(self) -> dict[str, str]:
        """Source address → the public address that it stands for."""

    def replace_peers(self, peers: Mapping[str, str]) -> None:
        """Another such map. Raises ValueError."""

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Its SMTP listeners, as they were asked for."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where these answer, in their order."""

    @property
    def answering(self) -> bool:
        """True while every listener accepts connections."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""

    @property
    def faults_fired(self) -> tuple[int, ...]:
        """How often each of them has fired."""

    def set_faults(self, faults: Any, seed: int = 0) -> None:
        """Have these go wrong from now on. Raises ConfigError."""

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""

    def restart_counters(self) -> None:
        """Rates, quotas and faults begin anew."""

    def set_flag(self, name: str) -> None:
        """End the faults that last until this flag is set."""

    def replace_forest(self, forest: Forest, tree: Any = None) -> None:
        """Serve other tenants from the next transaction on."""

    def explain(self, session_id: str | None = None, recipient: str | None = None) -> Trace:
        """Why a recorded recipient was judged so. Raises LookupError."""
