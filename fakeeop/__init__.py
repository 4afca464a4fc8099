"""fakeeop: an offline Exchange Online Protection. Unofficial, not affiliated with Microsoft.

The public names are loaded when they are first used, so that ``import fakeeop`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakeeop.decision.verdict import Reason, Verdict
    from fakeeop.emulator import Listener
    from fakeeop.model import AcceptedDomain, Behaviour, Forest, InboundConnector, Tenant
    from fakeeop.testing.emulator import EmulatorForTests as Emulator

__version__ = "0.2.0"

__all__ = [
    "AcceptedDomain",
    "Behaviour",
    "Emulator",
    "Forest",
    "InboundConnector",
    "Listener",
    "Reason",
    "Tenant",
    "Verdict",
    "__version__",
]

_HOMES = {
    "AcceptedDomain": "fakeeop.model",
    "Behaviour": "fakeeop.model",
    "Emulator": "fakeeop.testing.emulator:EmulatorForTests",
    "Forest": "fakeeop.model",
    "InboundConnector": "fakeeop.model",
    "Listener": "fakeeop.emulator",
    "Reason": "fakeeop.decision.verdict",
    "Tenant": "fakeeop.model",
    "Verdict": "fakeeop.decision.verdict",
}


def __getattr__(name: str) -> object:
    """Find a public name where it lives (PEP 562) and keep it here."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, its_name = home.partition(":")
    value: object = getattr(import_module(module), its_name or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
