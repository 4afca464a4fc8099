"""``[Net.ServicePointManager]::SecurityProtocol``: the versions of TLS that SmtpClient and Send-MailMessage speak."""

from __future__ import annotations

import ssl
import warnings
from typing import Any, Final

from exoshell.powershell.errors import NetError
from exoshell.powershell.objects import choice
from exoshell.powershell.values import Flags

__all__ = ["limit", "protocols_of", "shown"]

_BITS: Final = {"SystemDefault": 0, "Ssl3": 48, "Tls": 192, "Tls11": 768, "Tls12": 3072, "Tls13": 12288}
_TYPE: Final = "System.Net.SecurityProtocolType"
_NAMED: Final = choice(_TYPE, *_BITS, flags=True, values=tuple(_BITS.values()))
_VERSIONS: Final = {192: "TLSv1", 768: "TLSv1_1", 3072: "TLSv1_2", 12288: "TLSv1_3"}


def protocols_of(value: Any) -> int:
    """The bits of ``'Tls12'``, ``'Tls11, Tls12'`` or a number. Raises NetError."""
    bits = int(value) if isinstance(value, int) else sum(_BITS[name] for name in _NAMED(value).split(", "))
    if bits and not any(bits & each for each in _VERSIONS):
        raise NetError("The requested security protocol is not supported.", ("System.NotSupportedException",))
    return bits


def shown(bits: int) -> Flags:
    """The bits with their names."""
    names = [name for name, bit in _BITS.items() if bit and bits & bit == bit]
    return Flags(bits, ", ".join(names) or "SystemDefault", _TYPE)


def limit(context: ssl.SSLContext, bits: int) -> None:
    """From the oldest version to the newest of them (assumption: nobody leaves one out between)."""
    versions = [ssl.TLSVersion[name] for bit, name in _VERSIONS.items() if bits & bit]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the script asks for old ones
        context.minimum_version, context.maximum_version = versions[0], versions[-1]
