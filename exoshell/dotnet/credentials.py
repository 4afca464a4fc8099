"""NetworkCredential, and what mail classes read of it or of a PSCredential."""

from __future__ import annotations

from typing import Any

from exoshell.powershell.errors import NetError
from exoshell.powershell.objects import arguments, live, secret_of, secure_string, text
from exoshell.powershell.values import PsObject

__all__ = ["network_credential", "user_of"]

_NET = "System.Net.NetworkCredential"


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
