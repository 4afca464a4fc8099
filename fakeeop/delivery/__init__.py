"""What happens to an accepted message: copies, where they end, message trace, reports.

What is made when somebody reads is loaded then: start-up time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakeeop.delivery.copies import Delivered, FrontEndFacts, deliveries, returned_header
    from fakeeop.delivery.message_trace import traced

__all__ = ["Delivered", "FrontEndFacts", "deliveries", "returned_header", "traced"]

_MODULES = {
    "Delivered": "fakeeop.delivery.copies",
    "FrontEndFacts": "fakeeop.delivery.copies",
    "deliveries": "fakeeop.delivery.copies",
    "returned_header": "fakeeop.delivery.copies",
    "traced": "fakeeop.delivery.message_trace",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found
