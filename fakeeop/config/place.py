"""Where in a file we are, what is wrong there, and one mapping of it with its keys in the right spelling."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.config.parameters.kinds import FileKey, KeyTable, key_of
from fakeeop.config.parameters.tables import homes
from fakeeop.config.rules import source_of
from fakeeop.errors import Problem

__all__ = ["Fields", "Place", "in_line_order", "read_fields", "say"]

# An object with two of these was exported from a real tenant: new properties of it are no mistake of the user.
_EXPORT_MARKS = frozenset(
    {"guid", "identity", "isvalid", "objectstate", "organizationid", "whenchanged", "distinguishedname"}
)
_DATA_TYPE_SUFFIXES = ("@odata.type", "@data.type")  # the REST module's type marks (assumption: never a setting)


def say(value: object) -> str:
    """A short, quoted form of a user's value for a message."""
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "null"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


class Place:
    """A spot in a file: ``where`` are the words of ``Problem``; every place of one load shares ``problems``."""

    __slots__ = ("path", "problems", "where")

    def __init__(self, path: str, problems: list[Problem] | None = None, where: tuple[str, ...] = ()) -> None:
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems
        self.where = where

    @property
    def folder(self) -> Path:
        """The folder that file names in this file are relative to."""
        return Path(self.path).parent

    def under(self, *words: str) -> Place:
        """The same file, one level deeper."""
        return Place(self.path, self.problems, (*self.where, *words))

    def in_file(self, path: str) -> Place:
        """The same tenant, in another file."""
        return Place(path, self.problems, self.where)

    def add(self, code: str, message: str, fix: str = "", line: int | None = None, severity: str = "error") -> None:
        """Record one problem here; its source is that of its rule."""
        self.problems.append(Problem(code, message, fix, self.where, self.path, line, severity, source_of(code)))


class Fields:
    """One mapping read by its table: ``values`` by right spelling, nulls left out.

    ``broken`` collects the names whose value was refused, so that rules over several fields do not speak twice.
    """

    __slots__ = ("broken", "keys", "line", "place", "table", "tree", "values")

    def __init__(self, place: Place, table: KeyTable, tree: Mapping[Any, Any]) -> None:
        self.place = place
        self.table = table
        self.tree = tree
        self.line = line_of(tree)
        self.values: dict[str, Any] = {}
        self.keys: dict[str, str] = {}  # right spelling → as written
        self.broken: set[str] = set()

    def in_place(self, place: Place) -> Fields:
        """The same fields, speaking of another place: an element that stands in another file."""
        other = Fields(place, self.table, self.tree)
        other.values, other.keys, other.broken = self.values, self.keys, self.broken
        return other

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def line_of(self, name: str) -> int | None:
        """The line of a key, or of the mapping if the key is not given."""
        return line_of(self.tree, self.keys[name]) if name in self.keys else self.line

    def line_of_item(self, name: str, item: str) -> int | None:
        """The line of one text in the list ``name``, or of the key where the list was written as one text."""
        listed = self.values.get(name)
        if isinstance(listed, list) and item in listed:
            return line_of(listed, listed.index(item)) or self.line_of(name)
        return self.line_of(name)

    def error(self, name: str, code: str, message: str, fix: str = "", line: int | None = None) -> None:
        """Record that the value of ``name`` is wrong."""
        self.broken.add(name)
        self.place.under(name).add(code, message, fix, line if line is not None else self.line_of(name))

    def warn(self, name: str, code: str, message: str, fix: str = "", line: int | None = None) -> None:
        """Record a doubt about ``name``."""
        at = line if line is not None else self.line_of(name)
        self.place.under(name).add(code, message, fix, at, "warning")


def read_fields(tree: Mapping[Any, Any], table: KeyTable, place: Place) -> Fields:
    """Sort the keys of one mapping by its table; unknown and repeated ones become problems."""
    fields = Fields(place, table, tree)
    names, values, keys = table.names, fields.values, fields.keys
    for key, value in tree.items():
        name = names.get(key_of(key)) if isinstance(key, str) else None
        if not name:
            if name is None:
                _unknown(fields, key)
            continue
        if name in keys:
            first = line_of(tree, keys[name])
            message = f"{key} and {keys[name]} are the same key" + (f" (first on line {first})" if first else "")
            place.under(name).add("duplicate-field", message, "keep one of them", line_of(tree, key))
            continue
        keys[name] = key
        if value is not None:
            values[name] = value
    for row in table.required:
        if row.name not in values:
            at = line_of(tree, keys[row.name]) if row.name in keys else fields.line
            place.add("missing-field", f"{row.name} is not given", _missing_fix(row), at)
            fields.broken.add(row.name)
    return fields


def _missing_fix(row: FileKey) -> str:
    return f"add {row.name}: {' or '.join(row.values)}" if row.values else f"add {row.name}: {row.description}"


def _unknown(fields: Fields, key: object) -> None:
    if not isinstance(key, str):
        fields.place.add("wrong-type", f"the key {say(key)} is not text", "put it in quotes", fields.line)
        return
    if key.endswith(_DATA_TYPE_SUFFIXES):
        return
    line = line_of(fields.tree, key)
    hint = _hint(fields.table, key)
    message = f"there is no {key}"
    if fields.table.ignored and len(_EXPORT_MARKS.intersection(map(_lower, fields.tree))) > 1:
        fields.place.add("W-unknown-property", f"{message}; it is ignored", hint, line, "warning")
        return
    fields.place.add("unknown-field", message, hint or f"known here: {', '.join(fields.table.known)}", line)


def _lower(key: object) -> str:
    return key.lower() if isinstance(key, str) else ""


def _hint(table: KeyTable, key: str) -> str:
    import difflib  # noqa: PLC0415  only for a file that is wrong: start-up time

    home = homes().get(key_of(key))
    if home:
        return f"{home[0]} belongs under {home[1]}:"
    near = difflib.get_close_matches(key_of(key), [name for name, right in table.names.items() if right], 1, 0.6)
    return f"did you mean {table.names[near[0]]}?" if near else ""


def in_line_order(problems: list[Problem], path: str) -> tuple[Problem, ...]:
    """The file itself first, then the files it names; each by line, what was found first standing first."""
    return tuple(sorted(problems, key=lambda problem: (problem.path != path, problem.path, problem.line or 0)))
