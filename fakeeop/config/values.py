"""Read the forms a user would paste: YAML's own, PowerShell's, Format-List's and those of ConvertTo-Json.

Every reader takes the fields and a name, gives the value or its default, and records a problem if it cannot.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from fakeeop.config.marked import MarkedList, line_of
from fakeeop.config.place import Fields, say
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, canonical_domain

__all__ = [
    "boolean",
    "certificate_name",
    "choice",
    "domain",
    "domain_patterns",
    "elements",
    "ip_ranges",
    "items",
    "mailboxes",
    "text",
    "whole_number",
]

_BOOLEANS = {"$true": True, "true": True, "$false": False, "false": False}
_SEPARATORS = re.compile(r"[,\s]+")
_SPACED_RANGE = re.compile(r"\s+-\s+")
_SMTP_FORM = re.compile(r"(?:smtp:)?(.*?)(?:;\d+)?\Z", re.IGNORECASE | re.DOTALL)  # smtp:contoso.com;1 (facts §1.2)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:/(\d{1,2}))?\Z", re.ASCII)
_NOT_IN_LOCAL_PART = re.compile(r"[\s<>]")

Item = tuple[str, "int | None"]


def boolean(fields: Fields, name: str, default: bool) -> bool:
    """``true``, ``"True"``, ``$true`` and their opposites."""
    value = fields.values.get(name)
    if value is None:
        return default
    if value is True or value is False:
        return bool(value)
    if isinstance(value, str):
        known = _BOOLEANS.get(value.strip().lower())
        if known is not None:
            return known
    fields.error(name, "wrong-type", f"{say(value)} is neither true nor false", "write true or false")
    return default


def text(fields: Fields, name: str, default: str = "") -> str:
    """Plain text; a number must be quoted, because 1.10 and 007 would not survive."""
    value = fields.values.get(name)
    if value is None:
        return default
    if isinstance(value, str):
        return value.strip()
    fix = f'put it in quotes: {name}: "{value}"' if isinstance(value, int | float) else "write one text"
    fields.error(name, "wrong-type", f"{say(value)} is not text", fix)
    return default


def whole_number(fields: Fields, name: str, default: int) -> int:
    """0 or more; digits in quotes will do."""
    value = fields.values.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip())
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    fields.error(name, "wrong-type", f"{say(value)} is not a whole number", f"write a number: {name}: {default}")
    return default


def choice(fields: Fields, name: str, default: str) -> str:
    """One of the row's values, case ignored; returned in the right spelling."""
    value = fields.values.get(name)
    if value is None:
        return default
    allowed = fields.table[name].values
    if isinstance(value, str):
        for right in allowed:
            if right.lower() == value.strip().lower():
                return right
    fix = f"write {' or '.join(allowed)}"
    if isinstance(value, int) and not isinstance(value, bool):
        message = (
            f"{value} is a number; ConvertTo-Json writes an enum so, and which name it stands for is not documented"
        )
        fields.error(name, "enum-number", message, f"{fix} (Get-InboundConnector | Format-List Name, {name} shows it)")
    else:
        fields.error(name, "bad-value", f"{say(value)} is not a {name}", fix)
    return default


def elements(value: Any) -> tuple[Any, ...] | None:
    """The elements of a list as (element, line) pairs; a mapping is a list of one; None if it is not a list.

    ``{value: [...], Count: n}`` is unwrapped.
    """
    value = _unwrap(value)
    if isinstance(value, MarkedList):
        return tuple(zip(value, value.lines, strict=False))
    if isinstance(value, list | tuple):
        return tuple((element, line_of(element)) for element in value)
    if isinstance(value, Mapping):
        return ((value, line_of(value)),)
    return None


def _unwrap(value: Any) -> Any:
    """``{"value": [...], "Count": 2}`` is what Windows PowerShell's ConvertTo-Json makes of some lists."""
    if isinstance(value, Mapping) and 0 < len(value) <= 2:
        keys = {key.lower(): key for key in value if isinstance(key, str)}
        if "value" in keys and len(keys) == len(value) and keys.keys() <= {"value", "count"}:
            return value[keys["value"]]
    return value


def items(fields: Fields, name: str, *, split: bool = True) -> list[Item] | None:
    """The texts of a list with their lines; None if the key is not given or its value is refused.

    ``split``: one text may hold several, at commas and white space (``"a, b"``, ``"{a, b}"``).
    """
    value = _unwrap(fields.values.get(name))
    if value is None:
        return None
    if isinstance(value, Mapping) and value and all(element is None for element in value.values()):
        value = list(value)  # {a, b} as Format-List prints it is a YAML mapping without values
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        fields.error(
            name, "wrong-type", f"{say(value)} is not a list", f"write a list of {fields.table[name].kind.value}"
        )
        return None
    lines = value.lines if isinstance(value, MarkedList) else [fields.line_of(name)] * len(value)
    found: list[Item] = []
    for element, line in zip(value, lines, strict=False):
        if not isinstance(element, str):
            fix = f"write {fields.table[name].kind.value}, in quotes if need be"
            fields.error(name, "wrong-type", f"{say(element)} is not text", fix, line)
        elif split:
            found += [(part, line) for part in _parts(fields, name, element, line)]
        else:
            found.append((element.strip(), line))
    return found


def _parts(fields: Fields, name: str, element: str, line: int | None) -> list[str]:
    body = element.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1].strip()
    if body.endswith(("...", "…")):
        fix = "export again with $FormatEnumerationLimit = -1, or with ConvertTo-Json -Depth 5"
        fields.error(name, "cut-off-list", f"{say(element)} was cut off by PowerShell", fix, line)
        return []
    if "," not in body and not any(map(str.isspace, body)):
        return [body] if body else []
    return [part for part in _SEPARATORS.split(_SPACED_RANGE.sub("-", body)) if part]


def _bare_domain(entry: str) -> str:
    match = _SMTP_FORM.match(entry)
    return match[1].strip() if match else entry


def domain(fields: Fields, name: str, entry: str, line: int | None) -> str | None:
    """One canonical domain name; None, and a problem, if it is not one."""
    try:
        found = canonical_domain(_bare_domain(entry))
    except ValueError as why:
        fields.error(name, "not-a-domain", str(why), "write a domain name such as contoso.com", line)
        return None
    if found.startswith("[") or found.replace(".", "").isdigit():
        fix = "write a domain name such as contoso.com; addresses go into SenderIPAddresses"
        fields.error(name, "not-a-domain", f"{say(entry)} is an address, not a domain name", fix, line)
        return None
    return found


def _pattern(fields: Fields, name: str, entry: str, line: int | None) -> DomainPattern | None:
    body = _bare_domain(entry)
    subdomains = body.startswith("*.")
    bare = body[2:] if subdomains else body
    if "*" in bare:
        near = bare[bare.rfind("*") + 1 :].lstrip(".")
        fix = f"write *.{near} (that domain and all below it)" if "." in near else "write the domain, or *.domain"
        fields.error(name, "E17", f"{say(entry)}: a wildcard may only stand first, as '*.'", fix, line)
        return None
    found = domain(fields, name, bare, line)
    return None if found is None else DomainPattern(found, subdomains)


def domain_patterns(fields: Fields, name: str) -> tuple[DomainPattern, ...] | None:
    """``SenderDomains``; None if not given or nothing in it is right."""
    found: list[DomainPattern] = []
    for entry, line in items(fields, name) or ():
        if _bare_domain(entry) == "*":
            found.append(DomainPattern("", subdomains=True))
            continue
        pattern = _pattern(fields, name, entry, line)
        if pattern is not None:
            found.append(pattern)
    return tuple(found) or None


def certificate_name(fields: Fields, name: str) -> DomainPattern | None:
    """``TlsSenderCertificateName``: one domain or ``*.domain``; a bare ``*`` is refused (facts §1.2)."""
    entry = text(fields, name)
    if not entry:
        return None
    return _pattern(fields, name, entry, fields.line_of(name))


def ip_ranges(fields: Fields, name: str) -> tuple[IpRange, ...]:
    """``SenderIPAddresses`` under rules E9 to E11."""
    found: list[IpRange] = []
    for entry, line in items(fields, name) or ():
        match = _IPV4.match(entry)
        if match is None:
            _refuse_address(fields, name, entry, line)
            continue
        try:
            address = IpRange.parse(entry)
        except ValueError as why:
            fix = "write an IPv4 address such as 203.0.113.25 or a CIDR such as 203.0.113.0/24"
            fields.error(name, "not-an-address", f"{say(entry)} is not an IPv4 address: {why}", fix, line)
            continue
        if match[1] and int(match[1]) < 24:
            fix = f"list the /24 networks (or narrower) that really send, such as {address.network.network_address}/24"
            fields.error(name, "E10", f"{entry} is wider than /24", fix, line)
            continue
        found.append(address)
    return tuple(found)


def _refuse_address(fields: Fields, name: str, entry: str, line: int | None) -> None:
    if ":" in entry and _is_ip(entry.split("/")[0]):
        fix = "list the IPv4 address the relay comes from; over IPv6 identify it by TlsSenderCertificateName"
        fields.error(name, "E9", f"{entry} is an IPv6 address", fix, line)
        return
    first, dash, last = entry.partition("-")
    if dash and _is_ip(first.strip()) and _is_ip(last.strip()):
        fields.error(name, "E11", f"{entry} is a range", f"write {_as_cidr(first.strip(), last.strip())}", line)
        return
    fix = "write an IPv4 address such as 203.0.113.25 or a CIDR such as 203.0.113.0/24"
    fields.error(name, "not-an-address", f"{say(entry)} is not an IPv4 address", fix, line)


def _as_cidr(first: str, last: str) -> str:
    """The range in the form that is allowed, if that is short; else what to do."""
    try:
        networks = [*ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last))]
    except ValueError:  # IPv6, or the wrong way round
        networks = []
    if 0 < len(networks) <= 6 and all(network.prefixlen >= 24 for network in networks):
        return ", ".join(str(network).removesuffix("/32") for network in networks)
    return "the addresses one by one, or as CIDR /24 to /32"


def _is_ip(entry: str) -> bool:
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def mailboxes(fields: Fields, name: str) -> tuple[tuple[Mailbox, int | None], ...]:
    """``Recipients``: canonical, the local part in lower case; ``smtp:`` in front is read over."""
    found = []
    for entry, line in items(fields, name) or ():
        body = entry[5:] if entry[:5].lower() == "smtp:" else entry
        local, at, host = body.rpartition("@")
        try:
            if not at or not local or _NOT_IN_LOCAL_PART.search(local):
                raise ValueError(f"{say(entry)} is not a mail address")
            found.append((Mailbox(local.lower(), canonical_domain(host)), line))
        except ValueError as why:
            fields.error(name, "not-a-mailbox", str(why), "write local@domain", line)
    return tuple(found)
