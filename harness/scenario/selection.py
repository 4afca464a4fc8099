"""Which cases are meant: ids, globs, case ids, paths and ``@files``, and the filters by client, tag and level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from attrs import frozen

from harness.model.scenario import ScenarioCase

__all__ = ["LEVELS", "Selection", "SelectionError", "expand_files", "level_reaches"]

LEVELS = ("must", "should", "info")


class SelectionError(ValueError):
    """A selector that cannot be read."""


@frozen
class Selection:
    """Empty fields select everything. ``level``: this one and the stricter ones."""

    patterns: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    level: str = ""

    def wants_scenario(self, scenario_id: str) -> bool:
        """False if no pattern can mean a case of this scenario: its file need not be read."""
        return not self.patterns or any(_names_scenario(each, scenario_id) for each in self.patterns)

    def wants(self, case: ScenarioCase) -> bool:
        """True for a selected case."""
        scenario = case.scenario
        if self.clients and case.client not in self.clients:
            return False
        if self.tags and not set(self.tags) & set(scenario.tags):
            return False
        if self.level and not level_reaches(scenario.level, self.level):
            return False
        return not self.patterns or any(_names_case(each, case.id) for each in self.patterns)


def level_reaches(level: str, wanted: str) -> bool:
    """``must`` reaches every wanted level; ``info`` only itself."""
    return LEVELS.index(level) <= LEVELS.index(wanted)


def expand_files(selectors: Iterable[str]) -> tuple[str, ...]:
    """``@file`` replaced by its lines (``#`` comments). Raises SelectionError for a file that cannot be read."""
    found: list[str] = []
    for selector in selectors:
        if not selector.startswith("@"):
            found.append(selector)
            continue
        try:
            lines = Path(selector[1:]).read_text(encoding="utf-8").splitlines()
        except OSError as why:
            raise SelectionError(f"{selector}: {why.strerror}") from why
        found += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return tuple(found)


def relative_patterns(selectors: Sequence[str], root: Path) -> tuple[str, ...]:
    """Selectors as patterns of ids; a path below ``root`` becomes the ids it holds."""
    return tuple(_pattern(selector, root) for selector in selectors)


def _pattern(selector: str, root: Path) -> str:
    path = Path(selector.partition("::")[0])
    if not path.exists():
        return selector
    full = path.resolve()
    if full == root.resolve():
        return "*"
    if not full.is_relative_to(root.resolve()):
        return selector
    name = full.relative_to(root.resolve()).with_suffix("").as_posix()
    return f"{name}/*" if full.is_dir() else name + selector[len(selector.partition("::")[0]) :]


def _names_scenario(pattern: str, scenario_id: str) -> bool:
    return _glob(pattern.partition("::")[0]).fullmatch(scenario_id) is not None


def _names_case(pattern: str, case_id: str) -> bool:
    subject = case_id if "::" in pattern else case_id.partition("::")[0]
    return _glob(pattern).fullmatch(subject) is not None


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """``*`` goes over ``/`` as well, ``?`` is one character; ``tls`` alone means ``tls/*`` too."""
    parts = [".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern)]
    tail = "" if "::" in pattern else "(?:/.*)?"
    return re.compile("".join(parts).rstrip("/") + tail, re.DOTALL)
