"""Files of an export as plain objects: ConvertTo-Json, Export-Csv, Export-Clixml. An object is a dict of properties."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fakeeop.config.editor.changes import listed
from fakeeop.config.marked import load_marked, read_text
from fakeeop.errors import ConfigError, Problem

__all__ = ["SUFFIXES", "LostList", "read_objects"]

SUFFIXES = (".json", ".csv", ".xml", ".clixml")
_SPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TYPE = re.compile(r"(?:System|Microsoft)(?:\.\w+)+(?:`\d+)?(?:\[.*\])?\Z")  # what Export-Csv makes of some lists
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,20}\s*\Z")
_TEXTS = frozenset({"S", "G", "DT", "TS", "URI", "Version", "XD", "SBK", "C", "SS"})
_NUMBERS = frozenset({"I32", "I64", "I16", "U16", "U32", "U64", "By", "SB"})
_KINDS = frozenset({"accepteddomains", "inboundconnectors", "outboundconnectors", "organizationconfig"})
_KINDS |= {"transportconfig", "recipients", "mailboxes", "casmailboxes"}
_LISTS = frozenset({"LST", "IE", "QUE", "STK"})


class LostList:
    """A list of which Export-Csv kept the type only."""

    def __init__(self, text: str, path: Path, line: int) -> None:
        self.text = text
        self._path = path
        self._line = line

    def error(self, name: str) -> ConfigError:
        """What to say where somebody needs it."""
        fix = "export with ConvertTo-Json -Depth 5, or join the list before: @{n='X';e={$_.X -join ','}}"
        return _wrong(self._path, f"{name} is {self.text!r}: Export-Csv lost the list", fix, self._line)


def read_objects(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The objects of one file, each with the key it stood under ("" where there was none). Raises ConfigError."""
    try:
        text = read_text(path.read_bytes(), str(path))
    except OSError as why:
        raise _wrong(path, f"cannot be read: {why.strerror}", "check the path") from why
    head = text.lstrip()[:200]
    if head.startswith("<"):
        return [("", each) for each in _clixml(text, path)]
    if head.startswith(("{", "[")):
        return list(_keyed(load_marked(text, str(path)), path))
    if path.suffix.lower() == ".csv" or head.startswith(("#TYPE", '"')):
        return [("", each) for each in _csv(text, path)]
    raise _wrong(path, "is neither JSON, CSV nor CLIXML", "export with ConvertTo-Json -Depth 5")


def _wrong(path: Path, message: str, fix: str, line: int | None = None) -> ConfigError:
    return ConfigError((Problem("not-an-export", message, fix, (), str(path), line),))


def _keyed(tree: Any, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A list of objects, one object, or a mapping of kinds to either."""
    if not isinstance(tree, Mapping) or not _is_of_kinds(tree):
        yield from (("", each) for each in _objects(tree, path))
        return
    for key, held in tree.items():
        # A date or a version next to the objects is none of them; it goes on as one without a kind, so that it is told.
        objects = (
            _objects(held, path) if isinstance(held, Mapping | list) else [{key: held}] if held is not None else []
        )
        yield from ((key, each) for each in objects)


def _is_of_kinds(tree: Mapping[str, Any]) -> bool:
    keys = {key.casefold() for key in tree}
    if not keys or keys <= {"value", "count"}:
        return False
    return bool(keys & _KINDS) or all(isinstance(each, Mapping | list) or each is None for each in tree.values())


def _objects(held: Any, path: Path) -> list[dict[str, Any]]:
    elements = [each for each in listed(held) if each is not None]
    for each in elements:
        if not isinstance(each, Mapping):
            raise _wrong(path, f"{each!r} stands where an object should", "export with ConvertTo-Json -Depth 5")
    return [dict(each) for each in elements]


# ---- CSV


def _csv(text: str, path: Path) -> list[dict[str, Any]]:
    lines = text.splitlines(keepends=True)
    skipped = 1 if lines and lines[0].startswith("#TYPE") else 0
    body = "".join(lines[skipped:])
    head = lines[skipped] if len(lines) > skipped else ""
    delimiter = max(",;\t", key=head.count)
    found = []
    reader = csv.DictReader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            line = reader.line_num + skipped
            if None in row or None in row.values():
                raise _wrong(path, "a row has more or fewer fields than the head", "export it again", line)
            found.append({name: _cell(value, path, line) for name, value in row.items()})
    except csv.Error as why:
        raise _wrong(path, str(why), "export it again with Export-Csv", reader.line_num + skipped) from why
    return found


def _cell(value: str, path: Path, line: int) -> Any:
    if _TYPE.match(value):
        return LostList(value, path, line)
    return {"true": True, "false": False, "": None}.get(value.lower(), value)


# ---- CLIXML ([MS-PSRP] 2.2.5)


def _clixml(text: str, path: Path) -> list[dict[str, Any]]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _wrong(path, "has a document type, which Export-Clixml never writes", "export it again")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no document type, so no entities
    except ElementTree.ParseError as why:
        raise _wrong(path, f"is not XML: {why}", "export it again with Export-Clixml", why.position[0]) from why
    if root.tag != f"{_SPACE}Objs":
        raise _wrong(path, "is XML, but not of Export-Clixml", "export with Export-Clixml or ConvertTo-Json -Depth 5")
    known: dict[str, Any] = {}
    try:
        found = [_value(each, known, nested=False) for each in root]
    except RecursionError as why:
        raise _wrong(path, "is nested too deeply", "export it again with Export-Clixml") from why
    return [each for held in found for each in _objects(held if isinstance(held, list) else [held], path)]


def _unescaped(text: str | None) -> str:
    """``_x0041_`` is a unit of UTF-16: two of them may be one character, and half of one becomes U+FFFD."""
    units = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text or "")
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _value(element: ElementTree.Element, known: dict[str, Any], *, nested: bool = True) -> Any:
    tag = element.tag.removeprefix(_SPACE)
    text = _unescaped(element.text)
    if tag == "Nil":
        return None
    if tag == "B":
        return text == "true"
    if tag in _NUMBERS:
        return int(text) if _NUMBER.match(text) else text
    if tag == "Ref":
        return known.get(element.get("RefId", ""))
    if tag == "Obj":
        found = _object(element, known, nested=nested)
        known[element.get("RefId", "")] = found
        return found
    return text if tag in _TEXTS or not len(element) else None


def _object(element: ElementTree.Element, known: dict[str, Any], *, nested: bool) -> Any:
    """Properties; a list; or, of a value with a name of its own (an enum, an address), its text."""
    parts = {child.tag.removeprefix(_SPACE): child for child in element}
    for name in _LISTS & parts.keys():
        return [_value(each, known) for each in parts[name]]
    if "DCT" in parts:
        pairs = [{each.get("N"): _value(each, known) for each in entry} for entry in parts["DCT"]]
        return {str(pair.get("Key")): pair.get("Value") for pair in pairs}
    properties = {
        each.get("N", ""): _value(each, known) for name in ("Props", "MS") if name in parts for each in parts[name]
    }
    simple = next((parts[name] for name in parts if name in _NUMBERS or name == "S"), None)
    shown = parts.get("ToString")
    text = "" if shown is None else _unescaped(shown.text)
    if properties and simple is None and (not nested or not text or _TYPE.match(text)):
        return properties
    if text:
        return text
    return _value(simple, known) if simple is not None else properties or None
