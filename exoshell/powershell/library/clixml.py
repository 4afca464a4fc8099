"""CLIXML (MS-PSRP section 2.2.5): the values that cmdlets give, there and back."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

from exoshell.powershell.conversions import text_of, type_name_of
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["deserialized", "serialized"]

_SPACE = "http://schemas.microsoft.com/powershell/2004/04"
_ESCAPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")


def serialized(values: list[Any]) -> str:
    """One document."""
    top = ET.Element("Objs", {"Version": "1.1.0.1", "xmlns": _SPACE})
    numbers = iter(range(1_000_000))
    for each in values:
        _write(top, each, "", numbers)
    ET.indent(top)
    return ET.tostring(top, encoding="unicode") + "\n"


def _write(parent: ET.Element, value: Any, name: str, numbers: Any) -> None:
    attributes = {"N": name} if name else {}
    if value is None:
        ET.SubElement(parent, "Nil", attributes)
    elif isinstance(value, bool):
        ET.SubElement(parent, "B", attributes).text = "true" if value else "false"
    elif isinstance(value, int | float | datetime | str):
        tag = {int: "I32", float: "Db", str: "S"}.get(type(value), "DT")
        text = value.isoformat() if isinstance(value, datetime) else text_of(value)
        ET.SubElement(parent, tag, attributes).text = _ESCAPED.sub(
            lambda found: f"_x{ord(found[0][0]):04X}_" + found[0][1:], text
        )
    else:
        made = ET.SubElement(parent, "Obj", {**attributes, "RefId": str(next(numbers))})
        kinds = ET.SubElement(made, "TN", {"RefId": str(next(numbers))})
        ET.SubElement(kinds, "T").text = type_name_of(value)
        _write_inside(made, value, numbers)


def _write_inside(made: ET.Element, value: Any, numbers: Any) -> None:
    if isinstance(value, HashTable):
        table = ET.SubElement(made, "DCT")
        for key, each in value.items():
            entry = ET.SubElement(table, "En")
            _write(entry, key, "Key", numbers)
            _write(entry, each, "Value", numbers)
    elif isinstance(value, PsObject):
        held = ET.SubElement(made, "MS")
        for key, each in value.properties.items():
            _write(held, each, text_of(key), numbers)
    else:
        items = ET.SubElement(made, "LST")
        for each in value if isinstance(value, list | bytes) else [text_of(value)]:
            _write(items, each, "", numbers)


def deserialized(text: str) -> list[Any]:
    """The values of a document. Raises PsError."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PsError("a CLIXML file has no document type")
    try:
        top = ET.fromstring(text)  # noqa: S314  without entities, see above
        return [_read(each) for each in top]
    except (ET.ParseError, ValueError) as why:
        raise PsError(f"no CLIXML: {why}", error_id="XmlException", category="InvalidData") from why


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _read(element: ET.Element) -> Any:
    tag, text = _tag(element), element.text or ""
    if tag == "Nil":
        return None
    if tag == "B":
        return text == "true"
    if tag in ("I32", "I64", "U32", "U64", "By"):
        return int(text)
    if tag in ("Db", "Sg", "D"):
        return float(text)
    if tag == "DT":
        return datetime.fromisoformat(text)
    if tag != "Obj":
        return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    return _read_object(element)


def _read_object(element: ET.Element) -> Any:
    kind = "System.Management.Automation.PSCustomObject"
    properties = HashTable()
    for each in element:
        tag = _tag(each)
        if tag == "TN":
            kind = next((found.text or kind for found in each), kind)
        elif tag in ("LST", "STK", "QUE", "IE"):
            return [_read(one) for one in each]
        elif tag == "DCT":
            return HashTable([(_read(entry[0]), _read(entry[1])) for entry in each])
        elif tag in ("MS", "Props"):
            for one in each:
                properties[one.get("N", "")] = _read(one)
    return PsObject(properties, kind if kind.startswith(("Deserialized.", "System.Man")) else f"Deserialized.{kind}")
