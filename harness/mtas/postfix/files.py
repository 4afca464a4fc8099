"""main.cf and master.cf as Postfix reads them (postconf(5), master(5)), with the line of each setting.

Text in, values out: for the lint, which looks at files, and for the private instance, which makes new ones of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from harness.mtas.lint import ERROR, WARNING, ConfigurationError, LintFinding, PlacedSetting, configuration_text

__all__ = [
    "OPTION",
    "MainCf",
    "MasterService",
    "logical_lines",
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
            config.findings.append(LintFinding("set-twice", WARNING, str(path), number, name, message, fix, then))
        config.settings[name] = PlacedSetting(name, value, str(path), number)
    return config


def main_without(text: str, names: Iterable[str]) -> str:
    """main.cf without these settings, all else as it is. Of a setting that stands there twice, the last is in force."""
    lines = {line.partition("=")[0].strip(): line for _, line in logical_lines(text)}
    return "".join(f"{line}\n" for name, line in lines.items() if name not in set(names))


def table_entries(text: str, config: MainCf, root: Path | None) -> Iterator[tuple[PlacedSetting, str, str]]:
    """(place, key, value) of each ``type:path`` table in a list of them whose source is a text file that is here."""
    for each in re.split(r"[,\s]+", text.strip()):
        kind, sign, name = each.partition(":")
        if not sign or kind not in ("hash", "btree", "lmdb", "texthash", "cdb", "dbm"):
            continue
        path = Path(config.expanded(name))
        path = path if root is None or not path.is_absolute() else root / path.relative_to(path.anchor)
        if not path.exists():
            continue
        for number, line in _joined(path):
            key, _, value = line.partition(" ") if " " in line else line.partition("\t")
            yield PlacedSetting(name, line, str(path), number), key.strip(), value.strip()


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
