"""Static members that scripts use: ``[Text.Encoding]::UTF8``, ``[regex]::Match(…)``, ``[math]::Pow(…)``."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from fakeeop.exchange.powershell.conversions import cast, number_of, text_of
from fakeeop.exchange.powershell.values import HashTable, Position, PsObject

__all__ = ["METHODS", "VALUES"]

_NOWHERE: Final = Position(0, 0)


def _encoding(name: str, codec: str) -> PsObject:
    made = PsObject.of({"EncodingName": name, "WebName": codec}, f"System.Text.{name}Encoding")
    made.methods["GetBytes"] = lambda text: text_of(text).encode(codec, "replace")
    made.methods["GetString"] = lambda octets: cast(octets, "byte[]").decode(codec, "replace")
    return made


def _pattern(text: Any) -> re.Pattern[str]:
    return re.compile(re.sub(r"\(\?<(\w)", r"(?P<\1", text_of(text)))


def _match(found: re.Match[str] | None) -> PsObject:
    groups = [PsObject.of({"Success": each is not None, "Value": each or ""}) for each in _groups(found)]
    named: dict[Any, PsObject] = dict(enumerate(groups))  # .NET's groups have numbers and names
    for name, number in (found.re.groupindex if found is not None else {}).items():
        named[name] = groups[number]
    values = {"Success": found is not None, "Value": found[0] if found is not None else ""}
    held = HashTable()
    for key, each in named.items():
        held[key] = each
    return PsObject.of({**values, "Index": found.start() if found else 0, "Groups": held}, "System.Text.Match")


def _groups(found: re.Match[str] | None) -> tuple[str | None, ...]:
    return () if found is None else (found[0], *found.groups())


def _format(text: Any, *values: Any) -> str:
    from fakeeop.exchange.powershell.formats import formatted  # noqa: PLC0415  only for this method

    return formatted(text_of(text), values[0] if len(values) == 1 and isinstance(values[0], list) else [*values],
                     _NOWHERE)  # fmt: skip


def _replaced(text: Any, pattern: Any, new: Any) -> str:
    from fakeeop.exchange.powershell.operators import binary  # noqa: PLC0415  only for this method

    return text_of(binary("-creplace", text_of(text), [pattern, new], _NOWHERE, lambda _: None))


VALUES: Final[dict[str, Callable[[], Any]]] = {
    "text.encoding::utf8": lambda: _encoding("UTF8", "utf-8"),
    "text.encoding::ascii": lambda: _encoding("ASCII", "ascii"),
    "text.encoding::unicode": lambda: _encoding("Unicode", "utf-16-le"),
    "environment::machinename": platform.node,
    "environment::username": lambda: os.environ.get("USER", ""),
    "guid::empty": lambda: "00000000-0000-0000-0000-000000000000",
    "stringcomparison::ordinal": lambda: "Ordinal",
    "stringcomparison::ordinalignorecase": lambda: "OrdinalIgnoreCase",
    "stringcomparison::currentcultureignorecase": lambda: "CurrentCultureIgnoreCase",
    "stringcomparison::invariantcultureignorecase": lambda: "InvariantCultureIgnoreCase",
    "stringsplitoptions::none": lambda: "None",
    "stringsplitoptions::removeemptyentries": lambda: "RemoveEmptyEntries",
    "math::e": lambda: math.e,
}


def _constants(type_name: str, **members: int | str) -> None:
    for name, value in members.items():
        VALUES[f"{type_name}::{name}".lower()] = lambda value=value: value  # type: ignore[misc]  # the default binds


# Those that are joined with -bor are numbers, as in .NET; the others go by their names.
_constants("net.mail.deliverynotificationoptions", none=0, onsuccess=1, onfailure=2, delay=4, never=134217728)
_constants("net.mail.mailpriority", normal="Normal", low="Low", high="High")
_constants("net.mail.smtpdeliverymethod", network="Network", specifiedpickupdirectory="SpecifiedPickupDirectory",
           pickupdirectoryfromiis="PickupDirectoryFromIis")  # fmt: skip
_constants("security.cryptography.x509certificates.x509keystorageflags", defaultkeyset=0, userkeyset=1,
           machinekeyset=2, exportable=4, userprotected=8, persistkeyset=16, ephemeralkeyset=32)  # fmt: skip
METHODS: Final[dict[str, Callable[..., Any]]] = {
    "math::pow": lambda base, power: float(number_of(base)) ** number_of(power),
    "math::sqrt": lambda number: math.sqrt(number_of(number)),
    "math::truncate": lambda number: math.trunc(number_of(number)),
    "string::format": _format,
    "string::concat": lambda *parts: "".join(text_of(each) for each in parts),
    "environment::getenvironmentvariable": lambda name, *_: os.environ.get(text_of(name)),
    "convert::toint32": lambda value: cast(value, "int"),
    "convert::toboolean": lambda value: text_of(value).lower() == "true",
    "convert::tostring": text_of,
    "int::parse": lambda value: cast(text_of(value), "int"),
    "int32::parse": lambda value: cast(text_of(value), "int"),
    "timespan::fromdays": lambda count: timedelta(days=number_of(count)),
    "timespan::fromhours": lambda count: timedelta(hours=number_of(count)),
    "timespan::fromminutes": lambda count: timedelta(minutes=number_of(count)),
    "timespan::fromseconds": lambda count: timedelta(seconds=number_of(count)),
    "regex::match": lambda text, pattern: _match(_pattern(pattern).search(text_of(text))),
    "regex::matches": lambda text, pattern: [_match(each) for each in _pattern(pattern).finditer(text_of(text))],
    "regex::ismatch": lambda text, pattern: bool(_pattern(pattern).search(text_of(text))),
    "regex::escape": lambda text: re.sub(r"([\\*+?|{\[()^$.# ])", r"\\\1", text_of(text)),
    "regex::replace": _replaced,
    "regex::split": lambda text, pattern: _pattern(pattern).split(text_of(text)),
}
