"""``Limits:`` of a tenant file, at the top or of one tenant → ``Limits``."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakeeop.config import values
from fakeeop.config.marked import load_tree
from fakeeop.config.parameters.kinds import KeyTable, ValueKind
from fakeeop.config.parameters.tables import BLOCKED_ADDRESSES, LIMITS, TENANT_LIMITS
from fakeeop.config.place import Fields, Place, in_line_order, read_fields, say
from fakeeop.errors import ConfigError, Problem
from fakeeop.model.durations import seconds
from fakeeop.model.limits import Block, IpNetwork, Limits

__all__ = ["build_limits", "load_limits"]

_SIZE = re.compile(r"([\d,]+)\s*(k|m|g)?i?b?(?:ytes)?(?:\s*\(([\d,]+) bytes\))?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_NEVER_NONE = ("MessageSize", "LineLength")


def build_limits(fields: Fields, *, of_tenant: bool) -> Limits | None:
    """What ``Limits`` says, None if it is not given; what is wrong becomes a problem."""
    tree = fields.values.get("Limits")
    if tree is None:
        return None
    table = TENANT_LIMITS if of_tenant else LIMITS
    own = _mapping(fields, "Limits", tree, table)
    return None if own is None else _limits(own, table)


def load_limits(path: Path | str) -> Limits:
    """Limits of one listener: a file with the keys of ``Limits:``, at its top or under that key. Raises ConfigError."""
    tree = load_tree(path)
    place = Place(str(path))
    if isinstance(tree, Mapping) and list(tree) == ["Limits"]:
        tree = tree["Limits"]
        place = place.under("Limits")
    if not isinstance(tree, Mapping):
        message = f"{say(tree)} is not a mapping"
        raise ConfigError((Problem("wrong-type", message, "write a limit a line: IdleTimeout: 1m", path=str(path)),))
    found = _limits(read_fields(tree, LIMITS, place), LIMITS)
    if place.problems:
        raise ConfigError(in_line_order(place.problems, str(path)))
    return found


def _limits(own: Fields, table: KeyTable) -> Limits:
    found: dict[str, Any] = {}
    for name in own.values:
        row = table[name]
        value = _value(own, name, row.kind)
        if value is not None:
            found[row.field] = value
    return Limits(**found)


def _mapping(fields: Fields, name: str, tree: Any, table: KeyTable) -> Fields | None:
    if isinstance(tree, Mapping):
        return read_fields(tree, table, fields.place.under(name))
    first = table.parameters[0].name
    fields.error(name, "wrong-type", f"{say(tree)} is not a mapping", f"write a mapping: {name}: {{{first}: ...}}")
    return None


def _value(own: Fields, name: str, kind: ValueKind) -> Any:
    if kind is ValueKind.BOOLEAN:
        return values.boolean(own, name, False)
    if kind is ValueKind.NETWORKS:
        return networks(own, name)
    if kind is ValueKind.OBJECT:
        return _blocked(own, name)
    read = {ValueKind.SIZE: _size, ValueKind.DURATION: _duration}.get(kind, _count)
    value = read(own, name, own.values[name])
    if value == 0 and name in _NEVER_NONE:
        own.error(name, "bad-value", f"{name} cannot be 0", "write how many octets there may be")
        return None
    return value


def _blocked(own: Fields, name: str) -> tuple[Block, ...] | None:
    listed = _mapping(own, name, own.values[name], BLOCKED_ADDRESSES)
    if listed is None:
        return None
    return tuple(Block(kind, network) for kind in listed.values for network in networks(listed, kind))


def _count(own: Fields, name: str, value: Any) -> int | None:
    text = str(value).strip()
    if isinstance(value, int | str) and not isinstance(value, bool) and text.isdecimal() and text.isascii():
        return int(text)
    own.error(name, "bad-value", f"{say(value)} is not a whole number", "write a whole number; 0 means no limit")
    return None


def _duration(own: Fields, name: str, value: Any) -> float | None:
    try:
        return seconds(value)
    except ValueError:
        own.error(
            name, "bad-value", f"{say(value)} is not a time span", "write 30s, 5m, 00:05:00 or a number of seconds"
        )
        return None


def _size(own: Fields, name: str, value: Any) -> int | None:
    match = _SIZE.fullmatch(str(value).strip()) if isinstance(value, int | str) else None
    if match is None or isinstance(value, bool):
        fix = "write octets, or a size such as 35MB or '35 MB (36,700,160 bytes)'"
        own.error(name, "bad-value", f"{say(value)} is not a size", fix)
        return None
    number = match[3] or match[1]
    unit = "" if match[3] else (match[2] or "").lower()
    return int(number.replace(",", "") or 0) * _UNITS[unit]


def networks(own: Fields, name: str) -> tuple[IpNetwork, ...]:
    """Addresses and CIDR networks of both families; host bits are allowed."""
    found: list[IpNetwork] = []
    for entry, line in values.items(own, name) or ():
        try:
            found.append(ipaddress.ip_network(entry, strict=False))
        except ValueError as why:
            fix = "write an address such as 203.0.113.25 or 2001:db8::25, or a CIDR network"
            own.error(name, "not-an-address", str(why), fix, line)
    return tuple(found)
