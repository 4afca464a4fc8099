"""``Zone:`` of a tenant file → ``Zone``: a mapping of names, or lines as dig prints them.

Every value that is wrong becomes a problem with its line; the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.config.place import Fields, Place, say
from fakeeop.model.addresses import canonical_domain, parse_ip
from fakeeop.model.zone import BROKEN, EMPTY, TYPES, Mx, Value, Zone, reverse_name

__all__ = ["read_zone"]

_TYPES = f"one of: {', '.join(TYPES)}"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(\d{3}|.)")
_COMMENT = re.compile(r'((?:[^";]|"(?:[^"\\]|\\.)*")*);.*')
_FORMS = {
    "A": "write an IPv4 address such as 203.0.113.25",
    "AAAA": "write an IPv6 address such as 2001:db8::25",
    "CNAME": "write one name such as mx.contoso.com",
    "MX": "write a preference and a name, '10 mx.contoso.com', or the name alone",
    "PTR": "write a name such as relay.contoso.com",
    "TXT": "write the text, in quotes",
}


def read_zone(fields: Fields) -> Zone:
    """The names of the file; empty if there is no ``Zone``."""
    tree = fields.values.get("Zone")
    if tree is None:
        return EMPTY
    reader = _Reader(fields.place.under("Zone"))
    line = fields.line_of("Zone")
    if isinstance(tree, str):
        _read_lines(reader, tree, line)
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            _read_name(reader, key, value, line_of(tree, key) if isinstance(key, str) else line)
    else:
        fix = "write a mapping, {contoso.com: {TXT: v=spf1 -all}}, or lines such as 'mx.contoso.com. A 203.0.113.25'"
        fields.error("Zone", "wrong-type", f"{say(tree)} is neither a mapping nor text", fix)
    reader.look_at_aliases()
    return reader.zone()


class _Reader:
    """What was read so far."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.records: dict[str, dict[str, list[Value]]] = {}
        self.broken: set[str] = set()
        self.lines: dict[str, int | None] = {}  # name → where it stands first

    def name(self, text: str, line: int | None) -> str | None:
        """The canonical form of a name or an address that records stand under; None and a problem if it is neither."""
        try:
            found = _owner(text)
        except ValueError:
            fix = "write a domain name, *.domain, or an IP address (for PTR)"
            self.place.add("zone-name", f"{say(text)} is not a name", fix, line)
            return None
        self.lines.setdefault(found, line)
        return found

    def add(self, name: str, kind: str, text: str, line: int | None, label: str) -> None:
        """One record; ``label`` is the name as written."""
        try:
            value = _VALUES[kind](text)
        except ValueError as why:
            self.place.under(label, kind).add("zone-value", f"{say(text)}: {why}", _FORMS[kind], line)
            return
        values = self.records.setdefault(name, {}).setdefault(kind, [])
        if value not in values:
            values.append(value)

    def kind(self, word: str, line: int | None, label: str) -> str | None:
        """The type in the right spelling; None, and a problem, for one that there is not."""
        if word.upper() in TYPES:
            return word.upper()
        self.place.under(label).add("zone-type", f"{say(word)} is not a type of record here", _TYPES, line)
        return None

    def zone(self) -> Zone:
        """All of it."""
        records = {
            name: {kind: tuple(values) for kind, values in kinds.items()} for name, kinds in self.records.items()
        }
        return Zone(records, self.broken)

    def look_at_aliases(self) -> None:
        """RFC 1034 section 3.6.2: a name with a CNAME has no other records, and one CNAME."""
        for name, kinds in self.records.items():
            if len(kinds.get("CNAME", ())) > 1 or ("CNAME" in kinds and len(kinds) > 1):
                beside = ", ".join(kind for kind in kinds if kind != "CNAME") or "another CNAME"
                message = f"a name with a CNAME cannot also have {beside}"
                self.place.under(name).add("zone-cname", message, "take one out", self.lines.get(name))


# ---- the two forms


def _read_name(reader: _Reader, key: object, value: Any, line: int | None) -> None:
    if not isinstance(key, str):
        reader.place.add("zone-name", f"{say(key)} is not a name", "put it in quotes", line)
        return
    name = reader.name(key, line)
    if name is None or value is None:
        return
    if isinstance(value, str) and value.strip().upper() == BROKEN:
        reader.broken.add(name)
    elif isinstance(value, Mapping):
        for word, texts in value.items():
            at = line_of(value, word) if isinstance(word, str) else line
            kind = reader.kind(str(word), at, key)
            if kind is not None and texts is not None:
                _read_values(reader, name, kind, texts, at, key)
    else:
        fix = f"write a mapping such as {{A: 203.0.113.25}}, or {BROKEN} for a name that nobody can look up"
        reader.place.under(key).add("wrong-type", f"{say(value)} is not a mapping of records", fix, line)


def _read_values(reader: _Reader, name: str, kind: str, texts: Any, line: int | None, label: str) -> None:
    listed = texts if isinstance(texts, list) else [texts]
    for index, text in enumerate(listed):
        at = (line_of(texts, index) if isinstance(texts, list) else None) or line
        if isinstance(text, str):
            reader.add(name, kind, text, at, label)
        else:
            reader.place.under(label, kind).add("zone-value", f"{say(text)} is not text", _FORMS[kind], at)


def _read_lines(reader: _Reader, text: str, line: int | None) -> None:
    """Lines of a block stand below the key; one line of text follows it on its line."""
    block = "\n" in text.strip("\n") or text.endswith("\n")
    for number, content in enumerate(text.split("\n"), 1 if block else 0):
        commented = _COMMENT.fullmatch(content)
        words = (commented[1] if commented else content).split(None, 1)
        if words:
            _read_line(reader, words[0], words[1] if len(words) > 1 else "", None if line is None else line + number)


def _read_line(reader: _Reader, owner: str, rest: str, line: int | None) -> None:
    if owner.startswith("$") or owner == "@" or rest.rstrip().endswith("("):
        message = f"{say(owner)}: directives, @ and records over several lines are not read"
        reader.place.add("zone-name", message, "write each record on one line, with its whole name", line)
        return
    name = reader.name(owner, line)
    word, rest = _next(rest)
    while word.isdecimal() or word.upper() == "IN":  # TTL and class
        word, rest = _next(rest)
    if name is None:
        return
    if word.upper() == BROKEN and not rest:
        reader.broken.add(name)
        return
    kind = reader.kind(word, line, owner)
    if kind is not None:
        reader.add(name, kind, rest.strip(), line, owner)


def _next(text: str) -> tuple[str, str]:
    words = text.split(None, 1)
    return (words[0] if words else "", words[1] if len(words) > 1 else "")


# ---- values


def _owner(text: str) -> str:
    body = text.strip()
    try:
        return reverse_name(parse_ip(body))
    except ValueError:
        pass
    if body == "*":
        return body
    if body.startswith("*."):
        return f"*.{_name(body[2:])}"
    return _name(body)


def _name(text: str) -> str:
    name = canonical_domain(text)
    if name.startswith("["):
        raise ValueError(f"{text!r} is not a domain name")
    return name


def _target(text: str) -> str:
    name = _name(text)
    if name.replace(".", "").isdecimal():
        raise ValueError("an address, where a name belongs")
    return name


def _address(text: str, version: int) -> Value:
    address = parse_ip(text)
    if address.version != version:
        raise ValueError(f"no IPv{version} address")
    return address


def _mx(text: str) -> Mx:
    preference, _, exchange = text.strip().rpartition(" ")
    preference = preference.strip() or "0"
    if not preference.isdecimal() or int(preference) > 65_535:
        raise ValueError(f"{preference!r} is not a preference")
    return Mx(int(preference), "" if exchange == "." else _target(exchange))


def _text(text: str) -> str:
    """As it is; or, if it starts with a quote, its quoted strings joined, as dig prints them."""
    if not text.startswith('"'):
        return text
    return "".join(_strings(text))


def _character(mark: re.Match[str]) -> str:
    return chr(int(mark[1])) if len(mark[1]) == 3 else mark[1]


def _strings(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        found = _STRING.match(text, position)
        if found is None:
            raise ValueError("a quote that does not end")
        yield _ESCAPE.sub(_character, found[1])
        position = found.end()


_VALUES = {
    "A": lambda text: _address(text, 4),
    "AAAA": lambda text: _address(text, 6),
    "CNAME": _target,
    "MX": _mx,
    "PTR": _target,
    "TXT": _text,
}
