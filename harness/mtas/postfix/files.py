"""main.cf and master.cf as Postfix reads them (postconf(5), master(5)), with the line of each setting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

from harness.errors import HarnessError
from harness.relay_lint.finding import ERROR, WARNING, Finding
from harness.relay_lint.route import Setting

__all__ = ["Config", "ConfigurationError", "read_main", "read_master", "table_entries"]

_NAME = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|\(([A-Za-z0-9_]+)\)|([A-Za-z0-9_]+))")
_DEEP = 20


class ConfigurationError(HarnessError):
    """A configuration that cannot be read at all; the message names file and line."""


@define
class Config:
    """The settings by name; ``findings`` are what reading alone showed."""

    path: str
    settings: dict[str, Setting] = field(factory=dict)
    findings: list[Finding] = field(factory=list)

    def get(self, name: str, default: str = "") -> Setting:
        """The setting with ``$name`` replaced; at line 0 if it is not there."""
        found = self.settings.get(name)
        if found is None:
            return Setting(name, self.expanded(default), self.path)
        return found.of(self.expanded(found.value))

    def expanded(self, text: str, deep: int = 0) -> str:
        """``$name``, ``${name}`` and ``$(name)`` replaced, again and again; names that are not set stay."""
        if deep > _DEEP:
            raise ConfigurationError(f"{self.path}: a setting refers to itself: {text}")

        def of(match: re.Match[str]) -> str:
            found = self.settings.get(match[1] or match[2] or match[3])
            return match[0] if found is None else self.expanded(found.value, deep + 1)

        return _NAME.sub(of, text)


def logical_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with their continuations (a blank first), comments and empty lines left out. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as why:
        raise ConfigurationError(f"{path}: cannot be read: {why.strerror}") from why
    start, line = 0, ""
    for number, each in enumerate(text.splitlines(), 1):
        if not each.strip() or each.lstrip().startswith("#"):
            continue
        if each[0] in " \t":
            if not start:
                raise ConfigurationError(f"{path}:{number}: a continuation with nothing before it")
            line += " " + each.strip()
            continue
        if start:
            yield start, line
        start, line = number, each.rstrip()
    if start:
        yield start, line


def read_main(path: Path) -> Config:
    """main.cf. A name that stands twice is a finding; the last one counts. Raises ConfigurationError."""
    config = Config(str(path))
    for number, line in logical_lines(path):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not re.fullmatch(r"[A-Za-z0-9_.]+", name):
            raise ConfigurationError(f"{path}:{number}: no 'name = value' here: {line[:60]}")
        earlier = config.settings.get(name)
        if earlier is not None and earlier.value != value:
            message = f"{name} stands twice; line {earlier.line} ({earlier.value or 'empty'}) does not count"
            config.findings.append(
                Finding("set-twice", WARNING, str(path), number, name, message, "take one out", "the last one counts")
            )
        config.settings[name] = Setting(name, value, str(path), number)
    return config


def read_master(path: Path, config: Config, services: Mapping[str, str]) -> Config:
    """``config`` with what ``-o name=value`` of the named services (name → type) in master.cf says instead.

    Raises ConfigurationError for a line that is none of master.cf.
    """
    changed = Config(config.path, dict(config.settings), list(config.findings))
    seen = False
    for number, line in logical_lines(path):
        words = line.split()
        if len(words) < 8:
            raise ConfigurationError(f"{path}:{number}: a service needs eight columns: {line[:60]}")
        if services.get(words[0]) != words[1]:
            continue
        seen = True
        options = re.findall(r"-o\s+(?:\{\s*([^=\s]+)\s*=\s*([^}]*)\}|([^=\s]+)=(\S*))", line)
        for braced, value, name, plain in options:
            key = braced or name
            changed.settings[key] = Setting(key, (value if braced else plain).strip(), str(path), number)
    if not seen:
        wanted = ", ".join(f"{name} {kind}" for name, kind in services.items())
        message = f"there is no service '{wanted}'"
        changed.findings.append(
            Finding("no-client-service", ERROR, str(path), 0, wanted, message, "put the line back", "no mail leaves")
        )
    return changed


def table_entries(text: str, config: Config, root: Path | None) -> Iterator[tuple[Setting, str, str]]:
    """(place, key, value) of each ``type:path`` table in a list of them whose source is a text file that is here."""
    for each in re.split(r"[,\s]+", text.strip()):
        kind, sign, name = each.partition(":")
        if not sign or kind not in ("hash", "btree", "lmdb", "texthash", "cdb", "dbm"):
            continue
        path = Path(config.expanded(name))
        path = path if root is None or not path.is_absolute() else root / path.relative_to(path.anchor)
        if not path.exists():
            continue
        for number, line in logical_lines(path):
            key, _, value = line.partition(" ") if " " in line else line.partition("\t")
            yield Setting(name, line, str(path), number), key.strip(), value.strip()
