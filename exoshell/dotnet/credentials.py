"""SecureString, PSCredential and NetworkCredential. A password is never shown."""

from __future__ import annotations

from typing import Any

from exoshell.dotnet.errors import NetError
from exoshell.dotnet.objects import arguments, live, text
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["Secret", "network_credential", "ps_credential", "secret_of", "secure_string", "user_of"]

_SECURE = "System.Security.SecureString"
_PS = "System.Management.Automation.PSCredential"
_NET = "System.Net.NetworkCredential"


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


def ps_credential(given: list[Any]) -> PsObject:
    """``New-Object PSCredential(user, securestring)``."""
    arguments(_PS, given, 2)
    user, password = given
    if not (isinstance(password, PsObject) and isinstance(password.inner, Secret)):
        raise NetError(
            f'Cannot convert argument "password", with value: "{type(password).__name__}", for "PSCredential" to type'
            f' "{_SECURE}": use ConvertTo-SecureString -AsPlainText -Force'
        )
    made = live(_PS, ("UserName", text(user), None), ("Password", password, None))
    made.methods["GetNetworkCredential"] = lambda: network_credential([user, password])
    made.inner = password.inner
    return made


def network_credential(given: list[Any]) -> PsObject:
    """``New-Object Net.NetworkCredential(user, password[, domain])``."""
    arguments(_NET, given, 0, 2, 3)
    user, password, domain = [*given, "", "", ""][:3]
    return live(
        _NET,
        ("UserName", text(user), text),
        ("Password", secret_of(password), secret_of),
        ("SecurePassword", secure_string(secret_of(password)), None),
        ("Domain", text(domain), text),
    )


def user_of(credential: Any) -> tuple[str, str]:
    """User name and password of a PSCredential or NetworkCredential; empty ones of nothing. Raises NetError."""
    if credential is None:
        return "", ""
    if not isinstance(credential, PsObject) or "UserName" not in credential.properties:
        raise NetError("Credentials: neither a PSCredential nor a NetworkCredential")
    user, password = credential.properties["UserName"], credential.properties["Password"]
    domain = credential.properties.get("Domain", "")
    return (f"{domain}\\{user}" if domain else user), secret_of(password)
