"""Data in other forms: CSV, JSON, CLIXML, HTML."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from exoshell.powershell import properties
from exoshell.powershell.blocks import ScriptBlock
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.conversions import flat_items, items_of, text_of, type_name_of, written_text
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.library.choosing import columns_for
from exoshell.powershell.library.files import ENCODING, codec, failed, written
from exoshell.powershell.library.host import INPUT, PROPERTY, ShellHost, made, objects_of
from exoshell.powershell.moments import format_date
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["commands", "deserialized", "html_commands", "json_tree", "serialized"]

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
        return [_value(each) for each in top]
    except (ET.ParseError, ValueError) as why:
        raise PsError(f"no CLIXML: {why}", error_id="XmlException", category="InvalidData") from why


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element) -> Any:
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
            return [_value(one) for one in each]
        elif tag == "DCT":
            return HashTable([(_value(entry[0]), _value(entry[1])) for entry in each])
        elif tag in ("MS", "Props"):
            for one in each:
                properties[one.get("N", "")] = _value(one)
    return PsObject(properties, kind if kind.startswith(("Deserialized.", "System.Man")) else f"Deserialized.{kind}")


_DOCTYPE: Final = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)


def _to_html(invocation: Invocation) -> Iterator[str]:
    if text_of(invocation.get("As", "Table")).casefold() != "table":
        raise Unsupported("ConvertTo-Html -As List", invocation.position)
    whole = not invocation.get("Fragment")
    if whole:
        title = f"<title>{text_of(invocation.get('Title', 'HTML TABLE'))}</title>"
        yield from (_DOCTYPE, '<html xmlns="http://www.w3.org/1999/xhtml">', "<head>")
        yield from (text_of(each) for each in invocation.get("Head") or [title])
        if invocation.given("CssUri"):
            yield f'<link rel="stylesheet" type="text/css" href="{text_of(invocation.get("CssUri"))}" />'
        yield "</head><body>"
        yield from (text_of(each) for each in invocation.get("Body") or ())
    yield from (text_of(each) for each in invocation.get("PreContent") or ())
    yield from _table(invocation, flat_items(objects_of(invocation)))
    yield from (text_of(each) for each in invocation.get("PostContent") or ())
    if whole:
        yield "</body></html>"


def _table(invocation: Invocation, found: list[Any]) -> Iterator[str]:
    yield "<table>"
    if found:
        wanted = items_of(invocation.get("Property")) or properties.names(found[0])
        columns = columns_for(invocation, found, wanted)
        yield f"<colgroup>{'<col/>' * len(columns)}</colgroup>"
        yield f"<tr>{''.join(f'<th>{_text(each.name)}</th>' for each in columns)}</tr>"
        for row in found:
            yield f"<tr>{''.join(f'<td>{_text(each.read(row))}</td>' for each in columns)}</tr>"
    yield "</table>"


def _text(value: Any) -> str:
    return html.escape(written_text(value)).replace("&#x27;", "&#39;")


def html_commands() -> tuple[Command, ...]:
    """The family."""
    texts = tuple(Param(name, "strings") for name in ("Head", "Body", "PreContent", "PostContent"))
    return (
        made("ConvertTo-Html", _to_html, (PROPERTY, *texts, Param("Title"), Param("CssUri"),
             Param("As"), Param("Fragment", "switch"), INPUT), "A page with a table.", family="data"),
    )  # fmt: skip


def json_tree(value: Any, depth: int = 2) -> Any:
    """What ConvertTo-Json makes of a value; below ``depth`` objects become text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return format_date(value, "o").replace(".0000000", "")
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, list) and depth >= 0:
        return [json_tree(each, depth - 1) for each in value]
    if isinstance(value, HashTable) and depth >= 0:
        return {text_of(key): json_tree(each, depth - 1) for key, each in value.items()}
    if isinstance(value, PsObject) and value.properties and depth >= 0:
        return {text_of(key): json_tree(each, depth - 1) for key, each in value.properties.items()}
    if isinstance(value, timedelta) and depth >= 0:
        return {name: properties.get(value, name) for name in properties.names(value)}
    return text_of(value)


def from_tree(value: Any) -> Any:
    """Objects of JSON."""
    if isinstance(value, dict):
        return PsObject(HashTable([(key, from_tree(each)) for key, each in value.items()]))
    return [from_tree(each) for each in value] if isinstance(value, list) else value


def _to_json(invocation: Invocation) -> Iterator[str]:
    """What came down the pipeline, an array if it is not one object; or -InputObject as it is."""
    if invocation.has_input:
        found = list(invocation.input)
        if not found:
            return
        tree: Any = found[0] if len(found) == 1 and not invocation.get("AsArray") else found
    else:
        tree = invocation.get("InputObject")
    compress = invocation.get("Compress")
    yield json.dumps(json_tree(tree, invocation.get("Depth", 2)), ensure_ascii=False, indent=None if compress else 2,
                     separators=(",", ":") if compress else None)  # fmt: skip


def _from_json(invocation: Invocation) -> Iterator[Any]:
    """An array is one object here, as in Windows PowerShell: it flows on only from parentheses or a variable."""
    text = "\n".join(map(text_of, objects_of(invocation)))
    try:
        tree = json.loads(text)
    except ValueError as why:
        raise PsError(f"Conversion from JSON failed with error: {why}", error_id="ArgumentException",
                      category="InvalidArgument") from why  # fmt: skip
    yield _tables(tree) if invocation.get("AsHashtable") else from_tree(tree)


def _tables(value: Any) -> Any:
    if isinstance(value, dict):
        return HashTable([(key, _tables(each)) for key, each in value.items()])
    return [_tables(each) for each in value] if isinstance(value, list) else value


def _csv_lines(invocation: Invocation, *, header: bool = True) -> list[str]:
    found = list(flat_items(objects_of(invocation)))
    if not found:
        return []
    names = properties.names(found[0])
    mark = _mark(invocation)
    lines = []
    if header:
        if not invocation.get("NoTypeInformation"):  # as Windows PowerShell does
            lines.append(f"#TYPE {type_name_of(found[0])}")
        lines.append(mark.join(map(_quoted, names)))
    for each in found:
        lines.append(mark.join(_csv_cell(properties.get(each, name)) for name in names))
    return lines


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _mark(invocation: Invocation) -> str:
    mark = text_of(invocation.get("Delimiter", ",")) or ","
    if len(mark) != 1 or mark in '"\r\n':
        raise ParameterError(
            f"Cannot process argument transformation on parameter 'Delimiter'. Cannot convert value \"{mark}\" to type"
            ' "System.Char". Error: "String must be exactly one character long."',
            error_id=f"ParameterArgumentTransformationError,{invocation.command.name}", category="InvalidData",
        )  # fmt: skip
    return mark


def _csv_cell(value: Any) -> str:
    """``$null`` is nothing at all, not even quotes."""
    return "" if value is None else _quoted(written_text(value))


def _objects(lines: Iterable[str], mark: str, header: list[str]) -> Iterator[PsObject]:
    rows = csv.reader((line for line in lines if not line.startswith("#TYPE")), delimiter=mark)
    names = header or next(rows, [])
    again = next((name for name in names if [each.casefold() for each in names].count(name.casefold()) > 1), None)
    if again is not None:
        raise PsError(f'The member "{again}" is already present.', error_id="AlreadyPresentPSMemberInfoInternal"
                      "CollectionAdd", category="InvalidOperation")  # fmt: skip
    for row in rows:
        if row:
            yield PsObject(HashTable(zip(names, [*row, *[None] * len(names)], strict=False)))


def _from_csv(invocation: Invocation) -> Iterator[Any]:
    lines = [line for each in objects_of(invocation) for line in text_of(each).splitlines()]
    yield from _objects(lines, _mark(invocation), [text_of(x) for x in items_of(invocation.get("Header"))])


def _export_csv(around: ShellHost, invocation: Invocation) -> None:
    path = around.path(text_of(invocation.get("Path")))
    append = bool(invocation.get("Append"))
    lines = _csv_lines(invocation, header=not (append and path.exists()))
    written(around, invocation, "".join(f"{line}\n" for line in lines), "ExportCsv", append=append)


def _read(around: ShellHost, invocation: Invocation, command: str) -> str | None:
    path = around.path(text_of(invocation.get("Path")))
    try:
        return path.read_text(encoding=codec(invocation.get("Encoding"))).removeprefix("\ufeff")
    except OSError as why:
        invocation.streams.error(failed(command, path, why))
        return None


def _import_csv(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    text = _read(around, invocation, "ImportCsv")
    header = [text_of(each) for each in items_of(invocation.get("Header"))]
    if text is not None:
        yield from _objects(io.StringIO(text), _mark(invocation), header)


def _export_clixml(around: ShellHost, invocation: Invocation) -> None:
    found = objects_of(invocation)
    if any(isinstance(each, ScriptBlock) for each in found):
        raise PsError("a script block cannot be exported")
    written(around, invocation, serialized(found), "ExportClixml")


def _import_clixml(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    text = _read(around, invocation, "ImportClixml")
    if text is not None:
        yield from deserialized(text)


def commands(around: ShellHost) -> tuple[Command, ...]:
    """The family."""
    family = "data"
    mark = Param("Delimiter", position=1)
    path = Param("Path", mandatory=True, position=0, aliases=("LiteralPath", "FilePath"))
    header = Param("Header", "strings")
    noise = Param("NoTypeInformation", "switch", aliases=("NTI",), about="Without the line #TYPE.")
    force, clobber = Param("Force", "switch"), Param("NoClobber", "switch")
    thing = Param("InputObject", "object", position=0, from_pipeline="value", nullable=True)
    return (
        made("ConvertTo-Json", _to_json, (Param("Depth", "int"), Param("Compress", "switch"),
             Param("AsArray", "switch"), thing), "As JSON.", family=family,
             examples=("Get-InboundConnector | ConvertTo-Json -Depth 3",)),
        made("ConvertFrom-Json", _from_json, (thing, Param("AsHashtable", "switch"), Param("Depth", "int")),
             "Objects of JSON.", family=family),
        made("ConvertTo-Csv", _csv_lines, (Param("InputObject", "object", position=0, from_pipeline="value"), mark,
             noise), "As CSV.", family=family),
        made("ConvertFrom-Csv", _from_csv, (Param("InputObject", "object", position=0, from_pipeline="value"), mark,
             header), "Objects of CSV.", family=family),
        made("Export-Csv", partial(_export_csv, around), (path, mark, ENCODING, noise, Param("Append", "switch"),
             force, clobber, INPUT), "Into a CSV file.", aliases=("epcsv",), family=family, supports_what_if=True),
        made("Import-Csv", partial(_import_csv, around), (path, mark, ENCODING, header), "Objects of a CSV file.",
             aliases=("ipcsv",), family=family),
        made("Export-Clixml", partial(_export_clixml, around), (path, ENCODING, Param("Depth", "int"), force,
             clobber, INPUT), "Into a CLIXML file.", family=family, supports_what_if=True),
        made("Import-Clixml", partial(_import_clixml, around), (path,), "Objects of a CLIXML file.", family=family),
    )  # fmt: skip
