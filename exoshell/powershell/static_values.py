"""Static properties and enumerations that scripts use: ``[Text.Encoding]::UTF8``, ``[math]::PI``."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from exoshell.powershell.casting import cast
from exoshell.powershell.conversions import text_of
from exoshell.powershell.numbers import INT_MAX
from exoshell.powershell.parsed import guid
from exoshell.powershell.values import Flags, PsObject

__all__ = ["VALUES"]


def _encoding(name: str, codec: str) -> PsObject:
    made = PsObject.of({"EncodingName": name, "WebName": codec}, f"System.Text.{name}Encoding")
    made.methods["GetBytes"] = lambda text: text_of(text).encode(codec, "replace")
    made.methods["GetString"] = lambda octets: cast(octets, "byte[]").decode(codec, "replace")
    return made


VALUES: Final[dict[str, Callable[[], Any]]] = {
    "text.encoding::utf8": lambda: _encoding("UTF8", "utf-8"),
    "text.encoding::ascii": lambda: _encoding("ASCII", "ascii"),
    "text.encoding::unicode": lambda: _encoding("Unicode", "utf-16-le"),
    "environment::machinename": platform.node,
    "environment::username": lambda: os.environ.get("USER", ""),
    "guid::empty": lambda: guid("00000000-0000-0000-0000-000000000000"),
    "stringcomparison::ordinal": lambda: "Ordinal",
    "stringcomparison::ordinalignorecase": lambda: "OrdinalIgnoreCase",
    "stringcomparison::currentcultureignorecase": lambda: "CurrentCultureIgnoreCase",
    "stringcomparison::invariantcultureignorecase": lambda: "InvariantCultureIgnoreCase",
    "stringsplitoptions::none": lambda: "None",
    "stringsplitoptions::removeemptyentries": lambda: "RemoveEmptyEntries",
    "math::e": lambda: math.e,
    "math::pi": lambda: math.pi,
    "string::empty": lambda: "",
    "environment::newline": lambda: "\r\n",
    "int::maxvalue": lambda: INT_MAX,
    "int32::maxvalue": lambda: INT_MAX,
    "int::minvalue": lambda: -INT_MAX - 1,
    "int32::minvalue": lambda: -INT_MAX - 1,
    "midpointrounding::awayfromzero": lambda: "AwayFromZero",
    "midpointrounding::toeven": lambda: "ToEven",
    "globalization.cultureinfo::invariantculture": lambda: "",
    "datetime::minvalue": lambda: datetime(1, 1, 1, tzinfo=UTC),
    "datetime::maxvalue": lambda: datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
    "timespan::zero": timedelta,
}


def _constants(type_name: str, **members: str) -> None:
    for name, value in members.items():
        VALUES[f"{type_name}::{name}".lower()] = lambda value=value: value  # type: ignore[misc]  # the default binds


def _flags(type_name: str, **members: int) -> None:
    for spelled, value in members.items():
        name = spelled.rstrip("_")
        made = Flags(value, name, f"System.{type_name}")
        VALUES[f"{type_name}::{name}".lower()] = lambda made=made: made  # type: ignore[misc]  # as above


# Those that are joined with -bor are numbers with names, as in .NET; the others go by their names.
_flags("Net.Mail.DeliveryNotificationOptions", None_=0, OnSuccess=1, OnFailure=2, Delay=4, Never=134217728)
_constants("net.mail.mailpriority", normal="Normal", low="Low", high="High")
_constants("net.mail.smtpdeliverymethod", network="Network", specifiedpickupdirectory="SpecifiedPickupDirectory",
           pickupdirectoryfromiis="PickupDirectoryFromIis")  # fmt: skip
_constants("text.regularexpressions.regexoptions", none="None", ignorecase="IgnoreCase", multiline="Multiline",
           singleline="Singleline")  # fmt: skip
_flags("Net.SecurityProtocolType", SystemDefault=0, Ssl3=48, Tls=192, Tls11=768, Tls12=3072, Tls13=12288)
_flags("Security.Cryptography.X509Certificates.X509KeyStorageFlags", DefaultKeySet=0, UserKeySet=1,
       MachineKeySet=2, Exportable=4, UserProtected=8, PersistKeySet=16, EphemeralKeySet=32)  # fmt: skip
