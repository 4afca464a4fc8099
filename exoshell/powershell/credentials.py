"""SecureString and PSCredential. A password is never shown."""

from __future__ import annotations

from functools import partial
from typing import Any

from exoshell.powershell.errors import NetError, Unsupported
from exoshell.powershell.host import Registry
from exoshell.powershell.objects import arguments, live, text
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["Secret", "ps_credential", "secret_of", "secure_string"]

_SECURE = "System.Security.SecureString"
_PS = "System.Management.Automation.PSCredential"


class Secret:
    """Holds a text and does not show it."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return _SECURE

    __str__ = __repr__


def secure_string(value: str) -> PsObject:
    """A SecureString."""
    return PsObject(HashTable({"Length": len(value)}), _SECURE, inner=Secret(value))


def secret_of(value: Any) -> str:
    """The text of a SecureString, or of a String."""
    if isinstance(value, PsObject) and isinstance(value.inner, Secret):
        return value.inner.value
    return text(value)


def ps_credential(registry: Registry, given: list[Any]) -> PsObject:
    """``New-Object PSCredential(user, securestring)``. What GetNetworkCredential gives is of .NET: of ``registry``."""
    arguments(_PS, given, 2)
    user, password = given
    if not (isinstance(password, PsObject) and isinstance(password.inner, Secret)):
        raise NetError(
            f'Cannot convert argument "password", with value: "{type(password).__name__}", for "PSCredential" to type'
            f' "{_SECURE}": use ConvertTo-SecureString -AsPlainText -Force'
        )
    made = live(_PS, ("UserName", text(user), None), ("Password", password, None))
    made.methods["GetNetworkCredential"] = partial(_network_credential, registry, user, password)
    made.inner = password.inner
    return made


def _network_credential(registry: Registry, *given: Any) -> Any:
    new = registry.type("System.Net.NetworkCredential")
    if new is None:
        raise Unsupported("the type [System.Net.NetworkCredential]")
    return new(list(given))
