"""Objects of .NET as a script sees them: properties that convert what is put into them, collections with Add.

Those that are made of text: ``[version]'1.10'``, ``[ipaddress]'192.0.2.1'``, ``[guid]'…'``, ``[uri]'https://…'``; and
SecureString and PSCredential, whose password is never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import NetError, Unsupported
from exoshell.powershell.values import HashTable, PsObject

__all__ = [
    "Collection",
    "LiveProperties",
    "Secret",
    "address",
    "arguments",
    "boolean",
    "choice",
    "guid",
    "live",
    "number",
    "numbers_of",
    "ps_credential",
    "secret_of",
    "secure_string",
    "text",
    "uri",
    "version",
]

Convert = Callable[[Any], Any]


class LiveProperties(HashTable):
    """What is set goes through the property's conversion, as PowerShell converts to the property's type."""

    def __init__(self, items: Iterable[tuple[str, Any]], conversions: Mapping[str, Convert]) -> None:
        self._conversions = {name.casefold(): convert for name, convert in conversions.items()}
        self._ready = False
        super().__init__(items)
        self._ready = True

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._ready:
            if key not in self:
                raise NetError(
                    f"The property '{key}' cannot be found on this object. Verify that the property exists and can"
                    " be set.",
                    ("System.Management.Automation.PropertyNotFoundException",),
                )
            convert = self._conversions.get(str(key).casefold())
            if convert is None:
                raise NetError(f"'{key}' is a ReadOnly property.")
            value = convert(value)
        super().__setitem__(key, value)


class Collection(list[Any]):
    """A collection of .NET: a list whose ``Add`` converts; ``convert`` makes the elements of one value."""

    def __init__(self, convert: Callable[[Any], list[Any]]) -> None:
        super().__init__()
        self._convert = convert

    def append(self, value: Any) -> None:
        """``Add``. Raises NetError."""
        self.extend(self._convert(value))


def live(type_name: str, *rows: tuple[str, Any, Convert | None], methods: Mapping[str, Any] | None = None) -> PsObject:
    """An object of (property, value, conversion; None: cannot be set) rows."""
    conversions = {name: convert for name, _, convert in rows if convert is not None}
    properties = LiveProperties([(name, value) for name, value, _ in rows], conversions)
    return PsObject(properties, type_name, methods=dict(methods or {}))


def text(value: Any) -> str:
    """To a String."""
    return "" if value is None else str(value)


def number(value: Any) -> int:
    """To an Int32. Raises NetError."""
    try:
        return int(str(value).strip()) if not isinstance(value, bool) else int(value)
    except ValueError:
        raise NetError(
            f'Cannot convert value "{value}" to type "System.Int32". Error: "Input string was not in a correct'
            ' format."',
            ("System.InvalidCastException",),
        ) from None


def boolean(value: Any) -> bool:
    """To a Boolean: $true, $false or a number. Raises NetError."""
    if isinstance(value, bool | int | float):
        return bool(value)
    raise NetError(
        f'Cannot convert value "{value}" to type "System.Boolean". Boolean parameters accept only Boolean values and'
        " numbers, such as $True, $False, 1 or 0.",
        ("System.InvalidCastException",),
    )


def choice(type_name: str, *names: str, flags: bool = False, values: tuple[int, ...] = ()) -> Convert:
    """To one of an enumeration's names, or with ``flags`` several, joined as .NET joins them; ``values`` are the
    numbers of the names, 0, 1, 2… unless given. Raises NetError.
    """
    known = {name.casefold(): name for name in names}
    numbered = dict(zip(values or range(len(names)), names, strict=True))

    def convert(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = _named(value, numbered, flags=flags)
        given = value if isinstance(value, list) else str(value).split(",") if flags else [value]
        found = [known.get(str(each).strip().rpartition("]::")[2].casefold(), "") for each in given]
        if not all(found) or not found:
            raise NetError(
                f'Cannot convert value "{value}" to type "{type_name}". Error: "Unable to match the identifier name'
                f" {value} to a valid enumerator name. Specify one of the following enumerator names and try again:"
                f' {", ".join(names)}"',
                ("System.InvalidCastException",),
            )
        return ", ".join(found)

    return convert


def _named(value: int, numbered: Mapping[int, str], *, flags: bool) -> Any:
    if value in numbered or not flags:
        return numbered.get(value, value)
    found = [name for bit, name in numbered.items() if bit and value & bit]
    return found if sum(bit for bit in numbered if bit and value & bit) == value else value


def arguments(type_name: str, given: list[Any], *counts: int) -> None:
    """Raises NetError unless there is a constructor of so many arguments."""
    if len(given) not in counts:
        raise NetError(f"A constructor was not found. Cannot find an appropriate constructor for type {type_name}.")


VERSION: Final = "System.Version"
_PARTS: Final = ("Major", "Minor", "Build", "Revision")


def version(text: str) -> PsObject:
    """Two to four numbers. Raises ValueError."""
    parts = text.strip().split(".")
    if not 2 <= len(parts) <= len(_PARTS) or not all(each.isdecimal() for each in parts):
        raise ValueError("Version string portion was too short or too long.")
    numbers = tuple(map(int, parts))
    filled = (*numbers, *(-1,) * (len(_PARTS) - len(numbers)))
    made = PsObject.of(dict(zip(_PARTS, filled, strict=True)), VERSION)
    made.methods["ToString"] = lambda: ".".join(map(str, numbers))
    made.inner = filled
    return made


def numbers_of(value: Any) -> tuple[int, ...] | None:
    """What versions are compared by; None for what is not a version."""
    known = isinstance(value, PsObject) and value.type_name == VERSION
    return value.inner if known and isinstance(value.inner, tuple) else None


def address(text: str) -> PsObject:
    """Raises ValueError."""
    found = ip_address(text.strip())
    family = "InterNetwork" if found.version == 4 else "InterNetworkV6"
    made = PsObject.of({"AddressFamily": family, "IPAddressToString": str(found)}, "System.Net.IPAddress")
    made.methods["ToString"] = lambda: str(found)
    made.inner = found
    return made


def guid(text: str) -> PsObject:
    """Raises ValueError."""
    try:
        found = UUID(text.strip())
    except ValueError:
        raise ValueError(
            "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
        ) from None
    made = PsObject.of({"Guid": str(found)}, "System.Guid")
    forms = {"d": str(found), "n": found.hex, "b": f"{{{found}}}", "p": f"({found})"}
    made.methods["ToString"] = lambda form="D": forms[str(form).lower()]
    made.inner = str(found)
    return made


def uri(text: str) -> PsObject:
    """Raises ValueError: none that is absolute (assumption: scripts use no others)."""
    found = urlsplit(text.strip())
    if not found.scheme or not found.netloc:
        raise ValueError("Invalid URI: The format of the URI could not be determined.")
    usual = {"http": 80, "https": 443, "ftp": 21, "smtp": 25}
    port = found.port if found.port is not None else usual.get(found.scheme, -1)
    path = found.path or "/"
    made = PsObject.of(
        {"AbsolutePath": path, "AbsoluteUri": found._replace(path=path).geturl(), "Host": found.hostname or "",
         "Port": port, "Query": f"?{found.query}" if found.query else "", "Scheme": found.scheme,
         "OriginalString": text},
        "System.Uri",
    )  # fmt: skip
    made.methods["ToString"] = lambda: text
    return made


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
