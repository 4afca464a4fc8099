"""fakeeop for the tests of other projects: an emulator with the words of tests, with or without pytest.

Loaded name by name, so that who needs one part pays for that part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakeeop.testing.case import EopTestCase
    from fakeeop.testing.certificates import ClientCertificate
    from fakeeop.testing.delivered import DeliveredCopy
    from fakeeop.testing.emulator import EmulatorForTests as Emulator
    from fakeeop.testing.emulator import Explanation
    from fakeeop.testing.records import JudgedRecipient, Message, Refusal, Session, TlsLayer
    from fakeeop.testing.report import EopAssertionError
    from fakeeop.testing.reports import DeliveryReport
    from fakeeop.testing.tenants import TenantBuilder

__all__ = [
    "ClientCertificate",
    "DeliveredCopy",
    "DeliveryReport",
    "Emulator",
    "EopAssertionError",
    "EopTestCase",
    "Explanation",
    "JudgedRecipient",
    "Message",
    "Refusal",
    "Session",
    "TenantBuilder",
    "TlsLayer",
]

_HOMES = {
    "ClientCertificate": "certificates",
    "DeliveredCopy": "delivered",
    "DeliveryReport": "reports",
    "Emulator": "emulator:EmulatorForTests",
    "EopAssertionError": "report",
    "EopTestCase": "case",
    "Explanation": "emulator",
    "JudgedRecipient": "records",
    "Message": "records",
    "Refusal": "records",
    "Session": "records",
    "TenantBuilder": "tenants",
    "TlsLayer": "records",
}


def __getattr__(name: str) -> object:
    """Find a public name where it lives (PEP 562) and keep it here."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, its_name = home.partition(":")
    value: object = getattr(import_module(f"{__name__}.{module}"), its_name or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
