"""main.cf and master.cf as Postfix reads them (postconf(5), master(5)), with the line of each setting.

Text in, values out: for the lint, which looks at files, and for the private instance, which makes new ones of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from harness.mtas.lint import (
    ERROR,
    NOTE,
    WARNING,
    ConfigurationError,
    Expected,
    LintFinding,
    PlacedSetting,
    Severity,
    configuration_text,
)

__all__ = [
    "OPTION",
    "LookupTable",
    "MainCf",
    "MasterService",
    "key_matches",
    "logical_lines",
    "lookup_tables",
    "main_without",
    "read_main",
    "read_master",
    "services",
    "table_entries",
]

OPTION: Final = re.compile(r"(?:^|\s)-o\s+(?:\{\s*(?P<braced>[^}]*?)\s*\}|(?P<plain>\S+))")  # of master.cf
_NAME: Final = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|\(([A-Za-z0-9_]+)\)|([A-Za-z0-9_]+))")
_DEEP: Final = 20
_COLUMNS: Final = 8


def logical_lines(text: str) -> list[tuple[int, str]]:
    """Each with the number of its first line; comments and empty lines left out, a continued line keeps its breaks.

    What begins with a blank continues the line before it; the first of a file cannot, and stands alone.
    """
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and found:
            start, before = found[-1]
            found[-1] = (start, f"{before}\n{line}")
        else:
            found.append((number, line))
    return found


def _joined(path: Path) -> Iterator[tuple[int, str]]:
    """The logical lines of a file, each on one line. Raises ConfigurationError."""
    for number, line in logical_lines(configuration_text(path)):
        if line[0].isspace():
            raise ConfigurationError(f"{path}:{number}: a continuation with nothing before it")
        first, *rest = line.split("\n")
        yield number, " ".join([first.rstrip(), *(each.strip() for each in rest)])


# -- main.cf ------------------------------------------------------------------------------------------------------


@define
class MainCf:
    """The settings by name; ``findings`` are what reading alone showed."""

    path: str
    settings: dict[str, PlacedSetting] = field(factory=dict)
    findings: list[LintFinding] = field(factory=list)

    def get(self, name: str, default: str = "") -> PlacedSetting:
        """The setting with ``$name`` replaced; at line 0 if it is not there."""
        found = self.settings.get(name)
        if found is None:
            return PlacedSetting(name, self.expanded(default), self.path)
        return found.of(self.expanded(found.value))

    def expanded(self, text: str, deep: int = 0) -> str:
        """``$name``, ``${name}`` and ``$(name)`` replaced, again and again; names that are not set stay."""
        if deep > _DEEP:
            raise ConfigurationError(f"{self.path}: a setting refers to itself: {text}")

        def of(match: re.Match[str]) -> str:
            found = self.settings.get(match[1] or match[2] or match[3])
            return match[0] if found is None else self.expanded(found.value, deep + 1)

        return _NAME.sub(of, text)


def read_main(path: Path) -> MainCf:
    """main.cf. A name that occurs twice is a finding; the last one counts. Raises ConfigurationError."""
    config = MainCf(str(path))
    for number, line in _joined(path):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not re.fullmatch(r"[A-Za-z0-9_.]+", name):
            raise ConfigurationError(f"{path}:{number}: no 'name = value' here: {line[:60]}")
        earlier = config.settings.get(name)
        if earlier is not None and earlier.value != value:
            message = f"{name} occurs twice; line {earlier.line} ({earlier.value or 'empty'}) does not count"
            fix, then = "take one out", "the last one counts"
            severity: Severity = WARNING if earlier.value else NOTE  # distributions' files have empty ones
            config.findings.append(LintFinding("set-twice", severity, str(path), number, name, message, fix, then))
        config.settings[name] = PlacedSetting(name, value, str(path), number)
    return config


def main_without(text: str, names: Iterable[str]) -> str:
    """main.cf without these settings, all else as it is. Of a setting that stands there twice, the last is in force."""
    lines = {line.partition("=")[0].strip(): line for _, line in logical_lines(text)}
    return "".join(f"{line}\n" for name, line in lines.items() if name not in set(names))


# -- tables -------------------------------------------------------------------------------------------------------

_COMPILED: Final = {"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb", "dbm": ".pag", "sdbm": ".pag"}
_PATTERNS: Final = ("regexp", "pcre")
_EVERY: Final = "/^/"  # the key of a table that has the same answer to everything


@frozen
class LookupTable:
    """One ``type:name`` of a setting; ``rest`` is what stands behind the colon, a path or (inline, static) the data."""

    setting: PlacedSetting
    kind: str
    rest: str

    @property
    def is_file(self) -> bool:
        """Is its source a text file?"""
        return self.kind in _COMPILED or self.kind in (*_PATTERNS, "texthash", "cidr")

    @property
    def readable(self) -> bool:
        """Could it be read, if its file is here?"""
        return self.is_file or self.kind in ("inline", "static")

    def made(self, expected: Expected) -> bool | None:
        """Has postmap made its table of the source? None for a type that needs none."""
        ending = _COMPILED.get(self.kind)
        return None if ending is None else expected.present(self.rest + ending)

    def entries(self, expected: Expected) -> Iterator[tuple[PlacedSetting, str, str]]:
        """(place, key, value) of each entry; nothing if it cannot be read here."""
        if self.kind == "static":
            yield self.setting, _EVERY, self.rest.strip("{} ")
        elif self.kind == "inline":
            inside = self.rest.strip()[1:-1]
            for each in _split(inside):
                key, sign, value = each.strip("{}").partition("=")
                if sign:
                    yield self.setting, key.strip(), value.strip()
        elif self.is_file and expected.present(self.rest):
            path = expected.at(self.rest)
            for number, line in _joined(path):
                pattern = re.match(r"(/(?:[^/\\]|\\.)*/\w*)\s+(.*)", line) if self.kind in _PATTERNS else None
                if pattern is not None:
                    yield PlacedSetting(self.setting.name, line, str(path), number), pattern[1], pattern[2].strip()
                elif self.kind not in _PATTERNS:
                    words = line.split(None, 1)
                    yield PlacedSetting(self.setting.name, line, str(path), number), words[0], "".join(words[1:])


def lookup_tables(setting: PlacedSetting) -> list[LookupTable]:
    """The tables of a setting, without ``proxy:`` before them. What is not a table (a list of names) is left out."""
    found = []
    for each in _split(setting.value):
        kind, sign, rest = each.removeprefix("proxy:").partition(":")
        if sign and re.fullmatch(r"[a-z0-9_-]+", kind):
            found.append(LookupTable(setting, kind, rest.strip()))
    return found


def table_entries(setting: PlacedSetting, expected: Expected) -> Iterator[tuple[PlacedSetting, str, str]]:
    """(place, key, value) of each entry of each table in a setting whose text is here."""
    for table in lookup_tables(setting):
        yield from table.entries(expected)


def key_matches(key: str, *wanted: str) -> bool:
    """A key of a table, or the pattern of a regexp or pcre table, against what is looked up."""
    if not key.startswith("/"):
        return key.lower() in {each.lower() for each in wanted}
    pattern, _, _flags = key[1:].rpartition("/")
    try:
        return any(re.search(pattern, each, re.IGNORECASE) for each in wanted)
    except re.error:
        return False


def _split(text: str) -> list[str]:
    """By commas and space outside of braces."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if depth <= 0 and letter in ", \t\n":
            found.append("")
        else:
            found[-1] += letter
    return [each for each in found if each]


# -- master.cf ----------------------------------------------------------------------------------------------------


@frozen
class MasterService:
    """One entry of master.cf; ``at`` is its line."""

    name: str
    kind: str
    fields: tuple[str, ...]  # private, unpriv, chroot, wakeup, maxproc
    command: str
    arguments: str = ""
    at: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Later entries of the same name and kind replace earlier ones."""
        return self.name, self.kind

    @property
    def options(self) -> dict[str, str]:
        """The ``-o`` settings."""
        found = {}
        for each in OPTION.finditer(self.arguments):
            name, sign, value = (each["braced"] or each["plain"] or "").partition("=")
            if sign:
                found[name.strip()] = value.strip()
        return found

    def line(self) -> str:
        """As master.cf has it."""
        return " ".join([self.name, self.kind, *self.fields, self.command, self.arguments]).rstrip() + "\n"


def services(text: str, where: str) -> list[MasterService]:
    """The entries of a master.cf. Raises ConfigurationError for a line that is not one, ``where`` it stands in."""
    found: dict[tuple[str, str], MasterService] = {}
    for number, line in logical_lines(text):
        words = " ".join(line.split()).split(" ", _COLUMNS)
        if len(words) < _COLUMNS:
            what = f"a service needs {_COLUMNS} columns, this has {len(words)}: {' '.join(words)[:60]}"
            raise ConfigurationError(f"{where}:{number}: {what}")
        arguments = words[_COLUMNS] if len(words) > _COLUMNS else ""
        made = MasterService(words[0], words[1], tuple(words[2:7]), words[7], arguments, number)
        found[made.key] = made
    return list(found.values())


def read_master(path: Path, config: MainCf, wanted: Mapping[str, str]) -> MainCf:
    """``config`` with what ``-o name=value`` of the named services (name → type) in master.cf says instead.

    Raises ConfigurationError.
    """
    changed = MainCf(config.path, dict(config.settings), list(config.findings))
    there = [each for each in services(configuration_text(path), str(path)) if wanted.get(each.name) == each.kind]
    for each in there:
        for name, value in each.options.items():
            changed.settings[name] = PlacedSetting(name, value, str(path), each.at)
    if not there:
        named = ", ".join(f"{name} {kind}" for name, kind in wanted.items())
        message = f"there is no service '{named}'"
        changed.findings.append(
            LintFinding("no-client-service", ERROR, str(path), 0, named, message, "put the line back", "no mail leaves")
        )
    return changed
