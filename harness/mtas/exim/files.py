"""An Exim configuration as Exim reads it (spec chapters 6 and 16): macros, conditions, includes, sections, drivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

from harness.mtas.lint import ConfigurationError, PlacedSetting, configuration_text

__all__ = ["DriverOptions", "EximConfig", "read_exim"]

_MACRO = re.compile(r"([A-Z][A-Za-z0-9_]*)\s*(==?)\s*(.*)\Z")
_BEGIN = re.compile(r"begin\s+(\w+)\Z")
_DRIVER = re.compile(r"(\w+):\Z")
_OPTION = re.compile(r"(?:hide\s+)?(no_|not_)?([a-z][a-z0-9_]*)\s*(?:=\s*(.*))?\Z", re.S)
_DEEP = 10


@define
class DriverOptions:
    """A router or a transport: its options by name."""

    name: str
    path: str
    line: int
    options: dict[str, PlacedSetting] = field(factory=dict)

    def get(self, name: str, default: str = "") -> PlacedSetting:
        """An option; at line 0 of this driver's file if it is not there."""
        return self.options.get(name, PlacedSetting(name, default, self.path))


@define
class EximConfig:
    """``main`` options, routers and transports in order, retry rules as (place, text)."""

    main: DriverOptions
    routers: list[DriverOptions] = field(factory=list)
    transports: dict[str, DriverOptions] = field(factory=dict)
    retry: list[PlacedSetting] = field(factory=list)
    authenticators: dict[str, DriverOptions] = field(factory=dict)


def read_exim(path: Path, root: Path | None = None) -> EximConfig:
    """``root`` stands for / in what it includes. Raises ConfigurationError."""
    config = EximConfig(DriverOptions("main", str(path), 0))
    section, driver = "main", config.main
    for place, line in _lines(path, {}, 0, root):
        where, number = place
        begin = _BEGIN.match(line)
        if begin is not None:
            section, driver = begin[1], DriverOptions("", where, number)
            continue
        if section == "retry":
            config.retry.append(PlacedSetting("retry", line, where, number))
        if section not in ("main", "routers", "transports", "authenticators"):
            continue
        named = _DRIVER.match(line)
        if named is not None and section != "main":
            driver = DriverOptions(named[1], where, number)
            if section == "routers":
                config.routers.append(driver)
            else:
                known = config.transports if section == "transports" else config.authenticators
                known[named[1]] = driver
            continue
        option = _OPTION.match(line)
        if option is None:
            if section == "main":
                continue  # an ACL's condition, a named list, a local macro
            raise ConfigurationError(f"{where}:{number}: no 'option = value' here: {line[:60]}")
        value = option[3] if option[3] is not None else ("no" if option[1] else "yes")
        driver.options[option[2]] = PlacedSetting(option[2], value.strip().strip('"'), where, number)
    return config


def _lines(path: Path, macros: dict[str, str], deep: int, root: Path | None) -> Iterator[tuple[tuple[str, int], str]]:
    if deep > _DEEP:
        raise ConfigurationError(f"{path}: includes go round in circles")
    conditions: list[bool] = []
    for number, raw in _logical(path):
        line = raw
        if line.startswith("."):
            word, _, rest = line[1:].partition(" ")
            if (
                not _directive(word, rest.strip(), macros, conditions)
                and word.startswith("include")
                and all(conditions)
            ):
                included = Path(_replaced(rest.strip().strip('"'), macros))
                if root is not None and included.is_absolute():
                    included = root / included.relative_to(included.anchor)
                if included.exists() or word == "include":
                    yield from _lines(included, macros, deep + 1, root)
            continue
        if not all(conditions):
            continue
        macro = _MACRO.match(line)
        if macro is not None:
            if macro[2] == "==" or macro[1] not in macros:
                macros[macro[1]] = _replaced(macro[3], macros)
            continue
        yield (str(path), number), _replaced(line, macros)


def _directive(word: str, rest: str, macros: dict[str, str], conditions: list[bool]) -> bool:
    """True if it was one of conditions."""
    if word in ("ifdef", "ifndef"):
        known = any(name in macros for name in re.findall(r"[A-Z]\w*", rest))
        conditions.append(known if word == "ifdef" else not known)
    elif word in ("else", "elifdef", "elifndef") and conditions:
        conditions[-1] = not conditions[-1]
    elif word == "endif" and conditions:
        conditions.pop()
    else:
        return False
    return True


def _replaced(text: str, macros: dict[str, str]) -> str:
    for name in sorted(macros, key=len, reverse=True):  # the longer one first: one may begin another
        text = text.replace(name, macros[name])
    return text


def _logical(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with what follows a backslash at the end; comments and empty lines left out."""
    text = configuration_text(path)
    start, line = 0, ""
    for number, each in enumerate(text.splitlines(), 1):
        stripped = each.strip()
        if stripped.startswith("#") or (not stripped and not start):
            continue
        start = start or number
        line += stripped
        if line.endswith("\\"):
            line = line[:-1]
            continue
        if line:
            yield start, line
        start, line = 0, ""
    if start:
        raise ConfigurationError(f"{path}:{start}: the line goes on after the end of the file")
