"""Static members that scripts use: ``[regex]::Match(…)``, ``[math]::Pow(…)``, ``[datetime]::Now``."""

from __future__ import annotations

import base64
import calendar
import math
import os
import platform
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from exoshell.powershell.conversions import INT_MAX, cast, items_of, number_of, rounded, sort_key, text_of
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.formats import formatted
from exoshell.powershell.moments import exact_date
from exoshell.powershell.objects import guid
from exoshell.powershell.operators import compiled, groups_of, options_of, replaced
from exoshell.powershell.values import Flags, HashTable, Position, PsObject

__all__ = ["VALUES", "static"]


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


_NOWHERE: Final = Position(0, 0)


def _pattern(text: Any, *options: Any) -> re.Pattern[str]:
    if len(options) > 1:
        raise TypeError
    return compiled(text_of(text), options_of(options[0]) if options else 0)


def _match(found: re.Match[str] | None) -> PsObject:
    groups = HashTable()  # .NET's have numbers and names
    for key, (text, at) in groups_of(found).items() if found is not None else ():
        row = {"Success": text is not None, "Value": text or "", "Index": max(at, 0), "Length": len(text or "")}
        groups[key] = PsObject.of({**row, "Name": text_of(key)}, "System.Text.RegularExpressions.Group")
    value = found[0] if found is not None else ""
    made = PsObject.of(
        {"Groups": groups, "Success": found is not None, "Index": found.start() if found else 0, "Length": len(value),
         "Value": value},
        "System.Text.RegularExpressions.Match",
    )  # fmt: skip
    made.methods["ToString"] = lambda: value
    return made


def _format(text: Any, *values: Any) -> str:
    return formatted(text_of(text), values[0] if len(values) == 1 and isinstance(values[0], list) else [*values],
                     _NOWHERE)  # fmt: skip


def _replaced(text: Any, pattern: Any, new: Any, *options: Any) -> str:
    if not isinstance(new, str):
        raise Unsupported("[regex]::Replace() with a script block")
    return replaced(_pattern(pattern, *options), new, text_of(text))


def _round(number: Any, *more: Any) -> float:
    modes = [each for each in more if isinstance(each, str)]
    digits = [each for each in more if not isinstance(each, str)]
    if len(modes) > 1 or len(digits) > 1 or any(each.lower() not in ("awayfromzero", "toeven") for each in modes):
        raise TypeError
    return rounded(number_of(number), *(int(number_of(each)) for each in digits), away=modes[:1] == ["AwayFromZero"])


def _date(text: Any, form: Any, *_culture: Any) -> datetime:
    """``[datetime]::ParseExact('20260115', 'yyyyMMdd', $null)``. Raises ValueError."""
    return exact_date(text_of(text), text_of(form))


_METHODS: Final[dict[str, Callable[..., Any]]] = {
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
    "regex::match": lambda text, *pattern: _match(_pattern(*pattern).search(text_of(text))),
    "regex::matches": lambda text, *pattern: [_match(each) for each in _pattern(*pattern).finditer(text_of(text))],
    "regex::ismatch": lambda text, *pattern: bool(_pattern(*pattern).search(text_of(text))),
    "regex::escape": lambda text: re.sub(r"([\\*+?|{\[()^$.# ])", r"\\\1", text_of(text)),
    "regex::replace": _replaced,
    "regex::split": lambda text, *pattern: _pattern(*pattern).split(text_of(text)),
    "math::max": lambda one, two: max(number_of(one), number_of(two)),
    "math::min": lambda one, two: min(number_of(one), number_of(two)),
    "math::abs": lambda number: abs(number_of(number)),
    "math::round": _round,
    "math::floor": lambda number: math.floor(number_of(number)),
    "math::ceiling": lambda number: math.ceil(number_of(number)),
    "string::isnullorempty": lambda text: not text_of(text),
    "string::isnullorwhitespace": lambda text: not text_of(text).strip(),
    "string::join": lambda mark, items, *more: text_of(mark).join(text_of(each) for each in [*items_of(items), *more]),
    "guid::newguid": lambda: guid(str(uuid4())),
    "guid::parse": lambda text: guid(text_of(text)),
    "datetime::parseexact": _date,
    "datetime::isleapyear": lambda year: calendar.isleap(int(number_of(year))),
    "datetime::daysinmonth": lambda year, month: calendar.monthrange(int(number_of(year)), int(number_of(month)))[1],
    "timespan::parse": lambda text: cast(text, "timespan"),
    "timespan::frommilliseconds": lambda count: timedelta(milliseconds=number_of(count)),
    "double::parse": lambda text: cast(text_of(text), "double"),
    "char::isdigit": lambda letter: text_of(letter).isdigit(),
    "char::isletter": lambda letter: text_of(letter).isalpha(),
    "array::reverse": lambda items: items.reverse(),
    "array::sort": lambda items: items.sort(key=sort_key),
    "array::indexof": lambda items, one: items.index(one) if one in items else -1,
    "string::new": lambda letter, count: text_of(letter) * int(number_of(count)),
    "io.path::combine": lambda *parts: str(Path(*map(text_of, parts))),
    "io.path::getfilename": lambda path: Path(text_of(path).replace("\\", "/")).name,
    "io.path::getfilenamewithoutextension": lambda path: Path(text_of(path).replace("\\", "/")).stem,
    "io.path::getextension": lambda path: Path(text_of(path).replace("\\", "/")).suffix,
    "datetime::parse": lambda text: cast(text, "datetime"),
    "convert::tobase64string": lambda octets: base64.b64encode(bytes(octets)).decode(),
    "convert::frombase64string": lambda text: base64.b64decode(text),
    "io.file::readallbytes": lambda path: Path(text_of(path)).read_bytes(),
    "io.file::readalltext": lambda path: Path(text_of(path)).read_text(encoding="utf-8"),
    "io.file::exists": lambda path: Path(text_of(path)).is_file(),
}


def static(type_name: str, name: str, arguments: list[Any] | None, position: Position, now: datetime) -> Any:
    """``[Type]::Member`` and ``[Type]::Method(…)``: those that scripts use. Raises Unsupported."""
    kind = type_name.lower().removeprefix("system.")
    key = f"{kind}::{name.lower()}"
    if arguments is None:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        moments = {"datetime::now": now.astimezone(), "datetime::utcnow": now, "datetime::today": today}
        if key in moments:
            return moments[key]
        if key in VALUES:
            return VALUES[key]()
        raise Unsupported(f"[{type_name}]::{name}", position)
    method = _METHODS.get(key)
    if method is None:
        raise Unsupported(f"[{type_name}]::{name}()", position)
    return method(*arguments)
