"""JSON, CSV and CLIXML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fakeeop.exchange.powershell.blocks import ScriptBlock
from fakeeop.exchange.powershell.conversions import items_of
from fakeeop.exchange.powershell.errors import ParameterError, PsError
from fakeeop.exchange.powershell.formatting_dates import format_date
from fakeeop.exchange.powershell.host import Command, Invocation, Parameter
from fakeeop.exchange.powershell.library.files import ENCODING, codec, failed, written
from fakeeop.exchange.powershell.library.objects import flattened, property_names, property_of, to_text, type_name
from fakeeop.exchange.powershell.library.surroundings import INPUT, Surroundings, made, objects_of
from fakeeop.exchange.powershell.values import HashTable, PsObject

__all__ = ["commands", "json_tree"]


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
        return {to_text(key): json_tree(each, depth - 1) for key, each in value.items()}
    if isinstance(value, PsObject) and value.properties and depth >= 0:
        return {to_text(key): json_tree(each, depth - 1) for key, each in value.properties.items()}
    if isinstance(value, timedelta) and depth >= 0:
        return {name: property_of(value, name) for name in property_names(value)}
    return to_text(value)


def from_tree(value: Any) -> Any:
    """Objects of JSON."""
    if isinstance(value, dict):
        return PsObject(HashTable([(key, from_tree(each)) for key, each in value.items()]))
    return [from_tree(each) for each in value] if isinstance(value, list) else value


def _to_json(invocation: Invocation) -> Iterator[str]:
    found = objects_of(invocation)
    trees = [json_tree(each, invocation.get("Depth", 2)) for each in found]
    tree = trees[0] if len(trees) == 1 and not invocation.get("AsArray") else trees
    if found:
        compress = invocation.get("Compress")
        yield json.dumps(tree, ensure_ascii=False, indent=None if compress else 2,
                         separators=(",", ":") if compress else None)  # fmt: skip


def _from_json(invocation: Invocation) -> Iterator[Any]:
    text = "\n".join(map(to_text, objects_of(invocation)))
    try:
        tree = json.loads(text)
    except ValueError as why:
        raise PsError(f"Conversion from JSON failed with error: {why}", error_id="ArgumentException",
                      category="InvalidArgument") from why  # fmt: skip
    found = _tables(tree) if invocation.get("AsHashtable") else from_tree(tree)
    yield from found if isinstance(found, list) else [found]


def _tables(value: Any) -> Any:
    if isinstance(value, dict):
        return HashTable([(key, _tables(each)) for key, each in value.items()])
    return [_tables(each) for each in value] if isinstance(value, list) else value


def _csv_lines(invocation: Invocation, *, header: bool = True) -> list[str]:
    found = list(flattened(objects_of(invocation)))
    if not found:
        return []
    names = property_names(found[0])
    mark = _mark(invocation)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if header:
        writer.writerow(names)
    writer.writerows([[_csv_cell(property_of(each, name)) for name in names] for each in found])
    return text.getvalue().removesuffix("\n").split("\n")


def _mark(invocation: Invocation) -> str:
    mark = to_text(invocation.get("Delimiter", ",")) or ","
    if len(mark) != 1 or mark in '"\r\n':
        raise ParameterError(
            f"Cannot process argument transformation on parameter 'Delimiter'. Cannot convert value \"{mark}\" to type"
            ' "System.Char". Error: "String must be exactly one character long."',
            error_id=f"ParameterArgumentTransformationError,{invocation.command.name}", category="InvalidData",
        )  # fmt: skip
    return mark


def _csv_cell(value: Any) -> str:
    if isinstance(value, datetime):
        return format_date(value, "G")
    return type_name(value) if isinstance(value, list) else to_text(value)


def _objects(lines: Iterable[str], mark: str, header: list[str]) -> Iterator[PsObject]:
    rows = csv.reader((line for line in lines if not line.startswith("#TYPE")), delimiter=mark)
    names = header or next(rows, [])
    for row in rows:
        if row:
            yield PsObject(HashTable(zip(names, [*row, *[None] * len(names)], strict=False)))


def _from_csv(invocation: Invocation) -> Iterator[Any]:
    lines = [line for each in objects_of(invocation) for line in to_text(each).splitlines()]
    yield from _objects(lines, _mark(invocation), [to_text(x) for x in items_of(invocation.get("Header"))])


def _export_csv(around: Surroundings, invocation: Invocation) -> None:
    path = around.path(to_text(invocation.get("Path")))
    append = bool(invocation.get("Append"))
    lines = _csv_lines(invocation, header=not (append and path.exists()))
    written(around, invocation, "".join(f"{line}\n" for line in lines), "ExportCsv", append=append)


def _read(around: Surroundings, invocation: Invocation, command: str) -> str | None:
    path = around.path(to_text(invocation.get("Path")))
    try:
        return path.read_text(encoding=codec(invocation.get("Encoding"))).removeprefix("\ufeff")
    except OSError as why:
        invocation.streams.error(failed(command, path, why))
        return None


def _import_csv(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    text = _read(around, invocation, "ImportCsv")
    header = [to_text(each) for each in items_of(invocation.get("Header"))]
    if text is not None:
        yield from _objects(io.StringIO(text), _mark(invocation), header)


def _export_clixml(around: Surroundings, invocation: Invocation) -> None:
    from fakeeop.exchange.powershell.library.clixml import serialized  # noqa: PLC0415  few need it: start-up time

    found = objects_of(invocation)
    if any(isinstance(each, ScriptBlock) for each in found):
        raise PsError("a script block cannot be exported")
    written(around, invocation, serialized(found), "ExportClixml")


def _import_clixml(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    from fakeeop.exchange.powershell.library.clixml import deserialized  # noqa: PLC0415  few need it: start-up time

    text = _read(around, invocation, "ImportClixml")
    if text is not None:
        yield from deserialized(text)


def commands(around: Surroundings) -> tuple[Command, ...]:
    """The family."""
    family = "data"
    mark = Parameter("Delimiter", position=1)
    path = Parameter("Path", mandatory=True, position=0, aliases=("LiteralPath", "FilePath"))
    header = Parameter("Header", "strings")
    noise = Parameter("NoTypeInformation", "switch", aliases=("NTI",), about="As it is anyway.")
    force = Parameter("Force", "switch")
    return (
        made("ConvertTo-Json", _to_json, (Parameter("Depth", "int"), Parameter("Compress", "switch"),
             Parameter("AsArray", "switch"), INPUT), "As JSON.", family=family,
             examples=("Get-InboundConnector | ConvertTo-Json -Depth 3",)),
        made("ConvertFrom-Json", _from_json, (INPUT, Parameter("AsHashtable", "switch"), Parameter("Depth", "int")),
             "Objects of JSON.", family=family),
        made("ConvertTo-Csv", _csv_lines, (mark, noise, INPUT), "As CSV.", family=family),
        made("ConvertFrom-Csv", _from_csv, (mark, header, INPUT), "Objects of CSV.", family=family),
        made("Export-Csv", partial(_export_csv, around), (path, mark, ENCODING, noise, Parameter("Append", "switch"),
             force, INPUT), "Into a CSV file.", aliases=("epcsv",), family=family, supports_what_if=True),
        made("Import-Csv", partial(_import_csv, around), (path, mark, ENCODING, header), "Objects of a CSV file.",
             aliases=("ipcsv",), family=family),
        made("Export-Clixml", partial(_export_clixml, around), (path, ENCODING, Parameter("Depth", "int"), force,
             INPUT), "Into a CLIXML file.", family=family, supports_what_if=True),
        made("Import-Clixml", partial(_import_clixml, around), (path,), "Objects of a CLIXML file.", family=family),
    )  # fmt: skip
